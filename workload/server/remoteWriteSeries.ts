import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";

/** One series with its newest value, as Prometheus names it. */
export interface Series {
  /** Sorted by name, as the protocol wants them. */
  readonly labels: readonly Label[];
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whether it began at 0 with its process. */
  readonly counts: boolean;
}

export type Label = readonly [name: string, value: string];

/** What Prometheus adds to a name where it takes OTLP in: the series are the same, whichever way. */
const unitSuffixes: Readonly<Record<string, string>> = { s: "_seconds", By: "_bytes" };

export function seriesOf({ resource, scopeMetrics }: ResourceMetrics): Series[] {
  const own = (name: string) => text(resource.attributes[name]);
  const job = [own("service.namespace"), own("service.name")].filter((part) => part !== "");
  const common: Label[] = [
    ["instance", own("service.instance.id")],
    ["job", job.join("/")],
  ];
  return scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap((metric) =>
      metric.dataPoints.flatMap((point) => seriesOfPoint(metric, point, common)),
    ),
  );
}

function seriesOfPoint(
  metric: MetricData,
  point: DataPoint<unknown>,
  common: readonly Label[],
): Series[] {
  const name = nameOf(metric);
  const at = Math.floor(point.endTime[0] * 1_000 + point.endTime[1] / 1e6);
  const given = Object.entries(point.attributes).map(([key, value]): Label => [
    sane(key),
    text(value),
  ]);
  const series = (suffix: string, value: number, more: readonly Label[] = []): Series => ({
    labels: sorted([["__name__", name + suffix], ...common, ...given, ...more]),
    value,
    at,
    counts: metric.dataPointType !== DataPointType.GAUGE,
  });
  if (metric.dataPointType !== DataPointType.HISTOGRAM) return [series("", Number(point.value))];
  const { buckets, count, sum = 0 } = point.value as Histogram;
  let reached = 0;
  // Each bucket of Prometheus holds all that is no larger; the last has no end.
  const cumulative = buckets.counts.map((own, index) => {
    reached += own;
    return series("_bucket", reached, [["le", String(buckets.boundaries[index] ?? "+Inf")]]);
  });
  return [...cumulative, series("_sum", sum), series("_count", count)];
}

function nameOf({ descriptor: { name, unit }, dataPointType }: MetricData): string {
  const ratio = unit === "1" && dataPointType === DataPointType.GAUGE ? "_ratio" : "";
  const total = dataPointType === DataPointType.SUM ? "_total" : "";
  return sane(name) + (unitSuffixes[unit] ?? ratio) + total;
}

function sane(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, "_");
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** By their bytes; an empty value is no label. */
function sorted(labels: readonly Label[]): Label[] {
  const given = labels.filter(([, value]) => value !== "");
  return given.sort(([one], [other]) => (one < other ? -1 : 1));
}
