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
import { names } from "./metrics";

export interface EmfOptions {
  readonly namespace: string;
  /** Dimensions of every metric. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** Metrics that CloudWatch is to have, each with its further dimensions. */
  readonly metrics: Readonly<Record<string, readonly string[]>>;
  readonly print: (line: string) => void;
}

/**
 * What becomes a metric of CloudWatch: alarms and the dashboard look at these. Each of them costs, once
 * for every value of its dimensions; the table of prices lists them too, and a test compares the two.
 */
export const emfMetrics: Readonly<Record<string, readonly string[]>> = {
  [names.queryDuration]: ["db.client.connection.pool.name"],
  [names.up]: [],
  [names.websockets]: [],
  [names.dropsOpened]: [],
};

/** CloudWatch's units for those of OpenTelemetry. */
const units: Readonly<Record<string, string>> = { s: "Seconds", By: "Bytes", "1": "None" };

/**
 * Prints metrics in CloudWatch's embedded metric format, one line a data point; the log agent turns
 * them into metrics. Counters and histograms are printed as what was added since the last line. All
 * that CloudWatch is not to have stands in one more line, where a search of the log finds it.
 */
export class EmfExporter implements PushMetricExporter {
  constructor(private readonly options: EmfOptions) {}

  export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
    const others: Record<string, unknown> = {};
    for (const scope of metrics.scopeMetrics) {
      for (const metric of scope.metrics) {
        const { name } = metric.descriptor;
        const dimensions = this.options.metrics[name];
        for (const point of metric.dataPoints) {
          const value = valueOf(metric, point as DataPoint<number | Histogram>);
          if (value === undefined) continue;
          if (dimensions) this.options.print(this.line(metric, dimensions, point, value));
          else others[seriesName(name, point)] = inShort(value);
        }
      }
    }
    if (Object.keys(others).length > 0) {
      const line = { level: "info", msg: "metrics", ...this.options.dimensions, metrics: others };
      this.options.print(`${JSON.stringify(line)}\n`);
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

  private line(
    metric: MetricData,
    dimensions: readonly string[],
    point: DataPoint<unknown>,
    value: unknown,
  ): string {
    const name = metric.descriptor.name;
    const own = dimensions.map((key) => [key, String(point.attributes[key])] as const);
    return `${JSON.stringify({
      _aws: {
        Timestamp: Math.floor(point.endTime[0] * 1000 + point.endTime[1] / 1e6),
        CloudWatchMetrics: [
          {
            Namespace: this.options.namespace,
            Dimensions: [[...Object.keys(this.options.dimensions), ...dimensions]],
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

/** A series in one word: `drops.cache.requests{result=hit}`. */
function seriesName(name: string, { attributes }: DataPoint<unknown>): string {
  const own = Object.entries(attributes).map(([key, text]) => `${key}=${String(text)}`);
  return own.length === 0 ? name : `${name}{${own.join(",")}}`;
}

/** Of a histogram what a person wants to know. */
function inShort(value: number | HistogramValue): unknown {
  if (typeof value === "number") return value;
  return { count: value.Count, mean: value.Sum / value.Count, max: value.Max };
}

interface HistogramValue {
  readonly Values: readonly number[];
  readonly Counts: readonly number[];
  readonly Max: number;
  readonly Min: number;
  readonly Sum: number;
  readonly Count: number;
}

/** A histogram as values with counts, so that CloudWatch can tell percentiles; undefined: nothing new. */
function valueOf(
  metric: MetricData,
  point: DataPoint<number | Histogram>,
): number | HistogramValue | undefined {
  const { value } = point;
  if (typeof value === "number") return value;
  if (metric.dataPointType !== DataPointType.HISTOGRAM) return undefined;
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
    Sum: value.sum ?? 0,
    Count: value.count,
  };
}
