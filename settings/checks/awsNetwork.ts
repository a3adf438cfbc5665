import { subnetPlan, subnetPlanProblem } from "../../components/network/subnetPlan";
import { regionOfZone, vpcLimits, zoneProblem, zonesOf } from "../../prices/aws";
import { tiers } from "../../tiers";
import { overlaps, parseCidr } from "../cidr";
import { tasksDuringDeploy } from "../largeConnections";
import { problem, removeCommand, setCommand, shown, type Problem } from "../problems";
import type { LargeConfig } from "../schema";
import { privateRanges } from "./network";

const { network: defaults, vpcCidr: exampleCidr } = tiers.large;

/** Whether the region has the zones over which everything is spread. */
export function zoneCountProblems({
  region,
  network,
}: Pick<LargeConfig, "region" | "network">): Problem[] {
  if (network.zones !== undefined) return chosenZoneProblems(network.zones, region);
  const few = zoneProblem(region, defaults.zones);
  const unknown = zonesOf(region) === undefined;
  if (few === undefined && !unknown) return [];
  return [
    problem(
      ["region"],
      shown(region),
      few === undefined
        ? "a region whose availability zones are in the price book; this one's were not found"
        : `a region with ${defaults.zones} availability zones: ${few}`,
      setCommand(["region"], tiers.large.defaultRegion),
    ),
  ];
}

/** Zones by name: an account may see more of a region than is known here. */
function chosenZoneProblems(zones: readonly string[], region: string): Problem[] {
  const inRegion = zones.every((zone) => regionOfZone(zone) === region);
  if (inRegion && new Set(zones).size === defaults.zones && zones.length === defaults.zones) {
    return [];
  }
  return [
    problem(
      ["network", "zones"],
      zones.join(", "),
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
  const fix = setCommand(["vpcCidr"], exampleCidr);
  const refused = rangeProblem(vpcCidr);
  if (refused !== undefined) return [problem(["vpcCidr"], shown(vpcCidr), refused, fix)];
  const overlapping = network.otherCidrs.filter((other) => overlaps(other, vpcCidr));
  if (overlapping.length > 0) {
    return [
      problem(
        ["vpcCidr"],
        `${shown(vpcCidr)}, which overlaps ${overlapping.join(", ")}`,
        "a range apart from drops:network.otherCidrs",
        fix,
      ),
    ];
  }
  const room = addressesFor(vpcCidr);
  const needed = addressesNeeded(config);
  return needed <= room
    ? []
    : [
        problem(
          ["vpcCidr"],
          `${shown(vpcCidr)}, whose private subnets have ${room} addresses`,
          `at least ${needed}: one for each task at maximum scale during a deploy`,
          fix,
        ),
      ];
}

function rangeProblem(cidr: string): string | undefined {
  if (!privateRanges.some((wide) => overlaps(wide, cidr) && isInside(cidr, wide))) {
    return `a private range (${privateRanges.join(", ")})`;
  }
  return subnetPlanProblem(cidr);
}

function isInside(inner: string, outer: string): boolean {
  const [small, wide] = [parseCidr(inner), parseCidr(outer)];
  return small.first >= wide.first && small.last <= wide.last;
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

function addressesNeeded({ app, worker, services }: Parameters<typeof awsVpcProblems>[0]): number {
  return [app, worker, ...services]
    .map(({ maxTasks }) => tasksDuringDeploy(maxTasks))
    .reduce((sum, one) => sum + one, addressesBesideTasks);
}

/** A network without a way out, and what then cannot be reached. */
export function wayOutProblems({
  network,
  postgres,
  redis,
  image,
}: Pick<LargeConfig, "network" | "postgres" | "redis" | "image">): Problem[] {
  if (network.natGateways > 0) return [];
  const fix = setCommand(["network", "natGateways"], String(defaults.natGateways));
  if (network.interfaceEndpoints === "off") {
    return [
      problem(
        ["network", "natGateways"],
        "0, with drops:network.interfaceEndpoints off",
        "1 to 3, or interface endpoints: tasks fetch their image, secrets and logs by one of them",
        `${setCommand(["network", "interfaceEndpoints"], "on")}, or ${fix}`,
      ),
    ];
  }
  const outside = [
    ...(postgres.provider === "external" ? ["an external Postgres"] : []),
    ...(redis.provider === "external" ? ["an external Redis"] : []),
    ...(/^sha256:|\.dkr\.ecr\./.test(image) ? [] : ["an image outside AWS"]),
  ];
  return outside.length === 0
    ? []
    : [
        problem(
          ["network", "natGateways"],
          `0, with ${outside.join(" and ")}`,
          "1 to 3: without one nothing outside AWS is reached",
          fix,
        ),
      ];
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
          `${region}, where the stack is`,
          "another region",
          removeCommand(["backups", "copyRegion"]),
        ),
      ]
    : [];
}
