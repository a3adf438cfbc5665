import { describe, expect, it } from "vitest";
import type { RegisteredResource } from "../report/compose";
import { composed } from "../tests/composing";
import { awsRules } from "./awsRules";
import { policyRules, violationsOf } from "./rules";
import { registered } from "./testing/registered";

const resource = (
  type: string,
  inputs: Record<string, unknown>,
  rest: Partial<RegisteredResource> = {},
): RegisteredResource =>
  registered(
    `digitalocean:index/${type[0]?.toLowerCase() ?? ""}${type.slice(1)}:${type}`,
    inputs,
    rest,
  );

const cluster = resource("DatabaseCluster", { privateNetworkUuid: "[unknown]" });
const clusterFirewall = resource("DatabaseFirewall", {});
const firewall = (port: string, source: string): RegisteredResource =>
  resource("Firewall", { inboundRules: [{ portRange: port, sourceAddresses: [source] }] });
const origin: RegisteredResource = {
  ...resource("DnsRecord", { type: "A" }),
  type: "cloudflare:index/dnsRecord:DnsRecord",
};

const digest = `sha256:${"0".repeat(64)}`;
const app = (service: object): RegisteredResource =>
  resource("App", {
    spec: {
      services: [
        {
          name: "web",
          image: { digest },
          envs: [{ key: "ORIGIN_SECRET", type: "SECRET" }],
          autoscaling: { minInstanceCount: 2 },
          ...service,
        },
      ],
    },
  });
const snippet: RegisteredResource = {
  ...resource("Snippet", {}),
  type: "cloudflare:index/snippet:Snippet",
};

/** Per rule: resources that keep it, and resources that break it. */
const cases: Record<string, [RegisteredResource[], RegisteredResource[]]> = {
  "database-in-private-network": [
    [cluster, clusterFirewall],
    [resource("DatabaseCluster", {}), clusterFirewall],
  ],
  "database-behind-firewall": [[cluster, clusterFirewall], [cluster]],
  "replica-behind-firewall": [
    [resource("DatabaseReplica", {}), clusterFirewall],
    [resource("DatabaseReplica", {})],
  ],
  "database-not-open-to-all": [
    [resource("DatabaseFirewall", { rules: [{ type: "ip_addr", value: "10.120.0.0/20" }] })],
    [resource("DatabaseFirewall", { rules: [{ type: "ip_addr", value: "0.0.0.0/0" }] })],
  ],
  "app-by-digest": [[app({})], [app({ image: { digest, tag: "latest" } })]],
  "app-behind-cdn": [
    [app({}), snippet],
    [app({ envs: [{ key: "PORT", type: "GENERAL" }] }), snippet],
  ],
  "app-has-two-instances": [[app({})], [app({ autoscaling: { minInstanceCount: 1 } })]],
  "private-ports-not-open-to-all": [
    [firewall("4318", "10.120.0.0/20")],
    [firewall("4318", "0.0.0.0/0")],
  ],
  "ssh-not-open-to-all": [[firewall("22", "203.0.113.0/24")], [firewall("22", "0.0.0.0/0")]],
  "origin-only-through-cdn": [
    [firewall("443", "173.245.48.0/20"), origin],
    [firewall("443", "::/0"), origin],
  ],
  "database-protected": [
    [cluster, clusterFirewall],
    [{ ...cluster, protect: false }, clusterFirewall],
  ],
  "backups-protected": [
    [resource("SpacesBucket", {})],
    [resource("SpacesBucket", {}, { protect: false })],
  ],
  "address-protected": [
    [resource("ReservedIp", {})],
    [resource("ReservedIp", {}, { protect: false })],
  ],
  "site-over-https": [
    [
      resource("UptimeCheck", { type: "https" }, { name: "uptime-site" }),
      resource("UptimeCheck", { type: "http" }, { name: "uptime-monitoring" }),
    ],
    [resource("UptimeCheck", { type: "http" }, { name: "uptime-site" })],
  ],
};

describe("policy", () => {
  it("has a case for every rule", () => {
    const others = Object.keys(policyRules).filter((rule) => !Object.hasOwn(awsRules, rule));
    expect(Object.keys(cases).sort()).toEqual(others.sort());
  });

  it.each(Object.entries(cases))("%s is kept and broken", (rule, [good, bad]) => {
    expect(violationsOf(good)).toEqual([]);
    expect(violationsOf(bad).map((violation) => violation.rule)).toEqual([rule]);
  });

  it("passes over the committed stacks", async () => {
    expect(violationsOf((await composed("small")).resources)).toEqual([]);
    expect(violationsOf((await composed("medium")).resources)).toEqual([]);
    expect(violationsOf((await composed("large")).resources)).toEqual([]);
    expect(violationsOf((await composed("edge")).resources)).toEqual([]);
  });

  it("warns of unguarded data when protection is off", async () => {
    const found = violationsOf((await composed("small", ["protection=off"])).resources);
    expect(found.map(({ rule, level }) => `${level} ${rule}`)).toEqual([
      "warning database-protected",
      "warning backups-protected",
      "warning address-protected",
    ]);
  });
});
