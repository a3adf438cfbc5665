import { type Attributes, type Meter, ValueType } from "@opentelemetry/api";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { SweepResult } from "./janitor";

/**
 * The one definition of what is measured. Readers (`metricsReaders.ts`) show the same instruments
 * to Prometheus, an OTLP endpoint or CloudWatch. Names and units follow OpenTelemetry's conventions;
 * Prometheus shows `http.server.request.duration` in `s` as `http_server_request_duration_seconds`.
 */
export const names = {
  requestDuration: "http.server.request.duration",
  queryDuration: "db.client.operation.duration",
  poolConnections: "db.client.connection.count",
  poolMax: "db.client.connection.max",
  poolPending: "db.client.connection.pending_requests",
  cacheRequests: "drops.cache.requests",
  websockets: "drops.websocket.connections",
  feedMessages: "drops.feed.messages",
  dropsOpened: "drops.opened",
  cardsRefunded: "drops.cards.refunded",
  controlMode: "drops.control.mode",
  dependencyUp: "drops.dependency.up",
  sweeps: "drops.background.sweeps",
  sweepAge: "drops.background.last_sweep.age",
  up: "drops.process.up",
  cpu: "process.cpu.utilization",
  memory: "process.memory.usage",
  eventLoopDelay: "nodejs.eventloop.delay.p99",
} as const;

/** Seconds; 0.5 and 2 are the response-time limits, 0.1 the query-time limit of the alarms. */
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];
const queryBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** What is read when a reader asks, not counted as it happens. */
export interface Observed {
  readonly pools: () => readonly PoolUse[];
  /** Only where visitors are served. */
  readonly websockets?: () => number;
  /** 0 open, 1 readonly, 2 forward, 3 not known yet. */
  readonly controlMode: () => number;
  readonly dependencies: () => Readonly<Record<string, boolean>>;
  /** Seconds since the background work was last in order; only where this process does it. */
  readonly sweepAge?: (() => number) | undefined;
}

export interface PoolUse {
  readonly pool: "primary" | "replica";
  readonly used: number;
  readonly idle: number;
  readonly pending: number;
  readonly max: number;
}

export interface Metrics {
  request(seconds: number, method: string, route: string, status: number): void;
  query(seconds: number, operation: string, pool: string, failed: boolean): void;
  cache(result: "hit" | "miss" | "bypass" | "error"): void;
  feed(direction: "published" | "received" | "sent" | "dropped", count: number): void;
  dropOpened(): void;
  cardRefunded(): void;
  sweep(result: SweepResult): void;
  observe(observed: Observed): void;
}

export function defineMetrics(meter: Meter): Metrics {
  const requests = meter.createHistogram(names.requestDuration, {
    description: "Time to answer a request.",
    unit: "s",
    advice: { explicitBucketBoundaries: requestBuckets },
  });
  const queries = meter.createHistogram(names.queryDuration, {
    description: "Time that the database took for an operation, waiting for a connection excluded.",
    unit: "s",
    advice: { explicitBucketBoundaries: queryBuckets },
  });
  const cache = meter.createCounter(names.cacheRequests, {
    description: "Look-ups in the cache by result.",
  });
  const feed = meter.createCounter(names.feedMessages, {
    description: "Messages of the live feed by direction.",
  });
  const opened = meter.createCounter(names.dropsOpened, { description: "Drops opened." });
  const refunded = meter.createCounter(names.cardsRefunded, { description: "Cards refunded." });
  const sweeps = meter.createCounter(names.sweeps, {
    description: "Rounds of the background work by result.",
  });
  return {
    request: (seconds, method, route, status) => {
      requests.record(seconds, {
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": status,
        "http.response.status_class": `${Math.floor(status / 100)}xx`,
      });
    },
    query: (seconds, operation, pool, failed) => {
      queries.record(seconds, {
        "db.operation.name": operation,
        "db.client.connection.pool.name": pool,
        "error.type": failed ? "error" : "none",
      });
    },
    cache: (result) => {
      cache.add(1, { result });
    },
    feed: (direction, count) => {
      feed.add(count, { direction });
    },
    dropOpened: () => {
      opened.add(1);
    },
    cardRefunded: () => {
      refunded.add(1);
    },
    sweep: (result) => {
      sweeps.add(1, { result });
    },
    observe: (observed) => {
      observeAll(meter, observed);
    },
  };
}

function observeAll(meter: Meter, observed: Observed): void {
  const gauge = (name: string, description: string, unit: string) =>
    meter.createObservableGauge(name, { description, unit, valueType: ValueType.DOUBLE });
  const connections = gauge(names.poolConnections, "Connections by pool and state.", "");
  const max = gauge(names.poolMax, "Connections that the pool may open.", "");
  const pending = gauge(names.poolPending, "Requests that wait for a connection.", "");
  const websockets = gauge(names.websockets, "Open websockets.", "");
  const mode = gauge(names.controlMode, "0 open, 1 readonly, 2 forward, 3 not known yet.", "");
  const dependencyUp = gauge(names.dependencyUp, "1 where the dependency answers.", "");
  const sweepAge = gauge(names.sweepAge, "Since background work was last in order.", "s");
  const up = gauge(names.up, "1: this process lives. Its samples are counted for its uptime.", "");
  const cpu = gauge(names.cpu, "Share of one CPU since the last reading.", "1");
  const memory = gauge(names.memory, "Memory of this process (resident set).", "By");
  const delay = gauge(names.eventLoopDelay, "99th percentile since the last reading.", "s");
  const loop = monitorEventLoopDelay({ resolution: 20 });
  loop.enable();
  const cpuShare = cpuMeter();
  meter.addBatchObservableCallback(
    (result) => {
      for (const use of observed.pools()) {
        const name: Attributes = { "db.client.connection.pool.name": use.pool };
        const state = (text: string) => ({ ...name, "db.client.connection.state": text });
        result.observe(connections, use.used, state("used"));
        result.observe(connections, use.idle, state("idle"));
        result.observe(max, use.max, name);
        result.observe(pending, use.pending, name);
      }
      if (observed.websockets) result.observe(websockets, observed.websockets());
      if (observed.sweepAge) result.observe(sweepAge, observed.sweepAge());
      result.observe(mode, observed.controlMode());
      for (const [dependency, isUp] of Object.entries(observed.dependencies())) {
        result.observe(dependencyUp, isUp ? 1 : 0, { dependency });
      }
      result.observe(up, 1);
      result.observe(cpu, cpuShare());
      result.observe(memory, process.memoryUsage.rss());
      // No reading yet is not a number.
      result.observe(delay, (loop.percentile(99) || 0) / 1e9);
      loop.reset();
    },
    [
      ...[connections, max, pending, websockets, mode, dependencyUp],
      ...[sweepAge, up, cpu, memory, delay],
    ],
  );
}

interface CpuReading {
  /** Of all CPUs since the process began. */
  readonly spentMs: number;
  readonly atMs: number;
}

function readCpu(): CpuReading {
  const { user, system } = process.cpuUsage();
  return { spentMs: (user + system) / 1_000, atMs: performance.now() };
}

/** Share of one CPU since it was last asked; helper threads may make it a little more than 1. */
export function cpuMeter(read: () => CpuReading = readCpu): () => number {
  let before = read();
  return () => {
    const now = read();
    const [spent, passed] = [now.spentMs - before.spentMs, now.atMs - before.atMs];
    before = now;
    return passed > 0 ? spent / passed : 0;
  };
}
