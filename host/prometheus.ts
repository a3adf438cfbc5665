import { stringify } from "yaml";
import { renderHostRules } from "../components/alarms/hostRules";
import { scrapeIntervalSeconds } from "../components/alarms/hostSignals";
import { alertmanagerFiles } from "./alertmanager";
import { plain } from "./files";
import { paths, ports } from "./paths";
import { serviceDropIn } from "./systemd";
import type { BundleFile, HostSpec } from "./types";

/** Longer than the longest rule looks back (30 days). */
const RETENTION_DAYS = 40;
/** The disk is 80 GB in all; what is oldest goes first. */
const RETENTION_GB = 8;
const DIR = `${paths.etc}/prometheus`;

/** Prometheus with its rules and exporters, all on loopback. */
export function prometheusFiles(spec: HostSpec): readonly BundleFile[] {
  const hasRedis = spec.app.environment.REDIS_MODE !== "none";
  return [
    plain(`${DIR}/prometheus.yml`, yaml(prometheusConfig(spec, hasRedis))),
    plain(`${DIR}/rules.yml`, renderHostRules(spec.monitoring.alarms)),
    plain(`${DIR}/blackbox.yml`, yaml(blackboxConfig(spec.monitoring.probeUrl))),
    plain(`${DIR}/postgres-queries.yml`, yaml(postgresQueries())),
    serviceDropIn("prometheus", {
      comment: "Loopback only; nginx lets nothing but the readiness check through.",
      exec: [
        "/usr/bin/prometheus",
        `--config.file=${DIR}/prometheus.yml`,
        "--storage.tsdb.path=/var/lib/prometheus/metrics2",
        `--storage.tsdb.retention.time=${RETENTION_DAYS}d`,
        `--storage.tsdb.retention.size=${RETENTION_GB}GB`,
        `--web.listen-address=127.0.0.1:${ports.prometheus}`,
      ],
    }),
    serviceDropIn("prometheus-blackbox-exporter", {
      comment: "Loopback only.",
      exec: [
        "/usr/bin/prometheus-blackbox-exporter",
        `--config.file=${DIR}/blackbox.yml`,
        `--web.listen-address=127.0.0.1:${ports.blackbox}`,
      ],
    }),
    serviceDropIn("prometheus-postgres-exporter", {
      comment: "Loopback only; the URL is in a file of root's, which systemd reads.",
      exec: [
        "/usr/bin/prometheus-postgres-exporter",
        `--web.listen-address=127.0.0.1:${ports.postgresExporter}`,
        // The app's role may not list the write-ahead log.
        "--no-collector.wal",
        `--extend.query-path=${DIR}/postgres-queries.yml`,
      ],
      lines: [`EnvironmentFile=${paths.etc}/postgres-exporter.env`],
    }),
    ...(hasRedis
      ? [
          serviceDropIn("prometheus-redis-exporter", {
            comment: "Loopback only; managed Redis refuses CONFIG, so it is not asked.",
            exec: [
              "/usr/bin/prometheus-redis-exporter",
              `-web.listen-address=127.0.0.1:${ports.redisExporter}`,
              "-config-command=-",
            ],
            lines: [`EnvironmentFile=${paths.etc}/redis-exporter.env`],
          }),
        ]
      : []),
    ...alertmanagerFiles(spec),
  ];
}

function prometheusConfig(spec: HostSpec, hasRedis: boolean): object {
  const job = (name: string, port: number): object => ({
    job_name: name,
    static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    // The port says nothing that the job does not; one host is one instance.
    relabel_configs: [{ target_label: "instance", replacement: spec.stack }],
  });
  return {
    global: {
      scrape_interval: `${scrapeIntervalSeconds}s`,
      scrape_timeout: "10s",
      evaluation_interval: `${scrapeIntervalSeconds}s`,
      external_labels: { stack: spec.stack, tier: spec.tier },
    },
    rule_files: [`${DIR}/rules.yml`],
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${ports.alertmanager}`] }] }],
    },
    scrape_configs: [
      job("prometheus", ports.prometheus),
      job("alertmanager", ports.alertmanager),
      job("node", ports.node),
      job("mtail", ports.mtail),
      job("postgres", ports.postgresExporter),
      ...(hasRedis ? [job("redis", ports.redisExporter)] : []),
      {
        job_name: "blackbox",
        metrics_path: "/probe",
        params: { module: ["app"] },
        static_configs: [{ targets: [spec.monitoring.probeUrl] }],
        relabel_configs: [
          { source_labels: ["__address__"], target_label: "__param_target" },
          { source_labels: ["__param_target"], target_label: "instance" },
          { target_label: "__address__", replacement: `127.0.0.1:${ports.blackbox}` },
        ],
      },
    ],
  };
}

/** One probe: the app's health address as users reach it must answer 200 within five seconds. */
function blackboxConfig(probeUrl: string): object {
  const secure = probeUrl.startsWith("https:");
  return {
    modules: {
      app: {
        prober: "http",
        timeout: "5s",
        http: {
          method: "GET",
          valid_status_codes: [200],
          follow_redirects: false,
          fail_if_not_ssl: secure,
          preferred_ip_protocol: "ip4",
        },
      },
    },
  };
}

/**
 * Statement times as one pair of counters, `pg_stat_statements_calls_total` and `_seconds_total`. The exporter's own collector of statements makes the
 * whole scrape fail for a role without pg_read_all_stats: such a role sees no query ids, and all
 * statements of another role fall on one label. What the exporter itself asks, as the app's role,
 * is left out by its text.
 */
function postgresQueries(): object {
  return {
    pg_stat_statements: {
      query: `SELECT coalesce(sum(calls), 0)::float8 AS calls_total, coalesce(sum(total_exec_time), 0)::float8 / 1000 AS seconds_total FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND userid = (SELECT oid FROM pg_roles WHERE rolname = current_user) AND query !~* '(pg_stat|pg_catalog|pg_settings|pg_locks|pg_database|pg_roles|pg_replication|pg_is_in_recovery|pg_postmaster|pg_class|pg_current_wal|pg_last_|^show |^select version)'`,
      metrics: [
        { calls_total: { usage: "COUNTER", description: "Statements of the app." } },
        { seconds_total: { usage: "COUNTER", description: "Time that they took, seconds." } },
      ],
    },
  };
}

function yaml(value: object): string {
  return stringify(value, { lineWidth: 0 });
}
