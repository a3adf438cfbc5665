import { duration } from "./plan";
import { metricsIn, type CloudWatchMetricSignal } from "./cloudwatchSignal";
import type { AlarmPlan } from "./types";

/** When a metric alarm is on, in the metric's own unit. */
export interface Comparison {
  readonly comparison: ">" | "<";
  readonly threshold: number;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
}

/** Minutes after its creation in which an alarm waits for a first point, where silence is an alarm. */
const firstPointMinutes = 15;

/** The rule's limit as one of the metric: the only place where units are converted. */
export function comparisonOf(alarm: AlarmPlan, signal: CloudWatchMetricSignal): Comparison {
  const { compared } = signal;
  const { threshold: limit, comparison } = alarm;
  const period =
    compared.as === "once-in-hours" ? Math.round(limit * 60) * 60 : signal.periodSeconds;
  const window = compared.as === "once-in-hours" ? period : windowOf(alarm, signal);
  const evaluationPeriods = window / period;
  const when = (one: {
    readonly comparison: ">" | "<";
    readonly threshold: number;
    readonly datapointsToAlarm?: number;
  }): Comparison => ({
    comparison: one.comparison,
    // Without the noise of binary fractions: 98.56, not 98.55999999999999.
    threshold: Number(one.threshold.toPrecision(12)),
    periodSeconds: period,
    evaluationPeriods,
    datapointsToAlarm: one.datapointsToAlarm ?? signal.datapointsToAlarm ?? evaluationPeriods,
  });
  switch (compared.as) {
    case "value":
      return when({ comparison, threshold: limit * compared.factor });
    case "free-of":
      return when({
        comparison: comparison === ">" ? "<" : ">",
        threshold: compared.total * (1 - limit / 100),
      });
    case "share-of":
      return when({ comparison, threshold: (compared.total * limit) / 100 });
    case "budget":
      return when({ comparison, threshold: 100 - compared.burnRate * (100 - limit) });
    case "bad-periods": {
      const allowed = (evaluationPeriods * compared.burnRate * (100 - limit)) / 100;
      return when({
        comparison,
        threshold: 1,
        datapointsToAlarm: Math.min(Math.floor(allowed) + 1, evaluationPeriods),
      });
    }
    case "once-in-hours":
      return when({ comparison: "<", threshold: 1 });
    case "fixed":
      return when({ comparison: compared.comparison, threshold: compared.value });
  }
}

function windowOf(alarm: AlarmPlan, signal: CloudWatchMetricSignal): number {
  return signal.windowSeconds ?? alarm.windowSeconds;
}

/** How long the alarm stays quiet after its creation; undefined: not at all. */
export function warmUpOf(signal: CloudWatchMetricSignal): CloudWatchMetricSignal["warmUp"] {
  if (signal.warmUp) return signal.warmUp;
  return signal.missing.treat === "breaching"
    ? { minutes: firstPointMinutes, whole: false }
    : undefined;
}

/**
 * What an alarm reads, in words: namespace, metric, statistic and dimensions of each metric, the
 * expression, the limit with its unit, and how often it must be crossed.
 *
 * @param unitOf The unit of a metric by namespace and name.
 */
export function readingInWords(
  alarm: AlarmPlan,
  signal: CloudWatchMetricSignal,
  unitOf: (namespace: string, name: string) => string,
): string {
  const { comparison, threshold, periodSeconds, evaluationPeriods, datapointsToAlarm } =
    comparisonOf(alarm, signal);
  const { reading } = signal;
  const metrics = Object.entries(metricsIn(reading)).map(([id, metric]) => {
    const dimensions = Object.entries(metric.dimensions)
      .map(([name, value]) => `${name}=${typeof value === "string" ? value : `<${value.entity}>`}`)
      .join(", ");
    const { namespace, name, statistic } = metric;
    const prefix = "metric" in reading ? "" : `${id} = `;
    return `${prefix}${namespace} ${name} ${statistic} [${unitOf(namespace, name)}] of ${dimensions}`;
  });
  const expressions =
    "metric" in reading
      ? []
      : reading.expressions.map(({ id, expression }) => `${id} = ${expression}`);
  const unit =
    "metric" in reading ? unitOf(reading.metric.namespace, reading.metric.name) : reading.unit;
  const periods = `${datapointsToAlarm} of ${evaluationPeriods} periods of ${duration(periodSeconds)}`;
  return `${[...metrics, ...expressions].join("; ")} ${comparison} ${threshold} [${unit}], ${periods}`;
}
