import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, closeSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UsageError } from "../../report/stackFile";
import type { Places } from "../places";
import { withLock } from "../lock";
import { type CloudClient, runningCloud } from "./client";
import { codeVersion } from "./codeVersion";

/** Long enough for a slow machine that starts several databases. */
const START_SECONDS = 90;

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
  return await withLock(join(places.locks, "cloud"), async () => {
    const running = await runningCloud(places);
    if (running?.address.codeVersion === codeVersion()) return running;
    if (running) {
      say("the embedded cloud runs other code than this: starting it anew");
      await running.stop();
      await gone(running.address.pid);
    } else {
      say("starting the embedded cloud");
    }
    return await start(places);
  });
}

/** Stops the cloud, if it runs; what is left of one that died is ended by the next. */
export async function stopCloud(places: Places): Promise<void> {
  await withLock(join(places.locks, "cloud"), async () => {
    const running = await runningCloud(places);
    if (!running) return;
    await running.stop();
    await gone(running.address.pid);
  });
}

async function start(places: Places): Promise<CloudClient> {
  const log = openSync(places.log, "a", 0o600);
  const child = spawn(
    process.execPath,
    [join(__dirname, "cloud.cjs"), realpathSync(places.root)],
    // A group of its own: Ctrl-C in the terminal is meant for the command.
    { detached: true, stdio: ["ignore", log, log], env: environment() },
  );
  closeSync(log);
  const failed = new Promise<never>((_, reject) => {
    child.once("exit", (code) => {
      reject(new Error(`the embedded cloud ended with code ${code ?? "none"}`));
    });
    child.once("error", reject);
  });
  failed.catch(() => undefined);
  const up = async (): Promise<CloudClient> => {
    for (let waited = 0; waited < START_SECONDS * 10; waited += 1) {
      const client = await runningCloud(places);
      if (client && client.address.pid === child.pid) return client;
      await sleep(100);
    }
    throw new Error(`the embedded cloud did not start within ${START_SECONDS} s`);
  };
  try {
    return await Promise.race([up(), failed]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${reason}; the end of ${places.log}:\n${tail(places.log)}`);
  } finally {
    child.removeAllListeners("exit");
    child.unref();
  }
}

/** Only what programs need to run: no stack's credentials, no engine's settings. */
function environment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "LANG", "TMPDIR", "USER", "LOGNAME", "TZ"];
  return Object.fromEntries(kept.map((name) => [name, process.env[name]]));
}

async function gone(pid: number): Promise<void> {
  for (let waited = 0; waited < 300; waited += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(100);
  }
  throw new Error(`the embedded cloud's process ${pid} does not end: kill it and try again`);
}

function tail(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-15).join("\n");
}
