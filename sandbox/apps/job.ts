import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { launch } from "../services/processRun";
import { recordSuffix, removeRecord } from "../services/processRecord";
import { endProcess } from "../services/processTable";
import type { LocalProgram } from "./container";
import { graceMs } from "./instance";
import type { AppJob } from "./spec";
import type { Timing } from "./timing";

/**
 * Runs a job of a deployment to its end.
 *
 * @param directory For its record and its log.
 * @throws Error with the end of its log where it does not end well, or not in time.
 */
export async function runJob(
  job: AppJob,
  { program }: LocalProgram,
  {
    directory,
    timing,
    interrupt,
  }: {
    readonly directory: string;
    readonly timing: Timing;
    /** Aborted: the job is ended. */
    readonly interrupt: AbortSignal;
  },
): Promise<void> {
  const record = join(directory, `${job.name}${recordSuffix}`);
  const logFile = join(directory, `${job.name}.log`);
  const obeyMs = graceMs(job, timing);
  const run = launch({
    ...program,
    ...{ name: `job ${job.name}`, logFile, record, signals: ["SIGTERM"], obeyMs },
  });
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, interrupt]);
  const tooLong = sleep(timing.jobMs, "too long" as const, { signal }).catch(
    () => "interrupted" as const,
  );
  const first = await Promise.race([run.ended.then(() => undefined), tooLong]);
  over.abort();
  if (first !== undefined && run.record) await endProcess(run.record, ["SIGTERM"], obeyMs);
  const how = await run.ended;
  removeRecord(record);
  if (first === undefined && run.exitCode() === 0) return;
  const what = first === "too long" ? `did not end within ${timing.jobMs / 1_000} s` : how;
  const said = run.said();
  throw new Error(`${what}${said && `:\n${said}`}\nIts log: ${logFile}`);
}
