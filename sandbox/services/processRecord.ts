import { rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { textIn, writePrivately } from "./privateFile";
import { endProcess, isAlive, startOf } from "./processTable";

/**
 * Note of a process that was started, for the case that its supervisor is killed and another one has
 * to find it.
 */
const recordShape = z.object({
  name: z.string(),
  pid: z.int().positive(),
  started: z.string(),
  /** How it is asked to end, politest first. */
  signals: z.array(z.custom<NodeJS.Signals>((value) => typeof value === "string")),
});

export type ProcessRecord = z.infer<typeof recordShape>;

/** How file names of records end. */
export const recordSuffix = ".process.json";

/** Notes a process of this supervisor; undefined where it is gone already. */
export function writeRecord(
  file: string,
  process: Omit<ProcessRecord, "started">,
): ProcessRecord | undefined {
  const started = startOf(process.pid);
  if (started === undefined) return undefined;
  const record = { ...process, started };
  writePrivately(file, JSON.stringify(record));
  return record;
}

export function removeRecord(file: string): void {
  rmSync(file, { force: true });
}

/**
 * Ends the process of a record if it is still that process, and removes the record.
 *
 * @returns whether there was one to end.
 */
export async function reapOrphan(file: string): Promise<boolean> {
  const record = readRecord(file);
  const found = record !== undefined && isAlive(record);
  if (found) await endProcess(record, record.signals);
  removeRecord(file);
  return found;
}

/**
 * Ends every process that has a record below a directory: children of a supervisor that was killed.
 * The supervisor itself has to be gone, or it starts them again.
 *
 * @returns how many there were.
 */
export async function reapOrphans(directory: string): Promise<number> {
  const found = await Promise.all((await recordsBelow(directory)).map(reapOrphan));
  return found.filter(Boolean).length;
}

async function recordsBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const found = entries.map(async (entry) => {
    const path = join(directory, entry.name);
    // A server's own files: many, and none of ours among them.
    if (entry.isDirectory()) return entry.name === "data" ? [] : await recordsBelow(path);
    return entry.name.endsWith(recordSuffix) ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Undefined where there is none, and where it is damaged: it then tells nothing. */
function readRecord(file: string): ProcessRecord | undefined {
  try {
    return recordShape.safeParse(JSON.parse(textIn(file) ?? "")).data;
  } catch {
    return undefined;
  }
}
