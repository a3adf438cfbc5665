import { existsSync, rmSync } from "node:fs";
import { runningCloud } from "../cloud/client";
import { ensureCloud, stopCloud } from "../cloud/ensure";
import type { Places } from "../places";
import { reapOrphans } from "../services/process";
import { endProcess } from "../services/processTable";
import { commandAtWork } from "./alone";
import { endEngines } from "./engines";

/** Ends every process of the sandbox and deletes all of its files, whatever state they are in. */
export async function reset(places: Places, say: (line: string) => void): Promise<void> {
  if (!existsSync(places.root)) return;
  const command = commandAtWork(places);
  if (command) {
    say(`ending "${command.doing}" (process ${command.pid})`);
    await Promise.all([endProcess(command, ["SIGTERM"]), endEngines(places)]);
  }
  await endEngines(places);
  await endCloud(places);
  rmSync(places.root, { recursive: true, force: true, maxRetries: 5 });
}

async function endCloud(places: Places): Promise<void> {
  const runs = (await runningCloud(places)) !== undefined;
  await stopCloud(places);
  if (runs) return;
  // Started once more where it died: it knows best what it left running.
  await ensureCloud(places, () => undefined)
    .then(() => stopCloud(places))
    .catch(() => reapOrphans(places.services));
}
