import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renderOriginSnippet, snippetFile, snippetName } from "../../components/cdn/originSnippet";
import { cloudflarePlans, type CloudflarePlan } from "../../prices/cloudflare";
import { TestCloud, type RefusedCase } from "../digitalocean/testing/testCloud";
import { cloudflare } from ".";
import { CloudflareError } from "./errors";

const zoneId = "a".repeat(32);

let cloud: TestCloud;
beforeEach(() => {
  cloud = new TestCloud([cloudflare]);
  putZone("pro");
});
afterEach(() => {
  cloud.close();
});

/** As the sandbox puts it there. */
function putZone(plan: CloudflarePlan, id = zoneId, name = "example.com"): void {
  cloud.world.put({
    ...{ id, type: "cloudflare:index/zone:Zone", urn: "", inputs: { name, plan } },
    ...{ outputs: {}, hidden: {}, ready: true },
  });
}

const content = "export default { fetch: (request) => fetch(request) };";
const snippet = {
  ...{ zoneId, snippetName: "one" },
  files: [{ name: "main.js", content }],
  metadata: { mainModule: "main.js" },
};
const filesWith = (code: string, name = "main.js") => ({ files: [{ name, content: code }] });

describe("Snippet", () => {
  it("takes the project's own, and another code in place", async () => {
    const own = {
      ...{ zoneId, snippetName, metadata: { mainModule: snippetFile } },
      ...filesWith(renderOriginSnippet({ host: "a.example.com", secret: "s" }), snippetFile),
    };
    const made = await cloud.create("Snippet", "s", own);
    const moved = await cloud.update(
      made,
      filesWith(renderOriginSnippet({ host: "b.example.com", secret: "" }), snippetFile),
    );
    expect(moved.id).toBe(made.id);
    expect(cloud.kind("Snippet").immutable).toEqual(["zoneId", "snippetName"]);
  });

  it("shows its code in no refusal of a preview", () => {
    const [refused] = cloud.preview("Snippet", { ...snippet, files: [{ name: "a", content: 1 }] });
    expect(refused).toBe(
      "files[0].content: Invalid input: expected string, received number; got [secret]",
    );
    expect(cloud.preview("Snippet", { ...snippet, main: "main.js" })).toEqual([
      expect.stringContaining("has no such property"),
    ]);
  });

  it.each<RefusedCase>([
    { rule: "zone", change: { zoneId: "b".repeat(32) }, message: "zoneId: there is no Zone" },
    {
      rule: "name",
      change: { snippetName: "my-snippet" },
      message: 'the characters a-z, 0-9, and _ (underscore), got "my-snippet"',
    },
    { rule: "name in capitals", change: { snippetName: "One" }, message: 'got "One"' },
    {
      rule: "main module",
      change: { metadata: { mainModule: "other.js" } },
      message: 'Uncaught Error: No such module "other.js".',
    },
    { rule: "files", change: { files: [] }, message: 'No such module "main.js"' },
    { rule: "syntax", change: filesWith("export default {"), message: "Uncaught SyntaxError" },
    {
      rule: "export",
      change: filesWith("addEventListener('fetch', () => {});"),
      message: "the main module has no default export",
    },
    {
      rule: "size",
      change: filesWith(`${content}//${"x".repeat(32 * 1024)}`),
      message: "more than the 32 KB that a package may have",
    },
  ])("is refused when made: $rule", async ({ change, message }) => {
    await expect(cloud.create("Snippet", "s", { ...snippet, ...change })).rejects.toThrow(message);
  });

  it("is not for Free, and one of as many as the plan has", async () => {
    putZone("free");
    await expect(cloud.create("Snippet", "s", snippet)).rejects.toThrow(
      "not entitled to use snippets (plan free)",
    );
    putZone("pro");
    for (let count = 1; count <= cloudflarePlans.pro.snippets; count += 1) {
      await cloud.create("Snippet", `s${count}`, { ...snippet, snippetName: `s${count}` });
    }
    await expect(cloud.create("Snippet", "s", snippet)).rejects.toThrow(
      "exceeded the maximum number of snippets: 26 out of 25 (plan pro)",
    );
  });

  it("has a name that is its own in a zone", async () => {
    await cloud.create("Snippet", "s", snippet);
    await expect(cloud.create("Snippet", "t", snippet)).rejects.toThrow("is taken already");
    const other = "c".repeat(32);
    putZone("pro", other, "example.org");
    await cloud.create("Snippet", "u", { ...snippet, zoneId: other });
    expect(cloud.world.all(cloud.kind("Snippet").type)).toHaveLength(2);
  });
});

describe("SnippetRules", () => {
  const rule = { snippetName: "one", expression: 'http.host eq "a.example.com"', enabled: true };
  const rules = { zoneId, rules: [rule] };

  it("are one list a zone, whose snippets are there and stay", async () => {
    await expect(cloud.create("SnippetRules", "r", rules)).rejects.toThrow(
      'rules[].snippetName: there is no Snippet "one"',
    );
    const made = await cloud.create("Snippet", "s", snippet);
    const list = await cloud.create("SnippetRules", "r", rules);
    await expect(cloud.create("SnippetRules", "again", rules)).rejects.toThrow(
      "has its list of snippet rules already",
    );
    await expect(cloud.delete(made)).rejects.toThrow("the snippet is still used by the rules r");
    expect((await cloud.update(list, { rules: [] })).inputs["rules"]).toEqual([]);
    await cloud.delete(made);
    await expect(cloud.update(list, rules)).rejects.toThrow('there is no Snippet "one"');
  });

  it.each([
    [{ expression: "http.hots eq 1" }, "is not a valid value for expression"],
    [{ expression: "http.response.code eq 200" }, "there is no answer yet"],
    [{ expression: 'http.host matches "a"' }, "matches"],
  ])("are refused when made: %j", async (change, message) => {
    await cloud.create("Snippet", "s", snippet);
    const made = cloud.create("SnippetRules", "r", { zoneId, rules: [{ ...rule, ...change }] });
    await expect(made).rejects.toThrow(message);
    await expect(made).rejects.toMatchObject({ pointer: "/rules/0/expression" });
  });

  it("have one rule a snippet, and snippets of their own zone", async () => {
    await cloud.create("Snippet", "s", snippet);
    await expect(
      cloud.create("SnippetRules", "r", { zoneId, rules: [rule, rule] }),
    ).rejects.toThrow("each snippet can only be associated with one");
    const other = "c".repeat(32);
    putZone("pro", other, "example.org");
    await expect(cloud.create("SnippetRules", "r", { ...rules, zoneId: other })).rejects.toThrow(
      "there is no snippet one in the zone",
    );
  });

  it("know no property beside their own", () => {
    const refused = cloud.preview("SnippetRules", { zoneId, rules: [{ ...rule, ref: "x" }] });
    expect(refused).toEqual([expect.stringContaining("rules[0].ref")]);
  });
});

describe("a refusal", () => {
  it.each([
    ["snippet:Snippet", "create", snippet, 'PUT "', "/snippets/one"],
    ["snippet:Snippet", "delete", snippet, 'DELETE "', "/snippets/one"],
    ["snippetRules:SnippetRules", "create", { zoneId }, 'PUT "', "/snippets/snippet_rules"],
    ["zoneSubscription:ZoneSubscription", "create", { zoneId }, 'POST "', "/subscription"],
    ["zoneSubscription:ZoneSubscription", "update", { zoneId }, 'PUT "', "/subscription"],
    ["zoneSetting:ZoneSetting", "update", { zoneId, settingId: "ssl" }, 'PATCH "', "/settings/ssl"],
    ["ruleset:Ruleset", "update", { zoneId }, 'PUT "', "/rulesets/id"],
  ] as const)("of %s shows the request: %s", (type, verb, inputs, method, path) => {
    const text = cloudflare.refusal(new CloudflareError(1, "no"), {
      ...{ verb, type: `cloudflare:index/${type}`, id: "id", inputs },
    });
    expect(text).toContain(
      `${method}https://api.cloudflare.com/client/v4/zones/${zoneId}${path}": `,
    );
  });
});
