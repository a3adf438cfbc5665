import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

describe("Vpc", () => {
  const network = { region: "fra1", ipRange: "10.110.0.0/20" };

  it("has an automatic name, a URN, and a range of its own where none is given", async () => {
    const vpc = await cloud.create("Vpc", "net", { region: "fra1" });
    expect(vpc.inputs["name"]).toMatch(/^net-[0-9a-f]{7}$/);
    expect(vpc.outputs).toMatchObject({ vpcUrn: `do:vpc:${vpc.id}`, ipRange: "10.108.0.0/20" });
    const second = await cloud.create("Vpc", "other", { region: "ams3" });
    expect(second.outputs["ipRange"]).toBe("10.108.16.0/20");
  });

  it("refuses what is no range in a preview", () => {
    expect(cloud.preview("Vpc", { region: "fra1", ipRange: "10.0.0.0/33" })).toEqual([
      'ipRange: expected an IPv4 range such as 10.110.0.0/20; got "10.0.0.0/33"',
    ]);
    expect(cloud.preview("Vpc", { ...network, cidr: "x" })).toEqual([
      "cidr: digitalocean:index/vpc:Vpc has no such property",
    ]);
  });

  it.each<RefusedCase>([
    { rule: "region", change: { region: "nowhere" }, message: 'there is no "nowhere", only ams3' },
    { rule: "too large", change: { ipRange: "10.0.0.0/12" }, message: "allowed are /16 to /28" },
    { rule: "too small", change: { ipRange: "10.120.0.0/29" }, message: "allowed are /16 to /28" },
    { rule: "host bits", change: { ipRange: "10.120.0.1/24" }, message: "an address in a network" },
    { rule: "public", change: { ipRange: "8.8.0.0/16" }, message: "8.8.0.0/16 is not private" },
    { rule: "beside 172.16/12", change: { ipRange: "172.32.0.0/16" }, message: "is not private" },
    { rule: "reserved", change: { ipRange: "10.244.0.0/16" }, message: "DigitalOcean reserves" },
    {
      rule: "reserved in the region",
      change: { ipRange: "10.19.0.0/24" },
      message: "10.19.0.0/16",
    },
    {
      rule: "overlap, in another region too",
      change: { ipRange: "10.110.8.0/24", region: "ams3" },
      message: /overlaps with another VPC network in your account: 10\.110\.0\.0\/20 \(net-/,
    },
  ])("is refused when made: $rule", async ({ change, message }) => {
    await cloud.create("Vpc", "net", network);
    await expect(cloud.create("Vpc", "second", { ...network, ...change })).rejects.toThrow(message);
    expect(cloud.world.all("digitalocean:index/vpc:Vpc")).toHaveLength(1);
  });

  it("cannot go, and cannot be taken twice by name, while it has members", async () => {
    const vpc = await cloud.create("Vpc", "net", { ...network, name: "net" });
    await expect(
      cloud.create("Vpc", "x", { region: "fra1", ipRange: "10.120.0.0/20", name: "net" }),
    ).rejects.toThrow("a VPC with this name already exists");
    const droplet = await makeDroplet("vps-droplet", { vpcUuid: vpc.id });
    expect(droplet.outputs["ipv4AddressPrivate"]).toBe("10.110.0.2");
    await expect(cloud.delete(vpc)).rejects.toMatchObject({
      status: 409,
      message: "Can not delete VPC with members (vps-droplet)",
    });
    await cloud.delete(droplet);
    await cloud.delete(vpc);
  });
});

describe("SshKey", () => {
  const { publicKey } = newSshKeys();
  it("has the key's MD5 fingerprint, and no second one with the same key", async () => {
    // ssh-keygen -l -E md5
    const line = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)} me`;
    const key = await cloud.create("SshKey", "key", { publicKey: line });
    expect(key.id).toMatch(/^\d+$/);
    expect(key.outputs["fingerprint"]).toBe("3d:52:38:ce:ff:94:f5:d7:81:a4:a4:f9:2b:4f:fe:a0");
    await expect(
      cloud.create("SshKey", "again", { publicKey: line.replace("me", "another comment") }),
    ).rejects.toThrow("SSH Key is already in use on your account");
    await cloud.create("SshKey", "other", { publicKey });
  });
  it("refuses what is no key", async () => {
    await expect(cloud.create("SshKey", "key", { publicKey: "ssh-rsa AAAA" })).rejects.toThrow(
      "Key invalid",
    );
  });
});
