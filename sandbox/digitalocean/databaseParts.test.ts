import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CloudResource } from "../contracts";
import { digitalocean } from ".";
import { TestCloud } from "./testing/testCloud";

let cloud: TestCloud;
beforeEach(() => {
  cloud = new TestCloud([digitalocean]);
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

describe("what is in a cluster", () => {
  it("is made by the services, unique in it, and goes with it", async () => {
    const { id: clusterId, ...cluster } = await make(postgres);
    const database = await cloud.create("DatabaseDb", "db", { clusterId, name: "drops" });
    const user = await cloud.create("DatabaseUser", "user", { clusterId, name: "drops_app" });
    expect([database.id, user.id]).toEqual([
      `${clusterId}/database/drops`,
      `${clusterId}/user/drops_app`,
    ]);
    const { password } = user.outputs;
    expect(password).toMatch(/^password-/);
    expect(user.outputs["role"]).toBe("normal");
    expect(cloud.calls.slice(1)).toEqual([
      ["postgres.createDatabase", clusterId, "drops"],
      ["postgres.createRole", clusterId, "drops_app", password],
    ]);
    const same = async (kind: string, name: string) =>
      await cloud.create(kind, "x", { clusterId, name });
    await expect(same("DatabaseDb", "drops")).rejects.toThrow("database name is not available");
    await expect(same("DatabaseUser", "drops_app")).rejects.toThrow("user name is not available");
    await expect(same("DatabaseUser", "doadmin")).rejects.toThrow("user name is not available");
    await expect(same("DatabaseDb", "defaultdb")).rejects.toThrow("database name is not available");
    await expect(same("DatabaseDb", "x".repeat(64))).rejects.toThrow("at most 63 bytes");
    await expect(cloud.create("DatabaseDb", "x", { clusterId: "no", name: "x" })).rejects.toThrow(
      'there is no DatabaseCluster "no"',
    );
    await cloud.delete(user);
    await cloud.delete(database);
    expect(cloud.calls.slice(-2)).toEqual([
      ["postgres.dropRole", clusterId, "drops_app"],
      ["postgres.dropDatabase", clusterId, "drops"],
    ]);
    await same("DatabaseDb", "drops");
    await cloud.delete({ ...cluster, id: clusterId });
    expect(cloud.world.everything()).toEqual([]);
  });

  it("cannot be in a Valkey", async () => {
    const { id: clusterId } = await make(valkey);
    for (const kind of ["DatabaseDb", "DatabaseUser"]) {
      await expect(cloud.create(kind, "x", { clusterId, name: "x" })).rejects.toThrow(
        "its engine is valkey",
      );
    }
  });
});

describe("DatabaseFirewall", () => {
  it("admits droplets that exist, addresses and ranges, and stays when a droplet goes", async () => {
    const { id: clusterId } = await make(postgres);
    const droplet = await cloud.create("Droplet", "d", {
      region: "fra1",
      size: "s-1vcpu-1gb",
      image: "debian-13-x64",
    });
    const firewall = async (...rules: object[]) =>
      await cloud.create("DatabaseFirewall", "fw", { clusterId, rules });
    const made = await firewall(
      { type: "droplet", value: droplet.id },
      { type: "ip_addr", value: "203.0.113.7" },
      { type: "ip_addr", value: "10.110.0.0/20" },
      { type: "tag", value: "web" },
    );
    expect(made.id.startsWith(`${clusterId}-`)).toBe(true);
    await expect(firewall({ type: "droplet", value: "1" })).rejects.toThrow(
      'rules[].value: there is no Droplet "1"',
    );
    await expect(firewall({ type: "ip_addr", value: "2001:db8::1" })).rejects.toThrow(
      'invalid rule value "2001:db8::1"',
    );
    await expect(firewall({ type: "ip_addr", value: "home" })).rejects.toThrow(
      "IPv4 address or a range",
    );
    const many = Array.from({ length: 101 }, () => ({ type: "ip_addr", value: "10.0.0.1" }));
    await expect(firewall(...many)).rejects.toThrow("at most 100 rules, got 101");
    expect(
      cloud.preview("DatabaseFirewall", { clusterId, rules: [{ type: "host", value: "x" }] })[0],
    ).toContain("rules[0].type: Invalid option");
    await cloud.delete(droplet);
    expect(cloud.world.get(made.type, made.id)).toBeDefined();
  });
});
