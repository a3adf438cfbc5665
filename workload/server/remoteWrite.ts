import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import {
  AggregationTemporality,
  type PushMetricExporter,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { STALE, type TimeSeries, writeRequest } from "./remoteWriteFormat";
import { type Series, seriesOf } from "./remoteWriteSeries";

export interface RemoteWriteOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for one push. */
  readonly timeoutMs: number;
}

/** Older ones are refused by a Prometheus that has newer samples of others. */
const OLDEST_ZERO_MS = 5 * 60_000;

/**
 * Pushes to Prometheus by remote-write, which every build of it takes in; OTLP is left out of some, Debian's
 * for one. A counter that is new is told as the 0 that it was at the push before, or nobody would see it
 * rise; series end with their process, or its last values would be taken for the present for minutes.
 */
export class RemoteWriteExporter implements PushMetricExporter {
  /** By their labels. */
  private readonly known = new Map<string, TimeSeries["labels"]>();
  /** When the newest samples were taken, milliseconds since 1970. */
  private lastAt = Date.now();

  constructor(private readonly options: RemoteWriteOptions) {}

  export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
    const series = seriesOf(metrics).map((each) => this.withSamples(each));
    this.lastAt = Math.max(
      this.lastAt,
      ...series.flatMap(({ samples }) => samples.map(({ at }) => at)),
    );
    this.push(series).then(
      () => {
        done({ code: ExportResultCode.SUCCESS });
      },
      (error: unknown) => {
        done({ code: ExportResultCode.FAILED, error: error as Error });
      },
    );
  }

  selectAggregationTemporality(): AggregationTemporality {
    return AggregationTemporality.CUMULATIVE;
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  async shutdown(): Promise<void> {
    const at = Math.max(Date.now(), this.lastAt + 1);
    await this.push(
      [...this.known.values()].map((labels) => ({ labels, samples: [{ value: STALE, at }] })),
    );
  }

  private withSamples({ labels, value, at, counts }: Series): TimeSeries {
    const key = JSON.stringify(labels);
    const isNew = !this.known.has(key);
    // Known as soon as it is tried: a zero that was taken in already would be refused for ever.
    this.known.set(key, labels);
    const zeroAt = Math.max(this.lastAt, at - OLDEST_ZERO_MS);
    const began = isNew && counts && zeroAt < at ? [{ value: 0, at: zeroAt }] : [];
    return { labels, samples: [...began, { value, at }] };
  }

  private async push(series: readonly TimeSeries[]): Promise<void> {
    if (series.length === 0) return;
    const { url, headers, timeoutMs } = this.options;
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/x-protobuf",
        "content-encoding": "snappy",
        "x-prometheus-remote-write-version": "0.1.0",
        ...headers,
      },
      body: new Uint8Array(writeRequest(series)),
      // A header with a key is not carried anywhere else.
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = (await response.text()).trim().slice(0, 200);
    if (!response.ok) throw new Error(`the receiver answers ${response.status}: ${answer}`);
  }
}
