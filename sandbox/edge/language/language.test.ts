import { describe, expect, it } from "vitest";
import { cloudflarePlans } from "../../../prices/cloudflare";
import type { RequestView } from "../requestView";
import { checkExpression } from "./checkExpression";
import { holds, textOf } from "./evaluate";
import { parseExpression } from "./parser";

const view: RequestView = {
  host: "drops.example.com",
  method: "GET",
  path: "/assets/App.js",
  query: "a=1&b=2",
  secure: true,
  address: "203.0.113.7",
  headers: new Map([
    ["accept", ["text/html", "application/json"]],
    ["user-agent", ["curl/8"]],
    ["x-empty", [""]],
  ]),
  response: { status: 404, headers: new Map([["content-type", ["text/html; charset=utf-8"]]]) },
};

describe("conditions", () => {
  it.each<[string, boolean]>([
    // Comparisons, in English and in signs.
    ['http.host eq "drops.example.com"', true],
    ['http.host == "Drops.example.com"', false],
    ['http.host ne "drops.example.com"', false],
    ['http.host != "x"', true],
    ["http.response.code lt 404", false],
    ["http.response.code le 404", true],
    ["http.response.code gt 403", true],
    ["http.response.code ge 405", false],
    ["http.response.code < 0x195", true],
    ['http.request.uri contains "js?a"', true],
    ['http.request.uri contains "JS"', false],
    ['http.request.full_uri eq "https://drops.example.com/assets/App.js?a=1&b=2"', true],
    ['http.request.uri.path.extension eq "js"', true],
    ['http.request.uri.query contains "b=2"', true],
    ['http.user_agent eq "curl/8" and http.cookie eq ""', true],
    // Sets.
    ["http.response.code in {200 206 304}", false],
    ["http.response.code in {200 400..499}", true],
    ['http.host in {"example.com" "drops.example.com"}', true],
    ['http.request.method in {"PUT" "POST"}', false],
    ["ip.src in {198.51.100.1 203.0.113.0/24 2001:db8::/32}", true],
    ["ip.src in {198.51.100.3..198.51.100.7}", false],
    ["ip.src in { 203.0.113.3..203.0.113.7 }", true],
    ["ip.src eq 203.0.113.7", true],
    ["ip.src ne 203.0.113.7", false],
    ["ip.src == 2001:db8::1", false],
    // `not` binds most tightly, then `and`, then `xor`, then `or`.
    ["not ssl", false],
    ["not ssl or ssl", true],
    ["not (ssl or ssl)", false],
    ["!ssl || ssl && ssl", true],
    ["ssl or ssl and not ssl", true],
    ["(ssl or ssl) and not ssl", false],
    ["ssl xor ssl", false],
    ["ssl or ssl xor ssl", true],
    ["(ssl or ssl) xor ssl", false],
    ["ssl xor ssl and not ssl", true],
    ["(ssl xor ssl) and not ssl", false],
    ["ssl ^^ not ssl", true],
    ["not not ssl", true],
    ["true", true],
    ["false or true", true],
    // Functions.
    ['starts_with(http.request.uri.path, "/assets/")', true],
    ['starts_with(http.request.uri.path, "/ASSETS/")', false],
    ['ends_with(http.host, ".com")', true],
    ['lower(http.request.uri.path) eq "/assets/app.js"', true],
    ['upper(http.request.method) eq "GET"', true],
    ["len(http.host) eq 17", true],
    ['concat(http.host, "/", 7) eq "drops.example.com/7"', true],
    // Strings.
    ['http.host eq r"drops.example.com"', true],
    ['http.host ne r#"a"b"#', true],
    ['concat(r##"a"#b"##, "") eq "a\\"#b"', true],
    ['concat(r"a\\b", "") eq "a\\\\b"', true],
    ['concat("\\x41\\101", "") eq "AA"', true],
    // Lists and maps; a value that is missing compares as false.
    ['any(http.response.headers["content-type"][*] contains "text/html")', true],
    ['not any(http.response.headers["x-frame-options"][*] ne "")', true],
    ['any(http.request.headers["x-empty"][*] ne "")', false],
    ['any(http.request.headers["accept"][*] eq "application/json")', true],
    ['all(http.request.headers["accept"][*] eq "application/json")', false],
    ['all(http.request.headers["accept"][*] contains "/")', true],
    ['all(http.request.headers["absent"][*] contains "/")', false],
    ['any(not http.request.headers["accept"][*] contains "html")', true],
    ['any(http.request.headers.names[*] eq "accept")', true],
    ['any(lower(http.request.headers.values[*])[*] eq "curl/8")', true],
    ['any(starts_with(http.request.headers["accept"][*], "app"))', true],
    ['http.request.headers["accept"][1] eq "application/json"', true],
    ['http.request.headers["accept"][2] ne "application/json"', false],
    ['len(http.request.headers["accept"]) eq 2', true],
    ['not len(http.request.headers["absent"]) ge 0', true],
    ['all(len(http.request.headers["accept"][*])[*] in {9 16})', true],
    // Patterns.
    ['http.request.uri.path wildcard "/ASSETS/*.js"', true],
    ['http.request.uri.path strict wildcard "/ASSETS/*.js"', false],
    ['http.request.uri.path wildcard "/assets"', false],
    ['http.request.uri.path strict wildcard r"/assets/App\\*"', false],
    ['http.request.uri.path matches "^/assets/[A-Z]\\w+\\.js$"', true],
    ['http.request.uri.path ~ r"(?i)^/ASSETS/"', true],
    // Space and lines.
    ['(\n  http.host eq "x"\n  or ssl\n)', true],
  ])("%s", (text, expected) => {
    expect(holds(parseExpression(text), view)).toBe(expected);
  });

  it("knows no answer before there is one", () => {
    const of = (text: string) => holds(parseExpression(text), { ...view, response: undefined });
    expect(of("http.response.code ge 0")).toBe(false);
    expect(of('any(http.response.headers["content-type"][*] ne "")')).toBe(false);
  });
});

describe("texts", () => {
  it.each([
    [
      'concat("https://drops.example.com", http.request.uri.path)',
      "https://drops.example.com/assets/App.js",
    ],
    ['"https://example.com/"', "https://example.com/"],
    ["http.host", "drops.example.com"],
    ['http.request.headers["absent"][0]', undefined],
  ])("%s", (text, expected) => {
    expect(textOf(parseExpression(text, "String"), view)).toBe(expected);
  });
});

describe("checkExpression", () => {
  const request = "http_request_dynamic_redirect";
  const response = "http_response_headers_transform";

  it("shows where the fault is", () => {
    expect(checkExpression('ssl and\n  http.hots eq "x"', request)).toMatch(
      /^Filter parsing error \(2:3\):\n {2}http\.hots eq "x"\n {2}\^{9} unknown identifier; the sandbox's edge knows http\.host, /,
    );
  });

  it.each<[string, RegExp]>([
    ["", /\(1:1\):\n\n\^ expected a field/],
    ["http.host", /\(1:10\).*expected a comparison: String is no condition/s],
    ['http.host eq "x', /\(1:14\).*the string has no closing quote/s],
    ['http.host eq r#"x"', /\(1:14\).*the raw string has no end/s],
    ['http.host eq "\\d"', /\(1:14\).*unknown escape \\d/s],
    ["http.host eq 5", /\(1:14\).*expected a string/s],
    ["http.response.code eq 404", /the use of field http\.response\.code is not allowed/],
    ['any(http.response.headers["x"][*] ne "")', /the use of field http\.response\.headers is not/],
    ['http.host eq "a" http.host', /\(1:18\).*\^ unrecognised input/s],
    ["(ssl", /\(1:5\).*expected `\)`/s],
    ["ssl eq true", /\(1:5\).*\^\^ the operator eq is not for Boolean values/s],
    ["ssl AND ssl", /\(1:5\).*unrecognised input/s],
    ["ip.src lt 10.0.0.1", /the operator lt is not for IP address values; allowed: eq, ne, in/],
    ["ip.src eq 10.0.0", /\(1:11\).*\^{6} couldn't parse address/s],
    ["ip.src in {10.0.0.0/33}", /no such network/],
    ["ip.src in {10.0.0.9..10.0.0.1}", /no such network or range/],
    ["ip.src in {10.0.0.1", /expected an IP address/],
    ["ip.src in $office", /knows no lists/],
    ["http.response.code in {}", /expected a whole number/],
    ['http.request.headers["x"] eq "a"', /a list is not compared/],
    ['http.request.headers eq "a"', /a map is not compared/],
    ['http.request.headers["x"][*] eq "a"', /yields Array<Boolean>, not Boolean/],
    ['http.host[0] eq "a"', /String has no parts to pick from/],
    ["any(ssl)", /any\(\) takes a list of Boolean here, got Boolean/],
    ['any(http.request.headers["x"][*] eq "a" and ssl)', /and joins single conditions/],
    ['starts_with("x", http.host)', /first argument of starts_with\(\) is a field, not a literal/],
    ['starts_with(http.host, http.request.headers["x"][*])', /\[\*\] is for the first argument/],
    ["starts_with(http.host)", /starts_with\(\) takes 2 arguments, got 1/],
    ['starts_with(http.host, "a", "b")', /starts_with\(\) takes 2 arguments/],
    ["starts_with(http.host, 5)", /starts_with\(\) takes String here, got Integer/],
    ['http.host starts_with "x"', /expected a comparison/],
    ["lookup(http.host)", /\(1:1\).*\^{6} unknown function; the sandbox's edge knows any, all/s],
    ['http.host matches "("', /no regular expression/],
    ['http.host wildcard "a**"', /\*\* is not allowed/],
    ['"a" eq http.host', /a condition begins with a field or a function/],
    [`${"(".repeat(60)}ssl${")".repeat(60)}`, /nested too deeply/],
    [`ssl${" or ssl".repeat(600)}`, /at most 4096 are allowed/],
  ])("refuses %s", (text, message) => {
    expect(checkExpression(text, request)).toMatch(message);
  });

  it("accepts fields of the answer once there is one", () => {
    const text = 'http.response.code eq 404 and any(http.response.headers["x"][*] ne "")';
    expect(checkExpression(text, response)).toBeUndefined();
    expect(checkExpression("true", "http_request_firewall_managed")).toBeUndefined();
  });

  it("knows the phases", () => {
    expect(checkExpression("true", "http_request_redirects")).toMatch(
      /phase "http_request_redirects" is unknown; allowed are http_request_sanitize, /,
    );
  });

  it("wants a text where a text belongs", () => {
    const target = 'concat("https://x", http.request.uri.path)';
    expect(checkExpression(target, request, { result: "String" })).toBeUndefined();
    expect(checkExpression(target, request)).toMatch(/expected a comparison|yields String/);
    expect(checkExpression("ssl", request, { result: "String" })).toMatch(/yields Boolean/);
  });

  it("holds to the plan", () => {
    const { free, pro, business } = cloudflarePlans;
    const pattern = 'http.request.uri.path matches "x"';
    expect(checkExpression(pattern, request, { plan: pro })).toMatch(/^not entitled: .* matches/);
    expect(checkExpression(pattern, request, { plan: business })).toBeUndefined();
    const host = 'http.host eq "x"';
    expect(checkExpression(host, "http_ratelimit", { plan: free })).toMatch(
      /field http\.host is not allowed: rate limits of this plan know http\.request\.uri\.path/,
    );
    expect(checkExpression(host, "http_ratelimit", { plan: pro })).toBeUndefined();
    expect(checkExpression(host, request, { plan: free })).toBeUndefined();
  });
});
