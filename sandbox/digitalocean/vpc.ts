import { z } from "zod";
import { vpc as limits } from "../../prices/digitalocean";
import { overlaps, parseCidr } from "../../settings/cidr";
import { CloudError, type Kind } from "../cloud/kind";
import type { CloudResource, World } from "../contracts";
import { addressText, take } from "./addresses";
import { filled, now, requireRegion } from "./shapes";

const inputs = z.object({
  name: filled.optional(),
  region: filled,
  ipRange: z.cidrv4("expected an IPv4 range such as 10.110.0.0/20").optional(),
  description: z.string().max(255).optional(),
});
type Inputs = z.infer<typeof inputs>;

/** The platform takes smaller networks than the /24 that the provider documents. */
const smallestPrefix = 28;
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

export const vpcType = "digitalocean:index/vpc:Vpc";

export const vpc: Kind = {
  type: vpcType,
  inputs,
  immutable: ["region", "ipRange"],
  autoName: "name",
  unique: [["name"]],
  conflict: () => "a VPC with this name already exists in your account",
  inUse: (names) => `Can not delete VPC with members (${names.join(", ")})`,
  idStyle: "uuid",
  recorded: "its addresses exist on paper alone: everything talks over the loopback device",
  refuse: ({ cloud: { world }, inputs: given, id }) => {
    const { region, ipRange } = given as Inputs;
    requireRegion(region);
    if (ipRange !== undefined) requireRange(world, ipRange, region, id);
  },
  create: ({ cloud: { world }, id, inputs: given, before }) => ({
    outputs: {
      // Networks without a range get one from the API.
      ...(given["ipRange"] === undefined && {
        ipRange: before?.outputs["ipRange"] ?? freeRange(world),
      }),
      vpcUrn: `do:vpc:${id}`,
      default: false,
      createdAt: now(),
    },
  }),
};

/** Of a VPC, whoever chose it. */
const rangeOf = ({ inputs: given, outputs }: CloudResource): string =>
  String(given["ipRange"] ?? outputs["ipRange"]);

function requireRange(world: World, range: string, region: string, self: string): void {
  const { prefix, hasHostBits } = parseCidr(range);
  const { largest } = limits.prefixLength;
  if (prefix < largest || prefix > smallestPrefix) {
    throw new CloudError(
      422,
      `ip_range: allowed are /${largest} to /${smallestPrefix}, got ${range}`,
    );
  }
  if (hasHostBits) {
    throw new CloudError(422, `ip_range: ${range} is an address in a network, not a network`);
  }
  // Each of them is larger than any network may be, so what overlaps one lies in it.
  if (!privateRanges.some((wide) => overlaps(wide, range))) {
    throw new CloudError(
      422,
      `ip_range: ${range} is not private; allowed are ranges of ${privateRanges.join(", ")}`,
    );
  }
  const reserved = reservedIn(region).find((taken) => overlaps(taken, range));
  if (reserved !== undefined) {
    throw new CloudError(
      422,
      `ip_range: ${range} overlaps ${reserved}, which DigitalOcean reserves`,
    );
  }
  const other = world
    .all(vpcType)
    .find(
      (candidate) => candidate.id !== self && ranges(candidate).some((one) => overlaps(one, range)),
    );
  if (other) {
    throw new CloudError(
      422,
      "This range/size overlaps with another VPC network in your account: " +
        `${rangeOf(other)} (${String(other.inputs["name"])})`,
    );
  }
}

function reservedIn(region: string): readonly string[] {
  const byRegion: Readonly<Record<string, readonly string[]>> = limits.reservedRangesByRegion;
  return [...limits.reservedRanges, ...(byRegion[region] ?? [])];
}

/** A network that is being made may not have a range yet. */
function ranges(resource: CloudResource): readonly string[] {
  const range = resource.inputs["ipRange"] ?? resource.outputs["ipRange"];
  return typeof range === "string" ? [range] : [];
}

function freeRange(world: World): string {
  const taken = world.all(vpcType).flatMap(ranges);
  const { first, last } = parseCidr("10.108.0.0/14");
  for (let start = first; start <= last; start += 4_096) {
    const range = `${addressText(start)}/20`;
    if (taken.every((other) => !overlaps(other, range)) && take(world, range)) return range;
  }
  throw new CloudError(422, "your account has no room for another VPC network");
}
