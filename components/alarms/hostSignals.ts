import type { UptimeAlertType } from "../../prices/digitalocean";
import type { AlarmTarget, Signal, Watch } from "./types";

/** Seconds between two scrapes of every Prometheus here; the 30-day shares count samples with it. */
export const scrapeIntervalSeconds = 15;

/** An expression that looks back over the rule's window by itself. */
export function prometheus(exporter: string, expr: string): Signal {
  return { emitter: "prometheus", exporter, expr, windowInExpr: true };
}

/** A machine's first minutes, while its exporters start, count for nobody. */
const graceSeconds = 600;
const monthSeconds = 30 * 86_400;

/**
 * Share of good samples of a 0-or-1 series in 30 days, in percent, where a missing sample counts as
 * bad: divided by the samples that should be there since the beginning.
 *
 * @param since Expression of the moment it began, as a Unix time.
 */
export function availability(
  series: string,
  since = "max(drops_host_installed_timestamp_seconds)",
): string {
  return (
    `100 * ${scrapeIntervalSeconds} * sum(sum_over_time(${series}[30d])) / ` +
    `scalar(clamp(time() - (${since}) - ${graceSeconds}, ${scrapeIntervalSeconds}, ${monthSeconds}))`
  );
}

/**
 * Share of the time in 30 days in which at least one of the series was there, in percent. Looked at
 * once a minute: each look goes back over all series, and a process that dies without a word is
 * missed only after five anyway.
 */
export function presence(
  series: string,
  since = "max(drops_host_installed_timestamp_seconds)",
): string {
  return (
    `100 * 60 * sum_over_time(max(${series})[${monthSeconds / 86_400}d:1m]) / ` +
    `scalar(clamp(time() - (${since}) - ${graceSeconds}, 60, ${monthSeconds}))`
  );
}

/** A site without a release cannot be up: its share begins with the first one. */
const firstRelease =
  "max(drops_app_first_release_timestamp_seconds) or max(drops_host_installed_timestamp_seconds)";

/** A metric of a droplet. */
const droplet = (
  metric: "cpu" | "memory_utilization_percent" | "disk_utilization_percent",
): readonly Signal[] => [
  { emitter: "digitalocean-monitor", alertType: `v1/insights/droplet/${metric}` },
];

/** A metric of a managed cluster, Postgres or Valkey. */
export const cluster = (
  metric: "cpu_alerts" | "memory_utilization_alerts" | "disk_utilization_alerts",
): readonly Signal[] => [
  { emitter: "digitalocean-monitor", alertType: `v1/dbaas/alerts/${metric}` },
];

/** A DigitalOcean metric at both severities. */
export function both(signals: readonly Signal[]): Watch {
  return { signals: { critical: signals, warning: signals } };
}

const accessLog = "access log (mtail)";
const latency = "drops_http_request_duration_seconds";
const requests = "drops_http_requests_total";

/** Checks that probe a server from outside, by the names the signals use. */
export const siteCheck = "site";
export const monitoringCheck = "monitoring";

/** An alert on an uptime check. */
export const uptime = (alertType: UptimeAlertType, check = siteCheck): Signal => ({
  emitter: "digitalocean-uptime",
  check,
  alertType,
});

/** What DigitalOcean measures of a server, and whether its own monitoring answers. */
const machine: AlarmTarget["watches"] = {
  memory: both(droplet("memory_utilization_percent")),
  cpu: { signals: { warning: droplet("cpu") } },
  disk: both(droplet("disk_utilization_percent")),
  monitoring: { signals: { critical: [uptime("down", monitoringCheck)] } },
};

/** That what the server should run is what it runs. */
const deployFailed: Watch = {
  signals: {
    critical: [
      {
        emitter: "prometheus",
        exporter: "drops-host",
        expr: "max(drops_deploy_failures_since_success)",
        windowInExpr: false,
      },
    ],
  },
};

/** A server that only watches the others. */
export function monitoringTarget(): AlarmTarget {
  return {
    id: "monitoring",
    kind: "host",
    title: "the monitoring droplet",
    watches: { ...machine, "deploy-failed": deployFailed },
  };
}

/** The server that runs the app: the machine, the site on it, and its own monitoring. */
export function hostTarget(tls: boolean): AlarmTarget {
  return {
    id: "web",
    kind: "service",
    title: "the web server",
    watches: {
      "response-time": {
        signals: {
          critical: [
            uptime("latency"),
            prometheus(
              accessLog,
              `1000 * histogram_quantile(0.95, sum by (le) (rate(${latency}_bucket[$window])))`,
            ),
          ],
          warning: [
            prometheus(
              accessLog,
              `1000 * sum(rate(${latency}_sum[$window])) / sum(rate(${latency}_count[$window]))`,
            ),
          ],
        },
      },
      "error-rate": both([
        prometheus(
          accessLog,
          // A counter of 5xx that does not exist yet means none so far, not "unknown".
          `100 * (sum(rate(${requests}{code="5xx"}[$window])) or vector(0)) / sum(rate(${requests}[$window]))`,
        ),
      ]),
      memory: machine.memory,
      cpu: machine.cpu,
      uptime: {
        signals: {
          critical: [uptime("down"), uptime("down_global")],
          warning: [
            prometheus(
              "blackbox exporter",
              availability('probe_success{job="blackbox"}', firstRelease),
            ),
          ],
        },
      },
      disk: machine.disk,
      ...(tls && {
        "certificate-expiry": both([
          uptime("ssl_expiry"),
          {
            emitter: "prometheus",
            exporter: "certificate timer",
            expr: "(min(drops_certificate_expiry_timestamp_seconds) - time()) / 86400",
            windowInExpr: false,
          },
        ]),
      }),
      restarts: {
        signals: {
          warning: [prometheus("PM2 timer", "sum(increase(drops_app_restarts_total[$window]))")],
        },
      },
      "deploy-failed": deployFailed,
      monitoring: machine.monitoring,
    },
  };
}
