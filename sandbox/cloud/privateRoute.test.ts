import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digitalocean } from "../digitalocean";
import { TestCloud } from "../digitalocean/testing/testCloud";
import type { CloudResource } from "../contracts";
import { privateRouteOf } from "./privateRoute";

let cloud: TestCloud;
let vpc: CloudResource;
let address: string;
let ports: { http: number; https: number; metrics: number } | undefined;
beforeEach(async () => {
  cloud = new TestCloud([digitalocean]);
  ports = { http: 20_080, https: 20_443, metrics: 24_318 };
  vpc = await cloud.create("Vpc", "vpc", { name: "n", region: "fra1", ipRange: "10.120.0.0/20" });
  const droplet = await cloud.create("Droplet", "d", {
    ...{ name: "d", image: "debian-13-x64", size: "s-1vcpu-2gb", region: "fra1" },
    ...{ vpcUuid: vpc.id, userData: "#cloud-config" },
  });
  address = String(droplet.outputs["ipv4AddressPrivate"]);
  await cloud.create("Firewall", "f", {
    name: "f",
    dropletIds: [Number(droplet.id)],
    inboundRules: [
      { protocol: "tcp", portRange: "4318", sourceAddresses: ["10.120.0.0/20"] },
      { protocol: "tcp", portRange: "80", sourceAddresses: ["0.0.0.0/0"] },
      { protocol: "tcp", portRange: "443", sourceAddresses: ["10.110.0.0/20"] },
    ],
  });
});
afterEach(() => {
  cloud.close();
});

const route = (port: number, at = address, vpcIds: readonly string[] = [vpc.id]) =>
  privateRouteOf({ world: cloud.world, hosts: { ports: () => ports } })(vpcIds, at, port);

describe("an app's way to a server of its network", () => {
  it("ends on the ports that stand for the server's", () => {
    expect(route(4_318)).toEqual({ host: "127.0.0.1", port: 24_318 });
    expect(route(80)).toEqual({ host: "127.0.0.1", port: 20_080 });
  });

  it("ends at its firewall, where that does not let the network in", () => {
    expect(route(443)).toBe("firewall");
    expect(route(9_090)).toBe("firewall");
  });

  it("leads nowhere from another network, or to an address that nobody has", () => {
    expect(route(80, address, [])).toBe("no-such-address");
    expect(route(80, address, ["other"])).toBe("no-such-address");
    expect(route(80, "10.120.0.99")).toBe("no-such-address");
  });

  it("finds nobody where the server does not run", () => {
    ports = undefined;
    expect(route(4_318)).toBe("nobody-listens");
  });
});
