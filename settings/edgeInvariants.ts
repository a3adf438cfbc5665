import { cloudflarePlans } from "../prices/cloudflare";
import { zoneProblems } from "./checks/zone";
import { setCommand, type Problem } from "./problems";
import type { EdgeConfig } from "./schema";

/** What no single key of an edge stack can say: the domain's zone, and what the zone's plan allows. */
export function edgeProblems(config: EdgeConfig): Problem[] {
  const { domain, cloudflare, rateLimit } = config;
  const problems = zoneProblems(domain, cloudflare.zone);
  const { rateLimitMaxPeriodSeconds } = cloudflarePlans[cloudflare.plan];
  if (rateLimit.periodSeconds > rateLimitMaxPeriodSeconds) {
    problems.push({
      key: "drops:rateLimit.periodSeconds",
      got: String(rateLimit.periodSeconds),
      allowed: `at most ${rateLimitMaxPeriodSeconds} on Cloudflare's plan ${cloudflare.plan}`,
      fix: setCommand(["rateLimit", "periodSeconds"], String(rateLimitMaxPeriodSeconds)),
    });
  }
  return problems;
}
