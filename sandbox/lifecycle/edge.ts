import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Places } from "../places";
import { textIn, writePrivately } from "../services/privateFile";
import type { SandboxConfig } from "./stackConfig";
import { outputOf, readState } from "./state";

/** The stack that the edge points at; undefined: there is no edge. */
export function liveStack(places: Places): string | undefined {
  const live = outputOf(readState(places, "edge"), "live");
  return typeof live === "string" ? live : undefined;
}

/** Whether a stack of this configuration is reached through the edge. */
export function hasEdge({ values }: SandboxConfig): boolean {
  return values["drops:cloudflare"] !== undefined && (values["drops:domain"] ?? "") !== "";
}

/**
 * What `up edge` was last told with --set: the tier stacks raise the edge too, and nobody who brings
 * one of them up speaks of the edge's settings.
 */
export function edgeSettings(places: Places): readonly string[] {
  const text = textIn(fileIn(places));
  return text === undefined ? [] : (JSON.parse(text) as readonly string[]);
}

export function keepEdgeSettings(places: Places, set: readonly string[]): void {
  if (set.length > 0) writePrivately(fileIn(places), JSON.stringify(set));
  else rmSync(fileIn(places), { force: true });
}

const fileIn = ({ root }: Places): string => join(root, "edge-settings.json");
