import { globalRegion } from "../../prices/aws";
import type { RuleId } from "../../tiers/thresholds";
import type { AlarmRegion, PlannedMetricAlarm } from "../alarms/cloudwatchPlan";
import type { CloudWatchMetric, DimensionValue } from "../alarms/cloudwatchSignal";
import type { DashboardSpec } from "./body";
import type { Placeable, Widget } from "./layout";

/** What stands for a dimension's value: known, or known after a deploy. */
export type Resolve<T> = (value: DimensionValue) => T;

const size = { width: 6, height: 6 };
const minuteSeconds = 60;

/**
 * Rules whose numbers are worth a graph; the others are events, or come once a day, and stand among the
 * states of alarms. A dashboard is free with so many metrics only.
 */
const drawn: readonly RuleId[] = [
  ...(["response-time", "error-rate", "cpu", "memory", "db-connections"] as const),
  ...(["db-query-time", "replica-lag", "disk", "cache-evictions"] as const),
];

/** Rules that are drawn of what users see; of the rest a graph would be a line at 1. */
const drawnOfServices: readonly RuleId[] = ["uptime"];

/** A line of a graph: where alarms of two severities read the same, one line. */
interface Line {
  readonly target: string;
  readonly alarms: readonly PlannedMetricAlarm[];
}

export function graphsOf<T>(
  spec: DashboardSpec,
  ids: readonly string[],
  resolve: Resolve<T>,
): Placeable[] {
  const kinds = new Map(spec.targets.map(({ id, kind }) => [id, kind]));
  const alarms = spec.metricAlarms.filter(
    ({ alarm, signal }) =>
      ids.includes(alarm.target) &&
      // Parts of a composite have limits that mean nothing alone.
      alarm.signals.includes(signal) &&
      (drawn.includes(alarm.rule) ||
        (drawnOfServices.includes(alarm.rule) && kinds.get(alarm.target) === "service")),
  );
  const graphs = groupedBy(alarms, graphKeyOf);
  return [
    ...[...graphs.values()].map((group) => alarmGraph(spec, linesOf(group), resolve)),
    ...(spec.more ?? [])
      .filter(({ target }) => ids.includes(target))
      .map(({ title, metric, region, perMinute }) =>
        graph({
          title,
          region: regionName(spec, region),
          rows: perMinute
            ? minuteRows(title, metric, resolve)
            : [rowOf(metric, resolve, { period: minuteSeconds })],
        }),
      ),
  ];
}

/** Over days CloudWatch has no points of a minute any more: a sum is one of a longer period then. */
function minuteRows<T>(label: string, metric: CloudWatchMetric, resolve: Resolve<T>): unknown[] {
  return [
    [{ expression: "60 * counted / PERIOD(counted)", id: "each", label, period: minuteSeconds }],
    rowOf(metric, resolve, { id: "counted", visible: false, period: minuteSeconds }),
  ];
}

/** Alarms in one graph: of one rule, in one place, about the same metrics, whoever's they are. */
function graphKeyOf({ alarm, region, signal }: PlannedMetricAlarm): string {
  const { reading } = signal;
  const metrics = "metric" in reading ? [reading.metric] : Object.values(reading.metrics);
  const names = metrics.map(({ namespace, name }) => `${namespace}/${name}`);
  return [alarm.rule, region, ...names].join(" ");
}

function linesOf(alarms: readonly PlannedMetricAlarm[]): Line[] {
  const lines = groupedBy(
    alarms,
    ({ alarm, signal }) => `${alarm.target} ${JSON.stringify(signal.reading)}`,
  );
  return [...lines.values()].flatMap((group) =>
    group[0] ? [{ target: group[0].alarm.target, alarms: group }] : [],
  );
}

function alarmGraph<T>(
  spec: DashboardSpec,
  lines: readonly Line[],
  resolve: Resolve<T>,
): Placeable {
  const first = lines[0]?.alarms[0];
  if (!first) throw new Error("dashboard: a graph without an alarm");
  const many = new Set(lines.map(({ target }) => target)).size > 1;
  const rows = lines.flatMap(({ target, alarms }, index) => {
    const signal = alarms[0]?.signal;
    return signal ? rowsOf(signal, many ? target : undefined, index, resolve) : [];
  });
  return graph({
    title: titleOf(first),
    region: regionName(spec, first.region),
    rows,
    limits: limitsOf(lines),
  });
}

/** What a graph shows and in which unit; where a rule has several, which of them. */
function titleOf({ alarm: { rule, signals }, signal }: PlannedMetricAlarm): string {
  const title = titles[rule] ?? rule;
  if (signal.compared.as === "free-of") return `${title} that is free (bytes)`;
  if (signal.compared.as === "budget") return `${title} (% of probes)`;
  const which = signals.length > 1 && signal.suffix !== undefined ? `, ${signal.suffix}` : "";
  return `${title}${which}${units[rule] ?? ""}`;
}

/** The limits of a graph, each once, in the unit of what is drawn. */
function limitsOf(lines: readonly Line[]): Widget[] {
  const all = lines
    .flatMap(({ alarms }) => alarms)
    .map(({ alarm, comparison, threshold, signal }) => ({
      label: `${alarm.severity}${signal.compared.as === "budget" ? `, ${signal.suffix}` : ""} ${comparison} ${threshold}`,
      value: threshold,
      color: alarm.severity === "critical" ? "#d62728" : "#ff7f0e",
    }));
  return [...new Map(all.map((limit) => [limit.label, limit])).values()];
}

/** What a signal reads as rows of a graph: the metrics of an expression are there, but not drawn. */
function rowsOf<T>(
  { reading, periodSeconds }: PlannedMetricAlarm["signal"],
  label: string | undefined,
  index: number,
  resolve: Resolve<T>,
): unknown[] {
  const drawnPeriod = Math.min(periodSeconds, 300);
  if ("metric" in reading) {
    return [rowOf(reading.metric, resolve, { period: drawnPeriod, ...(label && { label }) })];
  }
  // Ids are the whole graph's: those of a second line must be others.
  const own = (text: string): string => {
    const ids = [...Object.keys(reading.metrics), ...reading.expressions.map(({ id }) => id)];
    return index === 0
      ? text
      : text.replace(new RegExp(`\\b(${ids.join("|")})\\b`, "g"), `$1_${index}`);
  };
  const last = reading.expressions.at(-1)?.id;
  return [
    ...reading.expressions.map(({ id, expression }) => [
      {
        expression: own(expression),
        id: own(id),
        label: label ?? reading.unit,
        visible: id === last,
        period: drawnPeriod,
      },
    ]),
    ...Object.entries(reading.metrics).map(([id, metric]) =>
      rowOf(metric, resolve, { id: own(id), visible: false, period: drawnPeriod }),
    ),
  ];
}

function rowOf<T>(
  { namespace, name, dimensions, statistic }: CloudWatchMetric,
  resolve: Resolve<T>,
  options: Readonly<Record<string, unknown>> = {},
): unknown[] {
  return [
    namespace,
    name,
    ...Object.entries(dimensions).flatMap(([key, value]) => [key, resolve(value)]),
    { stat: statistic, ...options },
  ];
}

function graph(shown: {
  readonly title: string;
  readonly region: string;
  readonly rows: readonly unknown[];
  readonly limits?: readonly Widget[];
}): Placeable {
  const { title, region, rows, limits = [] } = shown;
  return {
    type: "metric",
    ...size,
    properties: {
      title,
      region,
      view: "timeSeries",
      metrics: rows,
      ...(limits.length > 0 && { annotations: { horizontal: limits } }),
    },
  };
}

function regionName({ region }: DashboardSpec, place: AlarmRegion): string {
  return place === "own" ? region : globalRegion;
}

const titles: Readonly<Partial<Record<RuleId, string>>> = {
  "response-time": "Time to answer",
  "error-rate": "Requests that fail",
  cpu: "CPU",
  memory: "Memory",
  "db-connections": "Connections",
  "db-query-time": "Time of a statement",
  "replica-lag": "Replica lag",
  disk: "Local disk",
  "cache-evictions": "Evictions a minute",
  uptime: "Uptime",
};

const units: Readonly<Partial<Record<RuleId, string>>> = {
  "response-time": " (seconds)",
  "error-rate": " (%)",
  cpu: " (%)",
  memory: " (%)",
  "db-query-time": " (seconds)",
  "replica-lag": " (milliseconds)",
};

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
