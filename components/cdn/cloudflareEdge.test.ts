import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { edgeRulesets, rulesetRoles } from "./edgeRules";
import type { CloudflareEdgeSpec } from "./edgeSpec";
import {
  changes,
  composeEdge,
  inputsByName,
  registrations,
  setEdgeMocks,
} from "./testing/composedEdge";
import { spec } from "./testing/sampleSpec";

beforeEach(setEdgeMocks);

describe("CloudflareEdge", () => {
  it("registers exactly these resources", async () => {
    const { all } = await composeEdge();
    expect(all.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
      "cloudflare:index/dnsRecord:DnsRecord edge-record",
      "cloudflare:index/ruleset:Ruleset edge-cache",
      "cloudflare:index/ruleset:Ruleset edge-cache-response",
      "cloudflare:index/ruleset:Ruleset edge-headers",
      "cloudflare:index/ruleset:Ruleset edge-managed-rules",
      "cloudflare:index/ruleset:Ruleset edge-rate-limit",
      "cloudflare:index/ruleset:Ruleset edge-redirect",
      "cloudflare:index/zoneSetting:ZoneSetting edge-always-use-https",
      "cloudflare:index/zoneSetting:ZoneSetting edge-http3",
      "cloudflare:index/zoneSetting:ZoneSetting edge-min-tls-version",
      "cloudflare:index/zoneSetting:ZoneSetting edge-ssl",
      "cloudflare:index/zoneSetting:ZoneSetting edge-tls-1-3",
      "cloudflare:index/zoneSetting:ZoneSetting edge-websockets",
      "drops:cdn:CloudflareEdge edge",
    ]);
  });

  it("points one proxied CNAME at the live origin", async () => {
    const { all } = await composeEdge();
    expect(inputsByName(all)["edge-record"]).toEqual({
      zoneId: spec.zoneId,
      name: "drops.example.com",
      type: "CNAME",
      content: "origin-small.example.com",
      proxied: true,
      ttl: 1,
      comment: "Drops: public host; points at the live stack's origin",
    });
  });

  it("moves the traffic by one input of one resource", async () => {
    const before = inputsByName((await composeEdge()).all);
    const after = inputsByName(
      (await composeEdge({ spec: { ...spec, originName: "origin-medium.example.com" } })).all,
    );
    expect(changes(before, after)).toEqual(["edge-record.content"]);
  });

  it("sets the zone up by Cloudflare's own setting ids", async () => {
    const { all } = await composeEdge();
    const settings = all.filter(({ type }) => type.endsWith(":ZoneSetting"));
    expect(settings.map(({ inputs }) => inputs)).toEqual([
      { zoneId: spec.zoneId, settingId: "ssl", value: "strict" },
      { zoneId: spec.zoneId, settingId: "min_tls_version", value: "1.2" },
      { zoneId: spec.zoneId, settingId: "tls_1_3", value: "on" },
      { zoneId: spec.zoneId, settingId: "always_use_https", value: "off" },
      { zoneId: spec.zoneId, settingId: "websockets", value: "on" },
      { zoneId: spec.zoneId, settingId: "http3", value: "on" },
    ]);
  });

  it.each(rulesetRoles)("registers the rules of %s as they stand", async (role) => {
    const { all } = await composeEdge();
    const { name, phase, description, rules } = edgeRulesets(spec)[role];
    expect(inputsByName(all)[`edge-${role}`]).toEqual({
      zoneId: spec.zoneId,
      kind: "zone",
      name,
      phase,
      description,
      rules,
    });
  });

  it("parents every child and lets the record wait for the rest", async () => {
    const children: { name: string; parent: unknown; dependsOn: number }[] = [];
    const { edge } = await composeEdge(
      {},
      {
        transformations: [
          ({ type, name, opts }) => {
            const parent = (opts as pulumi.CustomResourceOptions).parent;
            const dependsOn = (opts.dependsOn ?? []) as pulumi.Resource[];
            if (type.startsWith("cloudflare:"))
              children.push({ name, parent, dependsOn: dependsOn.length });
            return undefined;
          },
        ],
      },
    );
    expect(children).toHaveLength(13);
    expect(children.every(({ parent }) => parent === edge)).toBe(true);
    expect(children.filter(({ dependsOn }) => dependsOn > 0)).toEqual([
      { name: "edge-record", parent: edge, dependsOn: 12 },
    ]);
  });

  it("says where the app is", async () => {
    const { edge } = await composeEdge();
    const url = await new Promise((resolve) => edge.publicUrl.apply(resolve));
    expect(url).toBe("https://drops.example.com");
  });

  it("applies overrides last, to the named child alone", async () => {
    const plain = inputsByName((await composeEdge()).all);
    const changed = inputsByName(
      (
        await composeEdge({
          overrides: {
            record: { comment: "mine" },
            rulesets: { cache: (args) => ({ ...args, rules: [] }) },
            settings: { http3: { value: "off" } },
          },
        })
      ).all,
    );
    expect(changed).toEqual({
      ...plain,
      "edge-record": { ...plain["edge-record"], comment: "mine" },
      "edge-cache": { ...plain["edge-cache"], rules: [] },
      "edge-http3": { ...plain["edge-http3"], value: "off" },
    });
  });

  it.each<[string, Partial<CloudflareEdgeSpec>, string]>([
    [
      "a zone's name instead of its id",
      { zoneId: "example.com" },
      'edge: spec.zoneId must be 32 hexadecimal digits, got "example.com"',
    ],
    [
      "an address with its scheme",
      { domain: "https://drops.example.com" },
      'edge: spec.domain must be a host name in lower case, got "https://drops.example.com"',
    ],
    [
      "an IP address as origin",
      { originName: "192.0.2.1" },
      'edge: spec.originName must be a host name in lower case, got "192.0.2.1"',
    ],
    [
      "a host that points at itself",
      { originName: "drops.example.com" },
      'edge: spec.originName must differ from spec.domain, both are "drops.example.com"',
    ],
    [
      "no requests at all",
      { rateLimit: { requestsPerPeriod: 0 } },
      "edge: spec.rateLimit.requestsPerPeriod must be a whole number from 1, got 0",
    ],
    [
      "a period that the plan lacks",
      { rateLimit: { requestsPerPeriod: 100, periodSeconds: 60 } },
      "edge: spec.rateLimit.periodSeconds must be 10, got 60",
    ],
    [
      "two faults at once",
      { hstsMaxAgeSeconds: -1, rateLimit: { requestsPerPeriod: 1.5 } },
      "edge: spec.rateLimit.requestsPerPeriod must be a whole number from 1, got 1.5; " +
        "spec.hstsMaxAgeSeconds must be a whole number from 0, got -1",
    ],
    [
      "a plan with snippets, and nothing to fetch from",
      { plan: "pro" },
      "edge: args.edgeOrigin is missing: on plan pro the edge fetches from it",
    ],
    [
      "a period between those that there are",
      { plan: "pro", rateLimit: { requestsPerPeriod: 100, periodSeconds: 50 } },
      "edge: spec.rateLimit.periodSeconds must be one of 10, 15, 20, 30, 40, 45, 60, got 50; ",
    ],
    [
      "writes without paths, counted and blocked for too long",
      {
        plan: "pro",
        writeLimit: { paths: [], requestsPerPeriod: 0, periodSeconds: 90, blockSeconds: 7_200 },
      },
      "edge: spec.writeLimit.paths must be paths that begin with a slash, got []; " +
        "spec.writeLimit.requestsPerPeriod must be a whole number from 1, got 0; " +
        "spec.writeLimit.periodSeconds must be one of 10, 15, 20, 30, 40, 45, 60, got 90; " +
        "spec.writeLimit.blockSeconds must be one of 10,",
    ],
  ])("refuses %s before it registers a child", async (_, fault, message) => {
    await expect(composeEdge({ spec: { ...spec, ...fault } })).rejects.toThrow(message);
    await pulumi.runtime.disconnect();
    expect(registrations.filter(({ type }) => type.startsWith("cloudflare:"))).toEqual([]);
  });
});
