import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { renderHostRules } from "../../components/alarms/hostRules";
import type { AlarmPlan } from "../../components/alarms/types";
import { renderBundle } from "../../host/bundle";
import type { HostSpec } from "../../host/types";
import { mediumAlarms } from "./mediumAlarms";
import { mediumScenarios } from "./mediumScenarios";
import { alarms as smallAlarms, scenarios } from "./ruleScenarios";
import { monitoringSpec, sampleSpec } from "./sample";
import { describeWith, run, temporaryDirectory, writeFiles } from "./support";

/** Names that both kinds of host have: Debian 13's exporters and the text files. */
const common = [
  "drops_host_installed_timestamp_seconds",
  "drops_backup_last_success_timestamp_seconds",
  "drops_backup_size_bytes",
  "drops_deploy_failures_since_success",
  "pg_settings_max_connections",
  "pg_stat_database_numbackends",
  "pg_stat_statements_calls_total",
  "pg_stat_statements_seconds_total",
  "pg_up",
  "probe_success",
  "redis_cpu_sys_seconds_total",
  "redis_cpu_user_seconds_total",
  "redis_evicted_keys_total",
  "redis_memory_max_bytes",
  "redis_memory_used_bytes",
  "redis_memory_used_rss_bytes",
  "redis_up",
];

/** A tier's alarms, with what is emitted where they are evaluated. */
const tiers = [
  {
    tier: "small",
    spec: (alarms: readonly AlarmPlan[]): HostSpec =>
      sampleSpec({ monitoring: { ...sampleSpec().monitoring, alarms } }),
    alarms: smallAlarms,
    scenarios,
    // Seen on a real Debian 13 host.
    emitted: [
      ...common,
      ...["bucket", "sum", "count"].map((part) => `drops_http_request_duration_seconds_${part}`),
      "drops_http_requests_total",
      "drops_http_websockets_total",
      "drops_app_first_release_timestamp_seconds",
      "drops_app_restarts_total",
      "drops_certificate_expiry_timestamp_seconds",
    ],
  },
  {
    tier: "medium",
    spec: (alarms: readonly AlarmPlan[]): HostSpec =>
      monitoringSpec({ monitoring: { ...monitoringSpec().monitoring, alarms } }),
    alarms: mediumAlarms,
    scenarios: mediumScenarios,
    // Each is asked of a real Prometheus in monitoringHost.test.ts.
    emitted: [
      ...common,
      ...["bucket", "sum", "count"].map((part) => `http_server_request_duration_seconds_${part}`),
      "process_memory_usage_bytes",
      "drops_process_up",
      "process_cpu_utilization_ratio",
      "drops_probe_first_timestamp_seconds",
      "pg_settings_superuser_reserved_connections",
      "pg_settings_reserved_connections",
      "pg_replica_lag_seconds",
      "probe_ssl_earliest_cert_expiry",
    ],
  },
] as const;
/** Of an alarm's rules: a second one may fire where there is no data. */
const names = (id: string): readonly string[] => [id, `${id}-absent`];

describeWith(["promtool"], "Prometheus", () => {
  const directory = temporaryDirectory();

  it("accepts a host without alarms", () => {
    const none = join(directory, "none.yml");
    writeFileSync(none, renderHostRules([]));
    expect(run("promtool", ["check", "rules", none]).status).toBe(0);
  });

  describe.each(tiers)("on the host of the $tier tier", ({ tier, spec, alarms, scenarios }) => {
    const rules = join(directory, `${tier}-rules.yml`);
    writeFileSync(rules, renderHostRules(alarms));

    it("accepts the configuration and its rules", () => {
      const root = join(directory, tier);
      writeFiles(
        root,
        renderBundle(spec(alarms)).files.filter(({ path }) =>
          path.startsWith("/etc/drops/prometheus/"),
        ),
        (content) => content.replaceAll(" /etc/drops", ` ${root}/etc/drops`),
      );
      const config = join(root, "etc/drops/prometheus/prometheus.yml");
      const result = run("promtool", ["check", "config", config]);
      expect(result.output).toContain("SUCCESS: 1 rule files found");
      expect(result.output).toContain(`SUCCESS: ${rulesOf(alarms)} rules found`);
      expect(result.status).toBe(0);
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
});

describe.each(tiers)("the $tier tier's own alarms", ({ alarms, scenarios, emitted }) => {
  it("read only metrics that something on the host emits", () => {
    const expressions = alarms
      .flatMap(({ signals }) => signals)
      .flatMap((signal) => (signal.emitter === "prometheus" ? [signal.expr] : []));
    expect(expressions.length).toBeGreaterThan(8);
    const read = expressions.flatMap(
      (expr) => expr.match(/\b(drops|pg|redis|probe|http|process)_\w+/g) ?? [],
    );
    const known: readonly string[] = [...emitted, "http_route", "http_response_status_class"];
    expect(read.filter((name) => !known.includes(name))).toEqual([]);
  });

  it("each cross their limit in some scenario, and are spoken of in no other words", () => {
    const fired = new Set(scenarios.flatMap(({ firing }) => firing));
    const unfired = alarms.filter(({ id }) => !names(id).some((name) => fired.has(name)));
    expect(unfired.map(({ id }) => id)).toEqual([]);
    const all = alarms.flatMap(({ id }) => names(id));
    const spoken = scenarios.flatMap(({ firing, quiet }) => [...firing, ...quiet]);
    expect(spoken.filter((name) => !all.includes(name))).toEqual([]);
  });
});

function rulesOf(alarms: readonly AlarmPlan[]): number {
  return alarms
    .map(({ signals, missingData }) => {
      const count = signals.filter(({ emitter }) => emitter === "prometheus").length;
      return missingData === "breaching" ? 2 * count : count;
    })
    .reduce((sum, count) => sum + count, 0);
}
