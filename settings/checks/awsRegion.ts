import { rdsAuthorityProblem } from "../../components/postgres/rdsAuthority";
import { regions, vpcOriginProblem, zoneProblem, zonesOf, type AwsRegion } from "../../prices/aws";
import { tiers } from "../../tiers";
import { names } from "../leaf";
import { problem, setCommand, shown, type Problem } from "../problems";
import type { LargeConfig } from "../schema";

const { defaultRegion, network } = tiers.large;

/** Something that a stack asks of its region. */
interface Need {
  /** Why a region does not have it, or undefined where it does. */
  readonly lacking: (region: AwsRegion) => string | undefined;
  /** What makes it needless. */
  readonly instead?: (region: AwsRegion) => string;
}

const zones: Need = {
  lacking: (region) =>
    zonesOf(region) === undefined
      ? "its availability zones are not known to this toolkit"
      : zoneProblem(region, network.zones),
  instead: (region) =>
    `set drops:network.zones to ${network.zones} that the account sees (aws ec2 describe-availability-zones --region ${region})`,
};
const authority: Need = { lacking: rdsAuthorityProblem };
const vpcOrigins: Need = {
  lacking: vpcOriginProblem,
  instead: () => setCommand(["edge"], "cloudflare"),
};

/** Whether the region has what the stack asks of it: all that it lacks is said at once. */
export function largeRegionProblems({
  region,
  network: { zones: chosen },
  postgres,
  edge,
}: Pick<LargeConfig, "region" | "network" | "postgres" | "edge">): Problem[] {
  const needs = [
    ...(chosen === undefined ? [zones] : []),
    ...(postgres.provider === "aurora" ? [authority] : []),
    ...(edge === "cloudfront" ? [vpcOrigins] : []),
  ];
  const missing = needs.filter(({ lacking }) => lacking(region) !== undefined);
  if (missing.length === 0) return [];
  const offering = names(regions).filter((one) =>
    needs.every(({ lacking }) => lacking(one) === undefined),
  );
  const [only] = missing;
  const instead = missing.length === 1 ? only?.instead?.(region) : undefined;
  return [
    problem(
      ["region"],
      `${shown(region)}: ${missing.map(({ lacking }) => lacking(region)).join("; ")}`,
      offering.join(", "),
      [setCommand(["region"], defaultRegion), ...(instead ? [instead] : [])].join(", or "),
    ),
  ];
}
