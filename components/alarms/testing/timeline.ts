import { metricsIn, type CloudWatchMetric } from "../cloudwatchSignal";
import type { CloudWatchPlan, PlannedComposite, PlannedMetricAlarm } from "../cloudwatchPlan";
import { periodsRead, state } from "./evaluation";
import type { Point } from "./metricMath";

/** What metrics say minute by minute, from before the failure on. */
export interface Story {
  /** The point of a minute; undefined: none. */
  readonly pointOf: (metric: CloudWatchMetric, minute: number) => Point;
  /** Minutes by which each point is late. */
  readonly lateMinutes: number;
  readonly from: number;
  readonly to: number;
}

/** Who is told of what in a story, and in which minute. */
export function told(plan: CloudWatchPlan, story: Story): Readonly<Record<string, number>> {
  const on = new Map<string, readonly boolean[]>();
  for (const alarm of plan.metricAlarms) on.set(alarm.id, historyOf(alarm, story));
  const idOf = new Map(
    [...plan.metricAlarms, ...plan.composites].map(({ id, physicalName }) => [physicalName, id]),
  );
  const helpersFirst = [...plan.composites].sort((a, b) => Number(a.tells) - Number(b.tells));
  for (const composite of helpersFirst) {
    const length = story.to - story.from;
    const at = (minute: number) =>
      holds(composite.rule, (name) => on.get(idOf.get(name) ?? "")?.[minute] === true);
    on.set(
      composite.id,
      Array.from({ length }, (_, minute) => at(minute)),
    );
  }
  const alarms: readonly (PlannedMetricAlarm | PlannedComposite)[] = [
    ...plan.metricAlarms,
    ...plan.composites,
  ];
  return Object.fromEntries(
    alarms
      .filter(({ tells }) => tells)
      .flatMap((alarm) => {
        const suppressor = "suppressor" in alarm ? alarm.suppressor : undefined;
        const minute = firstTold(
          on.get(alarm.id) ?? [],
          suppressor && {
            on: on.get(suppressor.id) ?? [],
            wait: suppressor.waitSeconds / 60,
            extension: suppressor.extensionSeconds / 60,
          },
        );
        return minute === undefined ? [] : [[alarm.id, minute + story.from] as const];
      }),
  );
}

/** Minute for minute, whether an alarm is on. */
function historyOf(alarm: PlannedMetricAlarm, story: Story): readonly boolean[] {
  let on = false;
  return Array.from({ length: story.to - story.from }, (_, index) => {
    const now = story.from + index;
    const samples = Object.entries(metricsIn(alarm.signal.reading)).map(([id, metric]) => [
      id,
      Array.from({ length: periodsRead(alarm) }, (_unused, back) =>
        periodOf(metric, story, now, alarm.periodSeconds / 60, periodsRead(alarm) - back),
      ),
    ]);
    const found = state(alarm, Object.fromEntries(samples) as Record<string, Point[]>);
    if (found !== "unchanged") on = found === "ALARM";
    return on;
  });
}

/** What is known now of a period, so many periods back. */
function periodOf(
  metric: CloudWatchMetric,
  { pointOf, lateMinutes }: Story,
  now: number,
  minutes: number,
  back: number,
): Point {
  const first = now - back * minutes;
  const points = Array.from({ length: minutes }, (_, index) => first + index)
    .filter((minute) => minute + lateMinutes < now)
    .map((minute) => pointOf(metric, minute))
    .filter((point) => point !== undefined);
  if (points.length === 0) return undefined;
  const sum = points.reduce((total, point) => total + point, 0);
  switch (metric.statistic) {
    case "Sum":
    case "SampleCount":
      return sum;
    case "Minimum":
      return Math.min(...points);
    case "Maximum":
      return Math.max(...points);
    default:
      return sum / points.length;
  }
}

interface Suppression {
  readonly on: readonly boolean[];
  readonly wait: number;
  readonly extension: number;
}

/** The first minute in which an alarm acts: at once, or when what could keep it quiet does not. */
function firstTold(on: readonly boolean[], by: Suppression | undefined): number | undefined {
  const began = on.findIndex((now, minute) => now && (minute === 0 || on[minute - 1] !== true));
  if (began === -1 || by === undefined) return began === -1 ? undefined : began;
  for (let minute = began; minute < on.length && on[minute] === true; minute += 1) {
    const waiting = minute < began + by.wait;
    const recently = by.on.slice(Math.max(0, minute - by.extension), minute + 1).includes(true);
    if (!waiting && !recently) return minute;
  }
  return undefined;
}

/** Whether a composite's rule holds: `ALARM("a") AND (ALARM("b") OR ALARM("c"))`. */
function holds(rule: string, isOn: (name: string) => boolean): boolean {
  let text = rule.replace(/ALARM\("([^"]+)"\)/g, (_, name: string) => (isOn(name) ? "1" : "0"));
  for (;;) {
    const next = text
      .replace(/\((\d)\)/g, "$1")
      .replace(/(\d) AND (\d)/, (_, a: string, b: string) => (a === "1" && b === "1" ? "1" : "0"));
    if (next !== text) {
      text = next;
      continue;
    }
    const or = text.replace(/(\d) OR (\d)/, (_, a: string, b: string) =>
      a === "1" || b === "1" ? "1" : "0",
    );
    if (or === text) break;
    text = or;
  }
  if (!/^[01]$/.test(text)) throw new Error(`odd: ${rule}`);
  return text === "1";
}
