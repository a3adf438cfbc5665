import { expect, it } from "vitest";
import { withResponsePolicy } from "./responsePolicy";
import type { ResponseHeadersPolicy } from "./types";

const cors = (changes: Partial<NonNullable<ResponseHeadersPolicy["cors"]>> = {}) => ({
  ...{ set: [], remove: [] },
  cors: {
    ...{ origins: ["https://*.example.com"], methods: ["GET"], headers: ["X-A"], exposed: ["X-B"] },
    ...{ credentials: false, maxAge: 60, override: false, ...changes },
  },
});
const from = (origin: string, more: Readonly<Record<string, string>> = {}) =>
  new Map(Object.entries({ origin, ...more }).map(([name, value]) => [name, [value]] as const));
const answered = (
  policy: ResponseHeadersPolicy | undefined,
  request: ReadonlyMap<string, readonly string[]>,
  given: readonly (readonly [string, readonly string[]])[] = [],
) => Object.fromEntries(withResponsePolicy(new Map(given), policy, request));

it("leaves an answer as it is without a policy", () => {
  expect(answered(undefined, new Map(), [["a", ["b"]]])).toEqual({ a: ["b"] });
});

it("lets the origins in that a pattern names, and no others", () => {
  expect(answered(cors(), from("https://a.example.com"))).toEqual({
    "access-control-allow-origin": ["https://a.example.com"],
    "access-control-expose-headers": ["X-B"],
  });
  expect(answered(cors(), from("https://example.org"))).toEqual({});
  expect(answered(cors(), from("https://aXexample.com"))).toEqual({});
  expect(answered(cors(), new Map())).toEqual({});
});

it("says any origin where any may come, but the one that came with credentials", () => {
  const all = { origins: ["*"], exposed: [] };
  expect(answered(cors(all), from("https://a.test"))).toEqual({
    "access-control-allow-origin": ["*"],
  });
  expect(answered(cors({ ...all, credentials: true }), from("https://a.test"))).toEqual({
    "access-control-allow-origin": ["https://a.test"],
    "access-control-allow-credentials": ["true"],
  });
});

it("answers a preflight with methods, headers and how long that holds", () => {
  const preflight = from("https://a.example.com", { "access-control-request-method": "GET" });
  expect(answered(cors({ exposed: [] }), preflight)).toEqual({
    "access-control-allow-origin": ["https://a.example.com"],
    "access-control-allow-methods": ["GET"],
    "access-control-allow-headers": ["X-A"],
    "access-control-max-age": ["60"],
  });
});

it("stands back where the origin has spoken, unless it overrides", () => {
  const own = [["access-control-allow-origin", ["https://own.test"]]] as const;
  const request = from("https://a.example.com");
  const policy = (override: boolean) => answered(cors({ override }), request, own);
  expect(policy(false)["access-control-allow-origin"]).toEqual(["https://own.test"]);
  expect(policy(true)["access-control-allow-origin"]).toEqual(["https://a.example.com"]);
});
