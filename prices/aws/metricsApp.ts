import type { MetricGroup } from "./metric";
import { appSource } from "./sources";

/** Seconds between two lines that a process of the app prints of a metric. */
export const appMetricSeconds = 60;

/** Values that the app's dimension `Service` has. */
export const appServices = { web: "drops", worker: "drops-worker" } as const;

/** Name of the dimension that tells the database's pools apart, and its values. */
export const poolDimension = "db.client.connection.pool.name";
export const pools = ["primary", "replica"] as const;
export type Pool = (typeof pools)[number];

/** Namespace of what the app prints where it is not told another one. */
export const appNamespace = "Drops";

const process = ["Service", "Stack"];

/**
 * What the app publishes itself, in lines of its log: what alarms and the dashboard use, and no more,
 * for each is billed as a custom metric by its dimensions. A test holds it against the app's own list.
 */
export const appMetrics = {
  namespace: appNamespace,
  region: "own",
  dated: appSource,
  metrics: {
    "db.client.operation.duration": {
      dimensions: [[...process, poolDimension]],
      unit: "Seconds",
      statistics: ["Average", "Maximum", "SampleCount", "percentile"],
      reported: "when-nonzero",
    },
    /** One point a minute of each process: their sum is how many there are. */
    "drops.process.up": {
      dimensions: [process],
      unit: "Count",
      statistics: ["Sum", "SampleCount"],
      reported: "while-running",
    },
    "drops.websocket.connections": {
      dimensions: [process],
      unit: "Count",
      statistics: ["Sum", "Average", "Maximum"],
      reported: "while-running",
    },
    "drops.opened": {
      dimensions: [process],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
  },
} as const satisfies MetricGroup;

/** Which of them a service prints, and how often with other values of its own dimension. */
const series: Readonly<
  Record<
    keyof typeof appServices,
    Readonly<Partial<Record<keyof typeof appMetrics.metrics, number>>>
  >
> = {
  web: {
    "db.client.operation.duration": pools.length,
    "drops.process.up": 1,
    "drops.websocket.connections": 1,
    "drops.opened": 1,
  },
  // Background work asks the primary alone.
  worker: { "db.client.operation.duration": 1, "drops.process.up": 1 },
};

/** Custom metrics of one stack: each metric once for every value of its dimensions. */
export const appCustomMetrics: number = Object.values(series)
  .flatMap((counts) => Object.values(counts))
  .reduce((total, count) => total + count, 0);
