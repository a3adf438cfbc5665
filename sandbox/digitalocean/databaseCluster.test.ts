import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diffInputs } from "../cloud/diff";
import type { CloudResource } from "../contracts";
import { digitaloceanOn } from ".";
import { getDatabaseCa } from "./databaseCa";
import { TestCloud, type RefusedCase } from "./testing/testCloud";

let today = new Date("2026-11-29T23:59:59Z");
let cloud: TestCloud;
beforeEach(() => {
  today = new Date("2026-11-29T23:59:59Z");
  cloud = new TestCloud([digitaloceanOn(() => today)]);
});
afterEach(() => {
  cloud.close();
});

const postgres = {
  name: "db",
  engine: "pg",
  version: "17",
  region: "fra1",
  size: "db-s-1vcpu-2gb",
  nodeCount: 1,
};
const valkey = { ...postgres, engine: "valkey", version: "8", size: "db-s-1vcpu-1gb" };
const make = async (inputs: object, logical = "cluster"): Promise<CloudResource> =>
  await cloud.create("DatabaseCluster", logical, { ...inputs });

describe("DatabaseCluster", () => {
  it("starts a Postgres with the size's connection limit and says how to reach it", async () => {
    const cluster = await make(postgres);
    expect(cloud.calls).toEqual([
      ["postgres.ensure", cluster.id, { major: 17, connectionLimit: 47 }],
    ]);
    const uri = "postgresql://doadmin:secret%2F1@localhost:25060/defaultdb?sslmode=require";
    expect(cluster.outputs).toMatchObject({
      ...{ host: "localhost", privateHost: "localhost", port: 25_060, user: "doadmin" },
      ...{ password: "secret/1", database: "defaultdb", uri, privateUri: uri },
      ...{ clusterUrn: `do:dbaas:${cluster.id}`, storageSizeMib: "30720" },
    });
    expect(cluster.outputs).not.toHaveProperty("caCertificate");
    const ca = { clusterId: cluster.id };
    expect(getDatabaseCa.answer(ca, cloud.cloud)).toEqual({
      ...ca,
      id: cluster.id,
      certificate: "PEM",
    });
    await cloud.delete(cluster);
    expect(cloud.calls.at(-1)).toEqual(["postgres.remove", cluster.id]);
    expect(() => getDatabaseCa.answer(ca, cloud.cloud)).toThrow(
      `GET https://api.digitalocean.com/v2/databases/${cluster.id}/ca: 404`,
    );
  });

  it("of the Advanced edition has no authority that could be asked for", async () => {
    const cluster = await make({ ...postgres, engine: "advanced_pg", size: "gd-2vcpu-8gb" });
    expect(cluster.hidden).not.toHaveProperty("caCertificate");
    expect(() => getDatabaseCa.answer({ clusterId: cluster.id }, cloud.cloud)).toThrow(
      "404 an Advanced cluster has no authority of its own",
    );
  });

  it("starts a Valkey with its eviction policy, and changes it in place", async () => {
    const cluster = await make({ ...valkey, evictionPolicy: "allkeys_lru" });
    expect(cloud.calls).toEqual([["valkey.ensure", cluster.id, { evictionPolicy: "allkeys_lru" }]]);
    expect(cluster.outputs["privateUri"]).toBe("rediss://default:secret%2F1@localhost:25060");
    await cloud.update(cluster, { evictionPolicy: "noeviction" });
    expect(cloud.calls.at(-1)).toEqual([
      "valkey.ensure",
      cluster.id,
      { evictionPolicy: "noeviction" },
    ]);
    await cloud.delete(cluster);
    expect(cloud.calls.at(-1)).toEqual(["valkey.remove", cluster.id]);
  });

  it("counts the connections of a size that the price book does not have by its memory", async () => {
    await make({ ...postgres, engine: "advanced_pg", size: "gd-2vcpu-8gb", nodeCount: 2 });
    expect(cloud.calls[0]?.[2]).toEqual({ major: 17, connectionLimit: 197, advanced: true });
  });

  it.each([
    [
      { version: undefined },
      'version: The argument "version" is required, but no definition was found.',
    ],
    [{ evictionPolicy: "noeviction" }, "evictionPolicy: eviction_policy is only supported for"],
    [{ sqlMode: "ANSI" }, "sqlMode: sql_mode is only supported for MySQL"],
    [{ nodeCount: 0 }, "nodeCount: Too small"],
    [
      { maintenanceWindows: [{ day: "someday", hour: "02:00" }] },
      "maintenanceWindows[0].day: expected a day",
    ],
    [
      { maintenanceWindows: [{ day: "sunday", hour: "25:00" }] },
      "maintenanceWindows[0].hour: expected a time",
    ],
    [
      { storageAutoscale: { enabled: true, thresholdPercent: 99 } },
      "storageAutoscale.thresholdPercent",
    ],
  ])("is refused in a preview: %j", (change, message) => {
    const refused = cloud.preview("DatabaseCluster", { ...postgres, ...change });
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain(message);
  });

  it.each<RefusedCase>([
    {
      rule: "engine",
      change: { engine: "oracle" },
      message: 'invalid engine "oracle"; the embedded cloud has pg, advanced_pg, valkey',
    },
    {
      rule: "Redis",
      change: { engine: "redis" },
      message: "Redis can no longer be created: use valkey",
    },
    {
      rule: "version",
      change: { version: "9" },
      message: 'invalid version "9" for pg; allowed: 14, 15, 16, 17, 18',
    },
    { rule: "size", change: { size: "db-tiny" }, message: 'invalid size "db-tiny" for pg' },
    { rule: "region", change: { region: "x" }, message: 'there is no "x"' },
    {
      rule: "region without databases",
      change: { region: "ric1" },
      message: "unable to create in region ric1",
    },
    { rule: "name", change: { name: "my_db" }, message: 'invalid cluster name "my_db"' },
    { rule: "network", change: { privateNetworkUuid: "n" }, message: 'there is no Vpc "n"' },
    {
      rule: "nodes",
      change: { nodeCount: 4 },
      message: "invalid number of nodes 4 for pg of size db-s-1vcpu-2gb: at most 3",
    },
    {
      rule: "standby of 1 GiB",
      change: { nodeCount: 2, size: "db-s-1vcpu-1gb" },
      message: "at most 1",
    },
    {
      rule: "storage",
      change: { storageSizeMib: "1024" },
      message: "has at least 30720, got 1024",
    },
    {
      rule: "restore",
      change: { backupRestore: { databaseName: "x" } },
      message: "keeps no backups",
    },
    {
      rule: "Valkey's version",
      change: { ...valkey, version: "7" },
      message: 'invalid version "7" for valkey',
    },
    {
      rule: "Valkey's policy",
      change: { ...valkey, evictionPolicy: "lru" },
      message: 'invalid eviction_policy "lru"',
    },
    {
      rule: "Valkey's nodes",
      change: { ...valkey, size: "db-s-1vcpu-2gb", nodeCount: 3 },
      message: "at most 2",
    },
    {
      rule: "Valkey's storage",
      change: { ...valkey, storageSizeMib: "99999" },
      message: "has the storage of its size",
    },
    {
      rule: "Advanced version",
      change: { engine: "advanced_pg", version: "15" },
      message: "allowed: 16, 17, 18",
    },
  ])("is refused when made: $rule", async ({ change, message }) => {
    await expect(make({ ...postgres, ...change })).rejects.toThrow(message);
    expect(cloud.calls).toEqual([]);
  });

  it("has standbys in the Standard edition until the plan change, and then in the Advanced one alone", async () => {
    await make({ ...postgres, nodeCount: 2 });
    await make({ ...postgres, name: "large", size: "db-s-4vcpu-8gb" });
    today = new Date("2026-11-30T00:00:00Z");
    const later = { ...postgres, name: "later" };
    await expect(make({ ...later, nodeCount: 2 })).rejects.toThrow(
      "2 nodes cannot be had: from 2026-11-30",
    );
    await expect(make({ ...later, size: "db-s-4vcpu-8gb" })).rejects.toThrow(
      "8 GiB of memory cannot be had",
    );
    await make({ ...later, size: "db-s-2vcpu-4gb" });
    await make({ ...later, name: "advanced", engine: "advanced_pg", nodeCount: 2 });
    // What exists stays as it is.
    const [first] = cloud.world.everything();
    await cloud.update(first!, { size: "db-s-4vcpu-8gb" });
  });

  it("grows, and never shrinks or changes its version", async () => {
    const cluster = await make({ ...postgres, storageSizeMib: "40960" });
    const larger = await cloud.update(cluster, { size: "db-s-2vcpu-4gb", storageSizeMib: "61440" });
    expect(cloud.calls.at(-1)?.[2]).toEqual({ major: 17, connectionLimit: 97 });
    await expect(
      cloud.update(larger, { size: "db-s-1vcpu-1gb", storageSizeMib: undefined }),
    ).rejects.toThrow(
      "nodes cannot be resized smaller: db-s-1vcpu-1gb has 1 GiB of memory, db-s-2vcpu-4gb has 4",
    );
    await expect(
      cloud.update(
        { ...larger, inputs: { ...larger.inputs, size: "db-s-4vcpu-8gb" } },
        { storageSizeMib: "143360" },
      ),
    ).resolves.toBeDefined();
    await expect(
      cloud.update(larger, { size: "db-s-4vcpu-8gb", storageSizeMib: "143359" }),
    ).rejects.toThrow();
    await expect(
      cloud.update(larger, { size: "db-s-4vcpu-8gb", storageSizeMib: "143360", version: "18" }),
    ).rejects.toThrow("cannot change a cluster's version (17 to 18)");
  });

  it("may change its version as long as it never ran", async () => {
    const cluster = await make(postgres);
    cloud.world.put({ ...cluster, ready: false });
    const mended = await cloud.update(cluster, { version: "16" });
    expect([mended.ready, cloud.calls.at(-1)?.[2]]).toEqual([
      true,
      { major: 16, connectionLimit: 47 },
    ]);
  });

  it("is one of ten, each with a name of its own, and replaced for another name or engine", async () => {
    await make(postgres);
    await expect(make(postgres, "again")).rejects.toThrow("cluster name is not available");
    for (let count = 2; count <= 10; count += 1) await make({ ...postgres, name: `db-${count}` });
    await expect(make({ ...postgres, name: "db-11" })).rejects.toThrow("your account may have 10");
    const replaced = (change: object) =>
      diffInputs(cloud.kind("DatabaseCluster"), postgres, { ...postgres, ...change }).map(
        ({ replace }) => replace,
      );
    expect([replaced({ name: "x" }), replaced({ engine: "x" }), replaced({ size: "x" })]).toEqual([
      [true],
      [true],
      [false],
    ]);
  });
});
