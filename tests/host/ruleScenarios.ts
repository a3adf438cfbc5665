import { hostRedisTarget } from "../../components/alarms/cacheSignals";
import { managedPostgresTarget, withBackupAge } from "../../components/alarms/databaseSignals";
import { hostTarget } from "../../components/alarms/hostSignals";
import { planAlarms } from "../../components/alarms/plan";
import type { AlarmPlan } from "../../components/alarms/types";
import { editedRules } from "../../tiers/thresholds";

/** The small tier's own alarms, as far as the server evaluates them. */
export const alarms: readonly AlarmPlan[] = planAlarms({
  rules: editedRules({}),
  targets: [
    hostTarget(true),
    withBackupAge(managedPostgresTarget({ limit: 22, verified: true })),
    hostRedisTarget(),
  ],
  recipients: { emails: ["ops@example.com"], webhook: true },
}).alarms.filter(({ signals }) => signals.some(({ emitter }) => emitter === "prometheus"));

export interface Scenario {
  readonly name: string;
  readonly series: readonly (readonly [string, string])[];
  /** Minutes after the start, and the alarms that fire then (of those named). */
  readonly at: number;
  readonly firing: readonly string[];
  readonly quiet: readonly string[];
}

const requests = (code: string): string => `drops_http_requests_total{code="${code}"}`;
const latency = (part: string): string => `drops_http_request_duration_seconds_${part}`;

export const scenarios: readonly Scenario[] = [
  {
    name: "no traffic at all",
    series: [
      [requests("2xx"), "100x80"],
      [requests("5xx"), "7x80"],
      [latency("sum"), "9x80"],
      [latency("count"), "9x80"],
    ],
    at: 18,
    firing: [],
    quiet: ["error-rate-critical-web", "response-time-warning-web", "response-time-critical-web"],
  },
  {
    name: "one request in five fails",
    series: [
      [requests("2xx"), "0+80x80"],
      [requests("5xx"), "0+20x80"],
    ],
    at: 18,
    firing: ["error-rate-critical-web"],
    quiet: [],
  },
  {
    name: "one request in twelve fails",
    series: [
      [requests("2xx"), "0+92x80"],
      [requests("5xx"), "0+8x80"],
    ],
    at: 18,
    firing: ["error-rate-warning-web"],
    quiet: ["error-rate-critical-web"],
  },
  {
    name: "one request in fifty fails",
    series: [
      [requests("2xx"), "0+98x80"],
      [requests("5xx"), "0+2x80"],
    ],
    at: 18,
    firing: [],
    quiet: ["error-rate-critical-web", "error-rate-warning-web"],
  },
  {
    name: "600 ms on average, none slow",
    series: [
      [latency("sum"), "0+60x80"],
      [latency("count"), "0+100x80"],
      [latency('bucket{le="0.5"}'), "0+0x80"],
      [latency('bucket{le="1"}'), "0+100x80"],
      [latency('bucket{le="+Inf"}'), "0+100x80"],
    ],
    at: 18,
    firing: ["response-time-warning-web"],
    quiet: ["response-time-critical-web"],
  },
  {
    name: "one request in ten takes over 3 s",
    series: [
      [latency('bucket{le="0.5"}'), "0+90x80"],
      [latency('bucket{le="3"}'), "0+90x80"],
      [latency('bucket{le="5"}'), "0+100x80"],
      [latency('bucket{le="+Inf"}'), "0+100x80"],
    ],
    at: 18,
    firing: ["response-time-critical-web"],
    quiet: [],
  },
  {
    name: "connections at 20 of 22",
    series: [['pg_stat_database_numbackends{datname="drops"}', "20x80"]],
    at: 6,
    firing: ["db-connections-critical-postgres"],
    quiet: ["db-connections-critical-postgres-absent"],
  },
  {
    name: "connections at 18 of 22",
    series: [['pg_stat_database_numbackends{datname="drops"}', "18x80"]],
    at: 15,
    firing: ["db-connections-warning-postgres"],
    quiet: ["db-connections-critical-postgres"],
  },
  {
    name: "connections at 20 of 22 for three minutes only",
    series: [['pg_stat_database_numbackends{datname="drops"}', "20x12 3x80"]],
    at: 2.75,
    firing: [],
    quiet: ["db-connections-critical-postgres"],
  },
  {
    name: "the postgres exporter has vanished",
    series: [['pg_stat_database_numbackends{datname="drops"}', "3x4 _x80"]],
    at: 14,
    firing: ["db-connections-critical-postgres-absent"],
    quiet: ["db-connections-critical-postgres"],
  },
  {
    name: "database and cache are down",
    series: [
      ["pg_up", "1x20 0x80"],
      ["redis_up", "1x20 0x80"],
    ],
    at: 9,
    firing: ["uptime-critical-postgres", "uptime-critical-redis"],
    quiet: ["uptime-critical-postgres-absent"],
  },
  {
    name: "the database misses one scrape",
    series: [["pg_up", "1x20 0 1x80"]],
    at: 9,
    firing: [],
    quiet: ["uptime-critical-postgres", "uptime-critical-postgres-absent"],
  },
  {
    name: "nobody probes",
    series: [["up", "1x80"]],
    at: 14,
    firing: ["uptime-warning-web-absent", "uptime-critical-redis-absent"],
    quiet: ["uptime-critical-redis"],
  },
  {
    name: "up since the first release",
    series: [
      ['probe_success{job="blackbox"}', "0x40 1x80"],
      ["drops_host_installed_timestamp_seconds", "0x120"],
      ["drops_app_first_release_timestamp_seconds", "_x40 600x80"],
    ],
    at: 29,
    firing: [],
    quiet: ["uptime-warning-web", "uptime-warning-web-absent"],
  },
  {
    name: "a new machine whose exporters came late",
    series: [
      ["pg_up", "_x20 1x100"],
      ["drops_host_installed_timestamp_seconds", "0x120"],
    ],
    at: 29,
    firing: [],
    quiet: ["uptime-warning-postgres"],
  },
  {
    name: "probes were missing for half the time",
    series: [
      ['probe_success{job="blackbox"}', "1x40 _x60 1x20"],
      ["pg_up", "1x40 _x60 1x20"],
      ["redis_up", "1x40 0x60 1x20"],
      ["drops_host_installed_timestamp_seconds", "0x120"],
    ],
    at: 29,
    firing: ["uptime-warning-web", "uptime-warning-postgres", "uptime-warning-redis"],
    quiet: ["uptime-critical-redis"],
  },
  {
    name: "statements of 150 ms",
    series: [
      ['pg_stat_statements_seconds_total{server="a"}', "0+15x80"],
      ['pg_stat_statements_calls_total{server="a"}', "0+100x80"],
    ],
    at: 15,
    firing: ["db-query-time-warning-postgres"],
    quiet: [],
  },
  {
    name: "a certificate with two weeks left",
    series: [["drops_certificate_expiry_timestamp_seconds", `${14 * 86_400}x300`]],
    at: 70,
    firing: ["certificate-expiry-warning-web"],
    quiet: ["certificate-expiry-critical-web"],
  },
  {
    name: "a certificate with six days left",
    series: [["drops_certificate_expiry_timestamp_seconds", `${6 * 86_400}x300`]],
    at: 70,
    firing: ["certificate-expiry-critical-web"],
    quiet: [],
  },
  {
    name: "a new host before its first dump, with a certificate for a month",
    series: [
      ["drops_host_installed_timestamp_seconds", "0x80"],
      ["drops_certificate_expiry_timestamp_seconds", `${30 * 86_400}x80`],
    ],
    at: 18,
    firing: [],
    quiet: [
      "backup-age-critical-postgres",
      "backup-age-critical-postgres-absent",
      "certificate-expiry-critical-web",
    ],
  },
  {
    name: "a dump of 27 hours ago",
    series: [
      ["drops_host_installed_timestamp_seconds", `${-900 * 3_600}x80`],
      ["drops_backup_last_success_timestamp_seconds", `${-27 * 3_600}x80`],
    ],
    at: 15,
    firing: ["backup-age-critical-postgres"],
    quiet: [],
  },
  {
    name: "a Redis that outgrew its share",
    series: [
      ["redis_memory_used_rss_bytes", "384x80"],
      ["redis_memory_max_bytes", "256x80"],
    ],
    at: 15,
    firing: ["memory-critical-redis", "memory-warning-redis"],
    quiet: [],
  },
  {
    name: "a Redis full of data, as a cache should be",
    series: [
      ["redis_memory_used_rss_bytes", "270x80"],
      ["redis_memory_max_bytes", "256x80"],
    ],
    at: 15,
    firing: [],
    quiet: ["memory-critical-redis", "memory-warning-redis"],
  },
  {
    name: "a Redis that is busy and evicts",
    series: [
      ["redis_cpu_sys_seconds_total", "0+6x80"],
      ["redis_cpu_user_seconds_total", "0+6x80"],
      ["redis_evicted_keys_total", "0+300x80"],
    ],
    at: 19,
    firing: ["cpu-warning-redis", "cache-evictions-warning-redis"],
    quiet: [],
  },
  {
    name: "a crash loop",
    series: [["drops_app_restarts_total", "0x20 1+1x60"]],
    at: 18,
    firing: ["restarts-warning-web"],
    quiet: [],
  },
  {
    name: "a failed release after a good bundle",
    series: [
      ['drops_deploy_failures_since_success{kind="apply"}', "0x80"],
      ['drops_deploy_failures_since_success{kind="release"}', "0x8 1x80"],
    ],
    at: 6,
    firing: ["deploy-failed-critical-web"],
    quiet: [],
  },
];
