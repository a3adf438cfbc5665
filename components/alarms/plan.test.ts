import { describe, expect, it } from "vitest";
import { documentRuleIds, editedRules, rules, severities } from "../../tiers/thresholds";
import { hostRedisTarget, managedValkeyTarget } from "./cacheSignals";
import { externalPostgresTarget, managedPostgresTarget } from "./databaseSignals";
import { cacheNodeTargets } from "./elasticacheSignals";
import { hostTarget } from "./hostSignals";
import { duration, planAlarms } from "./plan";
import type { AlarmTarget, Recipients } from "./types";

const everybody: Recipients = { emails: ["ops@example.com"], slackChannel: "#ops", webhook: false };
const known = (limit: number) => ({ limit, verified: true });
const small = [hostTarget(true), managedPostgresTarget(known(22)), hostRedisTarget()];
const plan = (targets: readonly AlarmTarget[], recipients = everybody) =>
  planAlarms({ rules: editedRules({}), targets, recipients });

describe("the plan of the small tier", () => {
  it("has every rule of the document at every severity on every target of its kinds", () => {
    const { alarms, uncovered } = plan(small);
    const wanted = documentRuleIds.flatMap((rule) =>
      severities
        .filter((severity) => rules[rule][severity] !== undefined)
        .flatMap((severity) =>
          small
            .filter(({ kind }) => rules[rule].appliesTo.includes(kind))
            .map(({ id }) => `${rule}-${severity}-${id}`),
        ),
    );
    expect(wanted).toHaveLength(22);
    expect(alarms.map(({ id }) => id)).toEqual(expect.arrayContaining(wanted));
    expect(uncovered).toEqual([]);
  });

  it("gives each alarm a unit, a window, a behaviour without data, a text and a runbook", () => {
    for (const alarm of plan(small).alarms) {
      expect(alarm.id).toBe(`${alarm.rule}-${alarm.severity}-${alarm.target}`);
      expect(alarm.windowSeconds).toBeGreaterThan(0);
      expect(["breaching", "not-breaching"]).toContain(alarm.missingData);
      expect(alarm.description).toContain(`docs/runbooks/${alarm.rule}.md`);
      expect(alarm.description).toContain(duration(alarm.windowSeconds));
      expect(alarm.signals).not.toHaveLength(0);
    }
  });

  it("links to the runbook where it is published", () => {
    const [alarm] = planAlarms({
      rules: editedRules({}),
      targets: small,
      recipients: everybody,
      runbookBaseUrl: "https://example.com/drops/",
    }).alarms;
    expect(alarm?.runbook).toBe("https://example.com/drops/docs/runbooks/response-time.md");
    expect(alarm?.description).toContain(`Runbook: ${String(alarm?.runbook)}`);
  });

  it("has no id twice", () => {
    const ids = plan(small).alarms.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("carries the document's numbers", () => {
    const { alarms } = plan(small);
    const numbers = Object.fromEntries(
      alarms.map(({ id, comparison, threshold, unit }) => [
        id,
        `${comparison} ${threshold} ${unit}`,
      ]),
    );
    expect(numbers).toMatchObject({
      "response-time-critical-web": "> 2000 milliseconds",
      "response-time-warning-web": "> 500 milliseconds",
      "error-rate-critical-web": "> 10 percent",
      "error-rate-warning-web": "> 5 percent",
      "memory-critical-web": "> 90 percent",
      "memory-warning-web": "> 80 percent",
      "db-connections-critical-postgres": "> 90 percent",
      "db-connections-warning-postgres": "> 80 percent",
      "cpu-warning-web": "> 70 percent",
      "uptime-warning-web": "< 99.9 percent",
      "db-query-time-warning-postgres": "> 100 milliseconds",
    });
  });

  it("takes a stack's own numbers by rule id, and leaves the others", () => {
    const edited = planAlarms({
      rules: editedRules({ "error-rate": { warning: 1 } }),
      targets: small,
      recipients: everybody,
    });
    const threshold = (id: string) => edited.alarms.find((alarm) => alarm.id === id)?.threshold;
    expect(threshold("error-rate-warning-web")).toBe(1);
    expect(threshold("error-rate-critical-web")).toBe(10);
  });
});

describe("what cannot be watched", () => {
  it("stops the plan where a target says nothing of a rule", () => {
    const { memory, ...watches } = managedPostgresTarget(known(22)).watches;
    expect(memory).toBeDefined();
    expect(() => plan([{ ...managedPostgresTarget(known(22)), watches }])).toThrow(
      "rule memory (critical) has nowhere to go on target postgres",
    );
  });

  it("stops the plan where a severity has no signal", () => {
    const target = managedPostgresTarget(known(22));
    const watches = { ...target.watches, cpu: { signals: { warning: [] } } };
    expect(() => plan([{ ...target, watches }])).toThrow("rule cpu (warning) has nowhere to go");
  });

  it("is listed with its reason where the target gives one", () => {
    const { uncovered } = plan([externalPostgresTarget(60)]);
    expect(uncovered.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual([
      "memory critical",
      "memory warning",
      "cpu warning",
    ]);
    expect(uncovered[0]?.reason).toContain("vendor");
  });

  it("is listed where nobody would hear of it", () => {
    const onlyMail: Recipients = { emails: ["ops@example.com"], webhook: false };
    const { uncovered } = plan(small, onlyMail);
    const deaf = uncovered.map(({ rule }) => rule);
    // The provider mails; what the host evaluates has nowhere to go.
    expect(deaf).toContain("error-rate");
    expect(deaf).toContain("db-connections");
    expect(deaf).not.toContain("disk");
  });
});

describe("alarms of CloudWatch", () => {
  const nodes = cacheNodeTargets({ nodeIds: ["drops-large-0001-001"], vcpus: 2 });
  const nobody: Recipients = { emails: [], webhook: false };

  it.each<[string, Recipients]>([
    ["mail", { ...nobody, emails: ["ops@example.com"] }],
    ["a webhook", { ...nobody, webhook: true }],
    ["Slack", { ...nobody, slackChannel: "C012345" }],
  ])("are heard by %s", (_, recipients) => {
    expect(plan(nodes, recipients).uncovered).toEqual([]);
    expect(plan(nodes, recipients).alarms).toHaveLength(6);
  });

  it("are heard by nobody through a relay, which is the host's", () => {
    const smtp = { host: "smtp.example.com", port: 2525, username: "drops", from: "a@example.com" };
    expect(plan(nodes, { ...nobody, smtp }).alarms).toEqual([]);
    expect(plan(nodes, { ...nobody, smtp }).uncovered).toHaveLength(6);
  });
});

describe("signals", () => {
  it("measure connections against the plan's own limit", () => {
    const { watches } = managedPostgresTarget(known(47));
    expect(JSON.stringify(watches["db-connections"])).toContain("/ 47");
  });

  it("watch a managed Valkey's machine by the provider", () => {
    expect(JSON.stringify(managedValkeyTarget().watches.memory)).toContain(
      "v1/dbaas/alerts/memory_utilization_alerts",
    );
  });

  it("leave the certificate out where there is none", () => {
    expect(hostTarget(false).watches["certificate-expiry"]).toBeUndefined();
  });
});

describe("duration", () => {
  it.each([
    [30, "30 seconds"],
    [60, "1 minute"],
    [300, "5 minutes"],
    [3_600, "1 hour"],
    [5_400, "90 minutes"],
    [2_592_000, "30 days"],
  ])("%i s is %s", (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });
});
