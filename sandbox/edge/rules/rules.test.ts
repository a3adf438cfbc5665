import { describe, expect, it } from "vitest";
import type { RequestView } from "../requestView";
import type { ZoneView } from "../types";
import { RateLimiter } from "./rateLimiter";
import { redirectFor } from "./redirects";
import { applyCacheResponseRules, applyHeaderRules } from "./responseRules";
import { type FollowedPhase, RuleReader } from "./ruleReader";

const view: RequestView = {
  ...{ host: "example.com", method: "GET", path: "/a b", query: "x=1", secure: true },
  ...{ address: "203.0.113.7", headers: new Map([["x-key", ["one"]]]) },
};

type Rule = Record<string, unknown>;
const zoneWith = (phase: FollowedPhase, ...rules: readonly Rule[]): ZoneView => ({
  ...{ id: "zone", settings: {}, records: [] },
  rulesets: [{ phase, rules }],
});

const newReader = () => {
  const log: string[] = [];
  return { log, reader: new RuleReader((line) => log.push(line)) };
};

describe("redirects", () => {
  const to = (fromValue: object, more: Rule = {}) =>
    redirectFor(
      zoneWith("http_request_dynamic_redirect", {
        ...{ action: "redirect", expression: "true", actionParameters: { fromValue } },
        ...more,
      }),
      view,
      newReader().reader,
    );

  it.each<[object, string | undefined]>([
    [{ targetUrl: { value: "https://a.test/" } }, "302 https://a.test/"],
    [{ targetUrl: { value: "/b" }, statusCode: 308 }, "308 /b"],
    [{ targetUrl: { value: "/b" }, preserveQueryString: true }, "302 /b?x=1"],
    [{ targetUrl: { value: "/b?y=2" }, preserveQueryString: true }, "302 /b?y=2&x=1"],
    [{ targetUrl: { expression: 'concat("/c", http.request.uri.path)' } }, "302 /c/a%20b"],
    [{ targetUrl: { expression: 'http.request.headers["absent"][0]' } }, undefined],
    [{ targetUrl: {} }, undefined],
  ])("%j", (fromValue, expected) => {
    const redirect = to(fromValue);
    expect(redirect && `${redirect.status} ${redirect.location}`).toBe(expected);
  });

  it("leave out a rule that is switched off or does not hold", () => {
    const targetUrl = { value: "/b" };
    expect(to({ targetUrl }, { enabled: false })).toBeUndefined();
    expect(to({ targetUrl }, { expression: "not ssl" })).toBeUndefined();
  });

  it("leave out a rule that cannot be read, and say which", () => {
    const { log, reader } = newReader();
    const rule = { ref: "mine", action: "redirect", expression: "true", actionParameters: {} };
    const zone = zoneWith("http_request_dynamic_redirect", rule);
    for (let i = 0; i < 3; i++) expect(redirectFor(zone, view, reader)).toBeUndefined();
    expect(log).toEqual([expect.stringMatching(/a rule "mine" of http_request_dynamic_redirect/)]);
    expect(log[0]).toContain("actionParameters.fromValue");
  });
});

describe("rules for headers", () => {
  const apply = (...changes: readonly object[]) =>
    Object.fromEntries(
      applyHeaderRules(
        zoneWith(
          "http_response_headers_transform",
          ...changes.map((headers) => ({
            ...{ action: "rewrite", expression: "true", actionParameters: { headers } },
          })),
        ),
        { ...view, response: { status: 200, headers: new Map([["x-old", ["1"]]]) } },
        newReader().reader,
      ),
    );

  it("set, add and remove; a later rule overwrites an earlier one", () => {
    expect(
      apply(
        { "X-Old": { operation: "remove" }, "X-New": { operation: "set", value: "a" } },
        { "x-new": { operation: "add", value: "b" } },
        { "X-Last": { operation: "set", value: "1" } },
        { "x-last": { operation: "set", value: "2" } },
      ),
    ).toEqual({ "x-new": ["a", "b"], "x-last": ["2"] });
  });

  it("take values from the request, and remove what has none", () => {
    expect(
      apply({
        "x-host": { operation: "set", expression: "http.host" },
        "x-old": { operation: "set", expression: 'http.request.headers["absent"][0]' },
      }),
    ).toEqual({ "x-host": ["example.com"] });
  });

  it("see the headers as they were", () => {
    const zone = zoneWith(
      "http_response_headers_transform",
      {
        ...{ action: "rewrite", expression: "true" },
        actionParameters: { headers: { "x-a": { operation: "set", value: "1" } } },
      },
      {
        ...{ action: "rewrite", expression: 'any(http.response.headers["x-a"][*] eq "1")' },
        actionParameters: { headers: { "x-b": { operation: "set", value: "1" } } },
      },
    );
    const response = { status: 200, headers: new Map() };
    const after = applyHeaderRules(zone, { ...view, response }, newReader().reader);
    expect([...after.keys()]).toEqual(["x-a"]);
  });

  it("leave Cloudflare's own headers alone", () => {
    const set = { operation: "set", value: "x" };
    expect(apply({ Server: set, "CF-Ray": set, "X-CF-Y": set })).toEqual({ "x-old": ["1"] });
  });
});

describe("rules for what is kept", () => {
  it("tell the edge one thing and visitors another", () => {
    const zone = zoneWith(
      "http_response_cache_settings",
      {
        ...{ action: "set_cache_control", expression: "true" },
        actionParameters: {
          sMaxage: { operation: "set", value: 60, cloudflareOnly: true },
          maxAge: { operation: "set", value: 5 },
        },
      },
      {
        ...{ action: "set_cache_settings", expression: "true" },
        actionParameters: { stripSetCookie: true, stripEtags: true, stripLastModified: true },
      },
    );
    const headers = new Map([
      ["cache-control", ["public, max-age=1"]],
      ["set-cookie", ["a=1"]],
      ["etag", ["x"]],
      ["last-modified", ["y"]],
    ]);
    const response = { status: 200, headers };
    const ruled = applyCacheResponseRules(zone, { ...view, response }, newReader().reader);
    expect(Object.fromEntries(ruled.headers)).toEqual({ "cache-control": ["public, max-age=5"] });
    expect([...ruled.directives]).toEqual([
      ["public", undefined],
      ["max-age", "5"],
      ["s-maxage", "60"],
    ]);
  });
});

describe("rate limits", () => {
  const limit = (ratelimit: object, more: Rule = {}): Rule => ({
    ...{ ref: "one", action: "block", expression: "true" },
    ratelimit: { characteristics: ["ip.src", "cf.colo.id"], period: 10, ...ratelimit },
    ...more,
  });
  const limiterOf = (rules: readonly Rule[], maxCounters?: number) => {
    const clock = { now: 0 };
    const limiter = new RateLimiter(newReader().reader, () => clock.now, maxCounters);
    const zone = zoneWith("http_ratelimit", ...rules);
    const count = (changes: Partial<RequestView> = {}) =>
      limiter.count(zone, { ...view, ...changes })?.retryAfterSeconds;
    return { clock, limiter, zone, count };
  };

  it("block for the time that they say, and tell how much is left", () => {
    const { clock, count, limiter } = limiterOf([
      limit({ requestsPerPeriod: 2, mitigationTimeout: 60 }),
    ]);
    expect([count(), count(), count(), count()]).toEqual([undefined, undefined, 60, 60]);
    clock.now = 30_500;
    expect([count(), limiter.blocked]).toEqual([30, 1]);
    clock.now = 60_000;
    expect([limiter.blocked, count()]).toEqual([0, undefined]);
  });

  it("without a time block what is too much in a period", () => {
    const { clock, count } = limiterOf([limit({ requestsPerPeriod: 1, mitigationTimeout: 0 })]);
    clock.now = 1_000;
    expect(count()).toBeUndefined();
    clock.now = 4_000;
    expect(count()).toBe(7);
    clock.now = 11_000;
    expect(count()).toBeUndefined();
  });

  it("count by what they name", () => {
    const characteristics = ["cf.colo.id", 'http.request.headers["x-key"]', "http.host"];
    const { count } = limiterOf([
      limit({ characteristics, requestsPerPeriod: 1, mitigationTimeout: 10 }),
    ]);
    const headers = new Map([["x-key", ["two"]]]);
    expect(count()).toBeUndefined();
    expect(count({ headers })).toBeUndefined();
    expect(count({ headers: new Map() })).toBeUndefined();
    expect(count({ host: "other.test" })).toBeUndefined();
    expect(count({ address: "203.0.113.8" })).toBe(10);
  });

  it("count rule by rule, and only log where they are told to", () => {
    const ratelimit = { requestsPerPeriod: 1, mitigationTimeout: 10 };
    const { count } = limiterOf([
      limit({ ...ratelimit, requestsPerPeriod: 0 }, { ref: "log", action: "log" }),
      limit(ratelimit, { ref: "path", expression: 'http.request.uri.path eq "/x"' }),
      limit({ ...ratelimit, requestsPerPeriod: 3 }),
    ]);
    expect([count({ path: "/x" }), count(), count({ path: "/x" })]).toEqual([
      ...[undefined, undefined, 10],
    ]);
    // The first that blocked had the last word: the third has counted two.
    expect([count(), count()]).toEqual([undefined, 10]);
  });

  it("forget the oldest where there are too many to keep", () => {
    const { count } = limiterOf([limit({ requestsPerPeriod: 1, mitigationTimeout: 10 })], 2);
    const from = (last: number) => count({ address: `203.0.113.${last}` });
    expect([from(1), from(1), from(2), from(3), from(1)]).toEqual([
      ...[undefined, 10, undefined, undefined, undefined],
    ]);
  });
});
