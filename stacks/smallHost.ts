import type { AppHostSpec, Site } from "../host/types";
import { processesOf } from "../settings/connections";
import { originName } from "../settings/names";
import type { SmallConfig } from "../settings/schema";
import { tiers } from "../tiers";
import { recipientsOf } from "./alerting";
import { hostBackupOf } from "./backups";

const tier = tiers.small;

/** How the site of a small stack is reached. */
export function siteOf(stack: string, { domain, cloudflare, alerts }: SmallConfig): Site {
  if (domain === undefined) return { kind: "address" };
  const acmeEmail = alerts.emails[0] ?? "";
  return cloudflare === undefined
    ? { kind: "direct", domain, acmeEmail }
    : { kind: "proxied", domain, originName: originName(stack, cloudflare.zone), acmeEmail };
}

/** What the server of a small stack runs; its alarms are planned later, when their targets are known. */
export function hostSpecOf(stack: string, config: SmallConfig, site: Site): AppHostSpec {
  const tls = site.kind !== "address";
  const publicUrl = tls ? `https://${site.domain}` : "";
  return {
    role: "app",
    stack,
    tier: tier.kind,
    site,
    app: {
      processes: processesOf(config),
      port: tier.app.port,
      maxMemoryMib: config.app.maxMemoryMib,
      environment: {
        NODE_ENV: "production",
        PORT: String(tier.app.port),
        PUBLIC_URL: publicUrl,
        DROPS_TIER: tier.kind,
        DROPS_STACK: stack,
        DATABASE_POOL_MAX: String(config.app.poolPerProcess),
        REDIS_MODE: config.redis.provider === "none" ? "none" : "single",
      },
    },
    redis:
      config.redis.provider === "host" ? { maxMemoryMib: config.redis.maxMemoryMib } : undefined,
    grantRoles: config.postgres.provider === "digitalocean",
    monitoring: {
      alarms: [],
      recipients: recipientsOf(config),
      probeUrl: tls ? `${publicUrl}/healthz` : "http://127.0.0.1/healthz",
    },
    backup: hostBackupOf(config, tier.backups.dumpHourUtc),
  };
}
