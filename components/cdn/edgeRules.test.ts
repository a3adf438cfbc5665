import { describe, expect, it } from "vitest";
import { cloudflarePlans } from "../../prices/cloudflare";
import { edgeRulesets, rulesetRoles } from "./edgeRules";
import { spec } from "./testing/sampleSpec";

const free = edgeRulesets(spec);
const pro = edgeRulesets({ ...spec, plan: "pro" });
const host = 'http.host eq "drops.example.com"';

describe("the edge's rulesets", () => {
  it("hold one entry point a phase", () => {
    expect(rulesetRoles.map((role) => `${role}: ${free[role].phase}`)).toEqual([
      "cache: http_request_cache_settings",
      "cache-response: http_response_cache_settings",
      "redirect: http_request_dynamic_redirect",
      "headers: http_response_headers_transform",
      "rate-limit: http_ratelimit",
      "managed-rules: http_request_firewall_managed",
    ]);
  });

  it.each([
    ["free", free],
    ["pro", pro],
  ] as const)(
    "give every rule of %s a ref of its own, a description and a state",
    (_, rulesets) => {
      const rules = rulesetRoles.flatMap((role) => rulesets[role].rules);
      expect(new Set(rules.map(({ ref }) => ref)).size).toBe(rules.length);
      for (const rule of rules) {
        expect(rule.ref).toMatch(/^drops_[a-z_]+$/);
        expect(rule.description).toBeTruthy();
        expect(rule.enabled).toBe(true);
      }
    },
  );

  it("do not change with the origin", () => {
    expect(edgeRulesets({ ...spec, originName: "origin-medium.example.com" })).toEqual(free);
  });
});

describe.each([
  ["free", free],
  ["pro", pro],
] as const)("the %s plan", (plan, rulesets) => {
  const limits = cloudflarePlans[plan];

  it("has room for every rule", () => {
    expect(rulesets.cache.rules.length).toBeLessThanOrEqual(limits.cacheRules);
    // Cloudflare grants as many response rules as cache rules, counted apart.
    expect(rulesets["cache-response"].rules.length).toBeLessThanOrEqual(limits.cacheRules);
    expect(rulesets.redirect.rules.length).toBeLessThanOrEqual(limits.redirectRules);
    expect(rulesets.headers.rules.length).toBeLessThanOrEqual(limits.transformRules);
    expect(rulesets["rate-limit"].rules.length).toBeLessThanOrEqual(limits.rateLimitRules);
  });

  it("allows the edge's lifetime", () => {
    const keep = rulesets["cache-response"].rules[0]?.actionParameters as {
      maxAge: { value: number };
    };
    expect(keep.maxAge.value).toBeGreaterThanOrEqual(limits.minEdgeTtlSeconds);
  });
});

describe("cache", () => {
  const assets = `${host} and starts_with(http.request.uri.path, "/assets/")`;
  const page = 'any(http.response.headers["content-type"][*] contains "text/html")';
  const set = { operation: "set", cloudflareOnly: false };

  it("may keep this host's assets and nothing else", () => {
    expect(free.cache.rules).toEqual([
      {
        ref: "drops_cache_assets",
        description: "Assets may be kept; for how long, the answer decides",
        enabled: true,
        expression: assets,
        action: "set_cache_settings",
        actionParameters: {
          cache: true,
          edgeTtl: { mode: "respect_origin" },
          browserTtl: { mode: "respect_origin" },
        },
      },
    ]);
  });

  it("keeps files for a year, but neither errors nor pages in their place", () => {
    expect(free["cache-response"].rules).toEqual([
      {
        ref: "drops_keep_assets",
        description: "Files for a year, at the edge and in browsers",
        enabled: true,
        expression: `${assets} and http.response.code in {200 206 304} and not ${page}`,
        action: "set_cache_control",
        actionParameters: { public: set, maxAge: { ...set, value: 31_536_000 }, immutable: set },
      },
      {
        ref: "drops_keep_no_errors",
        description: "Errors, and pages in place of a file, not at all",
        enabled: true,
        expression: `${assets} and (http.response.code ge 400 or ${page})`,
        action: "set_cache_control",
        actionParameters: { noStore: set },
      },
    ]);
  });
});

describe("redirect", () => {
  it("turns plain HTTP of this host into HTTPS and spares certificate challenges", () => {
    expect(free.redirect.rules).toEqual([
      {
        ref: "drops_https",
        description: "HTTPS for everything but certificate challenges",
        enabled: true,
        expression: `not ssl and ${host} and not starts_with(http.request.uri.path, "/.well-known/acme-challenge/")`,
        action: "redirect",
        actionParameters: {
          fromValue: {
            statusCode: 301,
            preserveQueryString: true,
            targetUrl: { expression: 'concat("https://drops.example.com", http.request.uri.path)' },
          },
        },
      },
    ]);
  });
});

describe("headers", () => {
  const absent = (name: string) => `${host} and not any(http.response.headers["${name}"][*] ne "")`;

  it.each([
    ["drops_nosniff", host, "X-Content-Type-Options", "nosniff"],
    ["drops_hsts", `ssl and ${host}`, "Strict-Transport-Security", "max-age=86400"],
    ["drops_x_frame_options", absent("x-frame-options"), "X-Frame-Options", "SAMEORIGIN"],
    [
      "drops_referrer_policy",
      absent("referrer-policy"),
      "Referrer-Policy",
      "strict-origin-when-cross-origin",
    ],
    [
      "drops_permissions_policy",
      absent("permissions-policy"),
      "Permissions-Policy",
      "camera=(), geolocation=(), microphone=(), usb=()",
    ],
  ])("%s", (ref, expression, name, value) => {
    const rule = free.headers.rules.find((candidate) => candidate.ref === ref);
    expect(rule).toMatchObject({
      expression,
      action: "rewrite",
      actionParameters: { headers: { [name]: { operation: "set", value } } },
    });
  });

  it("are five rules and none of them speaks of X-XSS-Protection", () => {
    expect(free.headers.rules).toHaveLength(5);
    expect(JSON.stringify(free.headers)).not.toContain("XSS");
  });
});

describe("managed rules", () => {
  const executes = (ref: string, id: string) => ({
    ref,
    enabled: true,
    expression: "true",
    action: "execute",
    actionParameters: { id },
  });

  it("execute what each plan may", () => {
    expect(free["managed-rules"].rules).toMatchObject([
      executes("drops_managed_free", "77454fe2d30c4220b5701f6fdfb893ba"),
    ]);
    expect(pro["managed-rules"].rules).toMatchObject([
      executes("drops_managed_cloudflare", "efb7b8c949ac4650a09736fc376e9aee"),
      executes("drops_managed_owasp", "4814384a9e5d4991b9815dcfc25d2f1f"),
    ]);
  });
});

describe("values in expressions", () => {
  it("cannot end their own string", () => {
    const { redirect } = edgeRulesets({ ...spec, domain: 'a"b\\c' });
    expect(redirect.rules[0]?.expression).toContain('http.host eq "a\\"b\\\\c"');
  });
});
