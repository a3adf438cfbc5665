import { describe, expect, it } from "vitest";
import { awsAnswer, refusal, registered } from "../network/testing/registered";
import { childAlarms, compositeRuleProblem, metricProblems } from "../../prices/aws";
import { editedRules } from "../../tiers/thresholds";
import { entityKeys, onMetric, targetGroupKey } from "./awsSignals";
import { CloudWatchAlarms, type CloudWatchAlarmsArgs } from "./cloudwatch";
import { planCloudWatch } from "./cloudwatchPlan";
import { metricsIn, type CloudWatchMetricSignal, type CloudWatchSignal } from "./cloudwatchSignal";
import { planAlarms } from "./plan";
import { auroraInstanceTargets } from "./auroraSignals";
import { ecsServiceTargets } from "./ecsSignals";
import { aurora, largeTargets, planned, region, stack, web } from "./testing/large";
import type { AlarmPlan, Recipients } from "./types";

const recipients: Recipients = { emails: ["ops@example.com"], webhook: false };
const { alarms } = planAlarms({ rules: editedRules({}), targets: largeTargets(), recipients });
const args: CloudWatchAlarmsArgs = {
  spec: { stack, region, alarms },
  entities: {
    [entityKeys.balancer]: "app/drops/1",
    [targetGroupKey("web")]: "targetgroup/web/2",
    [entityKeys.siteCheck]: "check-3",
    [entityKeys.distribution]: "E4",
    [entityKeys.edgeCertificate]: "arn:aws:acm:us-east-1:1:certificate/5",
    [entityKeys.balancerCertificate]: "arn:aws:acm:eu-central-1:1:certificate/6",
    [entityKeys.backupVault]: "drops-large",
  },
  topicArn: "arn:own",
  globalTopicArn: "arn:global",
};
const made = (more: Partial<CloudWatchAlarmsArgs> = {}) =>
  registered(() => {
    const { arns } = new CloudWatchAlarms("alarms", { ...args, ...more });
    return { arns, order: Object.keys(arns) };
  }, awsAnswer());

describe("what is made", () => {
  it("is a metric of the balancer, told by an alarm that is quiet while the site is down", async () => {
    const { named } = await made();
    expect(named("alarms-response-time-critical-web").inputs).toEqual({
      name: "drops-large-response-time-critical-web",
      alarmDescription: expect.stringMatching(
        /^\[critical\] .* Runbook: docs\/runbooks\/response-time\.md Reads AWS\/ApplicationELB TargetResponseTime p95 \[Seconds\] of LoadBalancer=<balancer>, TargetGroup=<web-target-group> > 2 \[Seconds\], 5 of 5 periods of 1 minute\.$/,
      ) as unknown,
      actionsEnabled: false,
      namespace: "AWS/ApplicationELB",
      metricName: "TargetResponseTime",
      dimensions: { LoadBalancer: "app/drops/1", TargetGroup: "targetgroup/web/2" },
      period: 60,
      extendedStatistic: "p95",
      evaluateLowSampleCountPercentiles: "evaluate",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 2,
      evaluationPeriods: 5,
      datapointsToAlarm: 5,
      treatMissingData: "notBreaching",
    });
    const told = named("alarms-response-time-critical-web-told");
    expect(told.type).toBe("aws:cloudwatch/compositeAlarm:CompositeAlarm");
    expect(told.inputs).toEqual({
      alarmName: "drops-large-response-time-critical-web-told",
      alarmDescription: expect.stringContaining(
        "Quiet while this is down: web, or postgres-writer and",
      ) as unknown,
      alarmRule: 'ALARM("drops-large-response-time-critical-web")',
      actionsSuppressor: { alarm: "drops-large-web-down", waitPeriod: 480, extensionPeriod: 360 },
      actionsEnabled: true,
      alarmActions: ["arn:own"],
      okActions: ["arn:own"],
    });
    expect(named("alarms-web-down").inputs).toMatchObject({
      actionsEnabled: false,
      alarmRule:
        'ALARM("drops-large-uptime-critical-web-tasks") OR ' +
        '(ALARM("drops-large-uptime-critical-postgres-writer") AND ALARM("drops-large-uptime-critical-postgres-reader-1"))',
    });
    expect(named("alarms-web-down").inputs).not.toHaveProperty("alarmActions");
  });

  it("is reckoned from several metrics, one of which counts", async () => {
    const { named } = await made();
    const metric = (id: string, metricName: string, dimensions: object) => ({
      id,
      returnData: false,
      metric: { namespace: "AWS/ApplicationELB", metricName, dimensions, period: 300, stat: "Sum" },
    });
    const service = { LoadBalancer: "app/drops/1", TargetGroup: "targetgroup/web/2" };
    expect(named("alarms-error-rate-warning-web").inputs).toMatchObject({
      threshold: 5,
      evaluationPeriods: 2,
      metricQueries: [
        {
          id: "failed",
          expression: "FILL(app5xx, 0) + FILL(balancer5xx, 0)",
          label: "failed",
          returnData: false,
        },
        { id: "taken", expression: "FILL(requests, 0)", label: "taken", returnData: false },
        {
          id: "rate",
          expression: "IF(failed < 5, 0, 100 * failed / IF(taken > failed, taken, failed))",
          label: "Percent",
          returnData: true,
        },
        metric("requests", "RequestCount", service),
        metric("app5xx", "HTTPCode_Target_5XX_Count", service),
        metric("balancer5xx", "HTTPCode_ELB_5XX_Count", { LoadBalancer: "app/drops/1" }),
      ],
    });
    const inputs = named("alarms-error-rate-warning-web").inputs;
    for (const key of ["namespace", "metricName", "period", "statistic", "dimensions"]) {
      expect(inputs).not.toHaveProperty(key);
    }
  });

  it("is in us-east-1 where the metrics of global services are", async () => {
    const { resources, named } = await made();
    expect(named("alarms-uptime-critical-web-site").inputs).toMatchObject({
      region: "us-east-1",
      namespace: "AWS/Route53",
      dimensions: { HealthCheckId: "check-3" },
      statistic: "Minimum",
      alarmActions: ["arn:global"],
      okActions: ["arn:global"],
      treatMissingData: "breaching",
      warmUpConfiguration: {
        // Until the edge stack has given it its name.
        warmUpPeriodDurationInMinutes: 180,
        onlyStartEvaluatingAfterWarmUpPeriodEnds: true,
      },
    });
    const global = resources.filter(({ inputs }) => inputs["region"] !== undefined);
    expect(global.map(({ name }) => name).sort()).toEqual(
      [
        ...["error-rate-critical-web-edge", "error-rate-critical-web-edge-told"],
        ...["error-rate-warning-web-edge", "error-rate-warning-web-edge-told"],
        ...["certificate-expiry-critical-web-edge", "certificate-expiry-warning-web-edge"],
        ...["uptime-critical-web-site", "uptime-warning-web-hour", "uptime-warning-web-day"],
        "monitoring-critical-web-global-topic",
      ]
        .map((id) => `alarms-${id}`)
        .sort(),
    );
  });

  it("tells of recovery what is critical, and no event's", async () => {
    const { resources } = await made();
    const recovering = resources
      .filter(({ inputs }) => inputs["okActions"] !== undefined)
      .map(({ name }) => name);
    expect(recovering.filter((name) => !name.includes("-critical-"))).toEqual([]);
    expect(recovering).toContain("alarms-memory-critical-postgres-writer");
    expect(recovering).not.toContain("alarms-deploy-failed-critical-web");
    // A message about messages that fail would fail as well, and begin it again.
    expect(recovering.filter((name) => name.includes("monitoring"))).toEqual([]);
  });

  it("tells of each plan by exactly one alarm a signal, to its own region's topic", async () => {
    const { resources } = await made();
    for (const { inputs } of resources) {
      const actions = inputs["region"] === undefined ? ["arn:own"] : ["arn:global"];
      if (inputs["actionsEnabled"] === true) expect(inputs["alarmActions"]).toEqual(actions);
      else expect(inputs).not.toHaveProperty("alarmActions");
    }
    const plan = planned();
    for (const alarm of alarms) {
      const telling = [...plan.metricAlarms, ...plan.composites].filter(
        (carrier) => carrier.tells && carrier.alarm?.id === alarm.id,
      );
      expect([alarm.id, telling.length]).toEqual([alarm.id, alarm.signals.length]);
    }
  });

  it("waits for what it names", async () => {
    const { named } = await made();
    const names = (name: string) =>
      named(name)
        .dependsOn.map((urn) => urn.split("::").at(-1))
        .sort();
    expect(names("alarms-error-rate-critical-web-told")).toEqual([
      "alarms-error-rate-critical-web",
      "alarms-web-down",
    ]);
    expect(names("alarms-at-max-scale-warning-web")).toEqual([
      "alarms-at-max-scale-warning-web-full",
      "alarms-at-max-scale-warning-web-hot",
      "alarms-at-max-scale-warning-web-memory",
      "alarms-at-max-scale-warning-web-requests",
    ]);
  });

  it("gives the addresses of those that tell", async () => {
    const { outputs } = await made();
    const ids = Object.keys(outputs["arns"] as object);
    expect(ids).toContain("error-rate-critical-web-told");
    expect(ids).not.toContain("error-rate-critical-web");
    // 86 + 11, less 8 echoes, 7 parts and the one that only keeps quiet.
    expect(ids).toHaveLength(81);
    const critical = ids.filter((id) => id.includes("-critical-"));
    expect((outputs["order"] as string[]).slice(0, critical.length).sort()).toEqual(
      critical.sort(),
    );
  });

  it("takes a caller's change", async () => {
    const { named } = await made({
      overrides: {
        metricAlarm: { tags: { team: "a" } },
        compositeAlarm: (own) => ({ ...own, tags: { team: "b" } }),
      },
    });
    expect(named("alarms-cpu-warning-web").inputs["tags"]).toEqual({ team: "a" });
    expect(named("alarms-web-down").inputs["tags"]).toEqual({ team: "b" });
  });
});

describe("every alarm", () => {
  const plan = planned();

  it("has a metric, dimensions and a statistic that the table knows, and a rule within the limits", () => {
    for (const { signal, region: place } of plan.metricAlarms) {
      for (const { namespace, name, dimensions, statistic } of Object.values(
        metricsIn(signal.reading),
      )) {
        const use = { namespace, name, statistic, dimensions: Object.keys(dimensions) };
        expect(metricProblems({ ...use, region: place === "own" ? region : place })).toEqual([]);
      }
    }
    for (const { rule, children } of plan.composites) {
      expect(compositeRuleProblem(rule)).toBeUndefined();
      expect(childAlarms(rule)).toEqual(children.map((id) => `drops-large-${id}`));
    }
  });

  it("has a reason for what missing points mean, and one name", () => {
    for (const { signal, physicalName, id } of plan.metricAlarms) {
      expect(signal.missing.because).toMatch(/\w+ \w+/);
      expect(physicalName).toBe(`drops-large-${id}`);
    }
  });

  it("has a text that CloudWatch takes, however long its rule's is", () => {
    const long = alarms.map((alarm) => ({ ...alarm, description: "long ".repeat(300) }));
    const { metricAlarms, composites } = planCloudWatch({ stack, region, alarms: long });
    for (const { description } of [...metricAlarms, ...composites]) {
      expect(description.length).toBeLessThanOrEqual(1_024);
    }
  });

  it("says what is true of it, where the rule's words are another tier's", () => {
    const texts = (rule: string) =>
      [...plan.metricAlarms, ...plan.composites]
        .filter(({ alarm }) => alarm?.rule === rule)
        .map(({ description }) => description);
    for (const text of texts("backup-age")) {
      expect(text).toContain("AWS Backup finished no copy into the vault within 26 hours.");
    }
    for (const text of texts("monitoring")) expect(text).toContain("SNS could not deliver");
    for (const text of texts("deploy-failed")) expect(text).toContain("ECS gave a deploy up");
    const all = plan.metricAlarms.map(({ description }) => description).join(" ");
    for (const untrue of ["logical dump", "monitoring itself", "since the last success"]) {
      expect(all).not.toContain(untrue);
    }
    expect(all).not.toMatch(/\$(limit|window)/);
    const hour = plan.metricAlarms.find(({ id }) => id === "uptime-warning-web-hour");
    expect(hour?.description).toContain(
      "Within an hour, 14.4 times the budget. Asks by the public",
    );
  });

  it("says where nobody but the dashboard can tell of it", () => {
    const only = (subscribers: number) => {
      const topics = web.topics.map((topic) => ({ ...topic, subscribers }));
      const targets = [
        ...ecsServiceTargets([{ ...web, topics }]),
        ...auroraInstanceTargets(aurora),
      ];
      return planned(targets)
        .metricAlarms.filter(({ alarm }) => alarm.rule === "monitoring")
        .map(({ description }) => description.includes("Its one subscriber cannot be told"));
    };
    expect(only(1)).toEqual([true, true]);
    expect(only(2)).toEqual([false, false]);
  });

  it("is in one place where the stack is in us-east-1, and quiet for both ways to be down", () => {
    const there = planned(largeTargets(), {}, "us-east-1");
    expect(new Set(there.metricAlarms.map((one) => one.region))).toEqual(new Set(["own"]));
    const down = there.composites.find(({ id }) => id === "web-down");
    expect(down?.rule).toMatch(
      /^\(ALARM\("drops-large-uptime-critical-web-site"\) OR ALARM\("drops-large-uptime-critical-web-tasks"\)\) OR /,
    );
  });
});

describe("what CloudWatch would not evaluate is refused", () => {
  const cpu = {
    namespace: "AWS/RDS",
    name: "CPUUtilization",
    dimensions: { DBInstanceIdentifier: "one" },
    statistic: "Average",
  };
  const signal = onMetric(cpu, {
    compared: { as: "value", factor: 1 },
    missing: { treat: "ignore", because: "told elsewhere" },
  });
  const [plain] = alarms;
  const plan = (...signals: readonly CloudWatchSignal[]) =>
    planCloudWatch({
      stack,
      region,
      alarms: [{ ...(plain as AlarmPlan), id: "one", target: "a", windowSeconds: 300, signals }],
    });
  const changed = (metric: Partial<typeof cpu>): CloudWatchMetricSignal => ({
    ...signal,
    reading: { metric: { ...cpu, ...metric } },
  });

  it.each<[string, CloudWatchSignal, string]>([
    ["a metric", changed({ name: "CpuUtilization" }), "AWS/RDS has no metric CpuUtilization"],
    [
      "a dimension",
      changed({ dimensions: { InstanceId: "one" } as never }),
      "CPUUtilization has the dimensions (DBInstanceIdentifier)",
    ],
    ["a statistic", changed({ statistic: "Sum" }), "got Sum"],
    ["a period", { ...signal, periodSeconds: 50 }, "a period is 10, 20, 30 or a multiple of 60"],
    ["a window", { ...signal, windowSeconds: 100_000, periodSeconds: 1_000 }, "a period is"],
    [
      "a window that is too long",
      { ...signal, windowSeconds: 90_000, periodSeconds: 300 },
      "periods of 300 s may cover 86400 s, got 90000 s",
    ],
    ["parts of a period", { ...signal, periodSeconds: 240 }, "an alarm looks at 1 period or more"],
    ["more points than periods", { ...signal, datapointsToAlarm: 6 }, "1 to 5 of 5 periods"],
    ["a warm-up", { ...signal, warmUp: { minutes: 3_000, whole: true } }, "1 to 2880 minutes"],
    ["a target that nobody watches", { ...signal, quietDuring: [["db"]] }, "whether db is down"],
    [
      "a global metric elsewhere",
      {
        ...signal,
        reading: {
          metric: {
            namespace: "AWS/Route53",
            name: "HealthCheckStatus",
            dimensions: { HealthCheckId: "1" },
            statistic: "Minimum",
          },
        },
      },
      "HealthCheckStatus is in us-east-1 alone",
    ],
  ])("%s", (_, wrong, message) => {
    expect(() => plan(wrong)).toThrow(message);
    expect(() => plan(wrong)).toThrow(/^one: /);
  });

  it("a name twice", () => {
    expect(() => plan(signal, signal)).toThrow("one: two alarms have this name");
    expect(() => plan(signal, { ...signal, suffix: "b" })).not.toThrow();
  });

  it("an echo of what is told in another region alone", () => {
    const [web] = alarms.filter(({ id }) => id === "uptime-critical-web");
    const site = { ...(web as AlarmPlan), signals: (web as AlarmPlan).signals.slice(0, 1) };
    const echo = {
      ...(plain as AlarmPlan),
      id: "one",
      signals: [{ ...signal, quietDuring: [["web"]] }],
    };
    expect(() => planCloudWatch({ stack, region, alarms: [site, echo] })).toThrow(
      "one: no alarm in its region tells of what it would be an echo of",
    );
    expect(() =>
      planCloudWatch({ stack, region: "us-east-1", alarms: [site, echo] }),
    ).not.toThrow();
  });

  it("a dimension that nobody named", async () => {
    const entities = { ...args.entities, balancer: undefined };
    expect(await refusal(() => new CloudWatchAlarms("alarms", { ...args, entities }))).toBe(
      "alarms: nobody said what balancer is",
    );
  });
});
