import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { renderHostRules } from "../../components/alarms/hostRules";
import { renderBundle } from "../../host/bundle";
import { alarms, scenarios } from "./ruleScenarios";
import { sampleSpec } from "./sample";
import { describeWith, run, temporaryDirectory, writeFiles } from "./support";

/** Names seen on a real Debian 13 host: mtail, the text files and Debian's exporters. */
const emitted = [
  ...["bucket", "sum", "count"].map((part) => `drops_http_request_duration_seconds_${part}`),
  "drops_http_requests_total",
  "drops_http_websockets_total",
  "drops_host_installed_timestamp_seconds",
  "drops_app_first_release_timestamp_seconds",
  "drops_app_restarts_total",
  "drops_backup_last_success_timestamp_seconds",
  "drops_backup_size_bytes",
  "drops_certificate_expiry_timestamp_seconds",
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
const temporary = temporaryDirectory();

describeWith(["promtool"], "Prometheus", () => {
  const directory = temporary;
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
    const breaching = alarms.filter(({ missingData }) => missingData === "breaching").length;
    expect(result.output).toContain(`SUCCESS: ${alarms.length + breaching} rules found`);
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

describe("the small tier's own alarms", () => {
  it("read only metrics that something on the host emits", () => {
    const expressions = alarms
      .flatMap(({ signals }) => signals)
      .flatMap((signal) => (signal.emitter === "prometheus" ? [signal.expr] : []));
    expect(expressions.length).toBeGreaterThan(8);
    const read = expressions.flatMap((expr) => expr.match(/\b(drops|pg|redis|probe)_\w+/g) ?? []);
    expect(read.filter((name) => !emitted.includes(name))).toEqual([]);
  });

  it("each cross their limit in some scenario", () => {
    const fired = new Set(scenarios.flatMap(({ firing }) => firing));
    const unfired = alarms.filter(({ id }) => !fired.has(id)).map(({ id }) => id);
    expect(unfired).toEqual([]);
  });
});
