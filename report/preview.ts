import type { Uncovered } from "../components/alarms/types";
import { violationsOf, type Violation } from "../policy/rules";
import { estimate } from "../prices/estimate";
import type { Estimate } from "../prices/types";
import type { LargeConfig, MediumConfig, SmallConfig } from "../settings/schema";
import type { Problem } from "../settings/problems";
import { largeUnverifiedFacts } from "../settings/largeUnverified";
import { unverifiedFacts, type UnverifiedFact } from "../settings/unverified";
import { carried, type PreviewAlarm } from "./carried";
import { compose, type Composition, type RegisteredResource } from "./compose";
import { costOf, type TierCost, type TierSettings } from "./cost";
import {
  asText,
  MissingStackFile,
  readStackFile,
  withSetting,
  type StackConfig,
} from "./stackFile";

/** What a reviewer needs to know of a stack: the contract of `drops preview --format json`. */
export interface PreviewReport {
  readonly tier: string;
  readonly stack: string;
  readonly resources: readonly RegisteredResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly cost: TierCost;
  readonly alarms: readonly PreviewAlarm[];
  readonly coverage: { readonly uncovered: readonly Uncovered[] };
  readonly policy: { readonly violations: readonly Violation[] };
  /** Example values that a deploy refuses. */
  readonly toReplace: readonly Problem[];
  /** What the stack relies on, and nobody could read at the provider. */
  readonly unverified: readonly UnverifiedFact[];
}

/** A preview of the `edge` stack alone: it has no alarms and no range of cost in the document. */
export type EdgePreview = Omit<PreviewReport, "cost"> & {
  readonly cost: Estimate & { readonly currency: "USD" };
};

/** Composes a stack (and, for a tier with a zone, its `edge`) and reports on it. */
export async function preview(
  stack: string,
  settings: readonly string[] = [],
  root?: string,
): Promise<PreviewReport | EdgePreview> {
  const config = settings.reduce(withSetting, readStackFile(stack, root));
  const composition = await compose(stack, config);
  const { settings: read, toReplace } = composition.read;
  const { planning } = composition.composed;
  if (read.tier === "edge") return edgePreview(stack, composition);

  const edge = read.cloudflare && (await composeEdgeOf(stack, read, root));
  const resources = [...composition.resources, ...(edge?.resources ?? [])];
  const { alarms, uncovered } = carried(planning.alarms, composition.resources);
  return {
    tier: read.tier,
    stack,
    resources,
    outputs: { ...composition.outputs, ...(edge && { edge: edge.outputs }) },
    cost: costOf(resources, read),
    alarms,
    coverage: { uncovered: [...planning.uncovered, ...uncovered] },
    policy: { violations: violationsOf(resources) },
    toReplace: [...toReplace, ...newOnes(edge?.read.toReplace ?? [], toReplace)],
    unverified: unverifiedOf(read),
  };
}

function edgePreview(stack: string, { resources, outputs, read }: Composition): EdgePreview {
  const load = { requestsMillions: 0, egressGb: 0, backupStorageGib: 0 };
  return {
    tier: "edge",
    stack,
    resources,
    outputs,
    cost: { currency: "USD", ...estimate({ resources, load, alsoPaid: [] }) },
    alarms: [],
    coverage: { uncovered: [] },
    policy: { violations: violationsOf(resources) },
    toReplace: read.toReplace,
    unverified: [],
  };
}

/**
 * The `edge` stack as it would be with this tier live: its own file where there is one, with the
 * tier's domain and zone, so that a preview of a tier shows the whole path of a request.
 */
function composeEdgeOf(
  stack: string,
  config: Pick<SmallConfig | MediumConfig | LargeConfig, "cloudflare" | "domain">,
  root?: string,
): Promise<Composition> {
  const own = edgeFile(root);
  const cloudflare = config.cloudflare && {
    zoneId: config.cloudflare.zoneId,
    zone: config.cloudflare.zone,
    plan: config.cloudflare.plan,
  };
  return compose("edge", {
    secretKeys: own.secretKeys,
    values: {
      ...own.values,
      "drops:tier": "edge",
      "drops:live": stack,
      "drops:domain": config.domain ?? "",
      "drops:cloudflare": asText(cloudflare),
    },
  });
}

function edgeFile(root?: string): StackConfig {
  try {
    return readStackFile("edge", root);
  } catch (error) {
    // A file that is there and says nothing readable is not the same as none.
    if (!(error instanceof MissingStackFile)) throw error;
    return { values: {}, secretKeys: [] };
  }
}

const newOnes = (more: readonly Problem[], known: readonly Problem[]): readonly Problem[] =>
  more.filter(({ key }) => !known.some((other) => other.key === key));

function unverifiedOf(config: TierSettings): readonly UnverifiedFact[] {
  switch (config.tier) {
    case "small":
      return [];
    case "medium":
      return unverifiedFacts(config);
    case "large":
      return largeUnverifiedFacts(config);
  }
}
