import { CloudflareEdge } from "../components/cdn/cloudflareEdge";
import { cloudflarePlans } from "../prices/cloudflare";
import type { EdgeConfig } from "../settings/schema";
import { originName } from "../settings/names";
import { liveEdgeOrigin } from "./liveStack";
import type { EdgeOutputs } from "./outputs";

/**
 * The public face of the zone, apart from the tiers: two tiers are alive at once during a promotion,
 * and rulesets and settings hold for the whole zone. Moving users is one change of one resource: of
 * the record, or on a plan with snippets of the snippet that fetches from the live stack.
 */
export function composeEdge(config: EdgeConfig): EdgeOutputs {
  const { plan } = config.cloudflare;
  const edge = new CloudflareEdge("edge", {
    spec: {
      zoneId: config.cloudflare.zoneId,
      domain: config.domain,
      originName: originName(config.live, config.cloudflare.zone),
      plan,
      rateLimit: config.rateLimit,
      hstsMaxAgeSeconds: config.hsts.maxAgeSeconds,
    },
    edgeOrigin: cloudflarePlans[plan].snippets > 0 ? liveEdgeOrigin(config.live) : undefined,
  });
  return { tier: "edge", publicUrl: edge.publicUrl, live: config.live };
}
