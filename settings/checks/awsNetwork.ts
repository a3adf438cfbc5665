import { plannedVpc, subnetPlan, subnetPlanProblem } from "../../components/network/subnetPlan";
import { regionOfZone, vpcLimits } from "../../prices/aws";
import { tiers } from "../../tiers";
import { isInside, overlaps, parseCidr, rangesWithin } from "../cidr";
import { runningServices, tasksDuringDeploy } from "../largeConnections";
import { ecrRegion, readLargeImage } from "../largeImage";
import { problem, removeCommand, setCommand, shown, type Problem } from "../problems";
import type { LargeConfig } from "../schema";
import { privateRanges } from "./network";

const { network: defaults, vpcCidr: usualCidr } = tiers.large;

/** Zones by name: an account may see more of a region than is known here. */
export function chosenZoneProblems({
  network: { zones },
  region,
}: Pick<LargeConfig, "region" | "network">): Problem[] {
  if (zones === undefined) return [];
  const inRegion = zones.every((zone) => regionOfZone(zone) === region);
  if (inRegion && new Set(zones).size === defaults.zones && zones.length === defaults.zones) {
    return [];
  }
  return [
    problem(
      ["network", "zones"],
      shown(zones),
      `${defaults.zones} different zones of ${region}`,
      removeCommand(["network", "zones"]),
    ),
  ];
}

/** The private network's range: what it is, what it overlaps, and how many tasks fit into it. */
export function awsVpcProblems(
  config: Pick<LargeConfig, "vpcCidr" | "network" | "app" | "worker" | "services">,
): Problem[] {
  const { vpcCidr, network } = config;
  const { largest, smallest } = plannedVpc;
  const needed = addressesNeeded(config);
  const refused = (why: string, allowed: string): Problem[] => [
    problem(
      ["vpcCidr"],
      `${shown(vpcCidr)}${why}`,
      allowed,
      freeRangeFix(network.otherCidrs, needed),
    ),
  ];
  const anyRange = `a private range (${privateRanges.join(", ")}) from /${largest} to /${smallest}`;
  if (!privateRanges.some((wide) => isInside(vpcCidr, wide))) {
    return refused(", which is not private", anyRange);
  }
  const unplanned = subnetPlanProblem(vpcCidr);
  if (unplanned !== undefined) return refused(`: ${unplanned}`, anyRange);
  const overlapping = network.otherCidrs.filter((other) => overlaps(other, vpcCidr));
  if (overlapping.length > 0) {
    return refused(
      `, which overlaps ${overlapping.join(", ")}`,
      "a range apart from drops:network.otherCidrs",
    );
  }
  const room = addressesFor(vpcCidr);
  return needed <= room
    ? []
    : refused(
        `, whose private subnets have ${room} addresses for ${needed} of tasks at maximum scale during a deploy`,
        `a range whose private subnets have ${needed} addresses`,
      );
}

/** The largest range that is free, the tier's own first and then what follows it. */
function freeRangeFix(taken: readonly string[], needed: number): string {
  // Other stacks of this project may be joined with this one during a promotion.
  const avoided = [...taken, tiers.small.vpcCidr, tiers.medium.vpcCidr];
  const { first: usual } = parseCidr(usualCidr);
  for (let prefix = plannedVpc.largest; prefix <= plannedVpc.smallest; prefix += 1) {
    const ranges = privateRanges.flatMap((wide) => rangesWithin(wide, prefix));
    const start = Math.max(
      0,
      ranges.findIndex((range) => parseCidr(range).first === usual),
    );
    const free = [...ranges.slice(start), ...ranges.slice(0, start)].find(
      (range) => !avoided.some((one) => overlaps(one, range)) && addressesFor(range) >= needed,
    );
    if (free !== undefined) return setCommand(["vpcCidr"], free);
  }
  return "no private range is free: make room in drops:network.otherCidrs";
}

/** Addresses that tasks may have, over all zones. */
function addressesFor(cidr: string): number {
  return subnetPlan(cidr)
    .private.map((subnet) => {
      const { first, last } = parseCidr(subnet);
      return last - first + 1 - vpcLimits.reservedAddresses;
    })
    .reduce((sum, one) => sum + one, 0);
}

/** The balancer may take eight in each zone; CloudFront, endpoints and the migration some. */
const addressesBesideTasks = 3 * 16;

function addressesNeeded(config: Pick<LargeConfig, "app" | "worker" | "services">): number {
  return runningServices(config)
    .map(({ maxTasks }) => tasksDuringDeploy(maxTasks))
    .reduce((sum, one) => sum + one, addressesBesideTasks);
}

/** A network without a way out, and what then cannot be reached. */
export function wayOutProblems(
  config: Pick<LargeConfig, "network" | "postgres" | "redis" | "image" | "region">,
): Problem[] {
  const { network, postgres, redis } = config;
  if (network.natGateways > 0) return [];
  const fix = setCommand(["network", "natGateways"], String(defaults.natGateways));
  if (network.interfaceEndpoints === "off") {
    return [
      problem(
        ["network", "natGateways"],
        "0, with drops:network.interfaceEndpoints off: tasks fetch their image, secrets and logs by one of them",
        `1 to ${defaults.zones}, or 0 with drops:network.interfaceEndpoints on`,
        `${setCommand(["network", "interfaceEndpoints"], "on")}, or ${fix}`,
      ),
    ];
  }
  const outside = [
    ...(postgres.provider === "external" ? ["an external Postgres"] : []),
    ...(redis.provider === "external" ? ["an external Redis"] : []),
    ...imageOutside(config),
  ];
  return outside.length === 0
    ? []
    : [
        problem(
          ["network", "natGateways"],
          `0, with ${outside.join(" and ")}, which endpoints do not lead to`,
          `1 to ${defaults.zones}`,
          fix,
        ),
      ];
}

/** An image that no endpoint leads to: endpoints are those of the stack's own region. */
function imageOutside({ image, region }: Pick<LargeConfig, "image" | "region">): string[] {
  const read = readLargeImage(image);
  if ("what" in read || read.host === undefined) return [];
  const found = ecrRegion(read);
  if (found === region) return [];
  return [found === undefined ? "an image outside AWS" : `an image in ECR of ${found}`];
}

/** A copy of the snapshots in the region that it is to outlive. */
export function copyRegionProblems({
  backups,
  region,
}: Pick<LargeConfig, "backups" | "region">): Problem[] {
  return backups.copyRegion === region
    ? [
        problem(
          ["backups", "copyRegion"],
          `${shown(region)}, where the stack is`,
          "another region",
          removeCommand(["backups", "copyRegion"]),
        ),
      ]
    : [];
}
