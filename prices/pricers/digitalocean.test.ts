import { describe, expect, it } from "vitest";
import { estimate } from "../estimate";
import { lines, reasons, resource, smallLoad, tokens } from "../testResources";

const droplet = (name: string, inputs: Readonly<Record<string, unknown>>) =>
  resource(tokens.droplet, name, inputs);

describe("Droplets", () => {
  const included = "Droplet transfer beyond the included 4000 GiB";

  it.each([
    ["no backups", {}, []],
    ["backups off", { backups: false, backupPolicy: { plan: "weekly" } }, []],
    [
      "weekly backups",
      { backups: true, backupPolicy: { plan: "weekly" } },
      [["vps", "Droplet backups, weekly (20 % of the Droplet)", 1, 4.8]],
    ],
    [
      "daily backups",
      { backups: true, backupPolicy: { plan: "daily" } },
      [["vps", "Droplet backups, daily (30 % of the Droplet)", 1, 7.2]],
    ],
    [
      "backups without a policy, which are daily",
      { backups: true },
      [["vps", "Droplet backups, daily (30 % of the Droplet)", 1, 7.2]],
    ],
  ])("with %s", (_name, inputs, backups) => {
    expect(lines([droplet("vps", { size: "s-2vcpu-4gb", ...inputs })])).toEqual([
      ["vps", "Droplet s-2vcpu-4gb", 1, 24],
      ...backups,
      ["vps", included, 0, 0],
    ]);
  });

  it("charges transfer beyond what all Droplets include, once", () => {
    const two = [droplet("one", { size: "s-1vcpu-1gb" }), droplet("two", { size: "s-1vcpu-2gb" })];
    // 5,000 GB are 4,656.613 GiB; 3,000 are included.
    expect(lines(two, { egressGb: 5_000 })).toEqual([
      ["one", "Droplet s-1vcpu-1gb", 1, 6],
      ["droplets", "Droplet transfer beyond the included 3000 GiB", 1_656.613, 16.57],
      ["two", "Droplet s-1vcpu-2gb", 1, 12],
    ]);
  });

  it("does not invent what a size includes", () => {
    const dedicated = [droplet("vps", { size: "c-2" })];
    expect(lines(dedicated)).toEqual([["vps", "Droplet c-2", 1, 42]]);
    expect(reasons(dedicated)).toEqual([
      {
        resource: "vps",
        type: tokens.droplet,
        reason: "outbound transfer: what this size includes is not known",
      },
    ]);
  });

  it.each([
    [{ size: "s-3vcpu-1gb" }, "no price for the Droplet size s-3vcpu-1gb"],
    [{}, "no price for the Droplet size (not known before a deploy)"],
    [
      { size: "s-2vcpu-4gb", backups: true, backupPolicy: { plan: "hourly" } },
      "no price for the backup plan hourly",
    ],
  ])("names what it cannot price: %j", (inputs, reason) => {
    const found = reasons([droplet("vps", inputs)], { egressGb: 0 });
    expect(found).toEqual([{ resource: "vps", type: tokens.droplet, reason }]);
  });
});

describe("reserved addresses", () => {
  const address = (name: string, inputs = {}) => resource(tokens.reservedIp, name, inputs);

  it("cost nothing while a Droplet has them, and 5 USD while none has", () => {
    expect(
      lines([
        address("a"),
        address("b"),
        resource(tokens.reservedIpAssignment, "a-assignment"),
        address("c", { dropletId: 1 }),
      ]),
    ).toEqual([
      ["a", "Reserved IPv4, assigned", 1, 0],
      ["b", "Reserved IPv4, not assigned", 1, 5],
      ["c", "Reserved IPv4, assigned", 1, 0],
    ]);
  });
});

describe("databases", () => {
  const cluster = (inputs: Readonly<Record<string, unknown>>) =>
    resource(tokens.database, "db", inputs);

  it.each([
    ["pg", "db-s-1vcpu-1gb", 1, undefined, [["db", "Managed PostgreSQL db-s-1vcpu-1gb", 1, 15.15]]],
    ["pg", "db-s-2vcpu-4gb", 2, undefined, [["db", "Managed PostgreSQL db-s-2vcpu-4gb", 2, 121.8]]],
    [
      "pg",
      "db-s-6vcpu-16gb",
      1,
      undefined,
      [["db", "Managed PostgreSQL db-s-6vcpu-16gb", 1, 244.35]],
    ],
    ["pg", "db-s-1vcpu-1gb", 1, "10240", [["db", "Managed PostgreSQL db-s-1vcpu-1gb", 1, 15.15]]],
    [
      "pg",
      "db-s-1vcpu-1gb",
      1,
      "30720",
      [
        ["db", "Managed PostgreSQL db-s-1vcpu-1gb", 1, 15.15],
        ["db", "PostgreSQL storage beyond the included 10 GiB", 20, 4.3],
      ],
    ],
    [
      "pg",
      "db-s-1vcpu-2gb",
      2,
      "61440",
      [
        ["db", "Managed PostgreSQL db-s-1vcpu-2gb", 2, 60.9],
        ["db", "PostgreSQL storage beyond the included 30 GiB", 60, 12.9],
      ],
    ],
    ["valkey", "db-s-1vcpu-1gb", 1, undefined, [["db", "Managed Valkey db-s-1vcpu-1gb", 1, 15]]],
    ["valkey", "db-s-2vcpu-4gb", 2, undefined, [["db", "Managed Valkey db-s-2vcpu-4gb", 2, 120]]],
  ])("%s %s x %i, %s MiB", (engine, size, nodeCount, storageSizeMib, expected) => {
    expect(lines([cluster({ engine, size, nodeCount, storageSizeMib })])).toEqual(expected);
  });

  it("prices a read-only node as a node of its size, unverified", () => {
    const replica = resource(tokens.replica, "copy", { size: "db-s-2vcpu-4gb" });
    const [only] = estimate({ resources: [replica], load: smallLoad, alsoPaid: [] }).lines;
    expect(only).toMatchObject({ monthly: 60.9, category: "database", verified: false });
  });

  const lowest = "at the lowest published price";

  it("takes the lowest price of the Advanced edition for its smallest size, unverified", () => {
    const resources = [
      cluster({ engine: "advanced_pg", size: "gd-2vcpu-8gb", nodeCount: 2 }),
      resource(tokens.replica, "copy", { size: "gd-2vcpu-8gb" }),
    ];
    expect(lines(resources)).toEqual([
      ["db", `Managed PostgreSQL Advanced gd-2vcpu-8gb, ${lowest}`, 2, 260],
      ["copy", `Read-only node gd-2vcpu-8gb, priced as a node, ${lowest}`, 1, 130],
    ]);
    const { lines: all } = estimate({ resources, load: smallLoad, alsoPaid: [] });
    expect(all.map(({ verified }) => verified)).toEqual([false, false]);
  });

  it("names a replica of a size without a price", () => {
    const copy = resource(tokens.replica, "copy", { size: "so1_5-2vcpu-16gb" });
    expect(reasons([copy]).map(({ reason }) => reason)).toEqual([
      "PostgreSQL Advanced edition so1_5-2vcpu-16gb, 1 node: published from 130 USD a node and month, by size not found",
    ]);
  });

  it("does not invent the storage that an Advanced size includes", () => {
    const one = [
      cluster({ engine: "advanced_pg", size: "gd-2vcpu-8gb", storageSizeMib: "614400" }),
    ];
    expect(lines(one)).toHaveLength(1);
    expect(reasons(one).map(({ reason }) => reason)).toEqual([
      "storage: what the PostgreSQL size gd-2vcpu-8gb includes was not found",
    ]);
  });

  it.each([
    ["pg", "db-s-3vcpu-1gb", "no price for the PostgreSQL size db-s-3vcpu-1gb"],
    [
      "pg",
      "db-s-8vcpu-32gb",
      "the current price of the PostgreSQL size db-s-8vcpu-32gb was not found",
    ],
    ["valkey", "gd-2vcpu-8gb", "no price for the Valkey size gd-2vcpu-8gb"],
    [
      "advanced_pg",
      "gd-4vcpu-16gb",
      "PostgreSQL Advanced edition gd-4vcpu-16gb, 2 nodes: published from 130 USD a node and month, by size not found",
    ],
    ["advanced_pg", "db-s-2vcpu-4gb", "no price for the PostgreSQL Advanced size db-s-2vcpu-4gb"],
    ["mysql", "db-s-1vcpu-1gb", "no price for the database engine mysql"],
  ])("names what it cannot price: %s %s", (engine, size, reason) => {
    const one = [cluster({ engine, size, nodeCount: 2 })];
    expect(lines(one)).toEqual([]);
    expect(reasons(one)).toEqual([{ resource: "db", type: tokens.database, reason }]);
  });

  it("does not invent the storage that a size includes", () => {
    const one = [cluster({ engine: "pg", size: "db-s-6vcpu-16gb", storageSizeMib: "614400" })];
    expect(lines(one)).toEqual([["db", "Managed PostgreSQL db-s-6vcpu-16gb", 1, 244.35]]);
    expect(reasons(one).map(({ reason }) => reason)).toEqual([
      "storage: what the PostgreSQL size db-s-6vcpu-16gb includes was not found",
    ]);
  });
});

describe("Spaces", () => {
  const buckets = [resource(tokens.bucket, "dumps"), resource(tokens.bucket, "logs")];

  it.each([
    [20, 0, 0, 0, 0],
    [250, 0, 0, 0, 0],
    [350, 100, 2, 0, 0],
    [1_124, 874, 17.48, 100, 1],
  ])("%i GiB stored, one subscription for all buckets", (gib, storage, usd, transfer, usdOut) => {
    expect(lines(buckets, { backupStorageGib: gib })).toEqual([
      ["dumps", "Spaces subscription, one an account", 1, 5],
      ["dumps", "Spaces storage beyond the included 250 GiB", storage, usd],
      ["dumps", "Spaces transfer beyond the included 1024 GiB", transfer, usdOut],
    ]);
  });
});

describe("uptime checks", () => {
  it("has the first one free, and a line for it", () => {
    const checks = ["site", "origin", "api"].map((name) => resource(tokens.uptimeCheck, name));
    expect(lines(checks)).toEqual([
      ["site", "Uptime check, the account's free one", 1, 0],
      ["origin", "Uptime check", 1, 1],
      ["api", "Uptime check", 1, 1],
    ]);
  });
});
