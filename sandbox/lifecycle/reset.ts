import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runningCloud } from "../cloud/client";
import { ensureCloud, stopCloud } from "../cloud/ensure";
import { tryLock } from "../lock";
import type { Places } from "../places";
import { reapOrphans } from "../services/process";
import { endProcess } from "../services/processTable";
import { commandLock } from "./alone";
import { makeDirectory, markDirectory, markerName } from "./directory";
import { endEngines } from "./engines";

/** What a reset is doing, as its lock tells it. */
const doing = "reset";

/** Ends every process of the sandbox and deletes all of its files, whatever state they are in. */
export async function reset(places: Places, say: (line: string) => void): Promise<void> {
  if (!existsSync(places.root)) return;
  makeDirectory(places.root);
  const release = await takeOver(places, say);
  if (!release) return;
  try {
    await empty(places);
  } finally {
    release();
  }
  removeEmptied(places);
}

/** The same for whoever has the sandbox to itself; `removeEmptied` follows when it is let go. */
export async function empty(places: Places): Promise<void> {
  await endEngines(places);
  await endCloud(places);
  const { root, locks } = places;
  for (const path of [
    ...readdirSync(root).map((name) => join(root, name)),
    ...readdirSync(locks).map((name) => join(locks, name)),
  ]) {
    if ([join(root, markerName), locks, commandLock(places)].includes(path)) continue;
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Deletes the rest, unless another command has begun in the directory by now: then it is its own. */
export function removeEmptied({ root, locks }: Places): void {
  try {
    rmdirSync(locks);
    rmSync(join(root, markerName), { force: true });
    rmdirSync(root);
  } catch {
    if (existsSync(root)) markDirectory(root);
  }
}

/**
 * Takes the sandbox from the command that is at work by ending it; another reset is waited for.
 * Undefined: that one has left nothing.
 */
async function takeOver(
  places: Places,
  say: (line: string) => void,
): Promise<(() => void) | undefined> {
  for (let waited = 0; existsSync(places.root); waited += 1) {
    const taken = tryLock(commandLock(places), doing);
    if ("release" in taken) return taken.release;
    const { holder } = taken;
    if (holder.doing !== doing) {
      say(`ending "${holder.doing}" (process ${holder.pid})`);
      await Promise.all([endProcess(holder, ["SIGTERM"]), endEngines(places)]);
      continue;
    }
    if (waited === 0) say(`waiting for another reset (process ${holder.pid})`);
    await sleep(100);
  }
  return undefined;
}

async function endCloud(places: Places): Promise<void> {
  const runs = (await runningCloud(places)) !== undefined;
  await stopCloud(places);
  if (runs || !existsSync(places.cloud)) return;
  // Started once more where it died: it knows best what it left running.
  await ensureCloud(places, () => undefined)
    .then(() => stopCloud(places))
    .catch(() => reapOrphans(places.services));
}
