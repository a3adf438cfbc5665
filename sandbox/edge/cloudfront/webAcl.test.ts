import { describe, expect, it } from "vitest";
import type { RequestView } from "../requestView";
import { type RateKey, WafEngine, type WafRule, type WafStatement } from "./webAcl";

const view = (changes: Partial<RequestView> = {}): RequestView => ({
  ...{ host: "drops.example.com", method: "GET", path: "/api/a", query: "b=1", secure: true },
  ...{ address: "192.0.2.1", headers: new Map() },
  ...changes,
});

const acl = (statement: WafStatement, more: readonly Partial<WafRule>[] = []) => ({
  ...{ id: "acl", blocksByDefault: false },
  rules: [{}, ...more].map((changes, priority): WafRule => ({
    ...{ name: `rule-${priority}`, priority, action: "block", statement },
    ...changes,
  })),
});

let time = 0;
const engine = () => new WafEngine(() => time);
const matches = (statement: WafStatement, given = view()) =>
  engine().judge(acl(statement), given) !== undefined;

describe("a web ACL", () => {
  const always: WafStatement = { kind: "addresses", networks: ["0.0.0.0/1", "128.0.0.0/1"] };

  it("decides by the first rule that lets pass or blocks, by priority", () => {
    const rules = [
      { priority: 5, name: "later" },
      { priority: 1, action: "count" } as const,
      { priority: 2, action: "allow" } as const,
    ];
    const [, ...others] = acl(always, rules).rules;
    const judged = { ...acl(always), rules: others };
    expect(engine().judge(judged, view())).toBeUndefined();
    expect(engine().judge({ ...judged, rules: [others[0]!, others[1]!] }, view())).toEqual({
      rule: "later",
    });
    expect(engine().judge({ id: "a", blocksByDefault: true, rules: [] }, view())).toMatchObject({
      rule: "the default action",
    });
  });

  it.each([
    [["192.0.2.0/24"], "192.0.2.1", true],
    [["192.0.2.2/32"], "192.0.2.1", false],
    [["2001:db8::/32"], "2001:db8::1", true],
    [["192.0.2.0/24"], "2001:db8::1", false],
    [[], "192.0.2.1", false],
  ])("tells whether %j holds %s: %s", (networks, address, holds) => {
    expect(matches({ kind: "addresses", networks }, view({ address }))).toBe(holds);
  });

  it("reads addresses of a header from where it is told to", () => {
    const headers = new Map([["x-visitor", ["192.0.2.9, 198.51.100.1"]]]);
    const held = (position: "FIRST" | "LAST" | "ANY", network: string, given = headers) =>
      matches(
        {
          ...{ kind: "addresses", networks: [network] },
          forwarded: { header: "X-Visitor", position, fallback: "MATCH" },
        },
        view({ headers: given }),
      );
    expect(held("FIRST", "192.0.2.0/24")).toBe(true);
    expect(held("LAST", "192.0.2.0/24")).toBe(false);
    expect(held("ANY", "198.51.100.0/24")).toBe(true);
    expect(held("FIRST", "203.0.113.0/24", new Map([["x-visitor", ["nobody"]]]))).toBe(true);
    expect(held("FIRST", "203.0.113.0/24", new Map())).toBe(false);
  });

  it.each([
    ["uriPath", "STARTS_WITH", "/api", true],
    ["uriPath", "EXACTLY", "/api", false],
    ["queryString", "CONTAINS", "b=", true],
    ["method", "EXACTLY", "get", false],
    [{ header: "X-Kind" }, "ENDS_WITH", "tor", true],
    [{ header: "X-Kind" }, "CONTAINS_WORD", "visi", false],
  ] as const)("looks whether %j %s %s: %s", (field, match, search, expected) => {
    const headers = new Map([["x-kind", ["a visitor"]]]);
    const statement = { kind: "text", field, match, search, lowercase: false } as const;
    expect(matches(statement, view({ headers }))).toBe(expected);
    expect(matches({ kind: "not", of: statement }, view({ headers }))).toBe(!expected);
  });

  it("evaluates no managed group", () => {
    expect(matches({ kind: "managed" })).toBe(false);
    expect(matches({ kind: "and", of: [always, { kind: "not", of: { kind: "managed" } }] })).toBe(
      true,
    );
    expect(matches({ kind: "or", of: [{ kind: "managed" }, always] })).toBe(true);
  });
});

describe("a rate rule", () => {
  const rate = (keys: readonly RateKey[], more = {}): WafStatement => ({
    ...{ kind: "rate", limit: 10, windowSeconds: 60, keys },
    ...more,
  });

  it("counts each value in a window that moves on, blocked requests too", () => {
    const waf = engine();
    const limited = acl(rate([{ kind: "address" }]));
    const ask = (address = "192.0.2.1") => waf.judge(limited, view({ address })) !== undefined;
    for (let count = 0; count < 10; count += 1) expect(ask()).toBe(false);
    expect(ask()).toBe(true);
    expect(ask("192.0.2.2")).toBe(false);
    expect(waf.blocked).toBe(1);
    time += 50_000;
    expect(ask()).toBe(true);
    time += 10_000;
    // The eleven of the first moment are out of the window; the one that was blocked is in it.
    expect(ask()).toBe(false);
    expect(waf.blocked).toBe(0);
  });

  it("counts only what it is narrowed to, by several keys together, or not at all", () => {
    const waf = engine();
    const writes: WafStatement = {
      kind: "text",
      ...{ field: "method", match: "EXACTLY", search: "POST", lowercase: false },
    };
    const keys: RateKey[] = [{ kind: "method" }, { kind: "header", header: "X-Key" }];
    const limited = acl(rate(keys, { scope: writes }));
    const ask = (method: string, key?: string) =>
      waf.judge(
        limited,
        view({ method, headers: new Map(key === undefined ? [] : [["x-key", [key]]]) }),
      ) !== undefined;
    for (let count = 0; count < 20; count += 1) {
      expect(ask("GET", "a")).toBe(false);
      expect(ask("POST")).toBe(false);
    }
    for (let count = 0; count < 10; count += 1) ask("POST", "a");
    expect([ask("POST", "a"), ask("POST", "b")]).toEqual([true, false]);
  });

  it.each([
    ["MATCH", true],
    ["NO_MATCH", false],
  ] as const)("does with a broken header what its fallback %s says", (fallback, blocks) => {
    const forwarded = { header: "X-Visitor", position: "FIRST", fallback } as const;
    const statement = rate([{ kind: "forwarded", forwarded }]);
    const headers = new Map([["x-visitor", ["nobody"]]]);
    expect(matches(statement, view({ headers }))).toBe(blocks);
    // Without the header the rule does not hold, whatever its fallback.
    expect(matches(statement)).toBe(false);
  });
});
