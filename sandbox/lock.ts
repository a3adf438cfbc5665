import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, startOf, type ProcessIdentity } from "./services/processTable";

/** Longer than anything that is done under a lock for which others wait. */
const WAIT_SECONDS = 300;

/** Who holds a lock. */
export interface Holder extends ProcessIdentity {
  /** What it is doing, for the message of whoever finds the lock taken. */
  readonly doing: string;
}

/**
 * Takes a lock at once, or tells who holds it. A lock whose holder is gone counts as free: whoever
 * was killed blocks nobody, and neither does a stranger that has got its number since.
 */
export function tryLock(
  lock: string,
  doing: string,
): { readonly release: () => void } | { readonly holder: Holder } {
  mkdirSync(dirname(lock), { recursive: true, mode: 0o700 });
  const me: Holder = { pid: process.pid, started: startOf(process.pid) ?? "", doing };
  for (;;) {
    const { holder, free } = follow(lock);
    if (holder) return { holder };
    if (!place(free, me)) continue;
    // The dead one's lock may have made way for a new one in between.
    if (follow(lock).holder?.pid === me.pid) return { release: discard.bind(undefined, lock) };
    discard(free);
  }
}

/**
 * Runs `work` while no other process does under the same lock, waiting for that.
 *
 * @param onWait Is told again and again for whom and how long; what it throws ends the waiting.
 * @throws Error where another process holds it for longer than five minutes, unless `onWait` is given.
 */
export async function withLock<T>(
  lock: string,
  doing: string,
  work: (release: () => void) => Promise<T>,
  onWait: (holder: Holder, waitedMs: number) => void = notForLong,
): Promise<T> {
  const start = Date.now();
  let taken = tryLock(lock, doing);
  while ("holder" in taken) {
    onWait(taken.holder, Date.now() - start);
    await sleep(100);
    taken = tryLock(lock, doing);
  }
  try {
    return await work(taken.release);
  } finally {
    taken.release();
  }
}

function notForLong({ pid, doing }: Holder, waitedMs: number): void {
  if (waitedMs < WAIT_SECONDS * 1_000) return;
  throw new Error(
    `process ${pid} has been ${doing} for more than ${WAIT_SECONDS} s: wait for it, or end it`,
  );
}

/** Who holds a lock and lives; undefined: it is free. */
export function heldBy(lock: string): Holder | undefined {
  return follow(lock).holder;
}

/**
 * A lock is a directory with its holder in it. Whoever takes one over from a dead holder puts a
 * directory into that one: each place can be taken once, so no two take it over.
 */
function follow(lock: string): { readonly holder?: Holder; readonly free: string } {
  let at = lock;
  for (; existsSync(at); at = `${at}/next`) {
    const holder = read(at);
    if (holder && isAlive(holder)) return { holder, free: at };
  }
  return { free: at };
}

/** It appears whole, and only where there is none: one rename. */
function place(directory: string, holder: Holder): boolean {
  const made = `${lockRoot(directory)}.${holder.pid}.new`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { mode: 0o700 });
  writeFileSync(`${made}/holder.json`, JSON.stringify(holder), { mode: 0o600 });
  try {
    renameSync(made, directory);
    return true;
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (taken.includes(String((error as NodeJS.ErrnoException).code))) return false;
    throw error;
  }
}

/** What systems answer where another was first, or the dead holder's directory is gone. */
const taken = ["ENOTEMPTY", "EEXIST", "ENOENT", "EPERM"];

const lockRoot = (directory: string): string => directory.replace(/(\/next)+$/, "");

/** Renamed first: an emptied lock would be free before it is gone, and the next one's be deleted. */
function discard(directory: string): void {
  const aside = `${lockRoot(directory)}.${process.pid}.old`;
  try {
    renameSync(directory, aside);
  } catch {
    // The sandbox was deleted as a whole.
    return;
  }
  rmSync(aside, { recursive: true, force: true });
}

/** Undefined where it is no holder that this version wrote: it counts as dead. */
function read(directory: string): Holder | undefined {
  try {
    const text = readFileSync(`${directory}/holder.json`, "utf8");
    const { pid, started, doing } = JSON.parse(text) as Partial<Holder>;
    return pid === undefined || started === undefined
      ? undefined
      : { pid, started, doing: doing ?? "unknown" };
  } catch {
    return undefined;
  }
}
