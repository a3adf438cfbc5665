import { signalInWords } from "../components/alarms/cloudwatchPlan";
import type { CloudWatchMetricSignal } from "../components/alarms/cloudwatchSignal";
import type { AlarmPlan, Signal, Uncovered } from "../components/alarms/types";
import type { RegisteredResource } from "./compose";

/** What silence means: bad, well, or nothing. */
type MissingData = AlarmPlan["missingData"] | "ignore";

export interface PreviewAlarm extends Omit<AlarmPlan, "signals" | "metric" | "missingData"> {
  /** What silence means to those that evaluate it, each once; `ignore` leaves the alarm as it is. */
  readonly missingData: readonly MissingData[];
  /** Where it is read, emitter first. */
  readonly metric: string;
  /** Resources that carry the alarm. */
  readonly resources: readonly { readonly type: string; readonly name: string }[];
}

/** The planned alarms with the resources that carry them; one that nothing carries is uncovered. */
export function carried(
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

/** What CloudWatch is told for each of its alarms, and the rule's own for the others. */
function missingDataOf({ signals, missingData }: AlarmPlan): MissingData[] {
  const treated = signals.flatMap((signal): readonly MissingData[] => {
    if (signal.emitter !== "cloudwatch") return [missingData];
    const parts: readonly CloudWatchMetricSignal[] =
      "all" in signal ? [...signal.all, ...(signal.any ?? [])] : [signal];
    return parts.map(({ missing: { treat } }) =>
      treat === "notBreaching" ? "not-breaching" : treat,
    );
  });
  return [...new Set(treated)];
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
