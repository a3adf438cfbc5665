import type { CloudClient, ResourceSummary } from "../cloud/client";
import type { Places } from "../places";
import type { SandboxEngine } from "./engine";
import { adopt, keyOf, keysIn, type Exported } from "./exported";
import { lockFiles, readState } from "./state";
import { endRun, unfinishedRun } from "./unfinished";

interface Repair {
  readonly engine: Pick<SandboxEngine, "required">;
  readonly cloud: Pick<CloudClient, "settled" | "remove">;
  readonly places: Places;
  readonly stack: string;
  readonly say: (line: string) => void;
}

/**
 * Mends what a run that did not end well left behind on a stack: the lock of an engine that was
 * killed, and operations whose end the engine did not see. What the cloud did make is taken into the
 * state where the engine had noted that it asked for it, and deleted where it had not; what it did
 * change or delete is read from it. No engine may be at work.
 */
export async function repair(args: Repair): Promise<void> {
  const { engine, places, stack, say } = args;
  const state = readState(places, stack);
  if (!state) return;
  if (lockFiles(places, stack) > 0) {
    say(`stack ${stack}: the engine before was killed; taking its lock away`);
    await engine.required(["cancel", "--yes", "--stack", stack]);
  }
  const { verb, before = [], goesWithAnother = [] } = unfinishedRun(places, stack) ?? {};
  if (verb === undefined && state.pending.length === 0) return;
  if (state.pending.length > 0) {
    const count = state.pending.length;
    say(`stack ${stack}: ${count} operations were interrupted; asking the cloud about them`);
  }
  const there = await args.cloud.settled(stack);
  const exported = await engine.required(["stack", "export", "--stack", stack]);
  const whole = JSON.parse(exported) as Exported;
  const fresh = there.filter((one) => !before.includes(keyOf(one)));
  const forgotten = there.filter((one) => goesWithAnother.includes(keyOf(one)));
  const { mended, known } = adopt(
    whole,
    fresh.filter(({ ready }) => ready),
  );
  await removeStrays(
    args,
    [...forgotten, ...fresh].filter((one) => !known.has(keyOf(one))),
  );
  if (state.pending.length > 0) {
    await engine.required(["stack", "import", "--stack", stack], JSON.stringify(mended));
  }
  const has = new Set(there.map(keyOf));
  const isLost = [...keysIn(whole.deployment.resources ?? [])].some((key) => !has.has(key));
  if (state.pending.length > 0 || isLost) {
    // What was changed or deleted without the engine seeing the end of it, and the outputs of the new.
    await engine.required(["refresh", "--yes", "--skip-preview", "--stack", stack]);
  }
  endRun(places, stack);
}

/**
 * Nobody knows what was made without its engine having noted it, nor what the engine took for gone
 * with a resource that is still there: it is asked for anew.
 */
async function removeStrays(
  { cloud, stack, say }: Repair,
  strays: readonly ResourceSummary[],
): Promise<void> {
  if (strays.length === 0) return;
  const names = strays.map(({ urn }) => urn.split("::").at(-1) ?? urn);
  say(`stack ${stack}: deleting what the engine does not know of (${names.join(", ")})`);
  // What stands on another was made after it.
  for (const { urn, id } of [...strays].reverse()) await cloud.remove(urn, id);
}
