import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cloudflareIpRanges } from "../../components/network/cloudflareRanges";
import type { CloudResource } from "../contracts";
import { digitalocean } from ".";
import { admits, admitsSomebody, dropletAt, dropletOf } from "./network";
import { TestCloud } from "./testing/testCloud";

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

describe("ReservedIp and its assignment", () => {
  it("lead to a server until either goes", async () => {
    const { world } = cloud;
    const address = await cloud.create("ReservedIp", "ip", { region: "fra1" });
    expect([address.id, address.outputs["ipAddress"]]).toEqual(["198.18.0.1", "198.18.0.1"]);
    expect(dropletAt(world, address.id)).toBeUndefined();
    const droplet = await makeDroplet();
    const assigned = { ipAddress: address.id, dropletId: Number(droplet.id) };
    const assignment = await cloud.create("ReservedIpAssignment", "a", assigned);
    expect(dropletAt(world, address.id)?.id).toBe(droplet.id);
    expect(dropletAt(world, "198.18.0.2")?.id).toBe(droplet.id);
    expect(dropletAt(world, "198.18.0.9")).toBeUndefined();
    expect([dropletOf(world, "small")?.id, dropletOf(world, "edge")]).toEqual([
      droplet.id,
      undefined,
    ]);

    const next = await makeDroplet("next");
    const moved = await cloud.create("ReservedIpAssignment", "b", {
      ...assigned,
      dropletId: next.id,
    });
    expect(dropletAt(world, address.id)?.id).toBe(next.id);
    await cloud.delete(assignment);
    expect(dropletAt(world, address.id)?.id).toBe(next.id);
    await cloud.delete(next);
    expect(world.get(moved.type, moved.id)).toBeUndefined();
    expect(dropletAt(world, address.id)).toBeUndefined();
  });

  it("are refused across regions, twice for a server, for what there is not, and beyond three", async () => {
    const droplet = await makeDroplet();
    const [far, near, spare] = [
      await cloud.create("ReservedIp", "far", { region: "ams3" }),
      await cloud.create("ReservedIp", "near", { region: "fra1" }),
      await cloud.create("ReservedIp", "spare", { region: "fra1" }),
    ];
    const assign = async (ipAddress: string, dropletId = Number(droplet.id)) =>
      await cloud.create("ReservedIpAssignment", "a", { ipAddress, dropletId });
    await expect(assign(far.id)).rejects.toThrow("is in ams3, Droplet");
    await expect(assign("198.18.9.9")).rejects.toThrow('there is no ReservedIp "198.18.9.9"');
    await expect(assign(near.id, 1)).rejects.toThrow('there is no Droplet "1"');
    await assign(near.id);
    await expect(assign(spare.id)).rejects.toThrow("already has a reserved IP: ");
    await expect(cloud.create("ReservedIp", "fourth", { region: "fra1" })).rejects.toThrow(
      "your account may have 3",
    );
    await expect(cloud.create("ReservedIp", "x", { region: "x" })).rejects.toThrow();
  });
});

describe("Firewall", () => {
  const rule = { protocol: "tcp", portRange: "22", sourceAddresses: ["203.0.113.0/24"] };

  it.each([
    [{}, "inboundRules: At least one rule must be specified"],
    [
      { inboundRules: [{ protocol: "tcp" }] },
      "inboundRules[0].portRange: `port_range` of inbound rules is required",
    ],
    [
      { outboundRules: [{ protocol: "udp" }] },
      "outboundRules[0].portRange: `port_range` of outbound",
    ],
    [{ inboundRules: [{ ...rule, protocol: "gre" }] }, "inboundRules[0].protocol: Invalid option"],
  ])("is refused in a preview: %j", (inputs, message) => {
    const refused = cloud.preview("Firewall", inputs);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain(message);
  });

  it.each([
    [
      { inboundRules: [{ ...rule, sourceAddresses: ["203.0.113.0/40"] }] },
      'invalid address "203.0.113.0/40"',
    ],
    [{ inboundRules: [{ ...rule, sourceAddresses: ["me"] }] }, 'invalid address "me"'],
    [{ inboundRules: [{ ...rule, portRange: "90-80" }] }, 'invalid ports "90-80"'],
    [{ inboundRules: [{ ...rule, portRange: "ssh" }] }, 'invalid ports "ssh"'],
    [{ inboundRules: [rule], dropletIds: [7] }, 'dropletIds[]: there is no Droplet "7"'],
    [{ inboundRules: [{ ...rule, sourceDropletIds: [8] }] }, 'there is no Droplet "8"'],
    [{ inboundRules: [rule], tags: ["a", "b", "c", "d", "e", "f"] }, "takes 5 tags, got 6"],
    [{ inboundRules: [rule], name: "-x" }, 'invalid name "-x"'],
  ])("is refused when made: %j", async (inputs, message) => {
    await expect(cloud.create("Firewall", "fw", inputs)).rejects.toThrow(message);
  });

  it("takes 50 rules of both directions together", async () => {
    const inboundRules = Array.from({ length: 50 }, () => rule);
    const make = async (name: string, outboundRules: readonly unknown[]) =>
      await cloud.create("Firewall", name, { inboundRules, outboundRules });
    await make("a", []);
    const more = [{ protocol: "tcp", portRange: "443", destinationAddresses: ["0.0.0.0/0"] }];
    await expect(make("b", more)).rejects.toThrow("a firewall takes 50 rules, got 51");
  });

  it("decides who reaches which port", async () => {
    const { world } = cloud;
    const droplet = await makeDroplet();
    const open = (port: number) => admits(world, droplet.id, port, "anyone");
    const proxied = (port: number) => admits(world, droplet.id, port, "cloudflare");
    expect([open(5432), proxied(1)]).toEqual([true, true]);
    const firewall = await cloud.create("Firewall", "fw", {
      dropletIds: [Number(droplet.id)],
      inboundRules: [
        rule,
        { protocol: "tcp", portRange: "80", sourceAddresses: ["0.0.0.0/0", "::/0"] },
        { protocol: "tcp", portRange: "440-450", sourceAddresses: cloudflareIpRanges.ipv4 },
        { protocol: "udp", portRange: "53", sourceAddresses: ["0.0.0.0/0"] },
        { protocol: "tcp", portRange: "9000", sourceAddresses: cloudflareIpRanges.ipv4.slice(1) },
      ],
    });
    expect([open(80), proxied(80), open(443), proxied(443)]).toEqual([true, true, false, true]);
    expect([open(22), proxied(22), admitsSomebody(world, droplet.id, 22)]).toEqual([
      false,
      false,
      true,
    ]);
    expect([proxied(9000), open(53), admitsSomebody(world, droplet.id, 3000)]).toEqual([
      false,
      false,
      false,
    ]);
    const denied = {
      protocol: "tcp",
      portRange: "443",
      sourceAddresses: ["0.0.0.0/0"],
      action: "deny",
    };
    await cloud.update(firewall, {
      inboundRules: [...(firewall.inputs["inboundRules"] as object[]), denied],
    });
    expect([proxied(443), proxied(80)]).toEqual([false, true]);
    // The droplet leaves its firewall, which stays.
    await cloud.delete(droplet);
    expect(world.get(firewall.type, firewall.id)).toBeDefined();
  });
});
