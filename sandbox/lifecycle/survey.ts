import type { CloudClient, CloudStatus } from "../cloud/client";
import { stackOf } from "../cloud/urn";
import type { Places } from "../places";
import { commandAtWork } from "./alone";
import { keyOf, keysIn } from "./exported";
import { siteOf } from "./site";
import { readState, stacksIn } from "./state";
import { statusText, type KeptResource, type StackStatus } from "./statusText";
import { unfinishedRun } from "./unfinished";

/** What there is in the sandbox: for people, and for programs. */
export interface Survey {
  readonly text: string;
  readonly facts: {
    /** Whether the embedded cloud runs; without it nothing does. */
    readonly running: boolean;
    readonly stacks: readonly StackStatus[];
    readonly kept: readonly KeptResource[];
  } & Partial<CloudStatus>;
}

/** @param cloud Undefined where it does not run. */
export async function survey(places: Places, cloud: CloudClient | undefined): Promise<Survey> {
  const status = await cloud?.status();
  const stacks = await Promise.all(
    stacksIn(places).map((stack) => stackStatus(places, cloud, stack)),
  );
  const kept = status ? keptIn(places, status) : [];
  const facts = { running: status !== undefined, stacks, kept, ...status };
  return { text: statusText(stacks, status, kept), facts };
}

async function stackStatus(
  places: Places,
  cloud: CloudClient | undefined,
  stack: string,
): Promise<StackStatus> {
  const state = readState(places, stack);
  const site = cloud && (await siteOf(cloud, places, stack));
  const resources = state?.resources ?? [];
  return {
    stack,
    ...(site && { url: site.url }),
    resources: resources.filter(({ type }) => !type.startsWith("pulumi:")).length,
    protected: resources.filter(({ protect }) => protect === true).length,
    pending: state?.pending.length ?? 0,
  };
}

/**
 * What no engine knows of any more and the cloud still has: `retainOnDelete` keeps a resource when
 * its stack is deleted or it is replaced. While something is under way, nothing can be said of it.
 */
function keptIn(places: Places, { resources }: CloudStatus): readonly KeptResource[] {
  if (commandAtWork(places)) return [];
  const stacks = [...new Set(resources.map(({ urn }) => stackOf(urn)))];
  return stacks
    .filter((stack) => !unfinishedRun(places, stack))
    .flatMap((stack) => {
      const known = keysIn(readState(places, stack)?.resources ?? []);
      return resources
        .filter((one) => stackOf(one.urn) === stack && !known.has(keyOf(one)))
        .map(({ type, id }) => ({ stack, type, id }));
    });
}
