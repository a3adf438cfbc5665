import { describe, expect, it } from "vitest";
import { managedBodyLimits, managedRuleGroups, wafCapacity } from "../../prices/aws";
import { BODY_LIMIT } from "../../workload/server/app";
import { cloudflareIpRanges } from "../network/cloudflareRanges";
import { refusal } from "../network/testing/registered";
import { childrenOf, inputsOf, listed } from "./testing/awsEdge";
import { Waf, type WafSpec } from "./waf";
import { defaultManagedGroups, wafCapacityOf } from "./wafRules";

const open: WafSpec = {
  name: "drops-test",
  rateLimit: { requestsPerPeriod: 2_000, periodSeconds: 300 },
  behindCloudflare: false,
  managedGroups: defaultManagedGroups(false),
};
const behind: WafSpec = {
  ...open,
  behindCloudflare: true,
  managedGroups: defaultManagedGroups(true),
};
const answer = (_: string, name: string) => ({ id: name, outputs: { arn: `arn:${name}` } });
const deployed = async (spec: WafSpec) =>
  inputsOf(await childrenOf(() => new Waf("waf", { spec }), answer));
const visibilityConfig = (rule: string) => ({
  cloudwatchMetricsEnabled: true,
  metricName: `drops-test-${rule}`,
  sampledRequestsEnabled: true,
});
const group = (name: string, priority: number, counted: readonly string[] = []) => ({
  name,
  priority,
  overrideAction: { none: {} },
  statement: {
    managedRuleGroupStatement: {
      vendorName: "AWS",
      name,
      ...(counted.length > 0 && {
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      }),
    },
  },
  visibilityConfig: visibilityConfig(name),
});

describe("Waf", () => {
  it("is one ACL in us-east-1 that lets in what no rule blocks", async () => {
    expect(await deployed(open)).toEqual({
      "waf-acl": {
        region: "us-east-1",
        scope: "CLOUDFRONT",
        description: "drops-test: what may reach the app",
        defaultAction: { allow: {} },
        rules: [
          {
            name: "rate-limit",
            priority: 0,
            action: { block: {} },
            statement: {
              rateBasedStatement: {
                limit: 2_000,
                evaluationWindowSec: 300,
                aggregateKeyType: "IP",
              },
            },
            visibilityConfig: visibilityConfig("rate-limit"),
          },
          group("AWSManagedRulesAmazonIpReputationList", 1),
          group("AWSManagedRulesCommonRuleSet", 2, ["SizeRestrictions_BODY"]),
          group("AWSManagedRulesKnownBadInputsRuleSet", 3),
        ],
        visibilityConfig: {
          cloudwatchMetricsEnabled: true,
          metricName: "drops-test",
          sampledRequestsEnabled: true,
        },
      },
    });
  });

  it("lets in Cloudflare alone behind it, and counts by its visitors", async () => {
    const all = await deployed(behind);
    expect(Object.keys(all).sort()).toEqual([
      "waf-acl",
      "waf-cloudflare-ipv4",
      "waf-cloudflare-ipv6",
    ]);
    expect(all["waf-acl"]?.rules).toEqual([
      {
        name: "only-cloudflare",
        priority: 0,
        action: { block: {} },
        statement: {
          notStatement: {
            statement: {
              orStatement: {
                statements: [
                  { ipSetReferenceStatement: { arn: "arn:waf-cloudflare-ipv4" } },
                  { ipSetReferenceStatement: { arn: "arn:waf-cloudflare-ipv6" } },
                ],
              },
            },
          },
        },
        visibilityConfig: visibilityConfig("only-cloudflare"),
      },
      {
        name: "rate-limit",
        priority: 1,
        action: { block: {} },
        statement: {
          rateBasedStatement: {
            limit: 2_000,
            evaluationWindowSec: 300,
            aggregateKeyType: "FORWARDED_IP",
            forwardedIpConfig: { headerName: "CF-Connecting-IP", fallbackBehavior: "MATCH" },
          },
        },
        visibilityConfig: visibilityConfig("rate-limit"),
      },
      group("AWSManagedRulesCommonRuleSet", 2, ["SizeRestrictions_BODY"]),
      group("AWSManagedRulesKnownBadInputsRuleSet", 3),
    ]);
  });

  it("counts by another header where the zone states the visitor there", async () => {
    const all = await deployed({ ...behind, visitorHeader: "X-Drops-Visitor-IP" });
    expect(JSON.stringify(all["waf-acl"])).toContain('"headerName":"X-Drops-Visitor-IP"');
  });

  it("knows Cloudflare's addresses, and forgets none", async () => {
    const all = await deployed(behind);
    for (const [family, version] of [
      ["ipv4", "IPV4"],
      ["ipv6", "IPV6"],
    ] as const)
      expect(all[`waf-cloudflare-${family}`]).toEqual({
        region: "us-east-1",
        scope: "CLOUDFRONT",
        description: `Cloudflare's proxies, IP${family.slice(2)}`,
        ipAddressVersion: version,
        addresses: cloudflareIpRanges[family],
      });
  });

  it("registers these types, all under the component", async () => {
    const children = await childrenOf(() => new Waf("waf", { spec: behind }));
    expect(listed(children)).toEqual([
      "IpSet waf-cloudflare-ipv4",
      "IpSet waf-cloudflare-ipv6",
      "WebAcl waf-acl",
    ]);
    for (const { parent } of Object.values(children)) expect(parent).toMatch(/drops:cdn:Waf::waf$/);
  });

  it("applies overrides last, to the named child alone", async () => {
    const plain = await deployed(behind);
    const changed = inputsOf(
      await childrenOf(
        () =>
          new Waf("waf", {
            spec: behind,
            overrides: {
              acl: (args) => ({ ...args, description: "ours" }),
              cloudflare: { ipv6: { addresses: [] } },
            },
          }),
        answer,
      ),
    );
    expect(changed).toEqual({
      ...plain,
      "waf-acl": { ...plain["waf-acl"], description: "ours" },
      "waf-cloudflare-ipv6": { ...plain["waf-cloudflare-ipv6"], addresses: [] },
    });
  });
});

describe("the rules", () => {
  it.each([
    ["open to the world", open, 700 + 200 + 25 + 2],
    ["behind Cloudflare", behind, 700 + 200 + 2 + 2],
  ])("cost the basic price: %s", (_, spec, capacity) => {
    expect(wafCapacityOf(spec)).toBe(capacity);
    expect(capacity).toBeLessThanOrEqual(wafCapacity.included);
  });

  it("let a body through that the app takes", () => {
    // The group would block from here on; WAF sees all that the app takes.
    expect(BODY_LIMIT).toBeGreaterThan(managedBodyLimits.blockedAboveBytes);
    expect(BODY_LIMIT).toBeLessThanOrEqual(managedBodyLimits.inspectedBytes);
  });
});

describe("Waf refuses", () => {
  const all = Object.keys(managedRuleGroups) as WafSpec["managedGroups"];
  it.each<[string, Partial<WafSpec>, string]>([
    [
      "fewer requests than WAF counts",
      { rateLimit: { requestsPerPeriod: 9, periodSeconds: 300 } },
      "spec.rateLimit.requestsPerPeriod must be a whole number from 10 to 2000000000, got 9",
    ],
    [
      "a window that WAF has not",
      { rateLimit: { requestsPerPeriod: 10, periodSeconds: 30 as never } },
      "spec.rateLimit.periodSeconds must be one of 60, 120, 300, 600, got 30",
    ],
    [
      "a group that is not in the table",
      { managedGroups: ["AWSManagedRulesCommonRules" as never] },
      `spec.managedGroups must be of ${all.join(", ")}, got AWSManagedRulesCommonRules`,
    ],
    [
      "one group twice",
      { managedGroups: ["AWSManagedRulesSQLiRuleSet", "AWSManagedRulesSQLiRuleSet"] },
      "spec.managedGroups must differ, got AWSManagedRulesSQLiRuleSet, AWSManagedRulesSQLiRuleSet",
    ],
    [
      "a name that no metric may have",
      { name: "drops test" },
      'spec.name must be up to 80 letters, digits, hyphens, underscores, got "drops test"',
    ],
    [
      "a header with a colon",
      { visitorHeader: "CF-Connecting-IP:" },
      'spec.visitorHeader must be the name of a header, got "CF-Connecting-IP:"',
    ],
  ])("%s", async (_, changes, message) => {
    expect(await refusal(() => new Waf("waf", { spec: { ...open, ...changes } }))).toBe(
      `waf: ${message}`,
    );
  });

  it("nothing of all groups there are, as long as they cost the basic price", async () => {
    const capacity = wafCapacityOf({ ...open, managedGroups: all });
    expect(capacity).toBe(1_377);
    expect(await refusal(() => new Waf("waf", { spec: { ...open, managedGroups: all } }))).toBe("");
  });
});
