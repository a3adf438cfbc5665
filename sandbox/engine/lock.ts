import { randomUUID } from "node:crypto";
import { rmSync, readFileSync } from "node:fs";
import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { onAbruptEnd } from "./cleanup";

const heartbeatMs = 5_000;
/** Without a heartbeat for so long, nobody is there: the holder was killed and its id is another's. */
const silentMs = 30_000;
const pollMs = 250;

interface Holder {
  /** Process id; absent in the moment between the file's creation and its first bytes. */
  readonly pid?: number;
  readonly host?: string;
  readonly token?: string;
}

/**
 * Does work while holding a lock file. A second run waits and is told for whom; a holder that was
 * killed does not block: its process is gone, or its heartbeat (the file's time) has stopped.
 *
 * The lock saves work, it does not protect data: should two runs ever hold it (a suspended holder,
 * two waiters that break a dead lock at once), both make an engine in a directory of their own and
 * the later one replaces the earlier.
 */
export async function withLock<T>(
  path: string,
  onWait: (holder: string, waitedMs: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  const token = await acquire(path, onWait);
  const heartbeat = setInterval(() => {
    const now = new Date();
    // Gone or taken over: then there is nothing left to keep alive.
    void utimes(path, now, now).catch(() => undefined);
  }, heartbeatMs);
  const release = (): void => {
    clearInterval(heartbeat);
    if (holderIn(readOrNothing(path)).token === token) rmSync(path, { force: true });
  };
  const forget = onAbruptEnd(release);
  try {
    return await work();
  } finally {
    forget();
    release();
  }
}

async function acquire(path: string, onWait: (holder: string, waitedMs: number) => void) {
  const start = Date.now();
  const token = randomUUID();
  const content = JSON.stringify({ pid: process.pid, host: hostname(), token } satisfies Holder);
  for (;;) {
    try {
      await writeFile(path, content, { flag: "wx", mode: 0o600 });
      return token;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const found = await lookAt(path);
    if (found === undefined) continue;
    if (found.abandoned) {
      await rm(path, { force: true });
      continue;
    }
    onWait(found.holder, Date.now() - start);
    await delay(pollMs);
  }
}

/** Nothing if the lock has been given back meanwhile. */
async function lookAt(path: string) {
  try {
    const holder = holderIn(await readFile(path, "utf8"));
    const silent = Date.now() - (await stat(path)).mtimeMs > silentMs;
    const dead =
      holder.pid !== undefined && holder.host === hostname() && !processExists(holder.pid);
    return {
      holder: holder.pid === undefined ? "another process" : `process ${holder.pid}`,
      abandoned: silent || dead,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function holderIn(content: string): Holder {
  try {
    return JSON.parse(content) as Holder;
  } catch {
    return {};
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
