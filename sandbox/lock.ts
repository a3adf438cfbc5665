import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const WAIT_SECONDS = 120;

/**
 * Runs `work` while no other process does under the same lock. A lock whose holder is gone counts as
 * free: whoever was killed blocks nobody.
 *
 * @throws Error where another process holds it for longer than two minutes.
 */
export async function withLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(lock), { recursive: true, mode: 0o700 });
  for (let waited = 0; !take(lock); waited += 1) {
    if (waited >= WAIT_SECONDS * 10) {
      throw new Error(`process ${holder(lock) ?? "?"} holds ${lock}: wait for it, or end it`);
    }
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function take(lock: string): boolean {
  const pid = holder(lock);
  if (pid !== undefined && !isAlive(pid)) {
    // Only one of those who see it can rename it away.
    const aside = `${lock}.stale-${process.pid}`;
    try {
      renameSync(lock, aside);
      // Another may have taken it since it was read.
      if (holder(aside) !== pid) {
        renameSync(aside, lock);
        return false;
      }
      rmSync(aside, { recursive: true, force: true });
    } catch {
      return false;
    }
  }
  // A directory with its holder's number in it appears whole: one rename.
  const mine = `${lock}.${process.pid}`;
  rmSync(mine, { recursive: true, force: true });
  mkdirSync(mine, { mode: 0o700 });
  writeFileSync(`${mine}/pid`, String(process.pid));
  try {
    renameSync(mine, lock);
    return true;
  } catch {
    rmSync(mine, { recursive: true, force: true });
    return false;
  }
}

function holder(lock: string): number | undefined {
  try {
    return Number(readFileSync(`${lock}/pid`, "utf8"));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
