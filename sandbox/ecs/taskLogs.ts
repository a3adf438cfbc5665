import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { recordSuffix } from "../services/processRecord";

/** Logs of containers that have ended and are kept in one directory. */
const KEPT = 20;

interface ContainerFiles {
  readonly logFile: string;
  /** Is there while the container runs. */
  readonly record: string;
}

/** Where a container of a task writes, by the name of the container and the task's id. */
export function containerFiles(directory: string, name: string, taskId: string): ContainerFiles {
  const file = join(directory, `${name}-${taskId.slice(0, 8)}`);
  return { logFile: `${file}.log`, record: `${file}${recordSuffix}` };
}

/** Deletes the logs of all but the last containers: one that crashes is started for ever. */
export function tidyLogs(directory: string): void {
  const ended = namesIn(directory)
    .filter((name) => name.endsWith(".log"))
    .map((name) => join(directory, name))
    .filter((log) => !existsSync(log.replace(/\.log$/, recordSuffix)))
    .map((log) => ({ log, at: statSync(log, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.at - a.at);
  for (const { log } of ended.slice(KEPT)) rmSync(log, { force: true });
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
