import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import { AwsTestCloud } from "../testing/testCloud";

let cloud: AwsTestCloud;
beforeEach(() => {
  cloud = new AwsTestCloud();
});
afterEach(() => {
  cloud.close();
});

const pattern = { source: ["aws.ecs"], detail: { lastStatus: ["STOPPED"] } };
const rule = async (eventPattern: unknown, more: Values = {}) =>
  await cloud.create("EventRule", "rule", {
    ...{ name: "drops", ...more },
    ...(eventPattern !== undefined && { eventPattern: JSON.stringify(eventPattern) }),
  });

describe("EventRule", () => {
  it("takes patterns, alternatives and conditions in them, or a schedule", async () => {
    const made = await rule({
      ...pattern,
      detail: { $or: [{ stopCode: ["a"] }, { reason: [{ prefix: "Task failed" }] }] },
    });
    expect(made.outputs["arn"]).toBe("arn:aws:events:eu-central-1:123456789012:rule/drops");
    await rule(undefined, { name: "daily", scheduleExpression: "rate(1 day)" });
    await rule(undefined, { name: "cron", scheduleExpression: "cron(0 3 * * ? *)" });
  });

  it.each<readonly [unknown, Values, string]>([
    [undefined, {}, "EventPattern or ScheduleExpression must be specified"],
    [undefined, { scheduleExpression: "daily" }, "ScheduleExpression is not valid"],
    [{ source: "aws.ecs" }, {}, '"source" must be an object or an array'],
    [{ source: [] }, {}, '"source" is an empty list'],
    [{}, {}, "Empty patterns are not allowed"],
    [{ $or: [{ source: ["a"] }] }, {}, '"$or" must be a list of two or more'],
    [{ detail: { $or: [{ a: ["b"] }, { c: "d" }] } }, {}, '"detail.$or.c" must be an object'],
  ])("is refused: %j %j", async (given, more, message) => {
    await expect(rule(given, more)).rejects.toThrow(message);
  });

  it("has a pattern of JSON, and one word for whether it is on", () => {
    const given = { eventPattern: "[", name: "a" };
    expect(cloud.preview("EventRule", given)[0]).toContain(
      "eventPattern: contains an invalid JSON",
    );
    expect(
      cloud.preview("EventRule", { ...{ name: "a", state: "ENABLED", isEnabled: true } }),
    ).toEqual(["isEnabled: conflicts with state"]);
  });
});

describe("EventTarget", () => {
  const target = async (changes: Values = {}) =>
    await cloud.create("EventTarget", "target", {
      ...{ rule: "drops", targetId: "log", ...changes },
      arn: changes["arn"] ?? "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/events/drops",
    });

  it("needs its rule and what it leads to, and keeps the rule from going", async () => {
    await expect(target()).rejects.toThrow('there is no EventRule "drops"');
    const made = await rule(pattern);
    await expect(target()).rejects.toThrow("There is no arn:aws:logs");
    await cloud.create("LogGroup", "log", { name: "/aws/events/drops" });
    const own = await target();
    expect(own.id).toBe("drops-log");
    await expect(cloud.delete(made)).rejects.toThrow("since it has targets");
    await cloud.delete(own);
    await cloud.delete(made);
  });

  it.each<readonly [Values, string]>([
    [{ arn: "arn:aws:sns:eu-central-1:123456789012:none" }, "There is no arn:aws:sns"],
    [{ arn: "arn:aws:sns:us-east-1:123456789012:none" }, "is in us-east-1"],
  ])("is refused: %j", async (change, message) => {
    await rule(pattern);
    await expect(target(change)).rejects.toThrow(message);
  });

  it("passes an event on in one way", () => {
    const arn = "arn:aws:sns:eu-central-1:123456789012:a";
    const given = { rule: "drops", arn, input: "{}", inputPath: "$.detail" };
    expect(cloud.preview("EventTarget", given)).toEqual(["inputPath: conflicts with input"]);
  });
});

describe("LogMetricFilter", () => {
  const made = { name: "Errors", namespace: "Drops", value: "1" };
  const filter = async (changes: Values = {}, transformation: Values = {}) =>
    await cloud.create("LogMetricFilter", "filter", {
      ...{ name: "errors", logGroupName: "/drops/web", pattern: '{ $.level = "error" }' },
      ...{ metricTransformation: { ...made, ...transformation }, ...changes },
    });

  it("goes with its log group, which must be there", async () => {
    await expect(filter()).rejects.toThrow("there is no LogGroup");
    const group = await cloud.create("LogGroup", "log", { name: "/drops/web" });
    const { type, id } = await filter({}, { value: "$.ms", unit: "Milliseconds" });
    await cloud.delete(group);
    expect(cloud.world.get(type, id)).toBeUndefined();
  });

  it.each<readonly [Values, Values, string]>([
    [{}, { value: "one" }, "no number and no field"],
    [{ pattern: "{ $.a = 1" }, {}, "Invalid character(s)"],
    [
      {},
      { dimensions: { a: "$.a", b: "$.b", c: "$.c", d: "$.d" } },
      "can have 3 dimensions, got 4",
    ],
    [{}, { dimensions: { a: "$.a" }, defaultValue: "0" }, "are exclusive"],
  ])("is refused: %j %j", async (change, transformation, message) => {
    await cloud.create("LogGroup", "log", { name: "/drops/web" });
    await expect(filter(change, transformation)).rejects.toThrow(message);
  });

  it("is refused in a preview by a field of a line that is not taken apart", () => {
    const given = { logGroupName: "a", pattern: "ERROR" };
    const metricTransformation = { ...made, value: "$.ms" };
    expect(cloud.preview("LogMetricFilter", { ...given, metricTransformation })).toEqual([
      "metricTransformation.value: the pattern names no fields",
    ]);
  });
});

describe("LogResourcePolicy", () => {
  const policy = async (policyName: string, statement: readonly unknown[]) =>
    await cloud.create("LogResourcePolicy", policyName, {
      policyName,
      policyDocument: JSON.stringify({ Version: "2012-10-17", Statement: statement }),
    });
  const allowed = {
    ...{ Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "logs:*" },
    Resource: "*",
  };

  it("is a document, of which a region has ten", async () => {
    await expect(policy("a", [])).rejects.toThrow("Unparsable policy document: Statement");
    for (let index = 0; index < 10; index += 1) await policy(`p${index}`, [allowed]);
    await expect(policy("last", [allowed])).rejects.toThrow("10 of them at most");
  });
});
