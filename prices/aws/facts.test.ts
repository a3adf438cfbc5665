import { describe, expect, it } from "vitest";
import * as book from ".";

const isoDate = /^\d{4}-\d{2}-\d{2}$/;
const classEntries = Object.entries(book.auroraClasses) as [
  book.AuroraClass,
  book.AuroraClassSpec,
][];
const nodeEntries: [string, book.CacheNodeSpec][] = Object.entries(book.cacheNodes);
const regionEntries = Object.entries(book.regions) as [book.AwsRegion, book.RegionSpec][];

/** Every `Dated` anywhere in an exported value. */
function datedIn(value: unknown): { source: string; asOf: string; verified: boolean }[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "asOf" in value ? [value as never] : [];
  return [...own, ...Object.values(value).flatMap(datedIn)];
}

describe("Aurora's classes", () => {
  it.each([
    ["db.t3.medium", 2, 4, 0.082, 59.86],
    ["db.t4g.medium", 2, 4, 0.073, 53.29],
    ["db.t4g.large", 2, 8, 0.146, 106.58],
    ["db.r6g.large", 2, 16, 0.26, 189.8],
    ["db.r7g.large", 2, 16, 0.276, 201.48],
    ["db.r7g.xlarge", 4, 32, 0.553, 403.69],
    ["db.r7g.2xlarge", 8, 64, 1.106, 807.38],
    ["db.r7g.4xlarge", 16, 128, 2.211, 1_614.03],
    ["db.r8g.large", 2, 16, 0.276, 201.48],
  ] as const)("%s", (name, vcpus, memoryGib, usdHour, usdMonthly) => {
    expect(book.findAuroraClass(name)).toEqual({ vcpus, memoryGib, usdHour });
    expect(book.auroraUsdMonthly(name)).toBeCloseTo(usdMonthly, 2);
  });

  it("has no price where none was found", () => {
    const without = classEntries.filter(([, { usdHour }]) => usdHour === null);
    expect(without).toHaveLength(classEntries.length - 9);
    expect(book.auroraUsdMonthly("db.r7g.8xlarge")).toBeUndefined();
  });

  it.each(classEntries)("%s has what its size has in every family", (name, spec) => {
    const size = name.split(".")[2]!;
    const times = size === "large" ? 1 : size === "xlarge" ? 2 : 2 * Number.parseInt(size, 10);
    expect(book.auroraFamilies).toContain(book.auroraFamilyOf(name));
    if (/^db\.r/.test(name)) {
      expect([spec.vcpus, spec.memoryGib]).toEqual([2 * times, 16 * times]);
    } else {
      expect(spec.vcpus).toBe(2);
    }
  });

  it.each([
    ["db.t4g.micro", /class of RDS that Aurora does not offer/],
    ["db.t4g.small", /class of RDS/],
    ["db.t4g.xlarge", /class of RDS/],
    ["db.m7g.large", /class of RDS/],
    ["db.r7g.huge", /no class of Aurora PostgreSQL that is known/],
    ["constructor", /no class of Aurora/],
    ["db.r7g.large", undefined],
    ["db.t4g.medium", undefined],
    ["db.serverless", undefined],
  ] as const)("%s in us-east-1", (name, problem) => {
    const found = book.auroraClassProblem(name, "us-east-1");
    if (problem) expect(found).toMatch(problem);
    else expect(found).toBeUndefined();
  });

  it("knows in which regions a family is missing", () => {
    expect(book.auroraClassProblem("db.r7g.large", "ap-southeast-4")).toBe(
      "db.r7g.large has no price in ap-southeast-4: Aurora PostgreSQL has no db.r7g there",
    );
    expect(book.auroraClassProblem("db.r6g.large", "ap-southeast-4")).toBeUndefined();
  });

  it.each([
    [1, 112],
    [2, 225],
    [4, 450],
    [8, 901],
    [16, 1_802],
    [32, 3_604],
    [64, 5_000],
  ])("%i GiB allow %i connections by default", (memoryGib, connections) => {
    expect(book.auroraMaxConnections(memoryGib)).toBe(connections);
  });
});

describe("Aurora", () => {
  it.each([
    ["17", true],
    ["17.9", true],
    ["17.8", false],
    ["18.6", true],
    ["16.9", false],
    ["toString", false],
  ])("version %s: %s", (version, listed) => {
    expect(book.isAuroraPostgresVersion(version)).toBe(listed);
  });

  it("defaults to a minor that is listed", () => {
    expect(book.auroraPostgresVersions["17"]).toContain(book.auroraPostgresDefault.version);
  });

  it.each([
    [0, 4, undefined],
    [0.5, 128, undefined],
    [2, 1, "the smallest capacity, 2, is more than the largest, 1"],
    [0.25, 4, "capacity goes in steps of 0.5 units; got 0.25 to 4"],
    [1, 300, "capacity goes from 0 to 256 units, the largest at least 1; got 1 to 300"],
    [0, 0.5, "capacity goes from 0 to 256 units, the largest at least 1; got 0 to 0.5"],
  ])("capacity %d to %d: %s", (low, high, problem) => {
    expect(book.acuProblem(low, high)).toBe(problem);
  });

  it.each([
    [100, 35, 2, 70],
    [100, 1, 50, 0],
    [100, 2, 100, 100],
    [100, 7, 0, 0],
  ])("%i GiB kept for %i days at %i %% a day: %i GiB billed", (volumeGib, days, percent, gib) => {
    const billed = book.auroraBackupBilledGib({
      volumeGib,
      retentionDays: days,
      changedPercentDaily: percent,
    });
    expect(billed).toBeCloseTo(gib, 9);
  });
});

describe("Valkey", () => {
  it.each([
    ["cache.t4g.micro", 2, 0.5, 0.0128],
    ["cache.t4g.medium", 2, 3.09, 0.052],
    ["cache.m7g.large", 2, 6.38, 0.1264],
    ["cache.r7g.large", 2, 13.07, 0.1752],
    ["cache.r8g.large", 2, null, 0.1756],
  ])("%s", (name, vcpus, memoryGib, usdHour) => {
    expect(book.findCacheNode(name)).toEqual({ vcpus, memoryGib, usdHour });
    expect(nodeEntries).toHaveLength(11);
  });

  it.each([
    [3, 1, undefined],
    [0, 1, /at least 1 shard, got 0/],
    [3, 6, /0 to 5 replicas, got 6/],
    [30, 3, /30 shards of 4 nodes are 120; .* 90 in a cluster/],
  ])("%i shards with %i replicas", (shards, replicas, problem) => {
    const found = book.cacheShapeProblem(shards, replicas);
    if (problem) expect(found).toMatch(problem);
    else expect(found).toBeUndefined();
  });

  it("knows where a family is missing", () => {
    expect(book.cacheNodeProblem("cache.t4g.micro", "me-south-1")).toMatch(/no cache\.t4g there/);
    expect(book.cacheNodeProblem("cache.t4g.micro", "eu-central-1")).toBeUndefined();
    expect(book.cacheNodeProblem("cache.x1.large", "eu-central-1")).toMatch(/no node type/);
  });
});

describe("regions", () => {
  it("knows thirty-four, of which four have zones nobody recorded", () => {
    expect(regionEntries).toHaveLength(34);
    const without = regionEntries.filter(([, { zones }]) => zones === null).map(([code]) => code);
    expect(without).toEqual(["ap-east-2", "ap-southeast-6", "ap-southeast-7", "mx-central-1"]);
  });

  it("has one with two zones", () => {
    const few = regionEntries.filter(([, { zones }]) => zones !== null && zones.length < 3);
    expect(few.map(([code]) => code)).toEqual(["us-west-1"]);
    expect(book.zoneProblem("us-west-1", 3)).toBe(
      "us-west-1 shows an account 2 availability zones (us-west-1a, us-west-1b), not 3",
    );
    expect(book.zoneProblem("us-west-1", 2)).toBeUndefined();
    expect(book.zoneProblem("mx-central-1", 3)).toBeUndefined();
  });

  it("names zones, whose letters have gaps", () => {
    expect(book.zonesOf("ap-northeast-1")).toEqual([
      "ap-northeast-1a",
      "ap-northeast-1c",
      "ap-northeast-1d",
    ]);
    expect(book.regionOfZone("ap-northeast-1c")).toBe("ap-northeast-1");
    expect(book.regionOfZone("[unknown]")).toBeUndefined();
    expect(book.findAwsRegion("constructor")).toBeUndefined();
  });
});

describe("sources", () => {
  const dated = datedIn(book);

  it("dates every number and names where it was read", () => {
    expect(dated.length).toBeGreaterThan(60);
    for (const { source, asOf } of dated) {
      expect(asOf).toMatch(isoDate);
      expect(source).toMatch(/AWS|aws\.amazon\.com/);
    }
  });

  it("never calls a number verified that came through others or is assumed", () => {
    for (const { source, verified } of dated) {
      if (/notes|quote|recorded|assumed|convention/.test(source)) expect(verified).toBe(false);
    }
  });

  it("has no verified price but the proxy's and what is free", () => {
    for (const priced of [book.fargatePrices, book.albPrices, book.natPrices, book.wafPrices]) {
      expect(priced.dated.verified).toBe(false);
    }
    expect(book.rdsProxy.dated.verified).toBe(true);
    expect(book.cloudwatchFree.dated.verified).toBe(true);
  });
});
