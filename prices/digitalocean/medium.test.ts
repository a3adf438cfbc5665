import { describe, expect, it } from "vitest";
import * as book from ".";

describe("the Advanced edition", () => {
  const entries = Object.entries(book.advancedPostgresSizes) as [
    book.AdvancedPostgresSize,
    book.AdvancedPostgresSizeSpec,
  ][];

  it("has eleven sizes", () => {
    expect(entries).toHaveLength(11);
    expect(book.advancedPostgres.sizes).toEqual(entries.map(([slug]) => slug));
  });

  it.each(entries)("%s says in its slug what it has", (slug, size) => {
    expect(slug).toContain(`-${size.vcpus}vcpu-${size.memoryGib}gb`);
  });

  it.each([
    ["gd-2vcpu-8gb", 197, 130],
    ["gd-2vcpu-8gb-intel", 197, 130],
    ["so1_5-2vcpu-16gb", 397, undefined],
    ["so1_5-4vcpu-32gb", 797, undefined],
    ["gd-16vcpu-64gb", 997, undefined],
  ] as const)("%s is taken to allow %i connections", (slug, connections, usd) => {
    expect(book.assumedAdvancedConnections(slug)).toBe(connections);
    expect(book.advancedUsdMonthly(slug)).toBe(usd);
  });

  it("says that price and connections are not verified", () => {
    expect(book.advancedPostgres.dated.verified).toBe(false);
    expect(book.advancedConnectionsDated.verified).toBe(false);
  });

  it("knows no other slug", () => {
    expect(book.findAdvancedPostgresSize("gd-8vcpu-32gb")).toBe("gd-8vcpu-32gb");
    expect(book.findAdvancedPostgresSize("db-s-2vcpu-4gb")).toBeUndefined();
    expect(book.findAdvancedPostgresSize("toString")).toBeUndefined();
  });
});

describe("App Platform", () => {
  const sizes: [string, book.AppSizeSpec][] = Object.entries(book.appSizes);

  it.each([
    ["apps-s-1vcpu-0.5gb", 5, 50, "none"],
    ["apps-s-1vcpu-1gb-fixed", 10, 100, "none"],
    ["apps-s-1vcpu-1gb", 12, 150, "manual"],
    ["apps-s-1vcpu-2gb", 25, 200, "manual"],
    ["apps-s-2vcpu-4gb", 50, 250, "manual"],
    ["apps-d-1vcpu-0.5gb", 29, 100, "auto"],
    ["apps-d-1vcpu-1gb", 34, 200, "auto"],
    ["apps-d-1vcpu-2gb", 39, 300, "auto"],
    ["apps-d-1vcpu-4gb", 49, 400, "auto"],
    ["apps-d-2vcpu-4gb", 78, 500, "auto"],
    ["apps-d-2vcpu-8gb", 98, 600, "auto"],
    ["apps-d-4vcpu-8gb", 156, 700, "auto"],
    ["apps-d-4vcpu-16gb", 196, 800, "auto"],
    ["apps-d-8vcpu-32gb", 392, 900, "auto"],
  ])("%s", (slug, usdMonthly, egressGib, scaling) => {
    expect(book.findAppSize(slug)).toMatchObject({ usdMonthly, egressGib, scaling });
    expect(sizes).toHaveLength(14);
  });

  it.each(sizes)("%s says in its slug what it has", (slug, size) => {
    const [, kind, vcpus, gib] = /^apps-([sd])-(\d+)vcpu-([\d.]+)gb/.exec(slug)!;
    expect([size.vcpus, size.memoryGib]).toEqual([Number(vcpus), Number(gib)]);
    expect(size.scaling === "auto").toBe(kind === "d");
  });

  it("costs by the second what it costs in 28 days", () => {
    // The specification gives 0.000016121032 USD a second for 39 USD a month.
    const perSecond = 39 / book.appBilling.secondsPerMonth;
    expect(perSecond).toBeCloseTo(0.000016121032, 12);
  });

  it("is where its containers' data centres are", () => {
    expect(book.appRegions).toEqual({
      ams3: "ams",
      blr1: "blr",
      fra1: "fra",
      lon1: "lon",
      nyc1: "nyc",
      nyc3: "nyc",
      sfo3: "sfo",
      sgp1: "sgp",
      syd1: "syd",
      tor1: "tor",
    });
    for (const region of Object.keys(book.appRegions)) {
      expect(book.findRegion(region)?.managedPostgres, region).toBe(true);
      expect(book.advancedPostgresRegions).toContain(region);
    }
  });

  it.each(["nyc2", "sfo2", "atl1", "ric1", "mem1", "mkc1"] as const)("is not in %s", (region) => {
    expect(book.findAppRegion(region)).toBeUndefined();
    expect(() => book.appPlatformRegion(region)).toThrow(/has no App Platform; ams3, /);
  });

  it("knows no region of another name", () => {
    expect(book.appPlatformRegion("fra1")).toBe("fra");
    expect(book.findAppRegion("constructor")).toBeUndefined();
  });

  it("allows what its documentation says", () => {
    expect(book.appLimits).toMatchObject({
      maxContainers: 250,
      uploadTimeoutSeconds: 100,
      drainSeconds: { low: 1, high: 110 },
      graceSeconds: { low: 1, high: 600 },
    });
  });
});
