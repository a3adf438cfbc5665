import {
  type CloudflarePlanSpec,
  cloudflarePlans,
  rateLimitCharacteristics,
} from "../../prices/cloudflare";
import {
  type CloudflareEdgeSpec,
  defaultPeriodSeconds,
  defaultWriteLimit,
  type EdgeRule,
  type EdgeRuleset,
} from "./edgeSpec";
import { edgePaths, hostIs, pathIs, pathLike, pathUnder } from "./expressions";

/** An address is blocked for so long, or for a period if that is longer, where the plan allows it. */
const BLOCK_SECONDS = 60;

/** How often one address may ask, and on plans with a second rule how often it may write. */
export function rateLimitRuleset(spec: CloudflareEdgeSpec): EdgeRuleset {
  const plan: CloudflarePlanSpec = cloudflarePlans[spec.plan];
  return {
    name: "Drops rate limit",
    phase: "http_ratelimit",
    description: "Blocks an address that asks too often.",
    rules: [
      // The first rule that blocks decides, and the stricter one blocks for longer.
      ...(plan.rateLimitRules > 1 ? [writes(spec)] : []),
      requests(spec, plan),
    ],
  };
}

function requests(spec: CloudflareEdgeSpec, plan: CloudflarePlanSpec): EdgeRule {
  const period = spec.rateLimit.periodSeconds ?? defaultPeriodSeconds;
  const counted = `not ${pathUnder(edgePaths.assets)} and not ${pathIs(edgePaths.health)}`;
  return limit({
    ref: "drops_rate_limit",
    description: "Requests of one address, assets and health aside",
    expression: plan.rateLimitByHost ? `${hostIs(spec.domain)} and ${counted}` : counted,
    period,
    requestsPerPeriod: spec.rateLimit.requestsPerPeriod,
    mitigationTimeout: Math.min(
      Math.max(BLOCK_SECONDS, period),
      plan.rateLimitMitigationMaxSeconds,
    ),
  });
}

function writes(spec: CloudflareEdgeSpec): EdgeRule {
  const { paths, requestsPerPeriod, periodSeconds, blockSeconds } =
    spec.writeLimit ?? defaultWriteLimit;
  return limit({
    ref: "drops_write_limit",
    description: "Writes of one address, by their paths",
    expression: `${hostIs(spec.domain)} and (${paths.map(pathLike).join(" or ")})`,
    ...{ period: periodSeconds, requestsPerPeriod, mitigationTimeout: blockSeconds },
  });
}

interface Limit {
  readonly ref: string;
  readonly description: string;
  readonly expression: string;
  /** Seconds. */
  readonly period: number;
  readonly requestsPerPeriod: number;
  /** Seconds. */
  readonly mitigationTimeout: number;
}

function limit({ ref, description, expression, ...counting }: Limit): EdgeRule {
  return {
    ...{ ref, description, enabled: true, expression, action: "block" },
    ratelimit: {
      // Cloudflare counts in each of its data centres apart and insists that the rule says so.
      characteristics: [...rateLimitCharacteristics],
      ...counting,
      requestsToOrigin: false,
    },
  };
}
