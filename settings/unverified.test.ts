import { describe, expect, it } from "vitest";
import type { MediumConfig } from "./schema";
import { checkedStack } from "./testStacks";
import { unverifiedFacts } from "./unverified";

const facts = (...settings: string[]) =>
  unverifiedFacts(checkedStack("medium", settings) as MediumConfig);
const standard = ["postgres.edition=standard", "postgres.nodes=1", "app.poolPerProcess=5"];

const always = [
  "A node of gd-2vcpu-8gb costs 130 USD a month: the lowest price of the Advanced edition; which size has it is not published.",
  "gd-2vcpu-8gb allows 197 connections; the alarms read the true limit from the database.",
  "DigitalOcean's alerts on CPU, memory and disk work for Advanced clusters as for Standard ones.",
  "The certificate of an Advanced cluster is of a public authority, which the system's trust store knows.",
];

/** What holds for every database. */
const place =
  "The app's instances reach the databases and the monitoring droplet from addresses in drops:vpcCidr.";
const websocket = "A websocket passes a Snippet's fetch as it does a Worker's.";

describe("what nobody could read at the provider", () => {
  it.each<[string, string[], string[]]>([
    ["an Advanced cluster", [], always],
    [
      "its replicas",
      ["postgres.readReplicas=1"],
      [...always, "An Advanced cluster can have read replicas, which cost what a node costs."],
    ],
    [
      "its pool",
      ["postgres.pool.mode=transaction"],
      [...always, "An Advanced cluster can have connection pools (PgBouncer)."],
    ],
    [
      "its storage",
      ["postgres.storageGib=500"],
      [...always, "gd-2vcpu-8gb can have 500 GiB of storage."],
    ],
    ["a new Standard cluster", standard, []],
    [
      "a replica of an old Standard cluster",
      [...standard, "postgres.clusterSince=before-2026-11-30", "postgres.readReplicas=1"],
      ["A read replica costs what a node of its size costs."],
    ],
    [
      "somebody else's database",
      [
        "postgres.provider=external",
        "postgres.ownerUrl=postgresql://owner:hunter2@db.example.com/drops",
        "postgres.url=postgresql://u:p@db.example.com/drops",
        "postgres.connectionLimit=200",
      ],
      [],
    ],
  ])("of %s", (_, settings, statements) => {
    expect(facts(...settings).map(({ statement }) => statement)).toEqual([
      ...statements,
      place,
      websocket,
    ]);
  });

  it("of App Platform's own edge, who the visitor is", () => {
    const config = checkedStack("medium") as MediumConfig;
    const direct = { ...config, edge: "direct" as const, cloudflare: undefined };
    const statements = unverifiedFacts(direct).map(({ statement }) => statement);
    expect(statements).not.toContain(websocket);
    expect(statements).toContain("App Platform says in do-connecting-ip who the visitor is.");
  });

  it.each([
    ["nyc3", "nyc"],
    ["syd1", "syd"],
  ])("of %s, which App Platform knows as a city", (region, slug) => {
    expect(facts(`region=${region}`).map(({ statement }) => statement)).toContain(
      `An app in App Platform's region "${slug}" can join a private network in ${region}.`,
    );
  });

  it("of a size that has no price, that it has none", () => {
    expect(facts("postgres.size=gd-4vcpu-16gb")[0]?.statement).toBe(
      "The price of a node of gd-4vcpu-16gb is not published and not in the total; the Advanced edition begins at 130 USD a month.",
    );
  });

  it("names the part and a dated source", () => {
    const all = facts(
      "postgres.readReplicas=2",
      "postgres.pool.mode=transaction",
      "postgres.storageGib=100",
    );
    expect(all).toHaveLength(9);
    for (const { subject, source } of all) {
      expect(["postgres", "postgres-replica", "network", "edge"]).toContain(subject);
      expect(source).toMatch(/, 202\d-\d\d-\d\d$/);
    }
  });
});
