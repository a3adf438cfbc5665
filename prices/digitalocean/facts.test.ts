import { describe, expect, it } from "vitest";
import * as book from ".";

const isoDate = /^\d{4}-\d{2}-\d{2}$/;
const uptimeRegionNames: readonly string[] = book.uptimeCheckRegions;
const regionEntries = Object.entries(book.regions) as [book.Region, book.RegionSpec][];
const dropletEntries: [string, book.DropletSizeSpec][] = Object.entries(book.dropletSizes);
const postgresEntries: [string, book.PostgresSizeSpec][] = Object.entries(book.postgresSizes);
const valkeyEntries: [string, book.ValkeySizeSpec][] = Object.entries(book.valkeySizes);

/** Every `Dated` anywhere in an exported value. */
function datedIn(value: unknown): { source: string; asOf: string; verified: boolean }[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "asOf" in value ? [value as never] : [];
  return [...own, ...Object.values(value).flatMap(datedIn)];
}

describe("Droplet sizes", () => {
  it("knows every size once, basic and dedicated", () => {
    expect(dropletEntries).toHaveLength(31);
  });

  it.each([
    ["s-1vcpu-512mb-10gb", 1, 0.5, 10, 0.5, 4],
    ["s-2vcpu-4gb", 2, 4, 80, 4, 24],
    ["s-2vcpu-4gb-120gb-intel", 2, 4, 120, 4, 32],
    ["s-4vcpu-8gb", 4, 8, 160, 5, 48],
    ["s-4vcpu-8gb-amd", 4, 8, 160, 5, 56],
    ["s-8vcpu-16gb", 8, 16, 320, 6, 96],
    ["c-2", 2, 4, 25, null, 42],
    ["c-8", 8, 16, null, null, 168],
    ["m-4vcpu-32gb", 4, 32, null, null, 168],
  ])("%s", (slug, vcpus, memoryGib, diskGib, transferTib, usdMonthly) => {
    expect(book.findDropletSize(slug)).toMatchObject({
      vcpus,
      memoryGib,
      diskGib,
      transferTib,
      usdMonthly,
    });
  });

  it.each(dropletEntries)("%s says in its slug what it has", (slug, size) => {
    const vcpus = /(\d+)vcpu/.exec(slug)?.[1] ?? /^c-(\d+)$/.exec(slug)?.[1];
    expect(size.vcpus).toBe(Number(vcpus));
    const gib = /vcpu-(\d+)gb/.exec(slug)?.[1];
    if (gib !== undefined) expect(size.memoryGib).toBe(Number(gib));
    const disk = /gb-(\d+)gb/.exec(slug)?.[1] ?? /mb-(\d+)gb/.exec(slug)?.[1];
    if (disk !== undefined) expect(size.diskGib).toBe(Number(disk));
    expect(size.usdMonthly).toBeGreaterThan(0);
  });

  it("costs more for more of everything within the plain shared family", () => {
    const plain = dropletEntries.filter(([slug]) => /^s-\d+vcpu-\d+gb$/.test(slug));
    expect(plain.map(([slug]) => slug)).toEqual([
      "s-1vcpu-1gb",
      "s-1vcpu-2gb",
      "s-2vcpu-2gb",
      "s-2vcpu-4gb",
      "s-4vcpu-8gb",
      "s-8vcpu-16gb",
    ]);
    const prices = plain.map(([, size]) => size.usdMonthly);
    expect(prices).toEqual([6, 12, 18, 24, 48, 96]);
  });

  it("finds nothing under a name that is no size", () => {
    expect(book.findDropletSize("constructor")).toBeUndefined();
    expect(book.findDropletSize("s-3vcpu-1gb")).toBeUndefined();
  });
});

describe("databases", () => {
  it.each([
    ["db-s-1vcpu-1gb", 10, 15.15, 22, true],
    ["db-s-1vcpu-2gb", 30, 30.45, 47, true],
    ["db-s-2vcpu-4gb", 60, 60.9, 97, true],
    ["db-s-4vcpu-8gb", 140, 122.1, 197, false],
    ["db-s-6vcpu-16gb", null, 244.35, 397, false],
    ["db-s-8vcpu-32gb", null, null, 797, false],
    ["db-s-16vcpu-64gb", null, null, 997, false],
  ])("PostgreSQL %s", (slug, minStorageGib, usdMonthly, connectionLimit, creatableFrom20261130) => {
    expect(book.findPostgresSize(slug)).toMatchObject({
      minStorageGib,
      usdMonthly,
      connectionLimit,
      creatableFrom20261130,
    });
  });

  it("has 25 connections a GiB less the reserved ones, up to 32 GiB", () => {
    for (const [, size] of postgresEntries.filter(([, one]) => one.memoryGib <= 32)) {
      expect(size.connectionLimit).toBe(
        25 * size.memoryGib - book.postgresLimits.reservedConnections,
      );
    }
  });

  it("includes the smallest storage in a node's price: what remains is whole dollars", () => {
    const known = postgresEntries.filter(([, size]) => size.minStorageGib !== null);
    const rest = known.map(([, { usdMonthly, minStorageGib }]) =>
      Number((usdMonthly! - minStorageGib! * book.storageUsdGibMonthly).toFixed(6)),
    );
    expect(rest).toEqual([13, 24, 48, 92]);
  });

  it("lets new clusters have what the plan change leaves", () => {
    for (const [, size] of postgresEntries) {
      expect(size.creatableFrom20261130).toBe(
        size.memoryGib <= book.standardPlanChange.maxMemoryGib,
      );
      expect(size.standby).toBe(size.memoryGib >= book.postgresLimits.minStandbyMemoryGib);
    }
    expect(book.standardPlanChange.date).toBe("2026-11-30");
    expect(book.standardPlanChange.reason).toContain("2026-11-30");
  });

  it("has Valkey at 15 USD a GiB", () => {
    expect(valkeyEntries).toHaveLength(6);
    for (const [, size] of valkeyEntries) expect(size.usdMonthly).toBe(15 * size.memoryGib);
  });

  it("keeps an end of life for each major, in order", () => {
    const ends = Object.values(book.postgresVersions).map(({ endOfLife }) => endOfLife);
    expect(ends).toHaveLength(5);
    expect([...ends].sort()).toEqual(ends);
    expect(ends.every((end) => isoDate.test(end))).toBe(true);
  });
});

describe("regions", () => {
  it("knows sixteen", () => {
    expect(regionEntries).toHaveLength(16);
  });

  it("has Spaces in eleven of them, and a near one for each of the others", () => {
    const own = regionEntries.filter(([, region]) => region.spaces).map(([slug]) => slug);
    expect(own).toEqual("ams3 atl1 blr1 fra1 lon1 nyc3 sfo2 sfo3 sgp1 syd1 tor1".split(" "));
    for (const [slug, region] of regionEntries) {
      expect(region.spacesRegionNear === slug).toBe(region.spaces);
      expect(book.findRegion(region.spacesRegionNear)?.spaces).toBe(true);
    }
  });

  it("has managed PostgreSQL everywhere but in the newest regions", () => {
    const without = regionEntries.filter(([, region]) => !region.managedPostgres);
    expect(without.map(([slug]) => slug)).toEqual(["mem1", "mkc1", "ric1"]);
  });

  it.each(regionEntries)("%s is probed from one or two places on its side", (_slug, region) => {
    expect(region.uptimeRegions.length).toBeGreaterThanOrEqual(1);
    expect(region.uptimeRegions.length).toBeLessThanOrEqual(2);
    expect(new Set(region.uptimeRegions).size).toBe(region.uptimeRegions.length);
    for (const probe of region.uptimeRegions) expect(uptimeRegionNames).toContain(probe);
    const continents = new Set(region.uptimeRegions.map((probe) => probe.slice(0, 2)));
    expect(continents.size).toBe(1);
  });

  it("keeps a reserved range for the regions of the page, none twice", () => {
    const ranges = Object.values(book.vpc.reservedRangesByRegion).flat();
    expect(ranges).toHaveLength(13);
    expect(new Set([...ranges, ...book.vpc.reservedRanges]).size).toBe(17);
    expect(book.vpc.reservedRangesByRegion.fra1).toEqual(["10.19.0.0/16"]);
  });
});

describe("alert vocabularies", () => {
  it("has twenty-eight types, each once", () => {
    expect(new Set(book.monitorAlertTypes).size).toBe(28);
    expect(book.monitorAlertTypes).toHaveLength(28);
  });

  it.each([
    ...Object.entries(book.monitorAlertWindows),
    ...Object.entries(book.uptimeAlertPeriods),
  ])("%s is %i seconds", (word, seconds) => {
    const [, count, unit] = /^(\d+)([mh])$/.exec(word)!;
    expect(seconds).toBe(Number(count) * (unit === "h" ? 3_600 : 60));
  });

  it("has the words of an app's alerts", () => {
    expect(book.appAlertRules).toHaveLength(8);
    expect(book.appComponentAlertRules).toEqual([
      "CPU_UTILIZATION",
      "MEM_UTILIZATION",
      "RESTART_COUNT",
    ]);
    expect(book.appAlertOperators).toEqual(["GREATER_THAN", "LESS_THAN"]);
    expect(book.appAlertWindows).toEqual({
      FIVE_MINUTES: 300,
      TEN_MINUTES: 600,
      THIRTY_MINUTES: 1_800,
      ONE_HOUR: 3_600,
    });
  });

  it.each([
    [70, true],
    [72.5, true],
    [70.1, false],
    [99.9, false],
  ])("%d comes back from an alert as it went: %s", (value, exact) => {
    expect(book.alertValueIsExact(value)).toBe(exact);
  });

  it("takes latencies up to five seconds", () => {
    expect(book.uptimeLatencyMaxMilliseconds).toBe(5_000);
  });
});

describe("sources", () => {
  const dated = datedIn(book);

  it("dates every number and names where it was read", () => {
    expect(dated.length).toBeGreaterThan(40);
    for (const { source, asOf } of dated) {
      expect(asOf).toMatch(isoDate);
      expect(source).toMatch(/DigitalOcean/);
    }
  });

  it("never calls a number verified that came through somebody's notes", () => {
    for (const { source, verified } of dated) {
      if (/notes|tools list/.test(source)) expect(verified).toBe(false);
    }
  });
});
