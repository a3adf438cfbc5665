import type { PrivateRoute } from "../apps/environment";
import { admits, dropletInside } from "../digitalocean/network";
import { vpcType } from "../digitalocean/vpc";
import type { World } from "../contracts";

interface Needs {
  readonly world: World;
  readonly hosts: {
    /** Loopback ports of a host; one that receives metrics has a port for them. */
    ports(
      id: string,
    ): { readonly http: number; readonly https: number; readonly metrics?: number } | undefined;
  };
}

/**
 * Where an app finds a server of its own network: on the loopback ports that stand for the server's,
 * if its firewalls let the network in.
 */
export function privateRouteOf({ world, hosts }: Needs): PrivateRoute {
  return (vpcIds, address, port) => {
    for (const vpcId of vpcIds) {
      const droplet = dropletInside(world, vpcId, address);
      if (!droplet) continue;
      const vpc = world.get(vpcType, vpcId);
      const network = String(vpc?.inputs["ipRange"] ?? vpc?.outputs["ipRange"]);
      if (!admits(world, droplet.id, port, { network })) return "firewall";
      const ports = hosts.ports(droplet.id);
      const local = port === 80 ? ports?.http : port === 443 ? ports?.https : ports?.metrics;
      return local === undefined ? "nobody-listens" : { host: "127.0.0.1", port: local };
    }
    return "no-such-address";
  };
}
