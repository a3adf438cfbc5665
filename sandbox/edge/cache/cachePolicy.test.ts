import { describe, expect, it } from "vitest";
import type { RequestView } from "../requestView";
import {
  changeDirectives,
  type DirectiveChange,
  formatDirectives,
  parseDirectives,
} from "./cacheControl";
import { type Candidate, eligibility, judge } from "./cachePolicy";
import { type CacheEntry, CacheStore } from "./cacheStore";

const now = Date.parse("2026-11-23T12:00:00Z");

const verdictOf = (
  cacheControl: string,
  changes: Partial<Candidate> & { readonly lines?: Record<string, string> } = {},
) => {
  const { lines = {}, ...rest } = changes;
  const verdict = judge({
    ...{ eligibility: "rule", settings: {}, authorized: false, status: 200, now },
    headers: new Map(Object.entries(lines).map(([name, value]) => [name, [value]])),
    directives: parseDirectives([cacheControl]),
    ...rest,
  });
  return verdict.keptSeconds ?? verdict.because;
};

describe("how long an answer is kept", () => {
  it.each<[string, number | string]>([
    ["public, max-age=60", 60],
    ["max-age=60, s-maxage=5", 5],
    ["s-maxage=0, max-age=60", "BYPASS"],
    ["max-age=0", "BYPASS"],
    ["no-cache", "BYPASS"],
    ["no-store, max-age=60", "BYPASS"],
    ["private, max-age=60", "BYPASS"],
    ['no-cache="set-cookie", max-age=60', "BYPASS"],
    ["MAX-AGE=60", 60],
    ["public", 7200],
    ["max-age=soon", 7200],
    ["", 7200],
  ])("by %j", (cacheControl, expected) => {
    expect(verdictOf(cacheControl)).toBe(expected);
  });

  it.each<[number, number | string]>([
    [200, 7200],
    [301, 7200],
    [302, 1200],
    [404, 180],
    [410, 180],
    [403, "MISS"],
    [500, "MISS"],
    [206, "MISS"],
    [304, "MISS"],
  ])("by the status %i where nothing is said", (status, expected) => {
    expect(verdictOf("", { status })).toBe(expected);
  });

  it("by Expires, where there is no age", () => {
    const expires = (value: string) => verdictOf("", { lines: { expires: value } });
    expect(expires("Mon, 23 Nov 2026 12:01:00 GMT")).toBe(60);
    expect(expires("Mon, 23 Nov 2026 11:00:00 GMT")).toBe("BYPASS");
    expect(expires("0")).toBe("BYPASS");
    const lines = { expires: "Mon, 23 Nov 2026 12:01:00 GMT" };
    expect(verdictOf("max-age=5", { lines })).toBe(5);
  });

  it("by who asks and what is given", () => {
    expect(verdictOf("max-age=60", { authorized: true })).toBe("BYPASS");
    expect(verdictOf("max-age=60, must-revalidate", { authorized: true })).toBe(60);
    expect(verdictOf("s-maxage=60", { authorized: true })).toBe(60);
    const lines = { "set-cookie": "a=1" };
    expect(verdictOf("max-age=60", { lines })).toBe("MISS");
    expect(verdictOf("max-age=60", { lines, eligibility: "extension" })).toBe("BYPASS");
  });

  it("by a rule", () => {
    const edgeTtl = {
      mode: "respect_origin" as const,
      statusCodeTtls: [
        { statusCode: 404, value: 9 },
        { statusCodeRange: { from: 500 }, value: -1 },
        { statusCodeRange: { to: 299 }, value: 7 },
      ],
    };
    const of = (status: number) => verdictOf("no-store", { status, settings: { edgeTtl } });
    expect([of(404), of(503), of(204), of(301)]).toEqual([9, "BYPASS", 7, "BYPASS"]);
    const bypass = { edgeTtl: { mode: "bypass_by_default" as const } };
    expect(verdictOf("", { settings: bypass })).toBe("BYPASS");
    expect(verdictOf("max-age=5", { settings: bypass })).toBe(5);
    const override = { edgeTtl: { mode: "override_origin" as const, default: 3 } };
    expect(verdictOf("max-age=5", { settings: override })).toBe(3);
  });
});

describe("what may be kept", () => {
  const view: RequestView = {
    ...{ host: "example.com", method: "GET", path: "/", query: "", secure: true },
    ...{ address: "127.0.0.1", headers: new Map() },
  };
  it.each<[string, string, boolean | undefined, string | undefined]>([
    ["GET", "/a.js", undefined, "extension"],
    ["GET", "/A.JS", undefined, "extension"],
    ["HEAD", "/robots.txt", undefined, "extension"],
    ["GET", "/a.html", undefined, undefined],
    ["GET", "/api/feed.json", undefined, undefined],
    ["GET", "/a.js/x", undefined, undefined],
    ["GET", "/", true, "rule"],
    ["GET", "/a.js", false, undefined],
    ["POST", "/a.js", true, undefined],
  ])("%s %s with %s", (method, path, cache, expected) => {
    expect(eligibility({ ...view, method, path }, { cache })).toBe(expected);
  });
});

describe("Cache-Control", () => {
  const set: DirectiveChange = { operation: "set" };
  it.each<[string, Record<string, DirectiveChange>, string | undefined]>([
    // In whatever order the engine hands them over.
    [
      "",
      { immutable: set, maxAge: { ...set, value: 31_536_000 }, public: set },
      "public, max-age=31536000, immutable",
    ],
    ["x, max-age=5, public", { maxAge: { ...set, value: 9 } }, "public, max-age=9, x"],
    ["no-cache", { noStore: set }, "no-cache, no-store"],
    ["no-store", { noStore: { operation: "remove" } }, undefined],
    ["a=1, b", { sMaxage: { ...set, value: 0 } }, "s-maxage=0, a=1, b"],
    ["", { private: { ...set, qualifiers: ["x-a", "x-b"] } }, 'private="x-a, x-b"'],
    ['private="a, b", max-age="5"', {}, 'private="a, b", max-age=5'],
  ])("%j changed", (before, changes, after) => {
    expect(formatDirectives(changeDirectives(parseDirectives([before]), changes))).toBe(after);
  });
});

describe("the store", () => {
  const entry = (bytes: number): CacheEntry => ({
    ...{ status: 200, headers: new Map(), storedAt: 0, freshUntil: 1 },
    body: Buffer.alloc(bytes),
  });

  it("drops what was not asked for longest, and stays within its size", () => {
    const store = new CacheStore(40_000);
    for (const key of ["a", "b", "c"]) store.put(key, entry(10_000));
    store.get("a");
    store.put("d", entry(10_000));
    expect(["a", "b", "c", "d"].map((key) => store.get(key) !== undefined)).toEqual([
      ...[true, false, true, true],
    ]);
    expect(store.bytes).toBeLessThanOrEqual(40_000);
    store.put("a", entry(1));
    for (const key of ["a", "c", "d"]) store.delete(key);
    expect([store.size, store.bytes]).toEqual([0, 0]);
  });
});
