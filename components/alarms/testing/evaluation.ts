import { metricsIn, type CloudWatchReading } from "../cloudwatchSignal";
import type { PlannedMetricAlarm } from "../cloudwatchPlan";
import { evaluate, type Point } from "./metricMath";

export type State = "OK" | "ALARM" | "unchanged";
export type Samples = Readonly<Record<string, readonly Point[]>>;

/**
 * Periods that CloudWatch reads beyond those that it compares: its own example has two, and the exact
 * number is not documented.
 */
const periodsBeyond = 3;

/** Periods that an alarm reads, its evaluation range. */
export function periodsRead({ evaluationPeriods }: PlannedMetricAlarm): number {
  return evaluationPeriods + periodsBeyond;
}

function valuesOf(reading: CloudWatchReading, samples: Samples): readonly Point[] {
  const names = Object.keys(metricsIn(reading)).sort().join();
  const given = Object.keys(samples).sort().join();
  if (given !== names) throw new Error(`samples of ${names} are needed, got ${given}`);
  if ("metric" in reading) return samples["value"] ?? [];
  const known: Record<string, readonly Point[]> = { ...samples };
  for (const { id, expression } of reading.expressions) known[id] = evaluate(expression, known);
  return known[reading.expressions.at(-1)?.id ?? ""] ?? [];
}

/**
 * What CloudWatch makes of the periods that it reads, the newest last: where as many have points as it
 * compares, the newest of those, however many are missing after them; else the missing ones as told.
 */
export function state(planned: PlannedMetricAlarm, samples: Samples): State {
  const { signal, comparison, threshold, evaluationPeriods, datapointsToAlarm } = planned;
  const values = valuesOf(signal.reading, samples);
  if (values.length < evaluationPeriods) throw new Error(`${planned.id}: too few periods`);
  const there = values.filter((point) => point !== undefined).slice(-evaluationPeriods);
  if (there.length === 0 && signal.missing.treat === "ignore") return "unchanged";
  const filled = signal.missing.treat === "breaching" ? evaluationPeriods - there.length : 0;
  const beyond = there.filter((point) =>
    comparison === ">" ? point > threshold : point < threshold,
  ).length;
  return beyond + filled >= datapointsToAlarm ? "ALARM" : "OK";
}
