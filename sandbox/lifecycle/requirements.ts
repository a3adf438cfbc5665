import { createRequire } from "node:module";
import { UsageError } from "../../report/stackFile";
import { stackNamePattern, stackNameWords } from "../../settings/names";
import type { Places } from "../places";
import type { StackChoice } from "./sandbox";
import { readState, stacksIn } from "./state";

// A dynamic import() would go round the transpiler, which hooks require alone.
const load = createRequire(__filename);

/** @throws UsageError or ConfigProblems, before anything is started or written. */
export function requireGood(places: Places, { tier, stack, set }: StackChoice): void {
  if ((tier === "edge") !== (stack === "edge")) {
    throw new UsageError(
      `got tier ${tier} as stack ${stack}: the tier edge is the stack edge and no other, because a ` +
        "zone has one edge; leave --stack out, or give another name",
    );
  }
  // The whole SDK comes with it: only whoever brings a stack up waits for it.
  const { requireGoodConfig } = load("./checkedConfig") as typeof import("./checkedConfig");
  const values = requireGoodConfig(stack, tier, set);
  if (tier === "edge") requireLive(places, values["drops:live"]);
}

/** An edge that leads to nothing would only be waited for in vain. */
function requireLive(places: Places, live: string | undefined): void {
  if (live !== undefined && readState(places, live)) return;
  const there = stacksIn(places).filter((stack) => stack !== "edge");
  throw new UsageError(
    `the edge would point at stack "${live ?? ""}" (drops:live), which is not up; ` +
      (there.length > 0
        ? `name one that is with --set live=NAME: ${there.join(", ")}`
        : "bring it up first, the edge comes with it: npx drops sandbox up small"),
  );
}

/** A name becomes part of paths: @throws UsageError where it is none. */
export function requireStackName(stack: string): void {
  if (stackNamePattern.test(stack)) return;
  throw new UsageError(`"${stack}" is no name of a stack: it takes ${stackNameWords}`);
}

/** @throws UsageError where the sandbox has no such stack. */
export function requireStack(places: Places, stack: string): void {
  requireStackName(stack);
  if (readState(places, stack)) return;
  const there = stacksIn(places);
  throw new UsageError(
    `the sandbox in ${places.root} has no stack "${stack}"; ` +
      (there.length > 0
        ? `it has ${there.join(", ")}`
        : "it has none yet: bring one up with `npx drops sandbox up small`"),
  );
}

/** @throws UsageError where a resource of one of the stacks is protected. */
export function requireUnprotected(places: Places, stacks: readonly string[]): void {
  const kept = stacks
    .flatMap((stack) => readState(places, stack)?.resources ?? [])
    .filter(({ protect }) => protect === true);
  if (kept.length === 0) return;
  const names = kept.map(({ urn }) => urn.split("::").at(-1) ?? urn);
  throw new UsageError(
    `${kept.length} resources are protected (${names.join(", ")}): deleting them loses data. ` +
      "To delete them all the same, say so: --unprotect",
  );
}
