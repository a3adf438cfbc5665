import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diffInputs } from "../cloud/diff";
import type { Values } from "../cloud/kind";
import type { CloudResource } from "../contracts";
import { digitaloceanOn } from ".";
import { TestCloud, type RefusedCase } from "./testing/testCloud";

let today: Date;
let cloud: TestCloud;
let cluster: CloudResource;
beforeEach(async () => {
  today = new Date("2026-11-29T23:59:59Z");
  cloud = new TestCloud([digitaloceanOn(() => today)]);
  cluster = await makeCluster();
});
afterEach(() => {
  cloud.close();
});

const makeCluster = async (change: Values = {}): Promise<CloudResource> =>
  await cloud.create("DatabaseCluster", "cluster", {
    ...{ name: "db", engine: "pg", version: "17", region: "fra1", size: "db-s-1vcpu-2gb" },
    nodeCount: 1,
    ...change,
  });
const valkey = { name: "cache", engine: "valkey", version: "8", size: "db-s-1vcpu-1gb" };

describe("DatabaseReplica", () => {
  const replica = () => ({
    ...{ clusterId: cluster.id, name: "replica-1", region: "fra1", size: "db-s-1vcpu-2gb" },
  });
  const make = async (change: Values = {}): Promise<CloudResource> =>
    await cloud.create("DatabaseReplica", "replica", { ...replica(), ...change });

  it("is an endpoint of the primary with an id of its own", async () => {
    const made = await make();
    expect(made.id).toBe(`${cluster.id}/replicas/replica-1`);
    const { host, privateHost, port, user, password, database, uri, privateUri } = cluster.outputs;
    expect(made.outputs).toMatchObject({
      ...{ host, privateHost, port, user, password, database, uri, privateUri },
    });
    expect(made.outputs["uuid"]).toMatch(/^[0-9a-f]{32}$/);
    expect(cloud.recorded("DatabaseReplica", {})).toContain("the primary's");
    const grown = await cloud.update(made, { size: "db-s-2vcpu-4gb" });
    expect(grown.outputs["uuid"]).toBe(made.outputs["uuid"]);
  });

  it("is what firewalls and alerts may name by that id, and goes with the cluster", async () => {
    const made = await make();
    const uuid = String(made.outputs["uuid"]);
    const rules = [{ type: "ip_addr", value: "10.120.0.0/20" }];
    const firewall = await cloud.create("DatabaseFirewall", "rules", { clusterId: uuid, rules });
    const alert = {
      ...{ type: "v1/dbaas/alerts/cpu_alerts", compare: "GreaterThan", value: 70, window: "5m" },
      ...{ description: "x", alerts: { emails: ["a@example.org"] } },
    };
    await cloud.create("MonitorAlert", "cpu", { ...alert, entities: [uuid] });
    await expect(
      cloud.create("MonitorAlert", "other", { ...alert, entities: ["nobody"] }),
    ).rejects.toThrow('there is no DatabaseCluster "nobody"');
    await expect(
      cloud.create("DatabaseFirewall", "lost", { clusterId: "nobody", rules }),
    ).rejects.toThrow('there is no DatabaseCluster "nobody"');
    await cloud.delete(made);
    expect(cloud.world.get(firewall.type, firewall.id)).toBeUndefined();
    await make();
    await cloud.delete(cluster);
    expect(cloud.world.get(made.type, made.id)).toBeUndefined();
  });

  it.each<RefusedCase>([
    {
      rule: "size",
      change: { size: "db-s-1vcpu-1gb" },
      message: "at least the size of its primary",
    },
    { rule: "known size", change: { size: "huge" }, message: 'invalid size "huge" for pg' },
    { rule: "name", change: { name: "Replica_1" }, message: 'invalid replica name "Replica_1"' },
    { rule: "region", change: { region: "mars1" }, message: "invalid region" },
    { rule: "cluster", change: { clusterId: "x" }, message: 'there is no DatabaseCluster "x"' },
  ])("is refused by its $rule", async ({ change, message }) => {
    await expect(make(change)).rejects.toThrow(message);
  });

  it("exists once by its name, and never shrinks", async () => {
    const made = await make({ size: "db-s-2vcpu-4gb" });
    await expect(make()).rejects.toThrow("replica name is not available");
    await expect(cloud.update(made, { size: "db-s-1vcpu-2gb" })).rejects.toThrow("never shrinks");
  });

  it("is not for Valkey", async () => {
    cluster = await makeCluster(valkey);
    await expect(make({ size: "db-s-1vcpu-1gb" })).rejects.toThrow("its engine is valkey");
  });

  it("is not for a Standard cluster from after the plan change, and for others still", async () => {
    today = new Date("2026-11-30T00:00:00Z");
    // This one is from the day before.
    const made = await make();
    cluster = await makeCluster({ name: "new" });
    await expect(make()).rejects.toThrow(
      "a read-only node cannot be had: from 2026-11-30 (accounts without",
    );
    const advanced = { engine: "advanced_pg", size: "gd-2vcpu-8gb", name: "advanced" };
    cluster = await makeCluster(advanced);
    await make({ size: "gd-2vcpu-8gb" });
    await cloud.update(made, { size: "db-s-2vcpu-4gb" });
  });

  it("changes its size in place and is replaced for anything else", () => {
    const kind = cloud.kind("DatabaseReplica");
    const changed = (change: Values) =>
      diffInputs(kind, replica(), { ...replica(), ...change }).map(({ replace }) => replace);
    expect(changed({ size: "db-s-2vcpu-4gb" })).toEqual([false]);
    expect(changed({ name: "other" })).toEqual([true]);
    expect(changed({ region: "nyc1" })).toEqual([true]);
  });
});

describe("DatabaseConnectionPool", () => {
  const pool = () => ({
    ...{ clusterId: cluster.id, name: "drops-app", mode: "transaction", size: 20 },
    ...{ dbName: "drops", user: "drops_app" },
  });
  const make = async (change: Values = {}, logical = "pool"): Promise<CloudResource> =>
    await cloud.create("DatabaseConnectionPool", logical, { ...pool(), ...change });
  let user: CloudResource;
  beforeEach(async () => {
    await cloud.create("DatabaseDb", "db", { clusterId: cluster.id, name: "drops" });
    user = await cloud.create("DatabaseUser", "user", { clusterId: cluster.id, name: "drops_app" });
  });

  it("is a name that leads to a database, on a port of its own, with the user's password", async () => {
    const made = await make();
    expect(made.id).toBe(`${cluster.id}/drops-app`);
    expect(cloud.calls.at(-1)).toEqual([
      ...["postgres.ensurePool", cluster.id],
      { name: "drops-app", database: "drops" },
    ]);
    const password = String(user.outputs["password"]);
    const uri = `postgresql://drops_app:${password}@localhost:25061/drops-app?sslmode=require`;
    expect(made.outputs).toEqual({
      ...{ host: "localhost", privateHost: "localhost", port: 25_061, password },
      ...{ uri, privateUri: uri },
    });
    await cloud.delete(made);
    expect(cloud.calls.at(-1)).toEqual(["postgres.removePool", cluster.id, "drops-app"]);
  });

  it("is the administrator's where it names no user", async () => {
    const { clusterId, name, mode, size, dbName } = pool();
    const given = { clusterId, name, mode, size, dbName };
    const made = await cloud.create("DatabaseConnectionPool", "all", given);
    expect(made.outputs["uri"]).toContain("//doadmin:secret%2F1@");
  });

  it.each([
    [{ mode: "fast" }, "mode: Invalid option"],
    [{ name: "ab" }, "name: Too small"],
    [{ size: 0 }, "size: Too small"],
    [{ dbName: undefined }, "dbName: Invalid input"],
  ])("is refused in a preview for %o", (change, message) => {
    expect(cloud.preview("DatabaseConnectionPool", { ...pool(), ...change })[0]).toContain(message);
  });

  it.each<RefusedCase>([
    { rule: "database", change: { dbName: "none" }, message: 'the cluster has no database "none"' },
    { rule: "user", change: { user: "none" }, message: 'the cluster has no user "none"' },
    { rule: "plan", change: { size: 48 }, message: "48 connections together are more than the 47" },
    { rule: "name", change: { name: "drops app" }, message: 'invalid pool name "drops app"' },
  ])("is refused by its $rule", async ({ change, message }) => {
    await expect(make(change)).rejects.toThrow(message);
  });

  it("shares the plan's connections and their number with the cluster's other pools", async () => {
    await make({ size: 27 });
    await expect(make({ name: "second" })).resolves.toBeDefined();
    await expect(make({ name: "third", size: 1 })).rejects.toThrow("more than the 47");
    await expect(make({ size: 1 })).rejects.toThrow("pool name is not available");
    cluster = await makeCluster({ name: "large", size: "db-s-2vcpu-4gb" });
    const given = { dbName: "defaultdb", user: "doadmin", size: 1 };
    for (let count = 1; count <= 21; count += 1) await make({ ...given, name: `pool-${count}` });
    await expect(make({ ...given, name: "one-more" })).rejects.toThrow(
      "at most 21 connection pools",
    );
  });

  it("is not for Valkey", async () => {
    cluster = await makeCluster(valkey);
    await expect(make()).rejects.toThrow("its engine is valkey");
  });

  it("is replaced for any change", () => {
    const kind = cloud.kind("DatabaseConnectionPool");
    expect(diffInputs(kind, pool(), { ...pool(), size: 21 })).toMatchObject([{ replace: true }]);
  });
});
