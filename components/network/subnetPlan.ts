import { albSubnets, vpcLimits } from "../../prices/aws";
import { parseCidr } from "../../settings/cidr";

/** One range in each of three zones, in their order. */
export type ByZone = readonly [string, string, string];

/** IPv4 ranges of a VPC's subnets. */
export interface SubnetPlan {
  /** NAT gateways, and a balancer that faces the internet. */
  readonly public: ByZone;
  /** Tasks, and a balancer inside. */
  readonly private: ByZone;
  /** Databases and caches. */
  readonly data: ByZone;
}

/*
 * A zone has a quarter of the VPC; the fourth quarter stays free. Of its quarter the tasks have a
 * half, the data and the public part a quarter each.
 */
const zoneBits = 2;
const privateBits = zoneBits + 1;
const smallBits = zoneBits + 2;

/** Prefix lengths of the largest and the smallest VPC that holds the plan. */
export const plannedVpc = {
  largest: vpcLimits.prefixLength.largest,
  // A balancer stands in the smallest of the subnets.
  smallest: albSubnets.smallestPrefix - smallBits,
} as const;

/** The subnets of a VPC with this range: a pure function, so that none moves when another comes. */
export function subnetPlan(cidr: string): SubnetPlan {
  const { first, prefix } = parseCidr(cidr);
  const size = 2 ** (32 - prefix);
  const inZone = (share: number, bits: number) => (zone: number) =>
    `${dotted(first + (zone / 4 + share / 16) * size)}/${prefix + bits}`;
  const byZone = (at: (zone: number) => string): ByZone => [at(0), at(1), at(2)];
  return {
    private: byZone(inZone(0, privateBits)),
    data: byZone(inZone(2, smallBits)),
    public: byZone(inZone(3, smallBits)),
  };
}

/** Why a VPC of this range cannot be so divided, or undefined where it can. */
export function subnetPlanProblem(cidr: string): string | undefined {
  const { first, prefix, hasHostBits } = parseCidr(cidr);
  const { largest, smallest } = plannedVpc;
  if (prefix < largest) return `a VPC is /${largest} at the most, not /${prefix}`;
  if (prefix > smallest) {
    return `nine subnets with room for a balancer need /${smallest} at the least, not /${prefix}`;
  }
  if (hasHostBits) {
    return `${cidr} is an address within ${dotted(first)}/${prefix}, not the start of a range`;
  }
  return undefined;
}

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join(".");
