import { describe, expect, it } from "vitest";
import { resource } from "../testResources";
import { awsLines, awsReasons } from "./awsTestResources";

type Inputs = Readonly<Record<string, unknown>>;

const cdn = resource("aws:cloudfront/distribution:Distribution", "cdn");

describe("CloudFront", () => {
  it.each([
    [75, 1_000, 0, 0, 65, 65],
    [10, 5_000, 4_000, 340, 0, 0],
    [5, 21_240, 20_240, 1_670.4, 0, 0],
  ])("%i million requests and %i GB", (requests, gb, beyondGb, usdGb, beyond, usd) => {
    expect(awsLines([cdn], { requestsMillions: requests, egressGb: gb })).toEqual([
      ["cdn", "CloudFront transfer beyond the account's free 1000 GB", beyondGb, usdGb],
      [
        "cdn",
        "CloudFront HTTPS requests beyond the account's free 10 million, at United States prices",
        beyond,
        usd,
      ],
    ]);
  });

  it("has one pair of lines for all distributions", () => {
    const other = resource("aws:cloudfront/distribution:Distribution", "other");
    expect(awsLines([cdn, other]).map(([name]) => name)).toEqual([
      "distributions",
      "distributions",
    ]);
  });

  it("names what it cannot price", () => {
    expect(awsReasons([cdn], { egressGb: 60_000 })).toEqual([
      "the price of transfer beyond 51200 GB was not found",
    ]);
    const metrics = "aws:cloudfront/monitoringSubscription:MonitoringSubscription";
    expect(awsReasons([resource(metrics, "metrics")])).toEqual([
      "the price of CloudFront's additional metrics was not found",
    ]);
  });

  it("runs functions on every request", () => {
    expect(awsLines([resource("aws:cloudfront/function:Function", "headers")])).toEqual([
      ["headers", "CloudFront Functions, one invocation a request", 75, 7.5],
    ]);
  });
});

describe("WAF", () => {
  const group = (name: string) => ({
    statement: { managedRuleGroupStatement: { vendorName: "AWS", name } },
  });
  const rate = { statement: { rateBasedStatement: { limit: 2_000, aggregateKeyType: "IP" } } };
  const acl = (rules: readonly unknown[], inputs: Inputs = {}) =>
    resource("aws:wafv2/webAcl:WebAcl", "waf", { scope: "CLOUDFRONT", rules, ...inputs });
  const common = group("AWSManagedRulesCommonRuleSet");

  it("costs the ACL, its rules and the requests", () => {
    const rules = [common, group("AWSManagedRulesKnownBadInputsRuleSet"), rate];
    expect(awsLines([acl(rules)], {}, [])).toEqual([
      ["waf", "WAF web ACL", 1, 5],
      ["waf", "WAF rules and managed groups", 3, 3],
      ["waf", "WAF requests", 75, 45],
    ]);
    expect(awsReasons([acl(rules)], {}, [])).toEqual([]);
  });

  it("names groups with a price of their own, and capacity beyond the basic price", () => {
    expect(awsReasons([acl([group("AWSManagedRulesBotControlRuleSet")])])).toEqual([
      "the price of the rule group AWSManagedRulesBotControlRuleSet was not found",
    ]);
    expect(awsReasons([acl([common, common, common])])).toEqual([
      "the rules take 2100 capacity units: the price beyond 1500 was not found",
    ]);
  });

  it("is priced by region where it is not CloudFront's", () => {
    expect(awsReasons([acl([], { scope: "REGIONAL", region: "eu-west-1" })])).toEqual([
      "the price book has no AWS prices of eu-west-1, only of us-east-1",
    ]);
  });
});

describe("Route 53", () => {
  const check = (inputs: Inputs) =>
    resource("aws:route53/healthCheck:HealthCheck", "site", { type: "HTTPS", ...inputs });

  it.each([
    ["in", [cdn], 0.5, 1],
    ["in", [resource("aws:lb/loadBalancer:LoadBalancer", "b", { subnets: [] })], 0.5, 1],
    ["outside", [], 0.75, 2],
    ["outside", [resource("aws:lb/loadBalancer:LoadBalancer", "b", { internal: true })], 0.75, 2],
  ])("checks an endpoint %s AWS", (where, others, usd, usdFeature) => {
    const found = awsLines([check({}), ...others]).filter(([name]) => name === "site");
    expect(found).toEqual([
      ["site", `Route 53 health check of an endpoint ${where} AWS`, 1, usd],
      ["site", "Route 53 health check features: HTTPS", 1, usdFeature],
    ]);
  });

  it("bills each feature", () => {
    const all = check({ type: "HTTPS_STR_MATCH", requestInterval: 10, measureLatency: true });
    expect(awsLines([all, cdn])[1]).toEqual([
      "site",
      "Route 53 health check features: HTTPS, string matching, 10 s interval, latency",
      4,
      4,
    ]);
    expect(awsLines([check({ type: "HTTP" }), cdn]).filter(([name]) => name === "site")).toEqual([
      ["site", "Route 53 health check of an endpoint in AWS", 1, 0.5],
    ]);
  });

  it("names a check of another kind", () => {
    expect(awsReasons([check({ type: "CALCULATED" })])).toEqual([
      "no price for a health check of type CALCULATED",
    ]);
  });

  it("has a zone and its queries", () => {
    expect(awsLines([resource("aws:route53/zone:Zone", "zone")])).toEqual([
      ["zone", "Route 53 zone", 1, 0.5],
      ["zone", "Route 53 queries", 7.5, 3],
    ]);
  });
});
