import { describe, expect, it } from "vitest";
import { tiers } from "../tiers";
import { estimate } from "./estimate";
import { mediumLoad, resource, smallLoad, tokens } from "./testResources";

const { vps, postgres } = tiers.small;

/** The small tier's default, as far as it can cost anything. */
const small = [
  resource("pulumi:pulumi:Stack", "drops-small"),
  resource("drops:compute:Server", "server"),
  resource("digitalocean:index/vpc:Vpc", "network"),
  resource("digitalocean:index/sshKey:SshKey", "operator"),
  resource(tokens.droplet, "vps", {
    size: vps.defaultSize,
    backups: true,
    backupPolicy: { plan: "weekly", weekday: "SUN", hour: 4 },
  }),
  resource(tokens.reservedIp, "address"),
  resource(tokens.reservedIpAssignment, "address-assignment"),
  resource(tokens.database, "db", {
    engine: "pg",
    size: postgres.defaultSize,
    nodeCount: postgres.nodeCount,
  }),
  resource("digitalocean:index/databaseFirewall:DatabaseFirewall", "db-firewall"),
  resource(tokens.bucket, "dumps"),
  resource(tokens.uptimeCheck, "site"),
  resource(tokens.uptimeCheck, "origin"),
  resource("digitalocean:index/monitorAlert:MonitorAlert", "memory"),
  resource("random:index/randomPassword:RandomPassword", "session"),
  resource(tokens.zoneSubscription, "plan", { ratePlan: { id: "free" } }),
  resource(tokens.dnsRecord, "live", { proxied: true }),
];

describe("the default small tier", () => {
  const result = estimate({ resources: small, load: smallLoad, alsoPaid: [] });

  it("costs 49.95 USD a month", () => {
    expect(result.monthly).toBe(49.95);
    expect(result.byCategory).toEqual({
      compute: 28.8,
      database: 20.15,
      cdn: 0,
      monitoring: 1,
    });
    expect(result.unpriced).toEqual([]);
  });

  it("stays within its target and the document's range", () => {
    const { costUsdTarget, costUsdTotal } = tiers.small.numbers;
    expect(result.monthly).toBeLessThanOrEqual(costUsdTarget);
    expect(result.monthly).toBeGreaterThanOrEqual(costUsdTotal.low);
  });

  it("has a line for everything that was considered, in the order of composition", () => {
    expect(result.lines.map(({ resource: name, kind, monthly }) => [name, kind, monthly])).toEqual([
      ["vps", "base", 24],
      ["vps", "base", 4.8],
      ["vps", "usage", 0],
      ["address", "base", 0],
      ["db", "base", 15.15],
      ["dumps", "base", 5],
      ["dumps", "usage", 0],
      ["dumps", "usage", 0],
      ["site", "base", 0],
      ["origin", "base", 1],
      ["plan", "base", 0],
      ["live", "usage", 0],
    ]);
  });

  it("multiplies on every line, and dates it", () => {
    for (const { quantity, unitPrice, monthly, asOf, source } of result.lines) {
      expect(monthly).toBeCloseTo(quantity * unitPrice, 2);
      expect(asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(source).not.toBe("");
    }
  });

  it("marks a share of an unverified price as unverified, as old as the older of the two", () => {
    const backups = result.lines.find(({ sku }) => sku.startsWith("Droplet backups"));
    expect(backups).toMatchObject({ verified: false, asOf: "2026-03-09" });
    expect(backups?.source).toMatch(/Backups Pricing; .*third-party notes/);
  });
});

/** The medium tier's default with a domain, as far as it can cost anything. */
const medium = [
  resource("pulumi:pulumi:Stack", "drops-medium"),
  resource(tokens.database, "postgres", {
    engine: "advanced_pg",
    size: tiers.medium.postgres.defaultSizes.advanced,
    nodeCount: tiers.medium.postgres.nodeCount,
  }),
  resource(tokens.database, "redis", {
    engine: "valkey",
    size: tiers.medium.redis.defaultManagedSize,
    nodeCount: 1,
  }),
  resource(tokens.droplet, "monitoring", {
    size: tiers.medium.monitoring.defaultSize,
    backups: true,
    backupPolicy: { plan: "weekly", weekday: "SUN", hour: 4 },
  }),
  resource(tokens.app, "app", {
    spec: {
      services: [
        {
          name: "web",
          instanceSizeSlug: tiers.medium.app.defaultSize,
          autoscaling: {
            minInstanceCount: tiers.medium.app.minInstances,
            maxInstanceCount: tiers.medium.app.maxInstances,
          },
        },
      ],
      workers: [
        { name: "worker", instanceSizeSlug: tiers.medium.worker.defaultSize, instanceCount: 1 },
      ],
      jobs: [{ name: "migrate", instanceSizeSlug: tiers.medium.worker.defaultSize }],
    },
  }),
  resource(tokens.bucket, "dumps"),
  resource(tokens.uptimeCheck, "site"),
  resource(tokens.uptimeCheck, "monitoring-check"),
  resource("random:index/randomPassword:RandomPassword", "origin-secret"),
  resource("cloudflare:index/snippet:Snippet", "switch"),
  resource("cloudflare:index/snippetRules:SnippetRules", "switch-rules"),
  resource(tokens.zoneSubscription, "plan", { ratePlan: { id: "pro" } }),
  resource(tokens.dnsRecord, "live", { proxied: true }),
];
const replica = resource(tokens.replica, "postgres-replica-1", {
  size: tiers.medium.postgres.defaultSizes.advanced,
});

describe("the medium tier", () => {
  const { costUsdTarget, costUsdTotal } = tiers.medium.numbers;
  const of = (resources: typeof medium) => estimate({ resources, load: mediumLoad, alsoPaid: [] });

  it("costs 403.41 USD a month by default", () => {
    const result = of(medium);
    expect(result.unpriced).toEqual([]);
    expect(result.byCategory).toEqual({ compute: 97.41, database: 280, cdn: 25, monitoring: 1 });
    expect(result.monthly).toBe(403.41);
    expect(result.monthly).toBeLessThanOrEqual(costUsdTarget);
  });

  it("stays within the document's range with a replica", () => {
    const result = of([...medium, replica]);
    expect(result.unpriced).toEqual([]);
    expect(result.monthly).toBe(533.41);
    expect(result.monthly).toBeLessThanOrEqual(costUsdTotal.high);
  });
});

describe("what the price book does not know", () => {
  it.each([
    "digitalocean:index/volume:Volume",
    "cloudflare:index/loadBalancer:LoadBalancer",
    "aws:rds/instance:Instance",
    "constructor",
  ])("names the type %s", (type) => {
    const result = estimate({
      resources: [resource(type, "thing")],
      load: smallLoad,
      alsoPaid: [],
    });
    expect(result.unpriced).toEqual([
      { resource: "thing", type, reason: `the price book does not know the type ${type}` },
    ]);
    expect(result.lines).toEqual([]);
  });

  it("passes on what else is paid, after its own", () => {
    const external = { resource: "db", type: "external", reason: "a database elsewhere" };
    const result = estimate({
      resources: [resource("aws:sqs/queue:Queue", "queue")],
      load: smallLoad,
      alsoPaid: [external],
    });
    expect(result.unpriced.map(({ resource: name }) => name)).toEqual(["queue", "db"]);
    expect(result.unpriced.at(-1)).toEqual(external);
  });
});

describe("sums", () => {
  it("of nothing is nothing, in every category", () => {
    expect(estimate({ resources: [], load: smallLoad, alsoPaid: [] })).toEqual({
      lines: [],
      unpriced: [],
      monthly: 0,
      byCategory: { compute: 0, database: 0, cdn: 0, monitoring: 0 },
    });
  });

  it("are those of the lines shown, without digits that binary fractions add", () => {
    const databases = [1, 2, 3, 4, 5, 6, 7].map((count) =>
      resource(tokens.database, `db-${count}`, { engine: "pg", size: "db-s-1vcpu-1gb" }),
    );
    const result = estimate({ resources: databases, load: smallLoad, alsoPaid: [] });
    expect(databases.reduce((sum) => sum + 15.15, 0)).not.toBe(106.05);
    expect(result.monthly).toBe(106.05);
    expect(result.byCategory.database).toBe(106.05);
  });

  it("do not change what they are given", () => {
    const frozen = Object.freeze(small.map((one) => Object.freeze({ ...one })));
    const once = estimate({ resources: frozen, load: smallLoad, alsoPaid: [] });
    expect(estimate({ resources: frozen, load: smallLoad, alsoPaid: [] })).toEqual(once);
  });
});
