import { signalInWords } from "../components/alarms/cloudwatchPlan";
import type { CloudWatchMetricSignal } from "../components/alarms/cloudwatchSignal";
import type { AlarmPlan, Signal, Uncovered } from "../components/alarms/types";
import type { Settings } from "../config";
import { violationsOf, type Violation } from "../policy/rules";
import { estimate } from "../prices/estimate";
import type { Estimate, Unpriced } from "../prices/types";
import type { LargeConfig, MediumConfig, SmallConfig } from "../settings/schema";
import type { Problem } from "../settings/problems";
import { largeUnverifiedFacts } from "../settings/largeUnverified";
import { unverifiedFacts, type UnverifiedFact } from "../settings/unverified";
import { tiers } from "../tiers";
import type { Range, TierNumbers } from "../tiers/types";
import { compose, type Composition, type RegisteredResource } from "./compose";
import {
  asText,
  MissingStackFile,
  readStackFile,
  withSetting,
  type StackConfig,
} from "./stackFile";

export interface PreviewAlarm extends Omit<AlarmPlan, "signals" | "metric" | "missingData"> {
  /** What silence means to whoever evaluates it; `ignore` leaves the alarm as it is. */
  readonly missingData: AlarmPlan["missingData"] | "ignore";
  /** Where it is read, emitter first. */
  readonly metric: string;
  /** Resources that carry the alarm. */
  readonly resources: readonly { readonly type: string; readonly name: string }[];
}

/** What a reviewer needs to know of a stack: the contract of `drops preview --format json`. */
export interface PreviewReport {
  readonly tier: string;
  readonly stack: string;
  readonly resources: readonly RegisteredResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly cost: Estimate & {
    readonly currency: "USD";
    /** The document's ranges, USD a month: the breakdown's total and the option's headline. */
    readonly seed: {
      readonly total: readonly [number, number];
      readonly headline: readonly [number, number];
    };
    /** Null where something could not be priced: the sum is then only a part. */
    readonly withinTotal: boolean | null;
    /** What the default configuration should stay within, USD a month. */
    readonly target: number;
    readonly withinTarget: boolean | null;
  };
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
  const numbers = tiers[read.tier].numbers;
  return {
    tier: read.tier,
    stack,
    resources,
    outputs: { ...composition.outputs, ...(edge && { edge: edge.outputs }) },
    cost: costOf(resources, numbers, costTargetOf(read), externalServices(read)),
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

function costOf(
  resources: readonly RegisteredResource[],
  numbers: TierNumbers,
  target: number,
  alsoPaid: readonly Unpriced[],
): PreviewReport["cost"] {
  const found = estimate({ resources, load: numbers.monthlyLoad, alsoPaid });
  const whole = found.unpriced.length === 0;
  const pair = ({ low, high }: Range): [number, number] => [low, high];
  return {
    currency: "USD",
    ...found,
    seed: { total: pair(numbers.costUsdTotal), headline: pair(numbers.costUsdHeadline) },
    withinTotal: whole ? found.monthly <= numbers.costUsdTotal.high : null,
    target,
    withinTarget: whole ? found.monthly <= target : null,
  };
}

type TierSettings = Exclude<Settings, { readonly tier: "edge" }>;

/** What a configuration should stay within, USD a month: a read replica is worth its price. */
function costTargetOf(config: TierSettings): number {
  return config.tier === "medium" && config.postgres.readReplicas > 0
    ? tiers.medium.costUsdTargetWithReplicas
    : tiers[config.tier].numbers.costUsdTarget;
}

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

/** What somebody else bills and no resource of ours shows. */
function externalServices({ postgres, redis }: TierSettings): Unpriced[] {
  const reason = "billed by its vendor, whose prices are not in the book";
  return [
    ...(postgres.provider === "external"
      ? [{ resource: "postgres", type: "external Postgres", reason }]
      : []),
    ...(redis.provider === "external"
      ? [{ resource: "redis", type: "external Redis", reason }]
      : []),
  ];
}

/** The planned alarms with the resources that carry them; one that nothing carries is uncovered. */
function carried(
  planned: readonly AlarmPlan[],
  resources: readonly RegisteredResource[],
): { alarms: PreviewAlarm[]; uncovered: Uncovered[] } {
  const ids = planned.map(({ id }) => id);
  const alarms = planned.map((plan) => {
    const { signals, ...alarm } = plan;
    return {
      ...alarm,
      missingData: missingDataOf(plan),
      metric: signals.map((signal) => metricName(plan, signal)).join(" and "),
      resources: carriers(plan, ids, resources).map(({ type, name }) => ({ type, name })),
    };
  });
  const uncovered = alarms
    .filter((alarm) => alarm.resources.length === 0)
    .map(({ rule, severity, target }) => ({
      rule,
      severity,
      target,
      reason: "planned, but no resource carries it",
    }));
  return { alarms: alarms.filter((alarm) => alarm.resources.length > 0), uncovered };
}

/** What may carry an alarm, by its emitter: types, and names of what carries all of that emitter's. */
const carrying: Readonly<
  Record<Signal["emitter"], { readonly types: readonly string[]; readonly one?: string }>
> = {
  "digitalocean-monitor": { types: ["digitalocean:index/monitorAlert:MonitorAlert"] },
  "digitalocean-uptime": { types: ["digitalocean:index/uptimeAlert:UptimeAlert"] },
  // A part of the app's specification.
  "digitalocean-app": { types: ["digitalocean:index/app:App"], one: "app-app" },
  // The host's rules travel in its bundle.
  prometheus: { types: ["command:remote:Command"], one: "host-apply" },
  cloudwatch: {
    types: [
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      "aws:cloudwatch/compositeAlarm:CompositeAlarm",
      "aws:cloudwatch/eventRule:EventRule",
    ],
  },
};

function carriers(
  { id, signals }: AlarmPlan,
  ids: readonly string[],
  resources: readonly RegisteredResource[],
): RegisteredResource[] {
  return resources.filter(({ type, name }) =>
    signals.some(({ emitter }) => {
      const { types, one } = carrying[emitter];
      return types.includes(type) && (one === undefined ? ownerOf(name, ids) === id : one === name);
    }),
  );
}

/** The alarm that a resource is named after: `alarms-<id>`, with a word more where it has several. */
function ownerOf(name: string, ids: readonly string[]): string | undefined {
  return ids
    .filter((id) => name === `alarms-${id}` || name.startsWith(`alarms-${id}-`))
    .sort((one, other) => other.length - one.length)[0];
}

/** The behaviour that CloudWatch is told for this very alarm, else the rule's. */
function missingDataOf({ signals, missingData }: AlarmPlan): PreviewAlarm["missingData"] {
  const [first] = signals;
  if (first?.emitter !== "cloudwatch") return missingData;
  const parts: readonly CloudWatchMetricSignal[] = "all" in first ? first.all : [first];
  const treat = parts[0]?.missing.treat;
  return treat === "notBreaching" ? "not-breaching" : (treat ?? missingData);
}

function metricName(alarm: AlarmPlan, signal: Signal): string {
  switch (signal.emitter) {
    case "digitalocean-monitor":
      return `DigitalOcean ${signal.alertType}`;
    case "digitalocean-uptime":
      return `DigitalOcean uptime ${signal.alertType}`;
    case "digitalocean-app":
      return `App Platform ${signal.component ?? "app"} ${signal.rule}`;
    case "prometheus":
      return `Prometheus ${signal.exporter}: ${signal.expr}`;
    case "cloudwatch":
      return `CloudWatch ${signalInWords(alarm, signal)}`;
  }
}
