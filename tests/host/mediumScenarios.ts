import type { Scenario } from "./ruleScenarios";

const of = (target: string): string => `target="${target}"`;
const backends = (target: string): string => `pg_stat_database_numbackends{${of(target)}}`;
const request = (part: string, labels = ""): string =>
  `http_server_request_duration_seconds_${part}{job="medium/drops",http_route="/api"${labels}}`;
const instance = (name: string, metric: string, job = "medium/drops"): string =>
  `${metric}{job="${job}",instance="${name}"}`;
/** What a database says of its limit: 25, of which 3 are kept back. */
const limits = (target: string): Scenario["series"] => [
  [`pg_settings_max_connections{${of(target)}}`, "25x80"],
  [`pg_settings_superuser_reserved_connections{${of(target)}}`, "3x80"],
  [`pg_settings_reserved_connections{${of(target)}}`, "0x80"],
];
const GIB = 1_024 ** 3;

/** The medium tier's rules on series as they are named in monitoringHost.test.ts. */
export const mediumScenarios: readonly Scenario[] = [
  {
    name: "medium: failing health checks among no requests",
    series: [
      [
        'http_server_request_duration_seconds_count{job="medium/drops",http_route="health",http_response_status_class="5xx"}',
        "0+5x80",
      ],
    ],
    at: 18,
    firing: [],
    quiet: ["error-rate-critical-web", "error-rate-warning-web"],
  },
  {
    name: "medium: one request in five fails, on one of two instances",
    series: [
      [request("count", ',instance="a",http_response_status_class="2xx"'), "0+60x80"],
      [request("count", ',instance="b",http_response_status_class="2xx"'), "0+20x80"],
      [request("count", ',instance="b",http_response_status_class="5xx"'), "0+20x80"],
    ],
    at: 18,
    firing: ["error-rate-critical-web", "error-rate-warning-web"],
    quiet: [],
  },
  {
    name: "medium: no request has failed yet",
    series: [[request("count", ',instance="a",http_response_status_class="2xx"'), "0+60x80"]],
    at: 18,
    firing: [],
    quiet: ["error-rate-critical-web", "error-rate-warning-web"],
  },
  {
    name: "medium: 600 ms on average, some over two seconds",
    series: [
      [request("sum"), "0+60x80"],
      [request("count"), "0+100x80"],
      [request("bucket", ',le="0.5"'), "0+90x80"],
      [request("bucket", ',le="2"'), "0+90x80"],
      [request("bucket", ',le="5"'), "0+100x80"],
      [request("bucket", ',le="+Inf"'), "0+100x80"],
    ],
    at: 18,
    firing: ["response-time-critical-web", "response-time-warning-web"],
    quiet: [],
  },
  {
    name: "medium: one instance and the worker outgrow their memory",
    series: [
      [instance("a", "process_memory_usage_bytes"), `${GIB}x80`],
      [instance("b", "process_memory_usage_bytes"), `${1.8 * GIB}x80`],
      [instance("c", "process_memory_usage_bytes", "medium/drops-worker"), `${0.45 * GIB}x80`],
    ],
    at: 18,
    firing: ["memory-warning-web", "memory-warning-worker"],
    quiet: ["memory-warning-web-absent"],
  },
  {
    name: "medium: as many instances as there may be, and hot",
    series: ["a", "b", "c", "d", "e", "f"].flatMap((name) => [
      [instance(name, "drops_process_up"), "1x80"] as const,
      [instance(name, "process_cpu_utilization_ratio"), "0.8x80"] as const,
    ]),
    at: 18,
    firing: ["at-max-scale-warning-web"],
    quiet: [],
  },
  {
    name: "medium: as many instances as there may be, and cool again",
    series: ["a", "b", "c", "d", "e", "f"].flatMap((name) => [
      [instance(name, "drops_process_up"), "1x80"] as const,
      [instance(name, "process_cpu_utilization_ratio"), "0.3x80"] as const,
    ]),
    at: 18,
    firing: [],
    quiet: ["at-max-scale-warning-web"],
  },
  {
    name: "medium: the worker has gone",
    series: [
      [instance("a", "drops_process_up", "medium/drops-worker"), "1x20 _x80"],
      [instance("b", "drops_process_up"), "1x100"],
      ["drops_host_installed_timestamp_seconds", "0x120"],
    ],
    at: 18,
    firing: ["uptime-critical-worker-absent"],
    quiet: [],
  },
  {
    name: "medium: the worker was away for half the time",
    series: [
      [instance("a", "drops_process_up", "medium/drops-worker"), "1x40 stale _x100 1x40"],
      ["drops_host_installed_timestamp_seconds", "0x200"],
    ],
    at: 44,
    firing: ["uptime-warning-worker"],
    quiet: ["uptime-critical-worker-absent"],
  },
  {
    name: "medium: the app came half an hour after the host that watches it",
    series: [
      ['probe_success{job="blackbox"}', "_x120 1x120"],
      [instance("a", "drops_process_up", "medium/drops-worker"), "_x110 1x120"],
      ["drops_host_installed_timestamp_seconds", "0x240"],
      ["drops_probe_first_timestamp_seconds", "_x120 1800x120"],
    ],
    at: 59,
    firing: [],
    quiet: ["uptime-warning-web", "uptime-warning-worker"],
  },
  {
    name: "medium: the site was down for half the time",
    series: [
      ['probe_success{job="blackbox"}', "1x40 0x60 1x20"],
      ["drops_host_installed_timestamp_seconds", "0x120"],
      ["drops_probe_first_timestamp_seconds", "0x120"],
    ],
    at: 29,
    firing: ["uptime-warning-web"],
    quiet: [],
  },
  {
    name: "medium: a certificate with six days left",
    series: [['probe_ssl_earliest_cert_expiry{job="blackbox"}', `${6 * 86_400}x300`]],
    at: 70,
    firing: ["certificate-expiry-critical-web", "certificate-expiry-warning-web"],
    quiet: ["certificate-expiry-critical-web-absent"],
  },
  {
    name: "medium: the primary is full, the replica is not",
    series: [
      ...limits("postgres"),
      ...limits("postgres-replica-1"),
      [backends("postgres"), "20x80"],
      [backends("postgres-replica-1"), "3x80"],
    ],
    at: 18,
    firing: ["db-connections-critical-postgres", "db-connections-warning-postgres"],
    quiet: [
      "db-connections-critical-postgres-replica-1",
      "db-connections-warning-postgres-replica-1",
    ],
  },
  {
    name: "medium: the replica is full, the primary is not",
    series: [
      ...limits("postgres"),
      ...limits("postgres-replica-1"),
      [backends("postgres"), "3x80"],
      [backends("postgres-replica-1"), "20x80"],
    ],
    at: 18,
    firing: [
      "db-connections-critical-postgres-replica-1",
      "db-connections-warning-postgres-replica-1",
    ],
    quiet: ["db-connections-critical-postgres", "db-connections-critical-postgres-absent"],
  },
  {
    name: "medium: the replica is down and its exporter is not",
    series: [
      [`pg_up{${of("postgres")}}`, "1x80"],
      [`pg_up{${of("postgres-replica-1")}}`, "1x20 0x80"],
      ["redis_up", "1x20 0x80"],
      ["drops_host_installed_timestamp_seconds", "0x100"],
    ],
    at: 18,
    firing: [
      "uptime-critical-postgres-replica-1",
      "uptime-warning-postgres-replica-1",
      "uptime-critical-redis",
      "uptime-warning-redis",
    ],
    quiet: ["uptime-critical-postgres", "uptime-warning-postgres"],
  },
  {
    name: "medium: the primary is down and the replica is not",
    series: [
      [`pg_up{${of("postgres")}}`, "1x20 0x80"],
      [`pg_up{${of("postgres-replica-1")}}`, "1x80"],
      ["drops_host_installed_timestamp_seconds", "0x100"],
    ],
    at: 18,
    firing: ["uptime-critical-postgres", "uptime-warning-postgres"],
    quiet: ["uptime-critical-postgres-replica-1"],
  },
  ...(["postgres", "postgres-replica-1"] as const).map((target): Scenario => ({
    name: `medium: statements of 150 ms on ${target}`,
    series: [
      [`pg_stat_statements_seconds_total{${of(target)}}`, "0+15x80"],
      [`pg_stat_statements_calls_total{${of(target)}}`, "0+100x80"],
    ],
    at: 18,
    firing: [`db-query-time-warning-${target}`],
    quiet: [],
  })),
  {
    name: "medium: a replica six minutes behind",
    series: [[`pg_replica_lag_seconds{${of("postgres-replica-1")}}`, "360x80"]],
    at: 18,
    firing: ["replica-lag-critical-postgres-replica-1", "replica-lag-warning-postgres-replica-1"],
    quiet: [],
  },
  {
    name: "medium: a replica that was behind for a minute",
    series: [[`pg_replica_lag_seconds{${of("postgres-replica-1")}}`, "0x10 3600x4 0x80"]],
    at: 8,
    firing: [],
    quiet: ["replica-lag-critical-postgres-replica-1", "replica-lag-warning-postgres-replica-1"],
  },
  {
    name: "medium: a dump of 27 hours ago, a Redis that evicts, a bundle that failed",
    series: [
      ["drops_backup_last_success_timestamp_seconds", `${-27 * 3_600}x80`],
      ["redis_evicted_keys_total", "0+300x80"],
      ['drops_deploy_failures_since_success{kind="apply"}', "0x8 1x80"],
    ],
    at: 19,
    firing: [
      "backup-age-critical-postgres",
      "cache-evictions-warning-redis",
      "deploy-failed-critical-monitoring",
    ],
    quiet: [],
  },
];
