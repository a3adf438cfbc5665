import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import type { CloudResource } from "../../contracts";
import { AwsTestCloud } from "../testing/testCloud";
import { webAclView } from "./webAclView";

const region = "us-east-1";
let cloud: AwsTestCloud;
let set: CloudResource;
beforeEach(async () => {
  cloud = new AwsTestCloud({ region: "eu-central-1" });
  set = await cloud.create("IpSet", "cloudflare", {
    ...{ region, scope: "CLOUDFRONT", ipAddressVersion: "IPV4" },
    addresses: ["162.158.0.0/15"],
  });
});
afterEach(() => {
  cloud.close();
});

const visibilityConfig = {
  ...{ cloudwatchMetricsEnabled: true, metricName: "drops", sampledRequestsEnabled: true },
};

const rule = (statement: Values, changes: Values = {}) => ({
  ...{ name: "one", priority: 0, action: { block: {} }, statement, visibilityConfig },
  ...changes,
});

const known = () => ({ ipSetReferenceStatement: { arn: set.outputs["arn"] } });

const inputs = (rules: readonly Values[], changes: Values = {}): Values => ({
  ...{ region, scope: "CLOUDFRONT", defaultAction: { allow: {} }, rules, visibilityConfig },
  ...changes,
});

const make = async (rules: readonly Values[], changes: Values = {}, name = "acl") =>
  await cloud.create("WebAcl", name, inputs(rules, changes));

const rate = (changes: Values = {}) => ({ rateBasedStatement: { limit: 100, ...changes } });
const group = (name: string) => ({ managedRuleGroupStatement: { vendorName: "AWS", name } });
const managed = (name: string, priority = 0) =>
  rule(group(name), { ...{ name, priority }, action: undefined, overrideAction: { none: {} } });

describe("WebAcl", () => {
  it("says what capacity its rules take, and where it is", async () => {
    const acl = await make([
      rule({ notStatement: { statement: { orStatement: { statements: [known(), known()] } } } }),
      rule(rate(), { name: "rate", priority: 1 }),
      managed("AWSManagedRulesCommonRuleSet", 2),
    ]);
    expect(acl.outputs["capacity"]).toBe(2 * 1 + 2 + 700);
    expect(acl.outputs["arn"]).toBe(
      `arn:aws:wafv2:us-east-1:123456789012:global/webacl/${String(acl.inputs["name"])}/${acl.id}`,
    );
    expect(cloud.recorded("WebAcl", acl.inputs)).toContain("AWSManagedRulesCommonRuleSet");
    const text = {
      searchString: "/api",
      positionalConstraint: "CONTAINS",
      fieldToMatch: { uriPath: {} },
      textTransformations: [{ priority: 0, type: "LOWERCASE" }],
    };
    const changed = await cloud.update(acl, { rules: [rule({ byteMatchStatement: text })] });
    expect(changed.outputs["capacity"]).toBe(10 + 10);
    expect(cloud.recorded("WebAcl", changed.inputs)).toBeUndefined();
  });

  it.each([
    [[rule(rate({ limit: 9 }))], "rules[0].statement.rateBasedStatement.limit: Too small"],
    [[rule(rate({ evaluationWindowSec: 90 }))], "one of 60, 120, 300, 600"],
    [[rule({ geoMatchStatement: { countryCodes: ["DE"] } })], "has no such property"],
    [[rule(rate(), { priority: -1 })], "rules[0].priority: Too small"],
  ])("is refused in a preview: %j", (rules, message) => {
    expect(cloud.preview("WebAcl", inputs(rules)).join("; ")).toContain(message);
  });

  it.each<readonly [string, () => readonly Values[], string]>([
    ["two of a priority", () => [rule(rate()), rule(rate(), { name: "b" })], "same priorities: 0"],
    ["two of a name", () => [rule(rate()), rule(rate(), { priority: 1 })], "same names: one"],
    ["no action", () => [rule(rate(), { action: undefined })], "a rule takes an action"],
    ["two actions", () => [rule(rate(), { action: { block: {}, allow: {} } })], "exactly one"],
    ["two statements", () => [rule({ ...rate(), ...known() })], "exactly one choice"],
    [
      "a group with an action",
      () => [rule(group("AWSManagedRulesCommonRuleSet"))],
      "a rule group takes an overrideAction",
    ],
    ["an unknown group", () => [managed("AWSManagedRulesNonsense")], "whose capacity is known"],
    [
      "no set",
      () => [rule({ ipSetReferenceStatement: { arn: `${String(set.outputs["arn"])}0` } })],
      "couldn't find the IP set",
    ],
    ["no header", () => [rule(rate({ aggregateKeyType: "FORWARDED_IP" }))], "forwardedIpConfig"],
    ["all together", () => [rule(rate({ aggregateKeyType: "CONSTANT" }))], "scopeDownStatement"],
    ["no keys", () => [rule(rate({ aggregateKeyType: "CUSTOM_KEYS" }))], "customKeys go with"],
    [
      "no body",
      () => [
        rule(rate(), {
          action: { block: { customResponse: { responseCode: 429, customResponseBodyKey: "a" } } },
        }),
      ],
      "no body with the key a",
    ],
    [
      "too much capacity",
      () =>
        Array.from({ length: 8 }, (_, index) => ({
          ...managed("AWSManagedRulesCommonRuleSet", index),
          name: `group-${index}`,
        })),
      "5000 capacity units at most, these rules need 5600",
    ],
  ])("is refused with %s", async (_, rules, message) => {
    await expect(make(rules())).rejects.toThrow(message);
  });

  it("is for CloudFront in us-east-1 alone, and takes sets of its own scope", async () => {
    await expect(make([], { region: "eu-central-1" })).rejects.toThrow("field: SCOPE_VALUE");
    await expect(make([rule(known())], { scope: "REGIONAL" })).rejects.toThrow("another scope");
  });

  it("has a name of its own, and holds the sets that it names", async () => {
    const acl = await make([rule(rate({ scopeDownStatement: known() }))], { name: "drops" });
    await expect(make([], { name: "drops" }, "other")).rejects.toThrow("duplicate");
    await expect(cloud.delete(set)).rejects.toThrow("being used by acl");
    await cloud.delete(acl);
    await cloud.delete(set);
  });
});

describe("the edge's view of an ACL", () => {
  it("has its rules, with addresses, keys and answers", async () => {
    const acl = await make(
      [
        rule({ notStatement: { statement: known() } }),
        rule(
          rate({
            ...{ aggregateKeyType: "CUSTOM_KEYS", evaluationWindowSec: 60 },
            forwardedIpConfig: { headerName: "X-Visitor", fallbackBehavior: "MATCH" },
            customKeys: [{ forwardedIp: {} }, { httpMethod: {} }],
          }),
          {
            ...{ name: "two", priority: 1 },
            action: {
              block: { customResponse: { responseCode: 429, customResponseBodyKey: "b" } },
            },
          },
        ),
        managed("AWSManagedRulesSQLiRuleSet", 2),
      ],
      { customResponseBodies: [{ key: "b", content: "{}", contentType: "APPLICATION_JSON" }] },
    );
    const forwarded = { header: "X-Visitor", position: "FIRST", fallback: "MATCH" };
    expect(webAclView(cloud.world, String(acl.outputs["arn"]))).toEqual({
      ...{ id: acl.id, blocksByDefault: false },
      rules: [
        {
          ...{ name: "one", priority: 0, action: "block" },
          statement: { kind: "not", of: { kind: "addresses", networks: ["162.158.0.0/15"] } },
        },
        {
          ...{ name: "two", priority: 1, action: "block" },
          answer: { status: 429, headers: {}, body: { type: "application/json", content: "{}" } },
          statement: {
            ...{ kind: "rate", limit: 100, windowSeconds: 60 },
            keys: [{ kind: "forwarded", forwarded }, { kind: "method" }],
          },
        },
        {
          ...{ name: "AWSManagedRulesSQLiRuleSet", priority: 2, action: "count" },
          statement: { kind: "managed" },
        },
      ],
    });
  });
});

describe("IpSet", () => {
  it.each([
    [["192.0.2.1"], "parameter: 192.0.2.1"],
    [["2001:db8::/32"], "parameter: 2001:db8::/32"],
    [["0.0.0.0/0"], "parameter: 0.0.0.0/0"],
  ])("is refused with %j", async (addresses, message) => {
    await expect(cloud.update(set, { addresses })).rejects.toThrow(message);
  });
});

describe("WebAclAssociation", () => {
  it("is for what a region has, not for CloudFront's", async () => {
    const acl = await make([]);
    const resourceArn =
      "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/a/1";
    cloud.world.put({
      ...{ id: "lb", type: "aws:lb/loadBalancer:LoadBalancer", urn: "", inputs: {}, hidden: {} },
      ...{ outputs: { arn: resourceArn }, ready: true },
    });
    const associate = async ({ outputs }: CloudResource) =>
      await cloud.create("WebAclAssociation", "a", { resourceArn, webAclArn: outputs["arn"] });
    await expect(associate(acl)).rejects.toThrow("named by the distribution");
    const own = await make([], { scope: "REGIONAL", region: "eu-central-1" }, "own");
    expect((await associate(own)).id).toBe(`${String(own.outputs["arn"])},${resourceArn}`);
  });
});
