import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Places } from "../places";
import { textIn, writePrivately } from "../services/privateFile";

/** A run of the engine that has begun on a stack and did not end well, or did not end yet. */
export interface UnfinishedRun {
  /** What it does: "up", "refresh" or "destroy". */
  readonly verb: string;
  /**
   * Keys of what the cloud had of the stack before. Whatever it has beside these and beside the
   * engine's state was made by this run, and its engine never heard of it.
   */
  readonly before: readonly string[];
  /**
   * Keys of what goes with another resource: the engine forgets it without asking the cloud, before
   * it asks for the other's end.
   */
  readonly goesWithAnother?: readonly string[];
}

/** Written before the engine starts: whoever is killed meanwhile leaves it to the next command. */
export function beginRun(places: Places, stack: string, run: UnfinishedRun): void {
  writePrivately(fileOf(places, stack), JSON.stringify(run));
}

export function endRun(places: Places, stack: string): void {
  rmSync(fileOf(places, stack), { force: true });
}

export function unfinishedRun(places: Places, stack: string): UnfinishedRun | undefined {
  const text = textIn(fileOf(places, stack));
  return text === undefined ? undefined : (JSON.parse(text) as UnfinishedRun);
}

const fileOf = ({ root }: Places, stack: string): string =>
  join(root, "unfinished", `${stack}.json`);
