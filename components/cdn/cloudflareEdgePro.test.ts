import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { plainValue } from "../../report/values";
import { rulesetRoles } from "./edgeRules";
import type { EdgeOrigin } from "./edgeSpec";
import { renderOriginSnippet } from "./originSnippet";
import { changes, composeEdge, inputsByName, setEdgeMocks } from "./testing/composedEdge";
import { origin, spec } from "./testing/sampleSpec";

beforeEach(setEdgeMocks);

/** On plan Pro, in front of an origin. */
const composePro = async (
  edgeOrigin: pulumi.Input<EdgeOrigin> = origin,
  opts?: pulumi.ComponentResourceOptions,
) => await composeEdge({ spec: { ...spec, plan: "pro" }, edgeOrigin }, opts);

describe("CloudflareEdge on plan Pro", () => {
  it("registers the plan and the switch beside what Free has", async () => {
    const free = inputsByName((await composeEdge()).all);
    const { all } = await composePro();
    const more = all.filter(({ name }) => !(name in free));
    expect(more.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
      "cloudflare:index/snippet:Snippet edge-snippet",
      "cloudflare:index/snippetRules:SnippetRules edge-snippet-rules",
      "cloudflare:index/zoneSubscription:ZoneSubscription edge-plan",
    ]);
    expect(all).toHaveLength(Object.keys(free).length + more.length);
    expect(inputsByName(all)).toMatchObject({
      "edge-plan": { zoneId: spec.zoneId, frequency: "monthly", ratePlan: { id: "pro" } },
      "edge-snippet": {
        zoneId: spec.zoneId,
        snippetName: "drops_origin",
        metadata: { mainModule: "origin.js" },
      },
      "edge-snippet-rules": {
        zoneId: spec.zoneId,
        rules: [
          {
            snippetName: "drops_origin",
            enabled: true,
            expression: 'http.host eq "drops.example.com"',
          },
        ],
      },
    });
  });

  it("changes of what Free has only the rules that the plan has more of", async () => {
    const free = inputsByName((await composeEdge()).all);
    const { all } = await composePro();
    const kept = Object.fromEntries(
      Object.entries(inputsByName(all)).filter(([name]) => name in free),
    );
    expect([...changes(free, kept)].sort()).toEqual([
      "edge-managed-rules.rules",
      "edge-rate-limit.rules",
    ]);
  });

  it("moves the traffic by one input of the snippet, to an origin of any zone", async () => {
    const before = inputsByName((await composePro()).all);
    const small = { host: "origin-small.example.com", secret: "" };
    expect(changes(before, inputsByName((await composePro(small)).all))).toEqual([
      "edge-snippet.files",
    ]);
  });

  it("orders plan, rules and switch, and the record last", async () => {
    const waits: Record<string, readonly string[]> = {};
    const nameOf = (resource: pulumi.Resource) =>
      (resource as unknown as { __name: string }).__name;
    await composePro(origin, {
      transformations: [
        ({ type, name, opts }) => {
          if (type.startsWith("cloudflare:"))
            waits[name] = ((opts.dependsOn ?? []) as pulumi.Resource[]).map(nameOf);
          return undefined;
        },
      ],
    });
    expect(waits["edge-plan"]).toEqual([]);
    for (const role of rulesetRoles) expect(waits[`edge-${role}`]).toEqual(["edge-plan"]);
    expect(waits["edge-snippet"]).toEqual(["edge-plan"]);
    expect(waits["edge-snippet-rules"]).toEqual(["edge-snippet"]);
    const others = Object.keys(waits).filter((name) => name !== "edge-record");
    expect([...(waits["edge-record"] ?? [])].sort()).toEqual(others.sort());
  });

  it("leaves it to the payer how often the plan is paid", async () => {
    const ignored: Record<string, unknown> = {};
    await composePro(origin, {
      transformations: [
        ({ name, opts }) => {
          if (opts.ignoreChanges) ignored[name] = opts.ignoreChanges;
          return undefined;
        },
      ],
    });
    expect(ignored).toEqual({ "edge-plan": ["frequency"] });
  });

  it.each([
    ["in plain", origin],
    ["as a secret", pulumi.secret(origin)],
  ])("keeps the snippet's code secret, the origin given %s", async (_, given) => {
    const { files } = inputsByName((await composePro(given)).all)["edge-snippet"]!;
    expect(plainValue(files)).toBe("[secret]");
    expect((files as { value: unknown }).value).toEqual([
      { name: "origin.js", content: renderOriginSnippet(origin) },
    ]);
  });

  it("is refused an origin on a plan that cannot fetch from it", async () => {
    await expect(composeEdge({ edgeOrigin: origin })).rejects.toThrow(
      "edge: args.edgeOrigin is for plans with snippets, which free has not",
    );
    await pulumi.runtime.disconnect();
  });
});
