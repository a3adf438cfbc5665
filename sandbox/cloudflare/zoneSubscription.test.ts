import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestCloud, type RefusedCase } from "../digitalocean/testing/testCloud";
import { cloudflare } from ".";

const zoneId = "a".repeat(32);
const pro = { zoneId, frequency: "monthly", ratePlan: { id: "pro" } };

let cloud: TestCloud;
beforeEach(() => {
  cloud = new TestCloud([cloudflare]);
  cloud.world.put({
    ...{ id: zoneId, type: "cloudflare:index/zone:Zone", urn: "", outputs: {}, hidden: {} },
    ...{ inputs: { name: "example.com", plan: "free" }, ready: true },
  });
});
afterEach(() => {
  cloud.close();
});

const limit = {
  ...{ action: "block", expression: 'http.host eq "a.example.com"', enabled: true },
  ratelimit: {
    ...{ characteristics: ["ip.src", "cf.colo.id"], period: 60, requestsPerPeriod: 100 },
    mitigationTimeout: 3_600,
  },
};
const limits = (count: number, change: object = {}) => ({
  ...{ zoneId, kind: "zone", name: "r", phase: "http_ratelimit" },
  rules: Array.from({ length: count }, () => ({ ...limit, ...change })),
});

describe("ZoneSubscription", () => {
  it("gives the zone its plan's limits while it is there", async () => {
    await expect(cloud.create("Ruleset", "r", limits(2))).rejects.toThrow("2 out of 1 (plan free)");
    const plan = await cloud.create("ZoneSubscription", "plan", pro);
    expect(plan.id).toBe(zoneId);
    expect(plan.outputs).toMatchObject({ currency: "USD", price: 25, state: "Paid" });
    const made = await cloud.create("Ruleset", "r", limits(2));
    await expect(cloud.update(made, limits(3))).rejects.toThrow("3 out of 2 (plan pro)");
    await cloud.delete(plan);
    await expect(cloud.update(made, limits(2))).rejects.toThrow("2 out of 1 (plan free)");
  });

  it("can become another plan, paid otherwise, in place", async () => {
    const plan = await cloud.create("ZoneSubscription", "plan", pro);
    const change = { ratePlan: { id: "business" }, frequency: "yearly" };
    expect((await cloud.update(plan, change)).outputs["price"]).toBe(2_400);
    await cloud.create("Ruleset", "r", limits(5));
  });

  it("is the only one of its zone", async () => {
    await cloud.create("ZoneSubscription", "plan", pro);
    await expect(cloud.create("ZoneSubscription", "more", pro)).rejects.toThrow(
      "has a subscription already",
    );
  });

  it.each([
    [{ frequency: "daily" }, "frequency: expected one of weekly, monthly"],
    [{ ratePlan: { id: "pro*plus" } }, "ratePlan.id: expected one of free, lite, pro, pro_plus"],
    [{ ratePlan: { id: "pro", name: "Pro" } }, "ratePlan.name"],
    [{ plan: "pro" }, "plan: cloudflare:index/zoneSubscription:ZoneSubscription has no"],
  ])("is refused in a preview: %j", (change, message) => {
    expect(cloud.preview("ZoneSubscription", { ...pro, ...change })).toEqual([
      expect.stringContaining(message),
    ]);
  });

  it.each<RefusedCase>([
    { rule: "zone", change: { zoneId: "b".repeat(32) }, message: "zoneId: there is no Zone" },
    {
      rule: "Free",
      change: { ratePlan: { id: "free" } },
      message: "Add a core subscription first",
    },
    { rule: "no plan", change: { ratePlan: undefined }, message: "Add a core subscription first" },
    {
      rule: "a partner's plan",
      change: { ratePlan: { id: "partners_pro" } },
      message: "failed to resolve provided rate plan: 'PARTNERS_PRO'",
    },
  ])("is refused when made: $rule", async ({ change, message }) => {
    await expect(cloud.create("ZoneSubscription", "p", { ...pro, ...change })).rejects.toThrow(
      message,
    );
  });

  it("is recorded alone: nobody pays", () => {
    expect(cloud.recorded("ZoneSubscription", pro)).toContain("nothing is paid");
  });
});

describe("a rate limit on Pro", () => {
  beforeEach(async () => {
    await cloud.create("ZoneSubscription", "plan", pro);
  });

  it.each([
    [{ expression: 'http.request.method eq "POST"' }, "the use of field http.request.method"],
    [{ expression: "ip.src eq 192.0.2.1" }, "the use of field ip.src is not allowed"],
    [{ expression: "ssl" }, "the use of field ssl is not allowed"],
    [{ ratelimit: { ...limit.ratelimit, period: 50 } }, "the period must be one of 10, 15, 20"],
    [
      { ratelimit: { ...limit.ratelimit, mitigationTimeout: 61 } },
      "the mitigation timeout must be one of 10, 15, 20",
    ],
    [{ ratelimit: { ...limit.ratelimit, period: 90 } }, "a period longer than 60 seconds, got 90"],
  ])("is refused: %j", async (change, message) => {
    await expect(cloud.create("Ruleset", "r", limits(1, change))).rejects.toThrow(message);
  });

  it("may count without blocking for longer", async () => {
    const counting = { ratelimit: { ...limit.ratelimit, mitigationTimeout: 0 } };
    await cloud.create("Ruleset", "r", limits(1, counting));
  });
});
