import { rm } from "node:fs/promises";
import { join } from "node:path";
import { textIn } from "./privateFile";
import { commandLineOf, endProcess, startOf } from "./processTable";

/**
 * Clears the way for a new server on a data directory: ends one that runs on it without a record
 * (its supervisor was killed before it could write one), and removes the lock file where its number
 * belongs to a stranger by now. Postgres would take any process with that number for its own and
 * refuse to start, which happens after the machine was started anew.
 */
export async function endUnnotedServer(data: string): Promise<void> {
  const lock = join(data, "postmaster.pid");
  const pid = Number.parseInt(textIn(lock) ?? "", 10);
  const started = Number.isNaN(pid) ? undefined : startOf(pid);
  if (started === undefined) return;
  if (commandLineOf(pid).includes(data)) await endProcess({ pid, started }, ["SIGINT", "SIGQUIT"]);
  else await rm(lock, { force: true });
}
