import { cloudflareIpRanges } from "../../components/network/cloudflareRanges";
import { parseCidr } from "../../settings/cidr";
import type { CloudResource, World } from "../contracts";
import { dropletType } from "./droplet";
import { firewallType, portsOf, type InboundRule } from "./firewall";
import { reservedIpAssignmentType, reservedIpType } from "./reservedIp";

/** Who wants to connect: one of Cloudflare's servers, anybody in the internet, or in a network. */
export type Client = "cloudflare" | "anyone" | { readonly network: string };

/** The server that a public address leads to: its own, or a reserved one that is assigned to it. */
export function dropletAt(world: World, address: string): CloudResource | undefined {
  const droplets = world.all(dropletType).filter(({ ready }) => ready);
  const own = droplets.find(({ outputs }) => outputs["ipv4Address"] === address);
  if (own) return own;
  const reserved = world.get(reservedIpType, address);
  if (!reserved) return undefined;
  // The newest word about the address holds.
  const assignment = world
    .all(reservedIpAssignmentType)
    .filter(({ inputs, ready }) => ready && inputs["ipAddress"] === address)
    .at(-1);
  const id = assignment?.inputs["dropletId"] ?? reserved.inputs["dropletId"];
  return droplets.find((droplet) => droplet.id === String(id));
}

/** The server that a private address of a network leads to. */
export function dropletInside(
  world: World,
  vpcId: string,
  address: string,
): CloudResource | undefined {
  return world
    .all(dropletType)
    .find(
      ({ inputs, outputs, ready }) =>
        ready && inputs["vpcUuid"] === vpcId && outputs["ipv4AddressPrivate"] === address,
    );
}

/** The server of a stack; the newest where one is being replaced. */
export function dropletOf(world: World, stack: string): CloudResource | undefined {
  return world
    .all(dropletType)
    .filter(({ urn, ready }) => ready && urn.startsWith(`urn:pulumi:${stack}::`))
    .at(-1);
}

/** Whether the firewalls of a server let a client in at a TCP port; without one everything comes in. */
export function admits(world: World, dropletId: string, port: number, from: Client): boolean {
  const rules = rulesFor(world, dropletId, port);
  if (rules === undefined) return true;
  const networks =
    from === "anyone"
      ? ["0.0.0.0/0"]
      : from === "cloudflare"
        ? cloudflareIpRanges.ipv4
        : [from.network];
  const some = (action: "allow" | "deny", network: string): boolean =>
    rules.some((rule) => (rule.action ?? "allow") === action && covers(rule, network));
  // All of Cloudflare's networks, since a visitor may come by any.
  return networks.every((network) => some("allow", network) && !some("deny", network));
}

/** Whether anybody at all may connect there, such as an operator whose address is not known here. */
export function admitsSomebody(world: World, dropletId: string, port: number): boolean {
  const rules = rulesFor(world, dropletId, port);
  return (
    rules === undefined ||
    rules.some(
      ({ action, sourceAddresses = [] }) => action !== "deny" && sourceAddresses.length > 0,
    )
  );
}

/** Rules about the port; undefined where no firewall stands before the server. */
function rulesFor(
  world: World,
  dropletId: string,
  port: number,
): readonly InboundRule[] | undefined {
  const tags = (world.get(dropletType, dropletId)?.inputs["tags"] ?? []) as readonly string[];
  const firewalls = world.all(firewallType).filter(({ inputs }) => {
    const ids = (inputs["dropletIds"] ?? []) as readonly unknown[];
    const named = (inputs["tags"] ?? []) as readonly string[];
    return ids.some((id) => String(id) === dropletId) || named.some((tag) => tags.includes(tag));
  });
  if (firewalls.length === 0) return undefined;
  return firewalls
    .flatMap(({ inputs }) => (inputs["inboundRules"] ?? []) as readonly InboundRule[])
    .filter(({ protocol, portRange }) => {
      const ports = portsOf(portRange);
      return protocol === "tcp" && ports && ports.first <= port && port <= ports.last;
    });
}

function covers({ sourceAddresses = [] }: InboundRule, network: string): boolean {
  const inner = parseCidr(network);
  return sourceAddresses.some((source) => {
    // The embedded cloud speaks IPv4 alone.
    if (source.includes(":")) return false;
    const outer = parseCidr(source);
    return outer.first <= inner.first && inner.last <= outer.last;
  });
}
