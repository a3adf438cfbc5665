import { cloudflarePlans } from "../../prices/cloudflare";
import { exampleZoneId } from "../examples";
import { originName } from "../names";
import { problem, removeCommand, setCommand, shown, type Problem } from "../problems";
import type { MediumConfig, SmallConfig } from "../schema";
import { zoneProblems } from "./zone";

/** A domain on a server of its own: its zone, and what proves it to the certificate authority. */
export function smallDomainProblems(config: SmallConfig, stack: string): Problem[] {
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
  problems.push(...domainInZone(domain, cloudflare.zone, stack));
  if (domain !== undefined && cloudflare.acmeToken === undefined) {
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

/** A domain on App Platform: behind Cloudflare, whose plan must have Snippets, or its own. */
export function mediumDomainProblems(
  { domain, edge, cloudflare }: Pick<MediumConfig, "domain" | "edge" | "cloudflare">,
  stack: string,
): Problem[] {
  const goDirect = setCommand(["edge"], "direct");
  if (edge === "direct") {
    return cloudflare === undefined
      ? []
      : [
          problem(
            ["cloudflare"],
            "a zone, with drops:edge direct",
            "nothing: the domain's own DNS then points at App Platform",
            `${removeCommand(["cloudflare"])}, or ${setCommand(["edge"], "cloudflare")}`,
          ),
        ];
  }
  if (cloudflare === undefined) {
    return domain === undefined
      ? []
      : [
          problem(
            ["cloudflare"],
            "nothing, with drops:domain set and drops:edge cloudflare",
            "zoneId and zone of the domain's zone at Cloudflare",
            `${setCommand(["cloudflare", "zoneId"], exampleZoneId)} and ${setCommand(["cloudflare", "zone"], "example.com")}, or ${goDirect}`,
          ),
        ];
  }
  const problems = domainInZone(domain, cloudflare.zone, stack);
  if (cloudflarePlans[cloudflare.plan].snippets === 0) {
    problems.push(
      problem(
        ["cloudflare", "plan"],
        `${cloudflare.plan}, which has no Snippets`,
        "pro: App Platform answers to its own host name alone, and a Snippet asks for it by that name",
        `${setCommand(["cloudflare", "plan"], "pro")}, or ${goDirect} and ${removeCommand(["cloudflare"])}`,
      ),
    );
  }
  return problems;
}

/** A zone without a name in it, a name of another zone, or the name that the origin has. */
export function domainInZone(domain: string | undefined, zone: string, stack: string): Problem[] {
  const fix = setCommand(["domain"], `drops.${zone}`);
  if (domain === undefined) {
    return [
      problem(["domain"], "nothing, with drops:cloudflare set", `a name in the zone ${zone}`, fix),
    ];
  }
  const problems = zoneProblems(domain, zone);
  if (domain === originName(stack, zone)) {
    problems.push(
      problem(
        ["domain"],
        `${shown(domain)}, which is the name of this stack's own origin`,
        "another name in the zone",
        fix,
      ),
    );
  }
  return problems;
}
