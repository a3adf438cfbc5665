import { describe, expect, it } from "vitest";
import {
  cloudflareDated,
  cloudflarePlans,
  findCloudflarePlan,
  managedRulesetIds,
  rateLimitSeconds,
  type CloudflarePlanSpec,
} from "./cloudflare";

const ascending: readonly CloudflarePlanSpec[] = Object.values(cloudflarePlans);

describe("Cloudflare plans", () => {
  it.each([
    ["free", 0, 0, 1, 10, 10, 10, 7_200, false],
    ["pro", 25, 20, 2, 60, 3_600, 25, 3_600, true],
    ["business", 250, 200, 5, 600, 86_400, 50, 1, true],
  ])("%s", (id, usd, usdAnnual, rules, period, mitigation, cacheRules, minTtl, waf) => {
    expect(findCloudflarePlan(id)).toMatchObject({
      usdMonthly: usd,
      usdMonthlyAnnual: usdAnnual,
      rateLimitRules: rules,
      rateLimitMaxPeriodSeconds: period,
      rateLimitMitigationMaxSeconds: mitigation,
      cacheRules,
      minEdgeTtlSeconds: minTtl,
      wafManaged: waf,
      owasp: waf,
    });
  });

  it("gives more of everything for more money", () => {
    const more = [
      "usdMonthly",
      "rateLimitRules",
      "rateLimitMaxPeriodSeconds",
      "rateLimitMitigationMaxSeconds",
      "cacheRules",
      "wafCustomRules",
      "transformRules",
      "redirectRules",
      "snippets",
      "snippetSubrequests",
    ] as const;
    for (const key of more) {
      const values = ascending.map((plan) => plan[key]);
      expect(values, key).toEqual([...new Set(values)].sort((a, b) => a - b));
    }
    const ttls = ascending.map((plan) => plan.minEdgeTtlSeconds);
    expect(ttls).toEqual([...ttls].sort((a, b) => b - a));
  });

  it.each([
    ["free", 0, 0],
    ["pro", 25, 2],
    ["business", 50, 3],
  ])("%s has %i Snippets with %i requests of their own", (id, snippets, snippetSubrequests) => {
    expect(findCloudflarePlan(id)).toMatchObject({ snippets, snippetSubrequests });
  });

  it("counts and blocks over times that the API takes", () => {
    expect(rateLimitSeconds).toHaveLength(21);
    expect([...rateLimitSeconds].sort((a, b) => a - b)).toEqual(rateLimitSeconds);
    for (const plan of ascending) {
      expect(rateLimitSeconds).toContain(plan.rateLimitMaxPeriodSeconds);
      expect(rateLimitSeconds).toContain(plan.rateLimitMitigationMaxSeconds);
    }
  });

  it("does not know a plan that is none", () => {
    expect(findCloudflarePlan("enterprise")).toBeUndefined();
    expect(findCloudflarePlan("toString")).toBeUndefined();
  });

  it("has four different ruleset ids of 32 hex digits", () => {
    const ids = Object.values(managedRulesetIds);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it("dates every column", () => {
    for (const { source, asOf } of Object.values(cloudflareDated)) {
      expect(source).toMatch(/cloudflare/i);
      expect(asOf).toMatch(/^2026-\d{2}-\d{2}$/);
    }
  });
});
