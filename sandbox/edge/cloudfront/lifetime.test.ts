import { describe, expect, it } from "vitest";
import type { CachePolicy } from "./types";
import { keeping, passing } from "../testing/distributionFixture";
import { lifetime } from "./lifetime";

const now = Date.parse("2026-11-28T12:00:00Z");

const seconds = (
  status: number,
  headers: Readonly<Record<string, string>> = {},
  policy: Partial<CachePolicy> = {},
  errorTtls: Readonly<Record<number, number>> = {},
) =>
  lifetime(
    { status, headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])) },
    {
      behavior: { ...keeping, cache: { ...keeping.cache, ...policy } },
      distribution: {
        ...{ id: "E1", domainName: "d1", aliases: [], enabled: true, certificateNames: [] },
        ...{ behaviors: [], origins: [], errorTtls },
      },
    },
    now,
  );

const control = (value: string) => ({ "cache-control": value });

describe("how long an answer is kept", () => {
  it.each([
    [control("max-age=60"), {}, 60],
    [control("max-age=60, s-maxage=30"), {}, 30],
    [control("max-age=60"), { minTtl: 100, defaultTtl: 100 }, 100],
    [control("max-age=600"), { maxTtl: 100 }, 100],
    [control("private, max-age=60"), {}, 0],
    [control("no-cache"), { minTtl: 5 }, 5],
    [control("public"), { defaultTtl: 20 }, 20],
    [{ expires: "Sat, 28 Nov 2026 12:01:00 GMT" }, {}, 60],
    [{ expires: "Sat, 28 Nov 2026 11:00:00 GMT" }, {}, 0],
    [{ expires: "soon" }, {}, 0],
    [{}, { defaultTtl: 20 }, 20],
    [{}, { minTtl: 30, defaultTtl: 20 }, 30],
    [control("max-age=60"), passing.cache, 0],
  ])("%j under %j: %i s", (headers, policy, expected) => {
    expect(seconds(200, headers, policy)).toBe(expected);
  });

  it.each([206, 304, 101])("%i is not kept", (status) => {
    expect(seconds(status, control("max-age=60"))).toBe(0);
  });
});

describe("how long an error is kept", () => {
  it.each([
    [404, {}, {}, 10],
    [503, control("no-store"), {}, 10],
    [500, control("max-age=60"), {}, 60],
    [500, control("max-age=5"), {}, 10],
    [502, {}, { 502: 0 }, 0],
    [504, {}, { 502: 0 }, 10],
    // Kept only where the origin says so.
    [403, {}, {}, 0],
    [403, control("no-store"), { 403: 30 }, 0],
    [403, control("max-age=60"), {}, 60],
    [400, control("max-age=5"), { 400: 30 }, 30],
    [401, control("max-age=60"), {}, 0],
    [429, control("max-age=60"), {}, 0],
  ])("%i with %j, where the distribution says %j: %i s", (status, headers, ttls, expected) => {
    expect(seconds(status, headers, {}, ttls)).toBe(expected);
  });

  it("holds the origin's word to the policy's most, and its own beyond that", () => {
    expect(seconds(500, control("max-age=60"), { maxTtl: 20 })).toBe(20);
    expect(seconds(500, control("max-age=60"), passing.cache)).toBe(10);
  });
});
