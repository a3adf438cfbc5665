import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import type { CloudResource } from "../../contracts";
import { AwsTestCloud } from "../testing/testCloud";
import { childrenOf, ruleProblem } from "./compositeRule";

let cloud: AwsTestCloud;
let topic: CloudResource;
beforeEach(async () => {
  cloud = new AwsTestCloud();
  topic = await cloud.create("Topic", "topic", { name: "drops-alarms" });
});
afterEach(() => {
  cloud.close();
});

const alarm = (changes: Values = {}): Values => ({
  ...{ name: "cpu", namespace: "AWS/ECS", metricName: "CPUUtilization", statistic: "Average" },
  dimensions: { ClusterName: "drops", ServiceName: "web" },
  ...{ period: 60, evaluationPeriods: 5, threshold: 70 },
  comparisonOperator: "GreaterThanThreshold",
  ...changes,
});

const read = (id: string, metricName: string, more: Values = {}) => ({
  ...{ id, returnData: false },
  metric: {
    ...{ namespace: "AWS/ApplicationELB", metricName, period: 60, stat: "Sum" },
    dimensions: { LoadBalancer: "app/drops/1" },
    ...more,
  },
});
const math = (queries: readonly Values[]): Values =>
  alarm({
    ...{ namespace: undefined, metricName: undefined, statistic: undefined },
    ...{ dimensions: undefined, period: undefined, metricQueries: queries },
  });
const share = { id: "share", expression: "100 * errors / requests", returnData: true };
const both = [read("requests", "RequestCount"), read("errors", "HTTPCode_ELB_5XX_Count")];

const make = async (changes: Values = {}, name = "cpu") =>
  await cloud.create("MetricAlarm", name, alarm(changes));

describe("MetricAlarm", () => {
  it("looks at a metric of AWS, and tells a topic of its region", async () => {
    const made = await make({ alarmActions: [topic.outputs["arn"]] });
    expect(made.id).toBe("cpu");
    expect(made.outputs["arn"]).toBe("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:cpu");
    expect(made.inputs).toMatchObject({ actionsEnabled: true, treatMissingData: "missing" });
  });

  it.each([
    [{ period: 45 }, "period: 10, 20, 30 or a multiple of 60 seconds; got 45"],
    [{ treatMissingData: "zero" }, "treatMissingData: Invalid option"],
    [{ statistic: "p95" }, "statistic: Invalid option"],
    [{ statistic: undefined, extendedStatistic: "p101" }, "extendedStatistic: a percentile"],
    [{ statistic: undefined }, "statistic: One of `statistic` or `extendedStatistic`"],
    [{ extendedStatistic: "p95" }, "statistic: One of"],
    [{ metricQueries: [share] }, "metricName: conflicts with metricQueries"],
    [{ thresholdMetricId: "e1" }, "thresholdMetricId: conflicts with threshold"],
    [
      { alarmActions: Array(6).fill("arn:aws:sns:eu-central-1:123456789012:a") },
      "alarmActions: Too",
    ],
    [{ evaluationPeriods: 0 }, "evaluationPeriods: Too small"],
    [
      { evaluationInterval: 10 },
      "evaluationInterval: aws:cloudwatch/metricAlarm:MetricAlarm has no",
    ],
  ])("is refused in a preview: %j", (change, message) => {
    expect(cloud.preview("MetricAlarm", alarm(change)).join("; ")).toContain(message);
  });

  it.each<readonly [Values, string]>([
    [{ dimensions: { ServiceName: "web" } }, "CPUUtilization has the dimensions"],
    [{ metricName: "CPU" }, "AWS/ECS has no metric CPU that is known here"],
    [{ namespace: "AWS/Nothing" }, "AWS/Nothing has no metric"],
    [{ unit: "Count" }, "is in Percent, got Count"],
    [{ period: 3_600, evaluationPeriods: 200 }, "looks back over 604800 s at most"],
    [{ evaluationPeriods: 2_000 }, "longer windows take periods of an hour"],
    [{ datapointsToAlarm: 6 }, "1 to 5 of 5 periods may be asked for, got 6"],
    [{ threshold: undefined }, "needs a threshold"],
    [{ period: undefined }, "needs its namespace and a period"],
    [
      {
        ...{ namespace: "AWS/CloudFront", metricName: "Requests", statistic: "Sum" },
        dimensions: { DistributionId: "E1", Region: "Global" },
      },
      "Requests is in us-east-1 alone, got an alarm in eu-central-1",
    ],
    [
      { alarmActions: ["arn:aws:sns:us-east-1:123456789012:drops-alarms"] },
      "Invalid region us-east-1",
    ],
    [{ okActions: ["arn:aws:sns:eu-central-1:123456789012:other"] }, "There is no topic"],
    [{ alarmActions: ["arn:aws:sqs:eu-central-1:123456789012:other"] }, "Invalid arn syntax"],
  ])("is refused: %j", async (change, message) => {
    await expect(make(change)).rejects.toThrow(message);
  });

  it("looks at what expressions make of metrics", async () => {
    const made = await cloud.create("MetricAlarm", "share", math([share, ...both]));
    expect(made).toMatchObject({ id: "cpu", ready: true });
  });

  it.each<readonly [string, readonly Values[], string]>([
    ["two answers", [{ ...share, id: "a" }, share, ...both], "Exactly one element"],
    ["no answer", both, "Exactly one element"],
    ["two of an id", [share, ...both, both[0]!], "same id"],
    [
      "two periods",
      [share, both[0]!, read("errors", "HTTPCode_ELB_5XX_Count", { period: 300 })],
      "same period",
    ],
    ["a stranger", [{ ...share, expression: "errors / hits" }, ...both], "it names hits"],
    ["nothing", [share, ...both, { id: "empty" }], "neither a metric nor an expression"],
    ["a metric that there is not", [share, both[0]!, read("errors", "Errors")], "no metric Errors"],
    [
      "too many metrics",
      [
        share,
        ...both,
        ...Array.from({ length: 9 }, (_, index) => read(`m${index}`, "RequestCount")),
      ],
      "may look at 10 metrics, got 11",
    ],
  ])("refuses queries with %s", async (_, queries, message) => {
    await expect(cloud.create("MetricAlarm", "share", math(queries))).rejects.toThrow(message);
  });

  it("looks at a metric that a filter makes of a log", async () => {
    const custom = { namespace: "Drops", metricName: "Lines", dimensions: undefined };
    await expect(make(custom)).rejects.toThrow("Drops has no metric Lines");
    await cloud.create("LogGroup", "log", { name: "/drops/web" });
    await cloud.create("LogMetricFilter", "filter", {
      ...{ logGroupName: "/drops/web", pattern: "ERROR" },
      metricTransformation: { name: "Lines", namespace: "Drops", value: "1" },
    });
    await make(custom);
  });

  it("has a name that no other alarm of the region has", async () => {
    await make();
    await expect(make({}, "other")).rejects.toThrow("has an alarm cpu already (cpu)");
    const there = await make({ region: "us-east-1" }, "other");
    expect(there.id).toBe("arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu");
  });
});

describe("CompositeAlarm", () => {
  const composite = async (changes: Values = {}, name = "both") =>
    await cloud.create("CompositeAlarm", name, {
      ...{ alarmName: name, alarmRule: 'ALARM("cpu") AND NOT OK(cpu)' },
      ...changes,
    });

  it("names alarms of its region, by name or ARN", async () => {
    await expect(composite()).rejects.toThrow("alarms cpu in the alarm rule do not exist");
    const there = await make({ region: "us-east-1" });
    await expect(composite()).rejects.toThrow("do not exist");
    const own = await make({}, "own");
    await composite({ alarmRule: `ALARM("${String(own.outputs["arn"])}")` });
    await expect(cloud.delete(own)).rejects.toThrow("composite alarm(s) depending on it: both");
    await cloud.delete(there);
  });

  it("may wait for another, which must be there", async () => {
    await make();
    const actionsSuppressor = { alarm: "quiet", waitPeriod: 60, extensionPeriod: 60 };
    await expect(composite({ actionsSuppressor })).rejects.toThrow(
      "suppressor quiet does not exist",
    );
    await make({ name: "quiet" }, "quiet");
    const made = await composite({ actionsSuppressor });
    await composite({ alarmRule: "ALARM(both)" }, "outer");
    await expect(cloud.delete(made)).rejects.toThrow("depending on it: outer");
    expect(
      cloud.preview("CompositeAlarm", {
        ...{ alarmName: "a", alarmRule: "TRUE", actionsSuppressor: { alarm: "quiet" } },
      }),
    ).toHaveLength(2);
  });

  it.each([
    ["ALARM(\"a b\") OR (OK(c) AND NOT INSUFFICIENT_DATA('d'))", ["a b", "c", "d"], undefined],
    ["TRUE AND NOT (FALSE)", [], undefined],
    ["ALARM(a) ALARM(b)", ["a", "b"], "do not fit together"],
    ["(ALARM(a)", ["a"], "do not fit together"],
    ["ALARM(a) XOR OK(b)", [], "something other than"],
    ["ALARM()", [], "something other than"],
    ["AND", [], "do not fit together"],
    [
      Array.from({ length: 101 }, (_, index) => `ALARM(a${index})`).join(" OR "),
      Array.from({ length: 101 }, (_, index) => `a${index}`),
      "may name 100 alarms, got 101",
    ],
  ])("reads the rule %s", (alarmRule, children, problem) => {
    expect(childrenOf({ alarmRule })).toEqual(children);
    if (problem === undefined) expect(ruleProblem(alarmRule)).toBeUndefined();
    else expect(ruleProblem(alarmRule)).toContain(problem);
  });
});

describe("Dashboard", () => {
  const draw = async (widgets: readonly Values[]) =>
    await cloud.create("Dashboard", "d", {
      ...{ dashboardName: "drops", dashboardBody: JSON.stringify({ widgets }) },
    });
  const graph = (metrics: readonly unknown[], more: Values = {}) => ({
    ...{ type: "metric", x: 0, y: 0, width: 12, height: 6 },
    properties: { metrics, region: "eu-central-1", stat: "Average", ...more },
  });
  const cpu = ["AWS/ECS", "CPUUtilization", "ClusterName", "drops", "ServiceName", "web"];

  it("draws known metrics, with the shorthands of CloudWatch", async () => {
    const { outputs } = await make();
    const made = await draw([
      { type: "text", properties: { markdown: "# Drops" } },
      { type: "alarm", properties: { alarms: [outputs["arn"]] } },
      graph([
        cpu,
        [".", "MemoryUtilization", ".", ".", ".", "worker", { stat: "Maximum" }],
        ["...", "api"],
      ]),
      graph([[{ expression: "m1 * 2", id: "e1" }], [...cpu, { id: "m1", visible: false }]]),
    ]);
    expect(made.outputs["dashboardArn"]).toBe("arn:aws:cloudwatch::123456789012:dashboard/drops");
  });

  it.each<readonly [string, Values, string]>([
    ["an unknown metric", graph([["AWS/ECS", "CPU"]]), "no metric CPU"],
    ["other dimensions", graph([cpu.slice(0, 4)]), "has the dimensions"],
    ["no region", graph([cpu], { region: undefined }), "/widgets/0: it has no region"],
    ["no statistic", graph([[...cpu, { stat: "mean" }]]), "mean is no statistic"],
    ["no place", { ...graph([cpu]), x: 20 }, "wider than 24 columns"],
    ["no kind", { type: "chart", properties: {} }, "/widgets/0/type: Invalid option"],
    ["no alarm", { type: "alarm", properties: { alarms: ["arn:1"] } }, "there is no alarm arn:1"],
    ["nothing to draw", { type: "metric", properties: {} }, "it has no metrics"],
    ["an empty row", graph([[{ label: "a" }]]), "neither a metric nor an expression"],
  ])("is refused with %s", async (_, widget, message) => {
    await expect(draw([widget])).rejects.toThrow(message);
  });

  it("has a body of JSON", () => {
    expect(cloud.preview("Dashboard", { dashboardName: "d", dashboardBody: "{" })).toEqual([
      expect.stringContaining("dashboardBody: contains an invalid JSON"),
    ]);
  });
});
