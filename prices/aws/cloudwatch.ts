import {
  cloudwatchPricingPage,
  priceListRecords,
  pricingPageQuotes,
  serviceModels,
  targetTrackingPage,
} from "./sources";

/** CloudWatch in us-east-1. */
export const cloudwatchPrices = {
  /** Of each metric that an alarm looks at, however many expressions join them. */
  alarmMetric: { standardUsdMonth: 0.1, highResolutionUsdMonth: 0.3 },
  compositeAlarmUsdMonth: 0.5,
  /** Metrics that an anomaly detection alarm is billed for: the metric and its two bounds. */
  metricsPerAnomaly: 3,
  customMetricUsdMonth: 0.3,
  dashboardUsdMonth: 3,
  logs: {
    usdIngestGb: { STANDARD: 0.5, INFREQUENT_ACCESS: 0.25 },
    usdStoreGbMonth: 0.03,
    usdQueryGb: 0.005,
  },
  canaryUsdRun: 0.0012,
  dated: priceListRecords,
  /** Of composite alarms and canaries. */
  quotedDated: pricingPageQuotes,
} as const;

/** Free every month, of an account, all regions together. */
export const cloudwatchFree = {
  /** Standard resolution, and no query of Metrics Insights. */
  alarmMetrics: 10,
  customMetrics: 10,
  dashboards: 3,
  /** A dashboard with more is none of the free ones. */
  metricsPerDashboard: 50,
  /** Ingestion, storage and queries together. */
  logsGb: 5,
  canaryRuns: 100,
  dated: cloudwatchPricingPage,
} as const;

/**
 * Container Insights is billed by metric, and how many metrics a service makes is not documented:
 * no line can be made of it.
 */
export const containerInsights = { usdMetricMonth: 0.07, dated: pricingPageQuotes } as const;

/** Alarms that a target-tracking policy makes for itself, and that are billed like others. */
export const targetTrackingAlarms = { perPolicy: 2, dated: targetTrackingPage } as const;

/** SNS by mail; the first ones of a month are free, as are a million requests. */
export const snsPrices = {
  freeEmails: 1_000,
  usdThousandEmails: 0.02,
  dated: pricingPageQuotes,
} as const;

/** Days for which a log group may keep its events. */
export const logRetentionDays = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545],
  ...[731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288, 3_653],
] as const satisfies readonly number[];

/** Classes of a log group; the class cannot be changed. */
export const logGroupClasses = ["STANDARD", "INFREQUENT_ACCESS", "ESSENTIALS", "DELIVERY"] as const;
export const logGroupsDated = serviceModels;

/** What a canary may be. */
export const canaryLimits = {
  /** Minutes between two runs, by a rate; 0 runs it once. */
  rateMinutes: { low: 1, high: 60 },
  timeoutSeconds: { low: 3, high: 840 },
  memoryMib: { low: 960, high: 3_008, step: 64 },
  retentionDays: { low: 1, high: 455, default: 31 },
  nameLength: { low: 1, high: 255 },
  namePattern: /^[0-9a-z_-]+$/,
  dated: serviceModels,
} as const;

/** Runs in a month of 730 hours by `rate(n minutes)`; undefined for another schedule. */
export function canaryRunsMonthly(expression: string): number | undefined {
  const [, count, unit] = /^rate\((\d+) (minute|minutes|hour)\)$/.exec(expression) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const minutes = Number(count) * (unit === "hour" ? 60 : 1);
  const { low, high } = canaryLimits.rateMinutes;
  return minutes < low || minutes > high ? undefined : Math.round((730 * 60) / minutes);
}
