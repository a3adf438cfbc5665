import { spawn } from "node:child_process";
import { onAbruptEnd } from "./cleanup";
import type { Environment } from "./types";

/** What became of a program. */
export interface CommandOutcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of it: see `keptBytes`. */
  readonly stdout: string;
  readonly stderr: string;
  /** It could not be started at all. */
  readonly failure?: NodeJS.ErrnoException;
  readonly timedOut: boolean;
}

/** Of each stream the last part is kept: a failed build says why at its end. */
const keptBytes = 64 * 1024;

/**
 * Runs a program to its end. It and all that it starts form a process group, which is killed when
 * time is up or when this process ends.
 */
export function runCommand(
  file: string,
  args: readonly string[],
  options: {
    readonly environment: Environment;
    readonly cwd?: string;
    /** Milliseconds. */
    readonly timeout: number;
  },
): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const killAll = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended already.
      }
    };
    const forget = onAbruptEnd(killAll);
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        output[stream] = (output[stream] + text).slice(-keptBytes);
      });
    }

    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killAll();
    }, options.timeout);
    const end = (result: Pick<CommandOutcome, "code" | "signal" | "failure">): void => {
      clearTimeout(timer);
      forget();
      resolve({ ...result, ...output, timedOut });
    };
    child.on("error", (failure) => {
      end({ code: null, signal: null, failure });
    });
    child.on("close", (code, signal) => {
      end({ code, signal });
    });
  });
}

/** How a program failed, for the end of a sentence: "exit code 2: no such flag". */
export function failureOf(outcome: CommandOutcome): string {
  if (outcome.failure !== undefined) return outcome.failure.code ?? outcome.failure.message;
  const how = outcome.signal === null ? `exit code ${outcome.code ?? "none"}` : outcome.signal;
  const last = lastLines(outcome.stderr, 1);
  return last === "" ? how : `${how}: ${last}`;
}

/** The last lines that say something, each cut to a readable length and cleared of control codes. */
export function lastLines(text: string, count: number): string {
  return text
    .split("\n")
    .map((line) =>
      line
        .replace(/\p{Cc}/gu, " ")
        .trim()
        .slice(0, 300),
    )
    .filter((line) => line !== "")
    .slice(-count)
    .join("\n");
}
