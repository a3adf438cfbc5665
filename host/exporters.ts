import { stringify } from "yaml";
import { plain } from "./files";
import { paths, ports } from "./paths";
import { newService, serviceDropIn } from "./systemd";
import type { BundleFile, HostSpec } from "./types";

const DIR = `${paths.etc}/prometheus`;

/** Whether there is a Redis whose numbers are read, wherever it runs. */
export function hasRedis(spec: HostSpec): boolean {
  return spec.role === "app" ? spec.app.environment.REDIS_MODE !== "none" : spec.redisExporter;
}

/** Exporters of what is not this machine: the site, the database and its replicas, Redis. */
export function exporterFiles(spec: HostSpec): readonly BundleFile[] {
  const replicas = spec.role === "app" ? 0 : spec.replicas;
  return [
    plain(`${DIR}/blackbox.yml`, yaml({ modules: blackboxModules(spec) })),
    plain(`${DIR}/postgres-queries.yml`, yaml(postgresQueries(replicas > 0))),
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
      exec: postgresExporter(ports.postgresExporter),
      lines: [`EnvironmentFile=${paths.etc}/postgres-exporter.env`],
    }),
    ...Array.from({ length: replicas }, (_, index) => replicaExporter(index)),
    ...(hasRedis(spec)
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
  ];
}

function postgresExporter(port: number): readonly string[] {
  return [
    "/usr/bin/prometheus-postgres-exporter",
    `--web.listen-address=127.0.0.1:${port}`,
    // The app's role may not list the write-ahead log.
    "--no-collector.wal",
    `--extend.query-path=${DIR}/postgres-queries.yml`,
  ];
}

/** A unit of ours: Debian's package has one exporter for one database. */
function replicaExporter(index: number): BundleFile {
  const number = index + 1;
  return newService(`drops-postgres-replica-${number}`, {
    description: `Prometheus exporter for the database's read replica ${number}`,
    exec: postgresExporter(ports.firstReplicaExporter + index),
    lines: [
      "User=prometheus",
      `EnvironmentFile=${paths.etc}/postgres-replica-${number}.env`,
      "NoNewPrivileges=true",
      "PrivateTmp=true",
      "ProtectHome=true",
      "ProtectSystem=full",
    ],
  });
}

/**
 * Each probe: the app's health address as users reach it must answer 200 within five seconds. An
 * app's host knows its one address; a monitoring host is told one later and has a module for each
 * scheme.
 */
function blackboxModules(spec: HostSpec): object {
  const module = (secure: boolean): object => ({
    prober: "http",
    timeout: "5s",
    http: {
      method: "GET",
      valid_status_codes: [200],
      follow_redirects: false,
      fail_if_not_ssl: secure,
      preferred_ip_protocol: "ip4",
    },
  });
  return spec.role === "app"
    ? { app: module(spec.monitoring.probeUrl.startsWith("https:")) }
    : { http: module(false), https: module(true) };
}

/**
 * Statement times as one pair of counters, `pg_stat_statements_calls_total` and `_seconds_total`.
 * The exporter's own collector of statements makes the whole scrape fail for a role without
 * pg_read_all_stats: such a role sees no query ids, and all statements of another role fall on one
 * label. What the exporter itself asks, as the app's role, is left out by its text.
 *
 * With replicas also `pg_replica_lag_seconds`, 0 on a primary. The exporter's own
 * `pg_replication_lag_seconds` says 0 for a replica that has lost its primary, because it has
 * replayed all that it received.
 */
function postgresQueries(replicas: boolean): object {
  return {
    pg_stat_statements: {
      query: `SELECT coalesce(sum(calls), 0)::float8 AS calls_total, coalesce(sum(total_exec_time), 0)::float8 / 1000 AS seconds_total FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND userid = (SELECT oid FROM pg_roles WHERE rolname = current_user) AND query !~* '(pg_stat|pg_catalog|pg_settings|pg_locks|pg_database|pg_roles|pg_replication|pg_is_in_recovery|pg_postmaster|pg_class|pg_current_wal|pg_last_|^show |^select version)'`,
      metrics: [
        { calls_total: { usage: "COUNTER", description: "Statements of the app." } },
        { seconds_total: { usage: "COUNTER", description: "Time that they took, seconds." } },
      ],
    },
    ...(replicas && {
      pg_replica: {
        query: `SELECT (CASE WHEN NOT pg_is_in_recovery() THEN 0 WHEN pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn() AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0 ELSE greatest(0, extract(epoch FROM now() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time()))) END)::float8 AS lag_seconds`,
        metrics: [
          {
            lag_seconds: {
              usage: "GAUGE",
              description: "Age of what the replica shows, seconds; grows while it hears nothing.",
            },
          },
        ],
      },
    }),
  };
}

function yaml(value: object): string {
  return stringify(value, { lineWidth: 0 });
}
