import { metricsOf, type MetricSpec, type MetricStatistic } from "./metric";
import { appMetrics } from "./metricsApp";
import { auroraMetrics, cacheMetrics } from "./metricsData";
import {
  backupMetrics,
  canaryMetrics,
  certificateMetrics,
  cloudfrontMetrics,
  eventsMetrics,
  route53Metrics,
} from "./metricsEdge";
import {
  albMetrics,
  containerInsightsMetrics,
  ecsMetrics,
  natMetrics,
  snsMetrics,
  sqsMetrics,
} from "./metricsServing";
import { globalRegion } from "./regions";

/** Every metric of AWS that an alarm may look at, and what an alarm on it must say. */
export const awsMetrics: readonly MetricSpec[] = [
  albMetrics,
  ecsMetrics,
  containerInsightsMetrics,
  natMetrics,
  sqsMetrics,
  snsMetrics,
  auroraMetrics,
  cacheMetrics,
  cloudfrontMetrics,
  route53Metrics,
  canaryMetrics,
  backupMetrics,
  certificateMetrics,
  eventsMetrics,
  appMetrics,
].flatMap(metricsOf);

/** The metric of this name, or undefined for one the table does not know. */
export function findMetric(namespace: string, name: string): MetricSpec | undefined {
  return awsMetrics.find((metric) => metric.namespace === namespace && metric.name === name);
}

/** A metric as an alarm names it. */
export interface MetricUse {
  readonly namespace: string;
  readonly name: string;
  /** Names of the dimensions that the alarm gives. */
  readonly dimensions: readonly string[];
  /** `Average`, `Sum`, … or a percentile such as `p95`. */
  readonly statistic: string;
  /** Where the alarm is. */
  readonly region: string;
  /** Where the alarm states one. */
  readonly unit?: string;
}

/** The statistic's word in the table: `percentile` for p50, p99.9 …, undefined for a word that is none. */
export function statisticKind(statistic: string): MetricStatistic | undefined {
  if (/^p(100|\d{1,2}(\.\d{1,2})?)$/.test(statistic)) return "percentile";
  const plain = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"] as const;
  return plain.find((word) => word === statistic);
}

/** What is wrong with an alarm's metric; empty where the table agrees with it. */
export function metricProblems(use: MetricUse): readonly string[] {
  const { namespace, name, dimensions, statistic, region, unit } = use;
  const metric = findMetric(namespace, name);
  if (!metric) return [`${namespace} has no metric ${name} that is known here`];
  const given = sorted(dimensions);
  const sets = metric.dimensions.map(sorted);
  const kind = statisticKind(statistic);
  return [
    ...(sets.includes(given)
      ? []
      : [`${name} has the dimensions ${sets.map(inWords).join(" or ")}, got ${inWords(given)}`]),
    ...(kind && metric.statistics.includes(kind)
      ? []
      : [`${name} is told by ${metric.statistics.join(", ")}, got ${statistic}`]),
    ...(metric.region === "us-east-1" && region !== globalRegion
      ? [`${name} is in ${globalRegion} alone, got an alarm in ${region}`]
      : []),
    ...(unit === undefined || unit === metric.unit
      ? []
      : [`${name} is in ${metric.unit}, got ${unit}`]),
  ];
}

const sorted = (names: readonly string[]): string => [...names].sort().join(", ");

const inWords = (names: string): string => (names === "" ? "(none)" : `(${names})`);
