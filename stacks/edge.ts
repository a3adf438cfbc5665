import { CloudflareEdge } from "../components/cdn/cloudflareEdge";
import type { EdgeConfig } from "../settings/schema";
import { originName } from "../settings/names";
import type { EdgeOutputs } from "./outputs";

/**
 * The public face of the zone, apart from the tiers: two tiers are alive at once during a promotion,
 * and rulesets and settings hold for the whole zone. Moving users is one change of one record.
 */
export function composeEdge(config: EdgeConfig): EdgeOutputs {
  const edge = new CloudflareEdge("edge", {
    spec: {
      zoneId: config.cloudflare.zoneId,
      domain: config.domain,
      originName: originName(config.live, config.cloudflare.zone),
      plan: config.cloudflare.plan,
      rateLimit: config.rateLimit,
      hstsMaxAgeSeconds: config.hsts.maxAgeSeconds,
    },
  });
  return { tier: "edge", publicUrl: edge.publicUrl, live: config.live };
}
