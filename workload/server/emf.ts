import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type PushMetricExporter,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";

export interface EmfOptions {
  readonly namespace: string;
  /** Dimensions of every metric. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly print: (line: string) => void;
}

/** CloudWatch's units for those of OpenTelemetry. */
const units: Readonly<Record<string, string>> = { s: "Seconds", By: "Bytes", "1": "None" };

/**
 * Prints metrics in CloudWatch's embedded metric format, one line a data point; the log agent turns
 * them into metrics. Counters and histograms are printed as what was added since the last line.
 */
export class EmfExporter implements PushMetricExporter {
  constructor(private readonly options: EmfOptions) {}

  export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
    for (const scope of metrics.scopeMetrics) {
      for (const metric of scope.metrics) {
        for (const point of metric.dataPoints) {
          const value = valueOf(metric, point as DataPoint<number | Histogram>);
          if (value !== undefined) this.options.print(this.line(metric, point, value));
        }
      }
    }
    done({ code: ExportResultCode.SUCCESS });
  }

  selectAggregationTemporality(): AggregationTemporality {
    return AggregationTemporality.DELTA;
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  private line(metric: MetricData, point: DataPoint<unknown>, value: unknown): string {
    const name = metric.descriptor.name;
    const own = Object.entries(point.attributes).map(([key, text]) => [key, String(text)] as const);
    const common = Object.keys(this.options.dimensions);
    const named = own.map(([key]) => key);
    return `${JSON.stringify({
      _aws: {
        Timestamp: Math.floor(point.endTime[0] * 1000 + point.endTime[1] / 1e6),
        CloudWatchMetrics: [
          {
            Namespace: this.options.namespace,
            Dimensions: dimensionSets(metric, common, named),
            Metrics: [{ Name: name, Unit: units[metric.descriptor.unit] ?? "Count" }],
          },
        ],
      },
      ...this.options.dimensions,
      ...Object.fromEntries(own),
      [name]: value,
    })}\n`;
  }
}

/** Counts add up over their attributes: an alarm on the whole needs no metric math. Levels do not. */
function dimensionSets(metric: MetricData, common: string[], own: string[]): string[][] {
  if (own.length === 0) return [common];
  const all = [...common, ...own];
  return metric.dataPointType === DataPointType.GAUGE ? [all] : [common, all];
}

/** A histogram as values with counts, so that CloudWatch can tell percentiles; undefined: nothing new. */
function valueOf(metric: MetricData, point: DataPoint<number | Histogram>): unknown {
  const { value } = point;
  if (metric.dataPointType !== DataPointType.HISTOGRAM || typeof value === "number") return value;
  if (value.count === 0) return undefined;
  const min = value.min ?? 0;
  const max = value.max ?? 0;
  const { boundaries, counts } = value.buckets;
  const filled = counts.flatMap((count, index) => {
    if (count === 0) return [];
    // The middle of the bucket, no further out than what was really seen.
    const low = Math.max(boundaries[index - 1] ?? min, min);
    const high = Math.min(boundaries[index] ?? max, max);
    return [{ value: (low + high) / 2, count }];
  });
  return {
    Values: filled.map((bucket) => bucket.value),
    Counts: filled.map((bucket) => bucket.count),
    Max: max,
    Min: min,
    Sum: value.sum,
    Count: value.count,
  };
}
