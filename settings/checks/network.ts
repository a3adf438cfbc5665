import {
  advancedPostgresRegions,
  findAppRegion,
  regions,
  vpc,
  type Region,
} from "../../prices/digitalocean";
import { tiers } from "../../tiers";
import { overlaps, parseCidr } from "../cidr";
import { problem, setCommand, shown, type Problem } from "../problems";
import type { MediumConfig, SmallConfig } from "../schema";

/** Ranges that no public address has (RFC 1918). */
export const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** The private network's range. */
export function vpcProblems(
  { vpcCidr, region }: Pick<SmallConfig, "vpcCidr" | "region">,
  example: string,
): Problem[] {
  const range = parseCidr(vpcCidr);
  const reserved: readonly string[] = [
    ...vpc.reservedRanges,
    ...((vpc.reservedRangesByRegion as Record<string, readonly string[]>)[region] ?? []),
  ];
  const { largest, smallest } = vpc.prefixLength;
  const allowed = `a private range (${privateRanges.join(", ")}) from /${largest} to /${smallest}, outside ${reserved.join(", ")}`;
  if (
    range.prefix < largest ||
    range.prefix > smallest ||
    range.hasHostBits ||
    !privateRanges.some((wide) => overlaps(wide, vpcCidr)) ||
    reserved.some((taken) => overlaps(taken, vpcCidr))
  ) {
    return [problem(["vpcCidr"], shown(vpcCidr), allowed, setCommand(["vpcCidr"], example))];
  }
  return [];
}

/** Something that a region has or has not. */
interface Offer {
  readonly what: string;
  readonly in: (region: Region) => boolean;
}

const managedDatabases: Offer = {
  what: "no managed databases of the sizes used",
  in: (region) => regions[region].managedPostgres,
};
const appPlatform: Offer = {
  what: "no App Platform",
  in: (region) => findAppRegion(region) !== undefined,
};
const advancedEdition: Offer = {
  what: "no PostgreSQL of the Advanced edition",
  in: (region) => advancedPostgresRegions.includes(region),
};

/** Whether the region sells what a small stack asks of it. */
export function smallRegionProblems({ region, postgres, redis }: SmallConfig): Problem[] {
  const managed = postgres.provider === "digitalocean" || redis.provider === "digitalocean";
  return regionProblems(region, managed ? [managedDatabases] : [], tiers.small.defaultRegion);
}

/** Whether the region sells what a medium stack asks of it. */
export function mediumRegionProblems({
  region,
  postgres,
  redis,
}: Pick<MediumConfig, "region" | "postgres" | "redis">): Problem[] {
  const ownPostgres = postgres.provider === "digitalocean";
  const standard = ownPostgres && postgres.edition === "standard";
  return regionProblems(
    region,
    [
      appPlatform,
      ...(ownPostgres && !standard ? [advancedEdition] : []),
      ...(standard || redis.provider === "digitalocean" ? [managedDatabases] : []),
    ],
    tiers.medium.defaultRegion,
  );
}

function regionProblems(region: Region, needs: readonly Offer[], example: Region): Problem[] {
  const missing = needs.filter((offer) => !offer.in(region));
  if (missing.length === 0) return [];
  const offering = (Object.keys(regions) as Region[]).filter((one) =>
    needs.every((offer) => offer.in(one)),
  );
  return [
    problem(
      ["region"],
      `${shown(region)}, which has ${missing.map(({ what }) => what).join(" and ")}`,
      offering.join(", "),
      setCommand(["region"], example),
    ),
  ];
}
