import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { renderHostRules } from "../../components/alarms/hostRules";
import type { AlarmPlan } from "../../components/alarms/types";
import { renderBundle } from "../../host/bundle";
import { sampleAlarm, sampleSpec } from "./sample";
import { describeWith, run, temporaryDirectory, writeFiles } from "./support";

const mean =
  "1000 * sum(rate(drops_http_request_duration_seconds_sum[$window])) / sum(rate(drops_http_request_duration_seconds_count[$window]))";
const p95 =
  "1000 * histogram_quantile(0.95, sum by (le) (rate(drops_http_request_duration_seconds_bucket[$window])))";
const alarm = (id: string, expr: string, changes: Partial<AlarmPlan>): AlarmPlan =>
  sampleAlarm({
    id,
    signals: [{ emitter: "prometheus", exporter: "x", expr, windowInExpr: true }],
    ...changes,
  });

/** Real expressions on the metrics that the host emits, with the document's limits. */
const alarms: readonly AlarmPlan[] = [
  sampleAlarm(),
  alarm("response-time-warning-web", mean, {
    rule: "response-time",
    severity: "warning",
    threshold: 500,
    unit: "milliseconds",
    windowSeconds: 600,
  }),
  alarm("response-time-critical-web", p95, {
    rule: "response-time",
    threshold: 2_000,
    unit: "milliseconds",
  }),
  alarm("db-connections-critical-db", "100 * sum(pg_stat_database_numbackends) / 22", {
    threshold: 90,
    missingData: "breaching",
    signals: [
      {
        emitter: "prometheus",
        exporter: "postgres exporter",
        expr: "100 * sum(pg_stat_database_numbackends) / 22",
        windowInExpr: false,
      },
    ],
  }),
  alarm("uptime-critical-web", "100 * avg(avg_over_time(probe_success[$window]))", {
    comparison: "<",
    threshold: 1,
    windowSeconds: 120,
    missingData: "breaching",
  }),
  alarm(
    "uptime-warning-web",
    "100 * 15 * sum(sum_over_time(probe_success[30d])) / scalar(clamp_max(time() - min(drops_host_installed_timestamp_seconds), 2592000))",
    {
      severity: "warning",
      comparison: "<",
      threshold: 99.9,
      windowSeconds: 30 * 86_400,
      missingData: "breaching",
    },
  ),
  alarm("restarts-warning-web", "sum(increase(drops_app_restarts_total[$window]))", {
    threshold: 3,
    unit: "count",
    windowSeconds: 900,
  }),
  alarm("deploy-failed-critical-web", "max(drops_deploy_failures_since_success)", {
    threshold: 0,
    unit: "count",
    windowSeconds: 60,
  }),
];

interface Scenario {
  readonly name: string;
  readonly series: readonly (readonly [string, string])[];
  /** Minutes after the start, and the alarms that fire then (of those named). */
  readonly at: number;
  readonly firing: readonly string[];
  readonly quiet: readonly string[];
}

const requests = (code: string): string => `drops_http_requests_total{code="${code}"}`;
const latency = (part: string): string => `drops_http_request_duration_seconds_${part}`;

const scenarios: readonly Scenario[] = [
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
    name: "one request in twenty fails",
    series: [
      [requests("2xx"), "0+95x80"],
      [requests("5xx"), "0+5x80"],
    ],
    at: 18,
    firing: [],
    quiet: ["error-rate-critical-web"],
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
    firing: ["db-connections-critical-db"],
    quiet: ["db-connections-critical-db-absent"],
  },
  {
    name: "connections at 20 of 22 for three minutes only",
    series: [['pg_stat_database_numbackends{datname="drops"}', "20x12 3x80"]],
    at: 2.75,
    firing: [],
    quiet: ["db-connections-critical-db"],
  },
  {
    name: "the postgres exporter has vanished",
    series: [['pg_stat_database_numbackends{datname="drops"}', "3x4 _x80"]],
    at: 14,
    firing: ["db-connections-critical-db-absent"],
    quiet: ["db-connections-critical-db"],
  },
  {
    name: "the app is down",
    series: [["probe_success", "1x20 0x80"]],
    at: 9,
    firing: ["uptime-critical-web"],
    quiet: ["uptime-critical-web-absent"],
  },
  {
    name: "the app misses one probe",
    series: [["probe_success", "1x20 0 1x80"]],
    at: 9,
    firing: [],
    quiet: ["uptime-critical-web", "uptime-critical-web-absent"],
  },
  {
    name: "nobody probes",
    series: [["up", "1x80"]],
    at: 14,
    firing: ["uptime-critical-web-absent", "uptime-warning-web-absent"],
    quiet: ["uptime-critical-web"],
  },
  {
    name: "up since the start, 20 minutes ago",
    series: [
      ["probe_success", "1x80"],
      ["drops_host_installed_timestamp_seconds", "0x80"],
    ],
    at: 19,
    firing: [],
    quiet: ["uptime-warning-web", "uptime-critical-web", "uptime-warning-web-absent"],
  },
  {
    name: "probes were missing for half the time",
    series: [
      ["probe_success", "1x30 _x30 1x20"],
      ["drops_host_installed_timestamp_seconds", "0x80"],
    ],
    at: 19,
    firing: ["uptime-warning-web"],
    quiet: ["uptime-critical-web"],
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

describeWith(["promtool"], "Prometheus", () => {
  const directory = temporaryDirectory();
  const rules = join(directory, "rules.yml");
  writeFileSync(rules, renderHostRules(alarms));

  it("accepts the configuration and its rules", () => {
    writeFiles(
      directory,
      renderBundle(sampleSpec({ monitoring: { ...sampleSpec().monitoring, alarms } })).files.filter(
        ({ path }) => path.startsWith("/etc/drops/prometheus/"),
      ),
      (content) => content.replaceAll(" /etc/drops", ` ${directory}/etc/drops`),
    );
    const config = join(directory, "etc/drops/prometheus/prometheus.yml");
    const result = run("promtool", ["check", "config", config]);
    expect(result.output).toContain("SUCCESS: 1 rule files found");
    expect(result.output).toMatch(/SUCCESS: 11 rules found/);
    expect(result.status).toBe(0);
  });

  it("accepts a host without alarms", () => {
    const none = join(directory, "none.yml");
    writeFileSync(none, renderHostRules([]));
    expect(run("promtool", ["check", "rules", none]).status).toBe(0);
  });

  it.each(scenarios)("$name: $firing", ({ name, series, at, firing, quiet }) => {
    const file = join(directory, `${name.replaceAll(/\W+/g, "-")}.test.yml`);
    writeFileSync(
      file,
      stringify({
        rule_files: [rules],
        evaluation_interval: "15s",
        tests: [
          {
            interval: "15s",
            input_series: series.map(([metric, values]) => ({ series: metric, values })),
            promql_expr_test: [...firing, ...quiet].map((alertname) => ({
              expr: `count(ALERTS{alertname="${alertname}", alertstate="firing"}) or vector(0)`,
              eval_time: `${at * 60}s`,
              exp_samples: [{ value: firing.includes(alertname) ? 1 : 0 }],
            })),
          },
        ],
      }),
    );
    const result = run("promtool", ["test", "rules", file]);
    expect(result.output).toContain("SUCCESS");
    expect(result.status).toBe(0);
  });
});

describe("the alarms of these tests", () => {
  it("cross each limit in some scenario", () => {
    const fired = new Set(scenarios.flatMap(({ firing }) => firing));
    const unfired = alarms.filter(({ id }) => !fired.has(id)).map(({ id }) => id);
    expect(unfired).toEqual([]);
  });
});
