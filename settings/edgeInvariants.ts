import { cloudflarePlans, rateLimitSeconds } from "../prices/cloudflare";
import { zoneProblems } from "./checks/zone";
import { tierOfStack } from "./liveTier";
import { problem, setCommand, type Problem } from "./problems";
import type { EdgeConfig } from "./schema";

/** What no single key of an edge stack can say: the domain's zone, and what the zone's plan allows. */
export function edgeProblems(config: EdgeConfig): Problem[] {
  const { domain, cloudflare, rateLimit, live } = config;
  const problems = zoneProblems(domain, cloudflare.zone);
  const { snippets } = cloudflarePlans[cloudflare.plan];
  // By a record alone users would arrive nowhere: App Platform answers to its own name only.
  if (snippets === 0 && tierOfStack(live) === "medium") {
    problems.push(
      problem(
        ["cloudflare", "plan"],
        `${cloudflare.plan}, with the medium stack "${live}" live`,
        "pro: only a Snippet, which Free does not have, leads to App Platform",
        setCommand(["cloudflare", "plan"], "pro"),
      ),
    );
  }
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
