import { describe, expect, it } from "vitest";
import { cloudflarePlans, rateLimitSeconds, type CloudflarePlan } from "../../prices/cloudflare";
import { parseExpression } from "../../sandbox/edge/language/parser";
import { type CloudflareEdgeSpec, defaultWriteLimit } from "./edgeSpec";
import { rateLimitFields } from "./rateLimitFacts";
import { rateLimitRuleset } from "./rateLimitRules";
import { spec } from "./testing/sampleSpec";

const rulesOf = (changes: Partial<CloudflareEdgeSpec>) =>
  rateLimitRuleset({ ...spec, ...changes }).rules;
const host = 'http.host eq "drops.example.com"';
const counted =
  'not starts_with(http.request.uri.path, "/assets/") and not http.request.uri.path eq "/healthz"';

const general = (expression: string, mitigationTimeout: number) => ({
  ref: "drops_rate_limit",
  description: "Requests of one address, assets and health aside",
  enabled: true,
  expression,
  action: "block",
  ratelimit: {
    characteristics: ["ip.src", "cf.colo.id"],
    period: 10,
    requestsPerPeriod: 200,
    mitigationTimeout,
    requestsToOrigin: false,
  },
});

describe("rate limits", () => {
  it("are one on Free: by the path alone, 10 s", () => {
    expect(rulesOf({})).toEqual([general(counted, 10)]);
  });

  it("are two on Pro, of this host alone: the stricter one for writes comes first", () => {
    const paths = ["/api/users/*/drops", "/api/users/*/cards/*/refund"].map(
      (path) => `http.request.uri.path strict wildcard "${path}"`,
    );
    expect(rulesOf({ plan: "pro" })).toEqual([
      {
        ref: "drops_write_limit",
        description: "Writes of one address, by their paths",
        enabled: true,
        expression: `${host} and (${paths.join(" or ")})`,
        action: "block",
        ratelimit: {
          characteristics: ["ip.src", "cf.colo.id"],
          period: 60,
          requestsPerPeriod: 60,
          mitigationTimeout: 600,
          requestsToOrigin: false,
        },
      },
      general(`${host} and ${counted}`, 60),
    ]);
  });

  it("take a limit of writes that the spec asks for", () => {
    const writeLimit = {
      ...{ paths: ["/api/orders"], requestsPerPeriod: 5 },
      ...{ periodSeconds: 30, blockSeconds: 3_600 },
    };
    expect(rulesOf({ plan: "pro", writeLimit })[0]).toMatchObject({
      expression: `${host} and (http.request.uri.path strict wildcard "/api/orders")`,
      ratelimit: { period: 30, requestsPerPeriod: 5, mitigationTimeout: 3_600 },
    });
    expect(rulesOf({ writeLimit })).toEqual(rulesOf({}));
  });

  it("allow fewer writes than requests", () => {
    const perSecond = (rule: { ratelimit?: unknown } | undefined) => {
      const { requestsPerPeriod, period } = rule?.ratelimit as Record<string, number>;
      return requestsPerPeriod! / period!;
    };
    const [writes, requests] = rulesOf({ plan: "pro", rateLimit: { requestsPerPeriod: 100 } });
    expect(perSecond(writes)).toBeLessThan(perSecond(requests));
    expect(defaultWriteLimit.paths.every((path) => path.startsWith("/api/"))).toBe(true);
  });

  it("block for as long as they count", () => {
    const rules = rulesOf({
      plan: "business",
      rateLimit: { requestsPerPeriod: 200, periodSeconds: 600 },
    });
    expect(rules.at(-1)?.ratelimit).toMatchObject({ period: 600, mitigationTimeout: 600 });
  });

  it.each(Object.keys(cloudflarePlans) as CloudflarePlan[])(
    "ask the plan %s for nothing that it has not",
    (plan) => {
      const limits = cloudflarePlans[plan];
      const rules = rulesOf({ plan });
      expect(rules.length).toBeLessThanOrEqual(limits.rateLimitRules);
      for (const { expression, ratelimit } of rules) {
        const { period, mitigationTimeout } = ratelimit as unknown as Record<string, number>;
        expect(period).toBeLessThanOrEqual(limits.rateLimitMaxPeriodSeconds);
        expect(mitigationTimeout).toBeLessThanOrEqual(limits.rateLimitMitigationMaxSeconds);
        expect(rateLimitSeconds).toEqual(expect.arrayContaining([period, mitigationTimeout]));
        for (const field of parseExpression(expression as string, "Boolean").fields)
          expect(rateLimitFields[plan]).toContain(field);
      }
    },
  );
});
