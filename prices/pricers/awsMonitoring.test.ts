import { describe, expect, it } from "vitest";
import { resource } from "../testResources";
import { alarmMetrics } from "./awsAlarms";
import { dashboardMetrics } from "./awsMonitoring";
import { awsLines, awsReasons, priceAws } from "./awsTestResources";

type Inputs = Readonly<Record<string, unknown>>;

const alarm = (name: string, inputs: Inputs = {}) =>
  resource("aws:cloudwatch/metricAlarm:MetricAlarm", name, {
    metricName: "CPUUtilization",
    period: 60,
    ...inputs,
  });
const alarms = (count: number) => Array.from({ length: count }, (_, n) => alarm(`alarm-${n}`));
const query = (id: string, period = 60) => ({ id, metric: { metricName: id, period } });
const errorRate = {
  metricName: undefined,
  period: undefined,
  metricQueries: [
    { id: "rate", expression: "IF(r>0,100*FILL(e,0)/r,0)", returnData: true },
    query("e"),
    query("r"),
  ],
};

describe("what an alarm is billed for", () => {
  it.each([
    [
      { metricName: "a", period: 60 },
      { count: 1, highResolution: false },
    ],
    [
      { metricName: "a", period: "10" },
      { count: 1, highResolution: true },
    ],
    [errorRate, { count: 2, highResolution: false }],
    [{ metricQueries: [query("a", 30)] }, { count: 1, highResolution: true }],
    [
      { metricQueries: [query("a"), { id: "b", expression: "x" }], thresholdMetricId: "b" },
      { count: 3, highResolution: false },
    ],
    [
      { metricQueries: [{ id: "q", expression: "SELECT AVG(x) FROM y", period: 60 }] },
      "an alarm on a Metrics Insights query is billed by the metrics that it finds",
    ],
    [{ evaluationCriteria: {} }, "no price for an alarm on a PromQL query"],
  ])("%#", (inputs, billed) => {
    expect(alarmMetrics(inputs)).toEqual(billed);
  });
});

describe("alarms", () => {
  it.each([
    [3, 3, 0, 0],
    [10, 10, 0, 0],
    [25, 10, 15, 1.5],
  ])("%i: %i metrics free, %i paid", (count, freeCount, paid, usd) => {
    expect(awsLines(alarms(count))).toEqual([
      ["alarms", "CloudWatch alarm metrics, the account's free 10", freeCount, 0],
      ["alarms", `CloudWatch alarm metrics beyond the free ones, of ${count}`, paid, usd],
    ]);
  });

  it("count by metric, and by resolution", () => {
    const all = [...alarms(9), alarm("rate", errorRate), alarm("fast", { period: 10 })];
    expect(awsLines(all).map(([, , quantity, usd]) => [quantity, usd])).toEqual([
      [10, 0],
      [1, 0.1],
      [1, 0.3],
    ]);
  });

  const policy = (name: string, policyType: string) =>
    resource("aws:appautoscaling/policy:Policy", name, { policyType });

  it("have those of autoscaling among them", () => {
    const scaling = [
      policy("cpu", "TargetTrackingScaling"),
      policy("memory", "TargetTrackingScaling"),
      policy("steps", "StepScaling"),
    ];
    expect(awsLines([...alarms(10), ...scaling])[1]).toEqual([
      "alarms",
      "CloudWatch alarm metrics beyond the free ones, of 14, 4 of them by autoscaling",
      4,
      0.4,
    ]);
    expect(awsLines(scaling)[0]).toEqual([
      "alarms",
      "CloudWatch alarm metrics, the account's free 10",
      4,
      0,
    ]);
  });

  it("are named where they have no price, and counted without it", () => {
    const insights = alarm("query", {
      metricQueries: [{ id: "q", expression: "select max(x) from y" }],
    });
    const abroad = alarm("abroad", { region: "eu-west-1" });
    expect(awsLines([insights, abroad, ...alarms(1)])[0]?.[2]).toBe(1);
    expect(awsReasons([insights, abroad, ...alarms(1)])).toEqual([
      "an alarm on a Metrics Insights query is billed by the metrics that it finds",
      "the price book has no AWS prices of eu-west-1, only of us-east-1",
    ]);
  });

  it("cost more when they are composed", () => {
    const composite = resource("aws:cloudwatch/compositeAlarm:CompositeAlarm", "hot");
    expect(awsLines([composite])).toEqual([["hot", "CloudWatch composite alarm", 1, 0.5]]);
    expect(priceAws([composite]).lines[0]?.verified).toBe(false);
  });

  it("mail for nothing as long as they mail little", () => {
    const topics = ["critical", "warning"].map((name) => resource("aws:sns/topic:Topic", name));
    const sku = "SNS mails beyond the account's free 1000";
    expect(awsLines(topics)).toEqual([["topics", sku, 0, 0]]);
    expect(awsLines(topics, { alarmMails: 51_000 })).toEqual([["topics", sku, 50_000, 1]]);
  });
});

describe("dashboards", () => {
  const body = (metrics: number) =>
    JSON.stringify({
      widgets: [
        { type: "text", properties: { markdown: "x" } },
        {
          type: "metric",
          properties: {
            metrics: [
              ...Array.from({ length: metrics }, (_, n) => ["AWS/ECS", `m${n}`]),
              [{ expression: "m1/m2" }],
            ],
          },
        },
      ],
    });
  const dashboard = (name: string, dashboardBody: string) =>
    resource("aws:cloudwatch/dashboard:Dashboard", name, { dashboardBody });

  it("count their metrics, not their expressions", () => {
    expect(dashboardMetrics(body(7))).toBe(7);
    expect(dashboardMetrics("[unknown]")).toBeUndefined();
  });

  it("are free up to three of fifty metrics", () => {
    const all = [body(51), body(50), "[unknown]", body(1), body(1)].map((one, n) =>
      dashboard(`d${n}`, one),
    );
    expect(awsLines(all).map(([name, , , usd]) => [name, usd])).toEqual([
      ["d0", 3],
      ["d1", 0],
      ["d2", 0],
      ["d3", 0],
      ["d4", 3],
    ]);
  });
});

describe("logs", () => {
  const group = (name: string, inputs: Inputs) =>
    resource("aws:cloudwatch/logGroup:LogGroup", name, inputs);

  it("cost what is written and kept, once for all groups", () => {
    const all = [group("web", { retentionInDays: 30 }), group("worker", { retentionInDays: 90 })];
    expect(awsLines(all)).toEqual([
      ["logs", "CloudWatch Logs written beyond the account's free 5 GB", 15, 7.5],
      ["logs", "CloudWatch Logs stored for 90 days", 60, 1.8],
      ["custom-metrics", "Custom metrics beyond the account's free 10, of 7", 0, 0],
    ]);
  });

  it("have metric filters among the custom metrics, and a cheaper class", () => {
    const cheap = { retentionInDays: 30, logGroupClass: "INFREQUENT_ACCESS" };
    const filters = [1, 2, 3, 4, 5].map((n) =>
      resource("aws:cloudwatch/logMetricFilter:LogMetricFilter", `filter-${n}`),
    );
    const found = awsLines([group("web", cheap), ...filters]);
    expect(found[0]?.[3]).toBe(3.75);
    expect(found[2]).toEqual([
      "custom-metrics",
      "Custom metrics beyond the account's free 10, of 12",
      2,
      0.6,
    ]);
  });

  it("have no price where they are kept for ever", () => {
    const all = [group("web", { retentionInDays: 30 }), group("worker", {})];
    expect(awsLines(all)).toHaveLength(2);
    expect(awsReasons(all)).toEqual(["stored logs: a log group keeps them without an end"]);
  });
});

describe("canaries and budgets", () => {
  const canary = (name: string, expression: string) =>
    resource("aws:synthetics/canary:Canary", name, { schedule: { expression } });
  const lambda = "the Lambda time and the stored results of a canary's runs";

  it("has the account's first runs free", () => {
    const two = [canary("site", "rate(5 minutes)"), canary("feed", "rate(1 hour)")];
    expect(awsLines(two)).toEqual([
      ["site", "Canary runs beyond the account's free 100", 8_660, 10.39],
      ["feed", "Canary runs", 730, 0.88],
    ]);
    expect(awsReasons(two)).toEqual([lambda, lambda]);
  });

  it("names a canary whose runs are not known", () => {
    expect(awsReasons([canary("site", "cron(0 1 * * ? *)")])).toEqual([
      "how often the canary runs is not known",
      lambda,
    ]);
  });

  it("has two budgets free, and no price for a third", () => {
    const budgets = [1, 2, 3].map((n) => resource("aws:budgets/budget:Budget", `budget-${n}`));
    expect(awsLines(budgets).map(([name, , , usd]) => [name, usd])).toEqual([
      ["budget-1", 0],
      ["budget-2", 0],
    ]);
    expect(awsReasons(budgets)).toEqual(["what a budget beyond 2 costs: the sources disagree"]);
  });
});
