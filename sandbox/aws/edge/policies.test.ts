import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import { AwsTestCloud } from "../testing/testCloud";
import { cachePolicyView, originRequestPolicyView, responseHeadersPolicyView } from "./policyViews";

let cloud: AwsTestCloud;
beforeEach(() => {
  cloud = new AwsTestCloud();
});
afterEach(() => {
  cloud.close();
});

const parameters = (changes: Values = {}) => ({
  cookiesConfig: { cookieBehavior: "none" },
  headersConfig: { headerBehavior: "none" },
  queryStringsConfig: { queryStringBehavior: "none" },
  ...changes,
});
const cache = (changes: Values = {}, more: Values = {}) => ({
  parametersInCacheKeyAndForwardedToOrigin: parameters(changes),
  ...more,
});

describe("CachePolicy", () => {
  it("has the provider's lifetimes, and is seen by the edge", async () => {
    const made = await cloud.create(
      ...(["CachePolicy", "assets"] as const),
      cache({
        enableAcceptEncodingGzip: true,
        headersConfig: { headerBehavior: "whitelist", headers: { items: ["Origin"] } },
      }),
    );
    expect(cachePolicyView(cloud.world, made.id)).toEqual({
      ...{ id: made.id, minTtl: 0, defaultTtl: 86_400, maxTtl: 31_536_000 },
      ...{ gzip: true, brotli: false, headers: { behavior: "whitelist", items: ["Origin"] } },
      cookies: { behavior: "none", items: [] },
      queryStrings: { behavior: "none", items: [] },
    });
    expect(cachePolicyView(cloud.world, "other")).toBeUndefined();
  });

  it.each([
    [cache({}, { minTtl: 10, defaultTtl: 5 }), "must not fall"],
    [
      cache({ enableAcceptEncodingGzip: true }, { defaultTtl: 0, maxTtl: 0 }),
      "not allowed in a policy that caches nothing",
    ],
    [cache({ headersConfig: { headerBehavior: "whitelist" } }), "needs a list of headers"],
    [
      cache({ cookiesConfig: { cookieBehavior: "all", cookies: { items: ["a"] } } }),
      "takes no list of cookies",
    ],
  ])("is refused: %j", async (inputs, message) => {
    await expect(cloud.create("CachePolicy", "p", inputs)).rejects.toThrow(message);
  });

  it("has a name of its own, and an account 20 of them", async () => {
    await cloud.create("CachePolicy", "p", cache({}, { name: "drops" }));
    await expect(cloud.create("CachePolicy", "q", cache({}, { name: "drops" }))).rejects.toThrow(
      "already exists with the name drops",
    );
    for (let index = 1; index < 20; index += 1)
      await cloud.create("CachePolicy", `p${index}`, cache());
    await expect(cloud.create("CachePolicy", "last", cache())).rejects.toThrow("has 20 of them");
  });
});

describe("OriginRequestPolicy", () => {
  const policy = (headersConfig: Values) => ({ ...parameters(), headersConfig });
  it.each(["Authorization", "accept-encoding"])("may not list %s", async (name) => {
    const listed = policy({ headerBehavior: "whitelist", headers: { items: [name] } });
    await expect(cloud.create("OriginRequestPolicy", "p", listed)).rejects.toThrow("not allowed");
    const without = policy({ headerBehavior: "allExcept", headers: { items: [name] } });
    const made = await cloud.create("OriginRequestPolicy", "q", without);
    expect(originRequestPolicyView(cloud.world, made.id)?.headers).toEqual({
      ...{ behavior: "allExcept", items: [name] },
    });
  });
});

describe("ResponseHeadersPolicy", () => {
  it("becomes headers, in the words that browsers read", async () => {
    const made = await cloud.create("ResponseHeadersPolicy", "headers", {
      securityHeadersConfig: {
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: "DENY", override: false },
        strictTransportSecurity: {
          ...{ accessControlMaxAgeSec: 60, includeSubdomains: true, preload: true, override: true },
        },
        xssProtection: { protection: true, modeBlock: true, override: false },
      },
      customHeadersConfig: { items: [{ header: "A", value: "b", override: false }] },
      removeHeadersConfig: { items: [{ header: "X-Powered-By" }] },
    });
    const { set, remove } = responseHeadersPolicyView(cloud.world, made.id)!;
    expect(set.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      ...["X-Content-Type-Options: nosniff", "X-Frame-Options: DENY"],
      "Strict-Transport-Security: max-age=60; includeSubDomains; preload",
      ...["X-XSS-Protection: 1; mode=block", "A: b"],
    ]);
    expect(remove).toEqual(["X-Powered-By"]);
  });

  it.each<readonly [Values, string]>([
    [{}, "at least one header"],
    [
      {
        customHeadersConfig: {
          items: ["a", "A"].map((header) => ({ header, value: "", override: true })),
        },
      },
      "is set twice",
    ],
  ])("is refused: %j", async (inputs, message) => {
    await expect(cloud.create("ResponseHeadersPolicy", "p", inputs)).rejects.toThrow(message);
  });
});

describe("HealthCheck", () => {
  const check = { type: "HTTPS", fqdn: "drops.example.com", port: 443, resourcePath: "/readyz" };

  it.each([
    [{ requestInterval: 20 }, "requestInterval: one of 10, 30"],
    [{ failureThreshold: 11 }, "failureThreshold: Too big"],
    [{ regions: ["us-east-1", "eu-west-1"] }, "regions: Too small"],
    [{ regions: ["us-east-1", "eu-west-1", "eu-central-1"] }, "regions[2]: Invalid option"],
    [{ type: "CALCULATED" }, "type: Invalid option"],
    [{ type: "TCP", port: undefined }, "port: a check of TCP needs a port"],
  ])("is refused in a preview: %j", (change, message) => {
    expect(cloud.preview("HealthCheck", { ...check, ...change }).join("; ")).toContain(message);
  });

  it.each([
    [{ fqdn: undefined }, "needs a fully qualified domain name"],
    [{ searchString: "ok" }, "searchString goes with"],
    [{ type: "HTTPS_STR_MATCH" }, "searchString goes with"],
    [{ type: "TCP" }, "has no path"],
  ])("is refused: %j", async (change, message) => {
    await expect(cloud.create("HealthCheck", "c", { ...check, ...change })).rejects.toThrow(
      message,
    );
  });

  it("has an ARN without an account", async () => {
    const made = await cloud.create("HealthCheck", "c", check);
    expect(made.outputs["arn"]).toBe(`arn:aws:route53:::healthcheck/${made.id}`);
  });
});
