import {
  type CloudflarePlanSpec,
  cloudflarePlans,
  rateLimitSeconds,
} from "../../prices/cloudflare";
import { type CloudflareEdgeSpec, defaultPeriodSeconds, defaultWriteLimit } from "./edgeSpec";
import { hostNamePattern } from "./hostName";

/** What Cloudflare would refuse half-way through, or what would send the host to itself. */
export function edgeSpecProblems(spec: CloudflareEdgeSpec): readonly string[] {
  const problems: string[] = [];
  if (!/^[0-9a-f]{32}$/.test(spec.zoneId))
    problems.push(`spec.zoneId must be 32 hexadecimal digits, got "${spec.zoneId}"`);
  for (const field of ["domain", "originName"] as const)
    if (!hostNamePattern.test(spec[field]))
      problems.push(`spec.${field} must be a host name in lower case, got "${spec[field]}"`);
  if (spec.originName === spec.domain)
    problems.push(`spec.originName must differ from spec.domain, both are "${spec.domain}"`);
  const { requestsPerPeriod, periodSeconds = defaultPeriodSeconds } = spec.rateLimit;
  const plan: CloudflarePlanSpec = cloudflarePlans[spec.plan];
  const seconds = (field: string, value: number, longest: number): void => {
    const granted = rateLimitSeconds.filter((one) => one <= longest);
    if (granted.some((one) => one === value)) return;
    problems.push(
      `spec.${field} must be ${granted.length > 1 ? "one of " : ""}${granted.join(", ")}, got ${value}`,
    );
  };
  const whole = (field: string, value: number, low: number): void => {
    if (Number.isInteger(value) && value >= low) return;
    problems.push(`spec.${field} must be a whole number from ${low}, got ${value}`);
  };
  whole("rateLimit.requestsPerPeriod", requestsPerPeriod, 1);
  seconds("rateLimit.periodSeconds", periodSeconds, plan.rateLimitMaxPeriodSeconds);
  if (plan.rateLimitRules > 1) {
    const writes = spec.writeLimit ?? defaultWriteLimit;
    if (writes.paths.length === 0 || writes.paths.some((path) => !path.startsWith("/")))
      problems.push(
        `spec.writeLimit.paths must be paths that begin with a slash, got ${JSON.stringify(writes.paths)}`,
      );
    whole("writeLimit.requestsPerPeriod", writes.requestsPerPeriod, 1);
    seconds("writeLimit.periodSeconds", writes.periodSeconds, plan.rateLimitMaxPeriodSeconds);
    seconds("writeLimit.blockSeconds", writes.blockSeconds, plan.rateLimitMitigationMaxSeconds);
  }
  whole("hstsMaxAgeSeconds", spec.hstsMaxAgeSeconds, 0);
  return problems;
}
