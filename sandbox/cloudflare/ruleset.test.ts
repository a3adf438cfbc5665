import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { edgeRulesets } from "../../components/cdn/edgeRules";
import { cloudflarePlans, managedRulesetIds, type CloudflarePlan } from "../../prices/cloudflare";
import { TestCloud } from "../digitalocean/testing/testCloud";
import { cloudflare } from ".";

const zoneId = "a".repeat(32);

let cloud: TestCloud;
beforeEach(() => {
  cloud = new TestCloud([cloudflare]);
  putZone("free");
});
afterEach(() => {
  cloud.close();
});

/** As the sandbox puts it there. */
function putZone(plan: string, id = zoneId, name = "example.com"): void {
  cloud.world.put({
    ...{ id, type: "cloudflare:index/zone:Zone", urn: "", inputs: { name, plan } },
    ...{ outputs: {}, hidden: {}, ready: true },
  });
}

const rule = { action: "block", expression: 'http.request.uri.path eq "/x"', enabled: true };
const ratelimit = {
  ...{ characteristics: ["ip.src", "cf.colo.id"], period: 10, requestsPerPeriod: 100 },
  mitigationTimeout: 10,
};
const ruleset = (phase: string, ...rules: object[]) => ({
  zoneId,
  kind: "zone",
  name: "r",
  phase,
  rules,
});
const limited = (change: object, more: object = {}) =>
  ruleset("http_ratelimit", { ...rule, ...more, ratelimit: { ...ratelimit, ...change } });
const edgeTtl = (seconds: number) =>
  ruleset("http_request_cache_settings", {
    ...rule,
    action: "set_cache_settings",
    actionParameters: { cache: true, edgeTtl: { mode: "override_origin", default: seconds } },
  });
const managed = (id: string) =>
  ruleset("http_request_firewall_managed", {
    ...{ action: "execute", expression: "true", actionParameters: { id } },
  });

describe("Ruleset", () => {
  it.each(Object.keys(cloudflarePlans) as CloudflarePlan[])(
    "the project's own rules fit the plan %s",
    async (plan) => {
      putZone(plan);
      const rulesets = edgeRulesets({
        ...{ zoneId, domain: "drops.example.com", originName: "origin.example.com", plan },
        ...{ rateLimit: { requestsPerPeriod: 100 }, hstsMaxAgeSeconds: 1 },
      });
      for (const [name, each] of Object.entries(rulesets)) {
        const made = await cloud.create("Ruleset", name, { ...each, zoneId, kind: "zone" });
        expect((await cloud.update(made, {})).outputs["version"]).toBe("2");
      }
    },
  );

  it.each([
    [{ phase: "http_request_firewall" }, "phase: Invalid option"],
    [{ kind: "account" }, "kind: Invalid option"],
    [{ rules: [{ ...rule, action: "deny" }] }, "rules[0].action: Invalid option"],
    [
      { rules: [{ ...rule, colour: 1 }] },
      "rules[0].colour: cloudflare:index/ruleset:Ruleset has no",
    ],
    [
      { rules: [{ ...rule, actionParameters: { fromValue: { statusCode: 200, targetUrl: {} } } }] },
      "statusCode",
    ],
  ])("is refused in a preview: %j", (change, message) => {
    const refused = cloud.preview("Ruleset", { ...ruleset("http_ratelimit", rule), ...change });
    expect(refused).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ["free", { ...ruleset("http_ratelimit"), zoneId: "x" }, 'there is no Zone "x"'],
    ["free", { ...ruleset("http_ratelimit"), kind: "root" }, 'alone, got kind "root"'],
    ["free", ruleset("http_ratelimit", rule), "takes a ratelimit object"],
    [
      "free",
      ruleset("http_ratelimit", ...[1, 2].map(() => ({ ...rule, ratelimit }))),
      "http_ratelimit: 2 out of 1 (plan free)",
    ],
    [
      "pro",
      ruleset("http_ratelimit", ...[1, 2, 3].map(() => ({ ...rule, ratelimit }))),
      "3 out of 2 (plan pro)",
    ],
    ["free", limited({ characteristics: ["ip.src"] }), 'characteristics must include "cf.colo.id"'],
    [
      "free",
      limited({ period: 60 }),
      "not entitled to use a period different from 10 seconds, got 60",
    ],
    [
      "free",
      limited({ mitigationTimeout: 60 }),
      "not entitled to use a mitigation timeout different from 10",
    ],
    ["pro", limited({ period: 61 }), "not entitled to use a period longer than 60 seconds"],
    ["business", limited({ mitigationTimeout: 86_401 }), "longer than 86400 seconds"],
    ["free", limited({}, { expression: 'http.host eq "x"' }), "http.host"],
    ["free", edgeTtl(7_199), "edge TTL must be at least 7200 seconds, got 7199 (plan free)"],
    [
      "free",
      managed(managedRulesetIds.cloudflareManaged),
      "not entitled to execute this managed ruleset",
    ],
    ["free", managed(managedRulesetIds.owasp), "not entitled to execute this managed ruleset"],
    [
      "free",
      ruleset("http_request_firewall_custom", ...Array.from({ length: 6 }, () => rule)),
      "6 out of 5",
    ],
    [
      "pro",
      ruleset("http_request_firewall_custom", {
        ...rule,
        expression: 'http.request.uri.path matches "^/x"',
      }),
      "matches",
    ],
    [
      "free",
      ruleset("http_request_firewall_custom", { ...rule, expression: 'http.uri.path eq "/x"' }),
      "is not a valid value for expression",
    ],
    [
      "free",
      ruleset("http_request_firewall_custom", { ...rule, expression: "http.host eq" }),
      "is not a valid value for expression",
    ],
    [
      "free",
      ruleset("http_request_firewall_custom", { ...rule, expression: "http.response.code eq 200" }),
      "http.response.code",
    ],
  ] as const)("is refused when made, on plan %s: %j", async (plan, inputs, message) => {
    putZone(plan);
    await expect(cloud.create("Ruleset", "r", inputs)).rejects.toThrow(message);
  });

  it("says where in the request a fault is", async () => {
    const target = { targetUrl: { expression: "concat(" } };
    const redirect = { ...rule, action: "redirect", actionParameters: { fromValue: target } };
    await expect(
      cloud.create("Ruleset", "r", ruleset("http_request_dynamic_redirect", rule, redirect)),
    ).rejects.toMatchObject({
      pointer: "/rules/1/action_parameters/from_value/target_url/expression",
    });
  });

  it("is the only one of its phase in a zone", async () => {
    const one = ruleset("http_request_cache_settings");
    const made = await cloud.create("Ruleset", "r", one);
    await expect(cloud.create("Ruleset", "again", one)).rejects.toMatchObject({
      code: 20217,
      message:
        "'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase http_request_cache_settings",
    });
    await cloud.update(made, { description: "itself" });
    const other = "c".repeat(32);
    putZone("pro", other, "example.org");
    await cloud.create("Ruleset", "elsewhere", { ...one, zoneId: other });
  });
});
