import { regions, vpc } from "../../prices/digitalocean";
import { tiers } from "../../tiers";
import { originName } from "../names";
import { zoneProblems } from "./zone";
import { overlaps, parseCidr } from "../cidr";
import { problem, setCommand, shown, type Problem } from "../problems";
import type { SmallConfig } from "../schema";

const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** The private network's range, and whether the region sells what is asked of it. */
export function networkProblems(config: SmallConfig): Problem[] {
  const { vpcCidr, region } = config;
  const problems: Problem[] = [];
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
    problems.push(
      problem(["vpcCidr"], shown(vpcCidr), allowed, setCommand(["vpcCidr"], tiers.small.vpcCidr)),
    );
  }
  const needsDatabase =
    config.postgres.provider === "digitalocean" || config.redis.provider === "digitalocean";
  if (needsDatabase && !regions[region].managedPostgres) {
    const offering = Object.entries(regions).filter(([, r]) => r.managedPostgres);
    problems.push(
      problem(
        ["region"],
        `${shown(region)}, which has no managed databases of the sizes used`,
        offering.map(([name]) => name).join(", "),
        setCommand(["region"], tiers.small.defaultRegion),
      ),
    );
  }
  return problems;
}

/** The domain, its zone, and what proves the domain to the certificate authority. */
export function domainProblems(config: SmallConfig, stack: string): Problem[] {
  const { domain, cloudflare } = config;
  const problems: Problem[] = [];
  if (domain !== undefined && config.alerts.emails.length === 0) {
    problems.push(
      problem(
        ["alerts", "emails"],
        "nobody, with drops:domain set",
        "at least one address: the certificate authority writes to the first",
        setCommand(["alerts", "emails[0]"], "ops@example.com"),
      ),
    );
  }
  if (cloudflare === undefined) return problems;
  if (domain === undefined) {
    return [
      ...problems,
      problem(
        ["domain"],
        "nothing, with drops:cloudflare set",
        `a name in the zone ${cloudflare.zone}`,
        setCommand(["domain"], `drops.${cloudflare.zone}`),
      ),
    ];
  }
  problems.push(...zoneProblems(domain, cloudflare.zone));
  if (domain === originName(stack, cloudflare.zone)) {
    problems.push(
      problem(
        ["domain"],
        `${shown(domain)}, which is the name of this stack's own origin`,
        "another name in the zone",
        setCommand(["domain"], `drops.${cloudflare.zone}`),
      ),
    );
  }
  if (cloudflare.acmeToken === undefined) {
    problems.push(
      problem(
        ["cloudflare", "acmeToken"],
        "nothing, with drops:cloudflare set",
        "a Cloudflare API token that may edit this zone's DNS (the server proves the domain with it)",
        setCommand(["cloudflare", "acmeToken"], "", true),
      ),
    );
  }
  return problems;
}
