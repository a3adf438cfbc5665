import { cloudflarePlans, rateLimitSeconds } from "../prices/cloudflare";
import { zoneProblems } from "./checks/zone";
import { problem, setCommand, type Problem } from "./problems";
import type { EdgeConfig } from "./schema";

/** What no single key of an edge stack can say: the domain's zone, and what the zone's plan allows. */
export function edgeProblems(config: EdgeConfig): Problem[] {
  const { domain, cloudflare, rateLimit } = config;
  const problems = zoneProblems(domain, cloudflare.zone);
  const { rateLimitMaxPeriodSeconds } = cloudflarePlans[cloudflare.plan];
  const periods: readonly number[] = rateLimitSeconds.filter(
    (seconds) => seconds <= rateLimitMaxPeriodSeconds,
  );
  if (!periods.includes(rateLimit.periodSeconds)) {
    problems.push(
      problem(
        ["rateLimit", "periodSeconds"],
        String(rateLimit.periodSeconds),
        `${periods.join(", ")} on Cloudflare's plan ${cloudflare.plan}`,
        setCommand(["rateLimit", "periodSeconds"], String(periods.at(-1) ?? "")),
      ),
    );
  }
  return problems;
}
