import type { Dated } from "../types";

/** Statistics by the word that an alarm has for them; `percentile` stands for p50, p99.9 and so on. */
export const metricStatistics = [
  "Average",
  "Sum",
  "Minimum",
  "Maximum",
  "SampleCount",
  "percentile",
] as const;
export type MetricStatistic = (typeof metricStatistics)[number];

/** Units that CloudWatch knows, as far as the metrics here have them. */
export type MetricUnit =
  "Seconds" | "Milliseconds" | "Bytes" | "Gigabytes" | "Percent" | "Count" | "None";

/** When a metric has points: an alarm's missing data means something else in each case. */
export type MetricReported =
  /** At all times while the thing exists. */
  | "always"
  /** Only when it is not zero, or something happened: missing means nothing happened. */
  | "when-nonzero"
  /** Only while a task, an instance or a run exists: missing may mean that it is down. */
  | "while-running"
  /** Not documented where it was read. */
  | "unknown";

/** A metric that AWS publishes. */
export interface MetricSpec {
  readonly namespace: string;
  readonly name: string;
  /** Names of the dimensions; an alarm must give all of one set, and no others. */
  readonly dimensions: readonly (readonly string[])[];
  readonly unit: MetricUnit;
  /** Statistics that mean something; others are refused here. */
  readonly statistics: readonly MetricStatistic[];
  /** `own`: where the resource is. A global service's are in us-east-1 alone. */
  readonly region: "own" | "us-east-1";
  readonly reported: MetricReported;
  /** What must be switched on first, and costs. */
  readonly needs?: string;
  readonly dated: Dated;
}

/** One namespace's metrics: what they have in common, and each by name. */
export interface MetricGroup {
  readonly namespace: string;
  readonly region: MetricSpec["region"];
  readonly dated: Dated;
  readonly metrics: Readonly<
    Record<string, Pick<MetricSpec, "dimensions" | "unit" | "statistics" | "reported" | "needs">>
  >;
}

/** A group as single metrics. */
export function metricsOf({ namespace, region, dated, metrics }: MetricGroup): MetricSpec[] {
  return Object.entries(metrics).map(([name, metric]) => ({
    namespace,
    name,
    region,
    dated,
    ...metric,
  }));
}
