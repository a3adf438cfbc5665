import type { CloudflarePlan } from "../../prices/cloudflare";

const byPath = ["http.request.uri.path"] as const;
const byAddress = [
  ...["http.host", "http.request.uri", ...byPath, "http.request.full_uri"],
  "http.request.uri.query",
] as const;

/**
 * What a rate limit's expression may look at, verified bots aside (`cloudflareDated.rateLimits`, read
 * again 2026-11-28). The method comes with Business: on Pro a rule tells writes by their paths.
 */
export const rateLimitFields: Readonly<Record<CloudflarePlan, readonly string[]>> = {
  free: byPath,
  pro: byAddress,
  business: [...byAddress, "http.request.method", "ip.src", "http.user_agent"],
};
