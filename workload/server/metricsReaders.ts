import type { Meter } from "@opentelemetry/api";
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter,
} from "@opentelemetry/exporter-metrics-otlp-http";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  createAllowListAttributesProcessor,
  MeterProvider,
  type MetricReader,
  PeriodicExportingMetricReader,
  type ViewOptions,
} from "@opentelemetry/sdk-metrics";
import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { EmfExporter, emfMetrics } from "./emf";
import type { Logger } from "./log";
import { names } from "./metrics";
import type { ProcessConfig } from "./processConfig";
import type { Service } from "./program";
import { tellFailures } from "./pushFailures";
import { RemoteWriteExporter } from "./remoteWrite";

export interface MetricsPipeline {
  readonly meter: Meter;
  /** Sends or prints what is left, then stops. */
  close(): Promise<void>;
}

type ReaderConfig = Pick<ProcessConfig, "metrics" | "stack" | "tier" | "worker">;

/** Sets up the one reader that the setting `METRICS` names. */
export function openMetrics(config: ReaderConfig, service: Service, log: Logger): MetricsPipeline {
  const { mode } = config.metrics;
  const instance = randomUUID();
  const resource = resourceFromAttributes({
    "service.name": service,
    "service.namespace": config.stack,
    // Random: counters of a process that replaced another must not continue the old ones.
    "service.instance.id": instance,
    "deployment.environment.name": config.tier,
    "drops.worker": String(config.worker),
  });
  const prometheus =
    mode === "prometheus" &&
    new PrometheusExporter({
      preventServerStart: true,
      withResourceConstantLabels: /^(drops\.worker|service\.instance\.id)$/,
    });
  const reader = prometheus === false ? pushReader(config, service, log) : prometheus;
  const provider = new MeterProvider({
    resource,
    readers: reader ? [reader] : [],
    views: mode === "emf" ? emfViews : mode === "prometheus" ? prometheusViews : [],
  });
  const server = prometheus === false ? undefined : scrapeServer(prometheus, config, log);
  return {
    meter: provider.getMeter("drops"),
    close: async () => {
      server?.close();
      // An endpoint that is gone must not hold up the end of the process.
      await provider.shutdown({ timeoutMillis: 2_000 }).catch((error: unknown) => {
        log.warn({ err: error }, "the last metrics could not be delivered");
      });
    },
  };
}

function pushReader(config: ReaderConfig, service: Service, log: Logger): MetricReader | undefined {
  const { metrics } = config;
  const common = {
    exportIntervalMillis: metrics.intervalMs,
    exportTimeoutMillis: Math.min(metrics.intervalMs, 10_000),
  };
  if (metrics.mode === "otlp") {
    const exporter = new OTLPMetricExporter({
      url: metrics.pushUrl,
      headers: { ...metrics.pushHeaders },
      timeoutMillis: common.exportTimeoutMillis,
      // What Prometheus understands; `rate` first, then `sum` over the instances.
      temporalityPreference: AggregationTemporalityPreference.CUMULATIVE,
    });
    return new PeriodicExportingMetricReader({ exporter: tellFailures(exporter, log), ...common });
  }
  if (metrics.mode === "remote-write") {
    const exporter = new RemoteWriteExporter({
      url: metrics.pushUrl,
      headers: metrics.pushHeaders,
      timeoutMs: common.exportTimeoutMillis,
    });
    return new PeriodicExportingMetricReader({ exporter: tellFailures(exporter, log), ...common });
  }
  if (metrics.mode === "emf") {
    const exporter = new EmfExporter({
      namespace: metrics.emfNamespace,
      dimensions: { Service: service, Stack: config.stack },
      metrics: emfMetrics,
      print: (line) => process.stdout.write(line),
    });
    return new PeriodicExportingMetricReader({ exporter, ...common });
  }
  return undefined;
}

/** What is printed for CloudWatch tells these apart, and no more: lines cost as well as metrics. */
const kept: Readonly<Record<string, readonly string[]>> = {
  [names.requestDuration]: ["http.response.status_class"],
  // A replica is another database, with an alarm of its own.
  [names.queryDuration]: ["db.client.connection.pool.name"],
  // A replica's pool is another one: without its name, the last of them would stand for both.
  [names.poolConnections]: ["db.client.connection.pool.name", "db.client.connection.state"],
  [names.cacheRequests]: ["result"],
  [names.feedMessages]: ["direction"],
  [names.dependencyUp]: ["dependency"],
  [names.sweeps]: ["result"],
};

const emfViews: ViewOptions[] = Object.entries(kept).map(([instrumentName, attributes]) => ({
  instrumentName,
  attributesProcessors: [createAllowListAttributesProcessor([...attributes])],
}));

/** Prometheus wants the unit in the name, and adds it itself where it receives OTLP: the same here. */
const prometheusViews: ViewOptions[] = [
  { name: names.requestDuration, unit: "seconds" },
  { name: names.queryDuration, unit: "seconds" },
  { name: names.eventLoopDelay, unit: "seconds" },
  { name: names.memory, unit: "bytes" },
  { name: names.cpu, unit: "ratio" },
  { name: names.sweepAge, unit: "seconds" },
].map(({ name, unit }) => ({ instrumentName: name, name: `${name}.${unit}` }));

/**
 * PM2's workers share every port that they open through the cluster module: `exclusive` gives each
 * its own. During a reload the old worker still holds it, so the new one tries until it is free.
 */
function scrapeServer(exporter: PrometheusExporter, config: ReaderConfig, log: Logger): Server {
  const port = config.metrics.port + config.worker;
  const server = createServer((request, response) => {
    if (request.url === "/metrics") exporter.getMetricsRequestHandler(request, response);
    else response.writeHead(404).end();
  });
  let closed = false;
  let told = false;
  const listen = () => {
    if (!closed) server.listen({ port, host: config.metrics.host, exclusive: true });
  };
  server.on("error", (error) => {
    if (!told) log.warn({ err: error, port }, "the metrics port is taken, trying again");
    told = true;
    setTimeout(listen, 500).unref();
  });
  server.on("close", () => (closed = true));
  listen();
  server.unref();
  return server;
}
