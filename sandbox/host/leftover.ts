import { commandLineOf, endProcess, startOf } from "../services/processTable";
import { textIn } from "../files";

/**
 * Ends a server that a cloud was killed too soon to note: by its own pid file, if the process with
 * that number still is the one with the directory in its command line.
 */
export async function endLeftover(pidFile: string, directory: string): Promise<void> {
  const pid = Number.parseInt(textIn(pidFile) ?? "", 10);
  const started = Number.isNaN(pid) ? undefined : startOf(pid);
  if (started === undefined || !commandLineOf(pid).includes(directory)) return;
  await endProcess({ pid, started }, ["SIGTERM"]);
}
