import type { TargetKind } from "../../tiers/thresholds";
import type { AlarmRegion, PlannedMetricAlarm } from "../alarms/cloudwatchPlan";
import type { CloudWatchMetric } from "../alarms/cloudwatchSignal";
import { graphsOf, type Resolve } from "./graphs";
import { columns, placed, type Placeable, type Widget } from "./layout";

export interface DashboardSpec {
  readonly stack: string;
  /** The stack's region. */
  readonly region: string;
  /** Targets in the order of their rows. */
  readonly targets: readonly {
    readonly id: string;
    readonly title: string;
    readonly kind: TargetKind;
  }[];
  /** The planned alarms: what they read is drawn, with their limits. */
  readonly metricAlarms: readonly PlannedMetricAlarm[];
  /** Graphs beside those of alarms, by target. */
  readonly more?: readonly MoreGraph[];
}

/** A graph that no alarm looks at. */
export interface MoreGraph {
  readonly target: string;
  readonly title: string;
  readonly metric: CloudWatchMetric;
  readonly region: AlarmRegion;
  /** Whether a sum is drawn as one of a minute, whatever the period is. */
  readonly perMinute: boolean;
}

/** Alarms that one widget shows. */
const alarmsOfWidget = 100;

/**
 * The body of a dashboard: the state of all alarms, then a row for each target (one for all nodes of a
 * cache), with the limits of its alarms drawn where they are.
 *
 * @param resolve What stands for a dimension's value: known, or known after a deploy.
 */
export function dashboardBody<T>(
  spec: DashboardSpec,
  alarmArns: readonly unknown[],
  resolve: Resolve<T>,
): { readonly periodOverride: "inherit"; readonly widgets: readonly Widget[] } {
  const rows: Placeable[][] = [
    ...alarmWidgets(spec.stack, alarmArns).map((widget) => [widget]),
    ...rowGroups(spec).map(({ title, ids }) => [
      { type: "text", width: columns, height: 1, properties: { markdown: `## ${title}` } },
      ...graphsOf(spec, ids, resolve),
    ]),
  ];
  return {
    // A graph of a long time would have longer periods otherwise, and limits that are not its own.
    periodOverride: "inherit",
    widgets: placed(rows.filter((row) => row.length > 1 || row[0]?.["type"] === "alarm")),
  };
}

function alarmWidgets(stack: string, alarmArns: readonly unknown[]): Placeable[] {
  const count = Math.max(1, Math.ceil(alarmArns.length / alarmsOfWidget));
  return Array.from({ length: count }, (_, index) => ({
    type: "alarm",
    width: columns,
    height: 6,
    properties: {
      title: `Alarms of ${stack}${count > 1 ? `, ${index + 1} of ${count}` : ""}`,
      alarms: alarmArns.slice(index * alarmsOfWidget, (index + 1) * alarmsOfWidget),
      // What is on comes first; the order in which they are given tells which widget has them.
      sortBy: "stateUpdatedTimestamp",
    },
  }));
}

/** A row for each target; all nodes of a cache share one. */
function rowGroups({ targets }: DashboardSpec): { title: string; ids: readonly string[] }[] {
  const caches = targets.filter(({ kind }) => kind === "cache");
  return [
    ...targets
      .filter(({ kind }) => kind !== "cache")
      .map(({ id, title }) => ({ title, ids: [id] })),
    ...(caches.length > 0 ? [{ title: "Valkey", ids: caches.map(({ id }) => id) }] : []),
  ];
}
