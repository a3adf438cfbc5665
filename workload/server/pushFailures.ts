import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { PushMetricExporter, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { Logger } from "./log";

/**
 * Has the log told when pushes begin to fail and when they succeed again: OpenTelemetry by itself tells
 * nobody. It tries for ever, failing each time, so what is told is the change.
 */
export function tellFailures(exporter: PushMetricExporter, log: Logger): PushMetricExporter {
  let delivered: boolean | undefined;
  const tell = ({ code, error }: ExportResult) => {
    const before = delivered;
    delivered = code === ExportResultCode.SUCCESS;
    if (delivered && before === false) log.info("metrics are delivered again");
    if (!delivered && before !== false) {
      log.warn({ err: error }, "metrics cannot be delivered, trying again");
    }
  };
  const push = exporter.export.bind(exporter);
  exporter.export = (metrics: ResourceMetrics, done: (result: ExportResult) => void) => {
    push(metrics, (result) => {
      tell(result);
      done(result);
    });
  };
  return exporter;
}
