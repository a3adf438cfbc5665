import type { Dated } from "../types";
import { providerSource } from "./sources";

/** Where the vocabularies below come from: the provider refuses any other word. */
export const alertVocabulariesDated: Dated = providerSource;

/**
 * Values of `MonitorAlert.type`. The API knows autoscale types too, which the provider refuses.
 * There is none for database connections, query latency or the error rate of a Droplet.
 */
export const monitorAlertTypes = [
  "v1/insights/droplet/load_1",
  "v1/insights/droplet/load_5",
  "v1/insights/droplet/load_15",
  "v1/insights/droplet/memory_utilization_percent",
  "v1/insights/droplet/disk_utilization_percent",
  "v1/insights/droplet/cpu",
  "v1/insights/droplet/disk_read",
  "v1/insights/droplet/disk_write",
  "v1/insights/droplet/public_outbound_bandwidth",
  "v1/insights/droplet/public_inbound_bandwidth",
  "v1/insights/droplet/private_outbound_bandwidth",
  "v1/insights/droplet/private_inbound_bandwidth",
  "v1/insights/lbaas/avg_cpu_utilization_percent",
  "v1/insights/lbaas/connection_utilization_percent",
  "v1/insights/lbaas/droplet_health",
  "v1/insights/lbaas/tls_connections_per_second_utilization_percent",
  "v1/insights/lbaas/increase_in_http_error_rate_percentage_5xx",
  "v1/insights/lbaas/increase_in_http_error_rate_percentage_4xx",
  "v1/insights/lbaas/increase_in_http_error_rate_count_5xx",
  "v1/insights/lbaas/increase_in_http_error_rate_count_4xx",
  "v1/insights/lbaas/high_http_request_response_time",
  "v1/insights/lbaas/high_http_request_response_time_50p",
  "v1/insights/lbaas/high_http_request_response_time_95p",
  "v1/insights/lbaas/high_http_request_response_time_99p",
  "v1/dbaas/alerts/load_15_alerts",
  "v1/dbaas/alerts/cpu_alerts",
  "v1/dbaas/alerts/memory_utilization_alerts",
  "v1/dbaas/alerts/disk_utilization_alerts",
] as const;
export type MonitorAlertType = (typeof monitorAlertTypes)[number];

/** Values of `MonitorAlert.window`, in seconds. */
export const monitorAlertWindows = {
  "5m": 300,
  "10m": 600,
  "30m": 1800,
  "1h": 3600,
} as const satisfies Record<string, number>;
export type MonitorAlertWindow = keyof typeof monitorAlertWindows;

/** Values of `UptimeCheck.type`. */
export const uptimeCheckTypes = ["ping", "http", "https"] as const;
export type UptimeCheckType = (typeof uptimeCheckTypes)[number];

/** Values of `UptimeCheck.regions`: where the probes stand. */
export const uptimeCheckRegions = ["us_east", "us_west", "eu_west", "se_asia"] as const;
export type UptimeCheckRegion = (typeof uptimeCheckRegions)[number];

/** Values of `UptimeAlert.type`. `latency` stays silent when the target is unreachable: add `down`. */
export const uptimeAlertTypes = ["latency", "down", "down_global", "ssl_expiry"] as const;
export type UptimeAlertType = (typeof uptimeAlertTypes)[number];

/** Values of `UptimeAlert.period`, in seconds. */
export const uptimeAlertPeriods = {
  "2m": 120,
  "3m": 180,
  "5m": 300,
  "10m": 600,
  "15m": 900,
  "30m": 1800,
  "1h": 3600,
} as const satisfies Record<string, number>;
export type UptimeAlertPeriod = keyof typeof uptimeAlertPeriods;

/** The largest threshold that a `latency` alert takes, in milliseconds. */
export const uptimeLatencyMaxMilliseconds = 5_000;

/** Rules of `App.spec.alerts`: what befell the app. */
export const appAlertRules = [
  "DEPLOYMENT_FAILED",
  "DEPLOYMENT_LIVE",
  "DEPLOYMENT_STARTED",
  "DEPLOYMENT_CANCELED",
  "DOMAIN_FAILED",
  "DOMAIN_LIVE",
  "AUTOSCALE_FAILED",
  "AUTOSCALE_SUCCEEDED",
] as const;
export type AppAlertRule = (typeof appAlertRules)[number];

/** Rules of a component's `alerts`, with a value. The API knows requests and their duration, which the provider refuses. */
export const appComponentAlertRules = [
  "CPU_UTILIZATION",
  "MEM_UTILIZATION",
  "RESTART_COUNT",
] as const;
export type AppComponentAlertRule = (typeof appComponentAlertRules)[number];

export const appAlertOperators = ["GREATER_THAN", "LESS_THAN"] as const;
export type AppAlertOperator = (typeof appAlertOperators)[number];

/** Values of a component alert's `window`, in seconds. */
export const appAlertWindows = {
  FIVE_MINUTES: 300,
  TEN_MINUTES: 600,
  THIRTY_MINUTES: 1800,
  ONE_HOUR: 3600,
} as const satisfies Record<string, number>;
export type AppAlertWindow = keyof typeof appAlertWindows;

/**
 * The value of a monitor alert and of an app's alert is a 32-bit float in DigitalOcean's client: 70.1
 * comes back as 70.0999984741 and would be a change in every preview.
 */
export const alertValueIsExact = (value: number): boolean => Math.fround(value) === value;
