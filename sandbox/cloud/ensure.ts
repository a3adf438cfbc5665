import { spawn } from "node:child_process";
import { closeSync, fstatSync, mkdirSync, openSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../lock";
import type { Places } from "../places";
import { textIn, writePrivately } from "../services/privateFile";
import { endOfLog } from "../services/processRun";
import { endProcess, isAlive, startOf, type ProcessIdentity } from "../services/processTable";
import { type CloudClient, runningCloud } from "./client";
import { codeVersion } from "./codeVersion";

/** Long enough for a slow machine that starts several databases. */
const START_SECONDS = 90;
/** Of its log, where it does not start. */

/**
 * The cloud of these places, started where it does not run, and started anew where its code is not
 * today's.
 *
 * @throws Error with the end of its log where it does not start.
 */
export async function ensureCloud(
  places: Places,
  say: (line: string) => void,
): Promise<CloudClient> {
  mkdirSync(places.cloud, { recursive: true, mode: 0o700 });
  return await alone(places, "starting the embedded cloud", async () => {
    const running = await answering(places, say);
    if (running?.address.codeVersion === codeVersion()) return running;
    say(
      running
        ? "the embedded cloud runs other code than this: starting it anew"
        : "starting the embedded cloud",
    );
    await end(places, running);
    return await start(places);
  });
}

/** Stops the cloud, if it runs; what is left of one that died is ended by the next. */
export async function stopCloud(places: Places): Promise<void> {
  await alone(places, "stopping the embedded cloud", async () => {
    await end(places, await runningCloud(places));
  });
}

async function alone<T>(places: Places, doing: string, work: () => Promise<T>): Promise<T> {
  return await withLock(join(places.locks, "cloud"), doing, work);
}

/**
 * The cloud that runs. One that was started by a command that is gone may not answer yet: a second
 * one on the same files would be worse than to wait.
 */
async function answering(
  places: Places,
  say: (line: string) => void,
): Promise<CloudClient | undefined> {
  const process = processOf(places);
  let isTold = false;
  const until = deadline();
  while (Date.now() < until) {
    const client = await runningCloud(places);
    if (client || !process || !isAlive(process)) return client;
    if (!isTold) say(`waiting for the embedded cloud (process ${process.pid}) to answer`);
    isTold = true;
    await sleep(1_000);
  }
  say("it does not answer: ending it");
  return undefined;
}

async function end(places: Places, running: CloudClient | undefined): Promise<void> {
  const process = processOf(places) ?? identityOf(running?.address.pid);
  // It stops what runs behind its resources before it answers.
  await running?.stop().catch(() => undefined);
  if (process) await endProcess(process, ["SIGTERM"]);
}

async function start(places: Places): Promise<CloudClient> {
  const log = openSync(places.log, "a", 0o600);
  const from = fstatSync(log).size;
  const child = spawn(
    process.execPath,
    [join(__dirname, "cloud.cjs"), realpathSync(places.root)],
    // A group of its own: Ctrl-C in the terminal is meant for the command.
    { detached: true, stdio: ["ignore", log, log], env: environment() },
  );
  closeSync(log);
  const ended: { how?: string } = {};
  child.once("exit", (code) => {
    ended.how = `the embedded cloud ended with code ${code ?? "none"}`;
  });
  child.once("error", (error) => {
    ended.how = error.message;
  });
  child.unref();
  note(places, child.pid);
  const until = deadline();
  while (Date.now() < until && ended.how === undefined) {
    const client = await runningCloud(places);
    if (client && client.address.pid === child.pid) return client;
    await sleep(100);
  }
  const why = ended.how ?? `the embedded cloud did not start within ${START_SECONDS} s`;
  throw new Error(`${why}; its log is ${places.log}\n${endOfLog(places.log, from)}`);
}

const deadline = (): number => Date.now() + START_SECONDS * 1_000;

/** Noted at once: whoever starts it may be killed long before it answers. */
function note(places: Places, pid: number | undefined): void {
  const identity = identityOf(pid);
  if (identity) writePrivately(noteIn(places), JSON.stringify(identity));
}

function identityOf(pid: number | undefined): ProcessIdentity | undefined {
  const started = pid === undefined ? undefined : startOf(pid);
  return pid === undefined || started === undefined ? undefined : { pid, started };
}

/** The process that was started last; it need not run any more. */
function processOf(places: Places): ProcessIdentity | undefined {
  const text = textIn(noteIn(places));
  return text === undefined ? undefined : (JSON.parse(text) as ProcessIdentity);
}

const noteIn = ({ cloud }: Places): string => join(cloud, "process.json");

/** Only what programs need to run: no stack's credentials, no engine's settings. */
function environment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "LANG", "TMPDIR", "USER", "LOGNAME", "TZ"];
  return Object.fromEntries(kept.map((name) => [name, process.env[name]]));
}
