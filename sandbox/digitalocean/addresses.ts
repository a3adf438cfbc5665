import { parseCidr } from "../../settings/cidr";
import type { World } from "../contracts";
import { CloudError } from "../cloud/kind";

/** For benchmarks of networks (RFC 2544), so never routed: no packet for one leaves this machine. */
const publicRange = "198.18.0.0/15";

/** What was given out while its resource was not yet made: two may be under way at once. */
const givenOut = new WeakMap<World, Set<string>>();

/** The next free public address, for a reserved address or a server's own. */
export function nextPublicAddress(world: World): string {
  const taken = [
    ...world.all("digitalocean:index/reservedIp:ReservedIp").map(({ id }) => id),
    ...world.all("digitalocean:index/droplet:Droplet").map(({ outputs }) => outputs["ipv4Address"]),
  ];
  return nextIn(world, publicRange, taken, 1);
}

/** The next free address of a network; its first belongs to the router. */
export function nextPrivateAddress(world: World, vpcId: string): string {
  const vpc = world.get("digitalocean:index/vpc:Vpc", vpcId);
  const range = String(vpc?.inputs["ipRange"] ?? vpc?.outputs["ipRange"]);
  const taken = world
    .all("digitalocean:index/droplet:Droplet")
    .map(({ outputs }) => outputs["ipv4AddressPrivate"]);
  return nextIn(world, range, taken, 2);
}

function nextIn(world: World, range: string, taken: readonly unknown[], from: number): string {
  const { first, last } = parseCidr(range);
  const given = givenOutBy(world);
  const used = new Set<unknown>([...taken, ...given]);
  for (let value = first + from; value < last; value += 1) {
    const address = addressText(value);
    if (used.has(address)) continue;
    given.add(address);
    return address;
  }
  throw new CloudError(422, `no address of ${range} is free`);
}

/** Marks a value as taken; false where it was. */
export function take(world: World, value: string): boolean {
  const given = givenOutBy(world);
  if (given.has(value)) return false;
  given.add(value);
  return true;
}

function givenOutBy(world: World): Set<string> {
  const given = givenOut.get(world) ?? new Set<string>();
  givenOut.set(world, given);
  return given;
}

export function addressText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
