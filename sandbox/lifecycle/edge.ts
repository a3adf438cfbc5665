import { rmSync } from "node:fs";
import { join } from "node:path";
import { factsOfStack } from "../../settings/liveTier";
import type { Places } from "../places";
import { textIn, writePrivately } from "../services/privateFile";
import type { StackChoice } from "./sandbox";
import type { SandboxConfig } from "./stackConfig";
import { outputOf, readState, stacksIn } from "./state";

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
 * Whether a stack behind the edge is fetched by a Snippet, which the Free plan does not have. With
 * two tiers up the plan stays, whichever of them is live.
 */
function needsPro(places: Places): boolean {
  return stacksIn(places).some((stack) => {
    const state = readState(places, stack);
    const isFetched =
      outputOf(state, "tier") === "medium" || factsOfStack(stack, places.project).behindSnippet;
    return isFetched && outputOf(state, "originName") !== "";
  });
}

/** The edge on the plan that the stacks behind it need; what is set by hand comes after it. */
export function onPlan(places: Places, choice: StackChoice): StackChoice {
  if (choice.tier !== "edge" || !needsPro(places)) return choice;
  return { ...choice, set: ["cloudflare.plan=pro", ...choice.set] };
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
