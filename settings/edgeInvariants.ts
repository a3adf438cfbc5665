import { cloudflarePlans, rateLimitSeconds } from "../prices/cloudflare";
import { zoneProblems } from "./checks/zone";
import { factsOfStack } from "./liveTier";
import { problem, setCommand, type Problem } from "./problems";
import type { EdgeConfig } from "./schema";

/** What no single key of an edge stack can say: the domain's zone, and what the zone's plan allows. */
export function edgeProblems(config: EdgeConfig): Problem[] {
  const { domain, cloudflare, rateLimit, live } = config;
  const problems = zoneProblems(domain, cloudflare.zone);
  const { snippets } = cloudflarePlans[cloudflare.plan];
  const { tier, behindSnippet } = factsOfStack(live);
  // By a record alone users would arrive nowhere: App Platform answers to its own name only, and a
  // large stack that waits for the snippet's secret to nobody without it.
  if (snippets === 0 && behindSnippet) {
    problems.push(
      problem(
        ["cloudflare", "plan"],
        `${cloudflare.plan}, with the ${tier ?? ""} stack "${live}" live`,
        tier === "medium"
          ? "pro: only a Snippet, which Free does not have, leads to App Platform"
          : "pro, as that stack's own drops:cloudflare says: its tasks wait for the Snippet's secret",
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
