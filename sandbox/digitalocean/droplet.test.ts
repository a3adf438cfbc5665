import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diffInputs } from "../cloud/diff";
import { newSshKeys } from "../lifecycle/stackConfig";
import type { CloudResource } from "../contracts";
import { digitalocean } from ".";
import { TestCloud, type RefusedCase } from "./testing/testCloud";

let cloud: TestCloud;
beforeEach(() => {
  cloud = new TestCloud([digitalocean]);
});
afterEach(() => {
  cloud.close();
});

const server = {
  name: "web",
  region: "fra1",
  size: "s-2vcpu-4gb",
  image: "debian-13-x64",
  userData: "#cloud-config\n",
};
const makeDroplet = async (logical = "droplet", changes: object = {}): Promise<CloudResource> =>
  await cloud.create("Droplet", logical, { ...server, ...changes });

describe("Droplet", () => {
  it("boots a host with its user data and knows its machine and address", async () => {
    const droplet = await makeDroplet("droplet", { backups: true, ipv6: true });
    expect(cloud.calls).toEqual([
      ["hosts.ensure", droplet.id, { name: "web", userData: "#cloud-config\n" }],
    ]);
    expect(droplet.outputs).toMatchObject({
      ipv4Address: "198.18.0.1",
      dropletUrn: `do:droplet:${droplet.id}`,
      status: "active",
      vcpus: 2,
      memory: 4_096,
      disk: 80,
      priceMonthly: 24,
    });
    expect(droplet.outputs["ipv6Address"]).toMatch(/^2001:db8::/);
    const second = await makeDroplet("second");
    expect(second.outputs["ipv4Address"]).toBe("198.18.0.2");
    await cloud.delete(droplet);
    expect(cloud.calls.at(-1)).toEqual(["hosts.remove", droplet.id]);
  });

  it.each([
    [{ tags: ["no spaces"] }, "tags[0]: tags may contain lowercase letters"],
    [{ backupPolicy: { plan: "weekly" } }, "backups: all of `backupPolicy,backups` must"],
    [{ backups: true, backupPolicy: { plan: "hourly" } }, "backupPolicy.plan: Invalid option"],
    [{ image: "" }, "image: Too small"],
    [{ colour: "red" }, "colour: digitalocean:index/droplet:Droplet has no such property"],
  ])("is refused in a preview: %j", (change, message) => {
    const refused = cloud.preview("Droplet", { ...server, ...change });
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain(message);
  });

  it.each<RefusedCase>([
    { rule: "region", change: { region: "fra9" }, message: "You specified an invalid region" },
    {
      rule: "size",
      change: { size: "s-3vcpu-5gb" },
      message: "You specified an invalid size for Droplet creation.",
    },
    {
      rule: "image",
      change: { image: "debian-99-x64" },
      message: "You specified an invalid image for Droplet creation.",
    },
    { rule: "name", change: { name: "my_server" }, message: "Only valid hostname characters" },
    {
      rule: "user data",
      change: { userData: "x".repeat(65_537) },
      message: "user_data is limited to 65536 bytes",
    },
    { rule: "key", change: { sshKeys: ["aa:bb"] }, message: "aa:bb are invalid key identifiers" },
    { rule: "network", change: { vpcUuid: "none" }, message: 'vpcUuid: there is no Vpc "none"' },
    { rule: "volume", change: { volumeIds: ["v"] }, message: 'there is no Volume "v"' },
    {
      rule: "policy without backups",
      change: { backups: false, backupPolicy: { plan: "daily" } },
      message: "backup_policy can only be set when backups are enabled",
    },
    {
      rule: "hour",
      change: { backups: true, backupPolicy: { plan: "daily", hour: 5 } },
      message: "must be one of 0, 4, 8, 12, 16, 20",
    },
  ])("is refused when made: $rule", async ({ change, message }) => {
    await expect(makeDroplet("droplet", change)).rejects.toThrow(message);
    expect(cloud.calls).toEqual([]);
  });

  it("must stand in its network's region", async () => {
    const vpc = await cloud.create("Vpc", "net", { region: "ams3" });
    await expect(makeDroplet("droplet", { vpcUuid: vpc.id })).rejects.toThrow("the same region");
  });

  it("resizes in place, keeps its disk, never takes a smaller one, and keeps its keys' deletion apart", async () => {
    const key = await cloud.create("SshKey", "key", { publicKey: newSshKeys().publicKey });
    const sshKeys = [key.outputs["fingerprint"]];
    const droplet = await makeDroplet("droplet", { resizeDisk: false, sshKeys });
    await cloud.delete(key);
    const larger = await cloud.update(droplet, { size: "s-4vcpu-8gb" });
    expect(larger.outputs).toMatchObject({ vcpus: 4, disk: 80, ipv4Address: "198.18.0.1" });
    const back = await cloud.update(larger, { size: "s-2vcpu-4gb", resizeDisk: true });
    await expect(cloud.update(back, { size: "s-2vcpu-2gb" })).rejects.toThrow("a smaller disk");
    await expect(cloud.update(back, { size: "huge" })).rejects.toThrow(
      "invalid size for Droplet resize",
    );
  });

  it("is replaced for what its provider cannot change", () => {
    const kind = cloud.kind("Droplet");
    const replaced = (change: object) =>
      diffInputs(kind, server, { ...server, ...change }).map(({ replace }) => replace);
    for (const change of [
      { image: "x" },
      { region: "x" },
      { userData: "x" },
      { vpcUuid: "x" },
      { monitoring: true },
    ]) {
      expect(replaced(change)).toEqual([true]);
    }
    for (const change of [{ size: "x" }, { name: "x" }, { backups: true }]) {
      expect(replaced(change)).toEqual([false]);
    }
  });
});
