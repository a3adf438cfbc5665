import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { sampleAlarm } from "../../tests/host/sample";
import { prometheusDuration, renderHostRules } from "./hostRules";
import type { AlarmPlan, Signal } from "./types";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}
const groupsOf = (alarms: AlarmPlan[]) =>
  (
    parse(renderHostRules(alarms)) as {
      groups: { name: string; interval?: string; rules: Rule[] }[];
    }
  ).groups;
const rulesOf = (changes: Partial<AlarmPlan>): Rule[] =>
  groupsOf([sampleAlarm(changes)]).flatMap((group) => group.rules);
const signal = (expr: string, windowInExpr: boolean): Signal => ({
  emitter: "prometheus",
  exporter: "some exporter",
  expr,
  windowInExpr,
});

describe("prometheusDuration", () => {
  it.each([
    [15, "15s"],
    [60, "1m"],
    [90, "90s"],
    [300, "5m"],
    [3_600, "1h"],
    [5_400, "90m"],
    [86_400, "1d"],
    [30 * 86_400, "30d"],
  ])("%d s is %s", (seconds, text) => {
    expect(prometheusDuration(seconds)).toBe(text);
  });

  it.each([0, -5, 1.5, Number.NaN])("refuses %d", (seconds) => {
    expect(() => prometheusDuration(seconds)).toThrow("whole seconds above 0");
  });
});

describe("renderHostRules", () => {
  it.each<[string, Partial<AlarmPlan>, [string, string, string][]]>([
    [
      "holds for the window",
      { signals: [signal("pg_up", false)] },
      [["error-rate-critical-web", "(pg_up) > 10", "5m"]],
    ],
    [
      "fires soon where the expression covers the window",
      { signals: [signal("sum(rate(x[$window])) + sum(rate(y[$window]))", true)] },
      [["error-rate-critical-web", "(sum(rate(x[5m])) + sum(rate(y[5m]))) > 10", "1m"]],
    ],
    [
      "alarms on silence where silence means trouble",
      {
        missingData: "breaching",
        comparison: "<",
        threshold: 99.9,
        signals: [signal("pg_up", false)],
      },
      [
        ["error-rate-critical-web", "(pg_up) < 99.9", "5m"],
        ["error-rate-critical-web-absent", "absent(pg_up)", "5m"],
      ],
    ],
    [
      "waits two minutes for a number at least",
      { missingData: "breaching", windowSeconds: 60, signals: [signal("a", false)] },
      [
        ["error-rate-critical-web", "(a) > 10", "1m"],
        ["error-rate-critical-web-absent", "absent(a)", "2m"],
      ],
    ],
    [
      "and ten at most",
      {
        missingData: "breaching",
        windowSeconds: 30 * 86_400,
        signals: [signal("max_over_time(a[$window])", true)],
      },
      [
        ["error-rate-critical-web", "(max_over_time(a[30d])) > 10", "1m"],
        ["error-rate-critical-web-absent", "absent(max_over_time(a[30d]))", "10m"],
      ],
    ],
  ])("%s", (_, changes, expected) => {
    expect(rulesOf(changes).map((rule) => [rule.alert, rule.expr, rule.for])).toEqual(expected);
  });

  it("labels each rule with what routes and inhibits it", () => {
    for (const rule of rulesOf({ missingData: "breaching" })) {
      expect(rule.labels).toEqual({
        severity: "critical",
        rule: "error-rate",
        target: "web",
        alarm: "error-rate-critical-web",
      });
    }
  });

  it("says what, how much and where to read on", () => {
    const [crossing, absent] = rulesOf({ missingData: "breaching" });
    expect(crossing!.annotations).toEqual({
      summary: "Error rate of the web server",
      description: "Error rate of the web server above 10 % for 5 minutes.",
      runbook: "docs/runbooks/error-rate.md",
      value: '{{ printf "%.2f" $value }} % (limit > 10)',
    });
    expect(absent!.annotations.summary).toBe("Error rate of the web server: no data");
    expect(absent!.annotations.value).toBe("no data from access log (mtail)");
  });

  it("keeps text from being read as a template", () => {
    const [rule] = rulesOf({ description: "shows {{ $value }}" });
    expect(rule!.annotations.description).toBe('shows {{ "{{" }} $value }}');
  });

  it("leaves out alarms that no Prometheus sees", () => {
    const provider: Signal = {
      emitter: "digitalocean-monitor",
      alertType: "v1/insights/droplet/cpu",
    };
    expect(groupsOf([sampleAlarm({ signals: [provider] })])).toEqual([]);
    expect(rulesOf({ signals: [provider, signal("a", false)] })).toHaveLength(1);
  });

  it("tells two signals of one alarm apart by a label", () => {
    const other: Signal = { ...signal("b", false), exporter: "other exporter" } as Signal;
    const rules = rulesOf({ signals: [signal("a", false), other] });
    expect(rules.map((rule) => [rule.alert, rule.labels.exporter])).toEqual([
      ["error-rate-critical-web", "some exporter"],
      ["error-rate-critical-web", "other exporter"],
    ]);
  });

  it("evaluates expressions over more than a day every five minutes", () => {
    const month = {
      windowSeconds: 30 * 86_400,
      signals: [signal("avg_over_time(a[$window])", true)],
    };
    const groups = groupsOf([sampleAlarm(), sampleAlarm({ id: "uptime-warning-web", ...month })]);
    expect(groups.map((group) => [group.name, group.interval, group.rules.length])).toEqual([
      ["drops", undefined, 1],
      ["drops-long-windows", "5m", 1],
    ]);
  });

  it("refuses two alarms of one id", () => {
    expect(() => renderHostRules([sampleAlarm(), sampleAlarm()])).toThrow("ids are unique");
  });
});
