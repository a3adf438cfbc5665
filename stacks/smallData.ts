import type * as pulumi from "@pulumi/pulumi";
import type { Vps } from "../components/compute/vps";
import type { Postgres, Redis } from "../components/contracts";
import type { DigitalOceanVpc } from "../components/network/digitaloceanVpc";
import { DigitalOceanPostgres } from "../components/postgres/digitalocean";
import { externalPostgres } from "../components/postgres/external";
import { DigitalOceanValkey } from "../components/redis/digitalocean";
import { externalRedis } from "../components/redis/external";
import { hostRedis } from "../components/redis/host";
import { postgresSizes } from "../prices/digitalocean";
import { connectionLimit } from "../settings/connections";
import type { SmallConfig } from "../settings/schema";
import { tiers } from "../tiers";

const tier = tiers.small;

/** Where the data services of a small stack stand. */
interface Place {
  readonly network: DigitalOceanVpc;
  readonly vps: Vps;
  readonly protect: boolean;
}

/** The stack's Postgres, and the id by which DigitalOcean's alarms know it where it runs it. */
export function postgresOf(
  config: SmallConfig,
  { network, vps, protect }: Place,
): { postgres: Postgres; entity?: pulumi.Output<string> } {
  const { provider, url, ownerUrl, size, maintenanceDay, maintenanceHourUtc } = config.postgres;
  if (provider === "external") {
    // The invariants hold: an external database has a URL.
    return {
      postgres: externalPostgres({
        url: url ?? "",
        ownerUrl,
        connectionLimit: connectionLimit(config),
      }),
    };
  }
  const postgres = new DigitalOceanPostgres("postgres", {
    vpcId: network.vpcId,
    trusted: { dropletIds: [vps.dropletId] },
    spec: {
      edition: "standard",
      region: config.region,
      size,
      nodeCount: tier.postgres.nodeCount,
      major: tier.postgres.major,
      connectionLimit: { limit: postgresSizes[size].connectionLimit, verified: true },
      readReplicas: 0,
      maintenance: { day: maintenanceDay, hourUtc: maintenanceHourUtc },
      protect,
    },
  });
  return { postgres, entity: postgres.entity };
}

/** The stack's Redis, if it has one. */
export function redisOf(
  config: SmallConfig,
  { network, vps, protect }: Place,
): { redis: Redis; entity?: pulumi.Output<string> } | undefined {
  const { provider, url, size } = config.redis;
  switch (provider) {
    case "none":
      return undefined;
    case "host":
      return { redis: hostRedis() };
    case "external":
      return { redis: externalRedis(url ?? "") };
    case "digitalocean": {
      const redis = new DigitalOceanValkey("redis", {
        vpcId: network.vpcId,
        trusted: { dropletIds: [vps.dropletId] },
        spec: { region: config.region, size, nodeCount: 1, protect },
      });
      return { redis, entity: redis.entity };
    }
  }
}
