import {
  type CloudflarePlanSpec,
  managedRulesetIds,
  rateLimitCharacteristics,
  rateLimitSeconds,
} from "../../prices/cloudflare";
import { CloudflareError } from "./errors";
import type { Rule, RulesetInputs } from "./rulesetInputs";
import type { Plan } from "./zone";

/** Phases whose number of rules the plan limits. Of the others no source tells a number. */
const limits: Readonly<Record<string, keyof CloudflarePlanSpec>> = {
  http_ratelimit: "rateLimitRules",
  http_request_cache_settings: "cacheRules",
  http_request_dynamic_redirect: "redirectRules",
  http_request_firewall_custom: "wafCustomRules",
  http_request_transform: "transformRules",
  http_request_late_transform: "transformRules",
  http_response_headers_transform: "transformRules",
};

/** @throws CloudflareError where the rules ask for more than the zone's plan has. */
export function refusePlan({ phase, rules = [] }: RulesetInputs, plan: Plan): void {
  const limit = limits[phase];
  const most = limit === undefined ? undefined : plan.spec[limit];
  if (typeof most === "number" && rules.length > most) {
    throw new CloudflareError(
      undefined,
      `exceeded the maximum number of rules in the phase ${phase}: ${rules.length} out of ${most} (plan ${plan.id})`,
      "/rules",
    );
  }
  for (const [index, rule] of rules.entries()) {
    const at = `/rules/${index}`;
    if (phase === "http_ratelimit") refuseRateLimit(rule, plan, at);
    if (rule.action === "execute") refuseManaged(rule, plan, at);
    refuseEdgeTtl(rule, plan, at);
  }
}

function refuseRateLimit({ ratelimit }: Rule, { id, spec }: Plan, at: string): void {
  if (!ratelimit) {
    throw new CloudflareError(
      undefined,
      "a rule in the phase http_ratelimit takes a ratelimit object",
      `${at}/ratelimit`,
    );
  }
  const { characteristics, period, mitigationTimeout = 0 } = ratelimit;
  const [, dataCentre] = rateLimitCharacteristics;
  if (!characteristics.includes(dataCentre)) {
    throw new CloudflareError(
      undefined,
      `characteristics must include "${dataCentre}"`,
      `${at}/ratelimit/characteristics`,
    );
  }
  requireSeconds("period", period, spec.rateLimitMaxPeriodSeconds);
  requireSeconds("mitigation_timeout", mitigationTimeout, spec.rateLimitMitigationMaxSeconds);

  function requireSeconds(field: string, seconds: number, most: number): void {
    // The Free plan has one length alone.
    const [fits, words] =
      id === "free" ? [seconds === most, "different from"] : [seconds <= most, "longer than"];
    const isOne = rateLimitSeconds.some((one) => one === seconds);
    // Blocking for no time is counting by the period.
    if (fits && (isOne || (field === "mitigation_timeout" && seconds === 0))) return;
    const name = field.replace("_", " ");
    throw new CloudflareError(
      undefined,
      fits
        ? `the ${name} must be one of ${rateLimitSeconds.join(", ")} seconds, got ${seconds}`
        : `not entitled to use a ${name} ${words} ${most} seconds, got ${seconds} (plan ${id})`,
      `${at}/ratelimit/${field}`,
    );
  }
}

function refuseManaged({ actionParameters }: Rule, { id, spec }: Plan, at: string): void {
  const asked = actionParameters?.id;
  const refused =
    (asked === managedRulesetIds.cloudflareManaged && !spec.wafManaged) ||
    (asked === managedRulesetIds.owasp && !spec.owasp);
  if (!refused) return;
  throw new CloudflareError(
    undefined,
    `not entitled to execute this managed ruleset: ${asked} (plan ${id})`,
    `${at}/action_parameters/id`,
  );
}

function refuseEdgeTtl({ actionParameters }: Rule, { id, spec }: Plan, at: string): void {
  const edgeTtl = actionParameters?.edgeTtl;
  if (edgeTtl?.mode !== "override_origin") return;
  const seconds = edgeTtl.default;
  if (seconds !== undefined && seconds >= spec.minEdgeTtlSeconds) return;
  throw new CloudflareError(
    undefined,
    `edge TTL must be at least ${spec.minEdgeTtlSeconds} seconds, got ${String(seconds)} (plan ${id})`,
    `${at}/action_parameters/edge_ttl/default`,
  );
}
