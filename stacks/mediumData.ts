import type * as pulumi from "@pulumi/pulumi";
import type { Postgres, Redis } from "../components/contracts";
import type { DigitalOceanVpc } from "../components/network/digitaloceanVpc";
import { DigitalOceanPostgres } from "../components/postgres/digitalocean";
import { DigitalOceanReplica } from "../components/postgres/digitaloceanReplica";
import { externalPostgres } from "../components/postgres/external";
import { DigitalOceanValkey } from "../components/redis/digitalocean";
import { externalRedis } from "../components/redis/external";
import {
  mediumConnectionLimit,
  mediumPostgresSize,
  type ConnectionLimit,
} from "../settings/mediumConnections";
import type { MediumConfig } from "../settings/schema";
import { tiers } from "../tiers";

const tier = tiers.medium;

/** Where the data services of a medium stack stand. */
interface Place {
  readonly network: DigitalOceanVpc;
  readonly protect: boolean;
}

/** What DigitalOcean's alarms know a data service by, under its alarm target. */
type Entities = Readonly<Record<string, pulumi.Output<string>>>;

export interface MediumPostgres {
  readonly postgres: Postgres;
  readonly replicas: readonly DigitalOceanReplica[];
  readonly entities: Entities;
}

/** The whole private network: the app's instances get their addresses only when they start. */
const trustedBy = (config: MediumConfig) => ({ cidrs: [config.vpcCidr] });

/** The stack's Postgres with its read replicas. */
export function postgresOf(config: MediumConfig, { network, protect }: Place): MediumPostgres {
  const {
    provider,
    url,
    ownerUrl,
    connectionLimit,
    edition,
    nodes,
    storageGib,
    readReplicas,
    pool,
  } = config.postgres;
  if (provider === "external") {
    // The invariants hold: an external database has a URL.
    const postgres = externalPostgres({ url: url ?? "", ownerUrl, connectionLimit });
    return { postgres, replicas: [], entities: {} };
  }
  const size = mediumPostgresSize(config);
  // Only an external one may keep it to itself.
  const limit = mediumConnectionLimit(config) as ConnectionLimit;
  const common = { region: config.region, size, storageGib, connectionLimit: limit };
  const postgres = new DigitalOceanPostgres("postgres", {
    vpcId: network.vpcId,
    trusted: trustedBy(config),
    spec: {
      ...common,
      edition,
      nodeCount: nodes,
      major: tier.postgres.major,
      pool: pool.mode === "off" ? undefined : { mode: pool.mode, size: pool.size },
      readReplicas,
      maintenance: {
        day: config.postgres.maintenanceDay,
        hourUtc: config.postgres.maintenanceHourUtc,
      },
      protect,
    },
  });
  const replicas = Array.from(
    { length: readReplicas },
    (_, index) =>
      new DigitalOceanReplica(`postgres-replica-${index + 1}`, {
        vpcId: network.vpcId,
        trusted: trustedBy(config),
        primary: postgres,
        spec: { ...common, number: index + 1 },
      }),
  );
  return {
    postgres,
    replicas,
    entities: {
      postgres: postgres.entity,
      ...Object.fromEntries(
        replicas.map(({ entity }, index) => [`postgres-replica-${index + 1}`, entity]),
      ),
    },
  };
}

/** The stack's Redis, if it has one. */
export function redisOf(
  config: MediumConfig,
  { network, protect }: Place,
): { redis: Redis; entities: Entities } | undefined {
  const { provider, url, size, nodes } = config.redis;
  switch (provider) {
    case "none":
      return undefined;
    case "external":
      return { redis: externalRedis(url ?? ""), entities: {} };
    case "digitalocean": {
      const redis = new DigitalOceanValkey("redis", {
        vpcId: network.vpcId,
        trusted: trustedBy(config),
        spec: { region: config.region, size, nodeCount: nodes, protect },
      });
      return { redis, entities: { redis: redis.entity } };
    }
  }
}
