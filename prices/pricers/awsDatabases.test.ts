import { describe, expect, it } from "vitest";
import { resource } from "../testResources";
import { awsLines, awsReasons, priceAws } from "./awsTestResources";

type Inputs = Readonly<Record<string, unknown>>;

const cluster = (inputs: Inputs = {}, name = "postgres-cluster") =>
  resource("aws:rds/cluster:Cluster", name, {
    engine: "aurora-postgresql",
    backupRetentionPeriod: 35,
    ...inputs,
  });
const instance = (name: string, instanceClass: string, inputs: Inputs = {}) =>
  resource("aws:rds/clusterInstance:ClusterInstance", name, {
    clusterIdentifier: "[unknown]",
    instanceClass,
    ...inputs,
  });
const proxy = resource("aws:rds/proxy:Proxy", "proxy");

describe("Aurora", () => {
  it("has its instances as base, and storage, I/O and backups as use", () => {
    const { lines } = priceAws([
      cluster(),
      instance("postgres-writer", "db.r7g.large"),
      instance("postgres-reader", "db.r7g.large"),
    ]);
    expect(lines.map(({ kind, sku, quantity, monthly }) => [kind, sku, quantity, monthly])).toEqual(
      [
        ["usage", "Aurora storage", 100, 10],
        ["usage", "Aurora I/O", 30, 6],
        ["usage", "Aurora backups, 35 days, beyond the free size of the volume", 70, 1.47],
        ["base", "Aurora PostgreSQL db.r7g.large", 1, 201.48],
        ["base", "Aurora PostgreSQL db.r7g.large", 1, 201.48],
      ],
    );
    expect(new Set(lines.map(({ category }) => category))).toEqual(new Set(["database"]));
  });

  it("includes I/O where it is optimized for it, and costs more for the rest", () => {
    expect(
      awsLines([cluster({ storageType: "aurora-iopt1" }), instance("postgres-a", "db.r7g.large")]),
    ).toEqual([
      ["postgres-cluster", "Aurora storage, I/O-Optimized", 100, 22.5],
      ["postgres-cluster", "Aurora I/O, included", 30, 0],
      ["postgres-cluster", "Aurora backups, 35 days, beyond the free size of the volume", 70, 1.47],
      ["postgres-a", "Aurora PostgreSQL db.r7g.large, I/O-Optimized", 1, 261.92],
    ]);
  });

  it("has serverless instances at the smallest capacity, the largest in words", () => {
    const scaling = { minCapacity: 0.5, maxCapacity: 16 };
    const [, , , line] = awsLines([
      cluster({ serverlessv2ScalingConfiguration: scaling }),
      instance("postgres-a", "db.serverless"),
    ]);
    expect(line).toEqual([
      "postgres-a",
      "Aurora Serverless v2, 0.5 ACU (up to 16: $1401.6)",
      0.5,
      43.8,
    ]);
  });

  it("has Database Insights by vCPU in the Advanced mode alone", () => {
    const two = [instance("postgres-a", "db.r7g.large"), instance("postgres-b", "db.r7g.large")];
    expect(awsLines([cluster({ databaseInsightsMode: "standard" }), ...two])).toHaveLength(5);
    expect(awsLines([cluster({ databaseInsightsMode: "advanced" }), ...two])[3]).toEqual([
      "postgres-cluster",
      "Database Insights, Advanced, by vCPU",
      4,
      36.5,
    ]);
  });

  it("has longer Performance Insights by vCPU, which the Advanced mode includes", () => {
    const kept = instance("postgres-a", "db.r7g.large", {
      performanceInsightsRetentionPeriod: 465,
    });
    expect(awsLines([cluster(), kept]).at(-1)).toEqual([
      "postgres-a",
      "Performance Insights kept for 465 days, by vCPU",
      2,
      5.9,
    ]);
    expect(awsLines([cluster({ databaseInsightsMode: "advanced" }), kept])).toHaveLength(5);
  });

  it("finds the cluster of an instance by its name where there are several", () => {
    const other = cluster({ storageType: "aurora-iopt1" }, "archive-cluster");
    const both = [
      cluster(),
      other,
      instance("archive-writer", "db.r7g.large"),
      instance("postgres-writer", "db.r7g.large"),
      instance("stray", "db.r7g.large"),
    ];
    const instances = awsLines(both).filter(([, sku]) => sku.startsWith("Aurora PostgreSQL"));
    expect(instances.map(([name, , , usd]) => [name, usd])).toEqual([
      ["archive-writer", 261.92],
      ["postgres-writer", 201.48],
    ]);
    expect(awsReasons(both)).toEqual(["which cluster the instance belongs to is not known"]);
  });

  it.each([
    ["db.r7g.8xlarge", "no price for the Aurora class db.r7g.8xlarge"],
    ["db.t4g.micro", "no price for the Aurora class db.t4g.micro"],
    ["[unknown]", "no price for the Aurora class (not known before a deploy)"],
    ["db.serverless", "the capacity of the cluster is not known before a deploy"],
  ])("names what it cannot price: %s", (instanceClass, reason) => {
    expect(awsReasons([cluster(), instance("postgres-a", instanceClass)])).toEqual([reason]);
  });

  it("names another engine", () => {
    expect(awsReasons([cluster({ engine: "aurora-mysql" })])).toEqual([
      "no price for the database engine aurora-mysql",
    ]);
  });
});

describe("a proxy", () => {
  it("costs by the vCPUs behind it", () => {
    const two = [instance("postgres-a", "db.r7g.xlarge"), instance("postgres-b", "db.r7g.large")];
    expect(awsLines([cluster(), ...two, proxy]).at(-1)).toEqual([
      "proxy",
      "RDS Proxy, by vCPU of the instances",
      6,
      65.7,
    ]);
  });

  it("has no price before capacity units, or a class that is not known", () => {
    const scaling = { serverlessv2ScalingConfiguration: { minCapacity: 1, maxCapacity: 4 } };
    expect(awsReasons([cluster(scaling), instance("a", "db.serverless"), proxy])).toEqual([
      "the price of a proxy of capacity units was not found",
    ]);
    expect(awsReasons([cluster(), instance("a", "db.x9.large"), proxy])).toContain(
      "the vCPUs of an instance behind the proxy are not known",
    );
    expect(awsReasons([proxy])).toEqual(["which cluster the proxy stands before is not known"]);
  });
});

describe("caches", () => {
  const group = (inputs: Inputs) =>
    resource("aws:elasticache/replicationGroup:ReplicationGroup", "cache", {
      engine: "valkey",
      nodeType: "cache.t4g.medium",
      ...inputs,
    });

  it.each([
    [{ numNodeGroups: 3, replicasPerNodeGroup: 1 }, 6, 227.76],
    [{ numNodeGroups: 2 }, 2, 75.92],
    [{ replicasPerNodeGroup: 2 }, 3, 113.88],
    [{ numCacheClusters: 2 }, 2, 75.92],
    [{}, 1, 37.96],
  ])("%j are %i nodes", (shape, nodes, usd) => {
    expect(awsLines([group(shape)])).toEqual([
      ["cache", "ElastiCache Valkey cache.t4g.medium", nodes, usd],
    ]);
  });

  it("have their snapshots as use", () => {
    expect(awsLines([group({ snapshotRetentionLimit: 7 })])[1]).toEqual([
      "cache",
      "ElastiCache snapshots of 7 days",
      7,
      0.6,
    ]);
  });

  it("without nodes cost the least that is billed, data and requests", () => {
    const one = resource("aws:elasticache/serverlessCache:ServerlessCache", "cache", {
      engine: "valkey",
    });
    expect(awsLines([one])).toEqual([
      ["cache", "ElastiCache Serverless for Valkey, the least data that is billed", 0.1, 6.13],
      ["cache", "ElastiCache Serverless for Valkey, data beyond that", 0.9, 55.19],
      ["cache", "ElastiCache Serverless for Valkey, requests", 150, 0.35],
    ]);
  });

  it.each([
    [{ engine: "redis" }, "no price for the cache engine redis"],
    [{ nodeType: "cache.m5.large" }, "no price for the node type cache.m5.large"],
  ])("name what has no price: %j", (inputs, reason) => {
    expect(awsReasons([group(inputs)])).toEqual([reason]);
  });
});
