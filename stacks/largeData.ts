import type * as pulumi from "@pulumi/pulumi";
import {
  externalPostgresOnAwsTarget,
  externalRedisOnAwsTarget,
} from "../components/alarms/awsExternalSignals";
import { AwsBackupPlan } from "../components/backup/awsBackupPlan";
import { AwsBackupBucket } from "../components/backup/backupBucketAws";
import type { Postgres, Redis } from "../components/contracts";
import type { AwsSecurityGroups } from "../components/network/awsSecurityGroups";
import type { AwsVpc } from "../components/network/awsVpc";
import { AuroraPostgres, type AuroraSpec } from "../components/postgres/aurora";
import { externalPostgres } from "../components/postgres/external";
import { ElastiCacheValkey, type ElastiCacheSpec } from "../components/redis/elasticache";
import { externalRedis } from "../components/redis/external";
import { auroraConnectionSetting } from "../settings/largeConnections";
import { appName } from "../settings/names";
import type { LargeConfig } from "../settings/schema";

/** Where the data services of a large stack stand. */
export interface DataPlace {
  readonly stack: string;
  readonly network: AwsVpc;
  readonly groups: AwsSecurityGroups;
  readonly zones: readonly string[];
  readonly protect: boolean;
  readonly opts: pulumi.ComponentResourceOptions;
}

/** The stack's Postgres, and Aurora where it is that. */
export interface LargePostgres {
  readonly postgres: Postgres;
  readonly aurora: AuroraPostgres | undefined;
}

const idsOf = (...ids: readonly (pulumi.Output<string> | undefined)[]): pulumi.Output<string>[] =>
  ids.filter((id) => id !== undefined);

export function largePostgresOf(config: LargeConfig, place: DataPlace): LargePostgres {
  const { postgres } = config;
  if (postgres.provider === "external") {
    // The invariants hold: an external database has a URL.
    const { url = "", ownerUrl, connectionLimit } = postgres;
    return {
      postgres: externalPostgres({
        ...{ url, ownerUrl, connectionLimit },
        alarmTarget: externalPostgresOnAwsTarget(place.stack),
      }),
      aurora: undefined,
    };
  }
  const aurora = new AuroraPostgres(
    "postgres",
    {
      subnetIds: place.network.dataSubnetIds,
      securityGroupIds: idsOf(place.groups.databaseId),
      proxy:
        postgres.proxy === "on" ? { securityGroupIds: idsOf(place.groups.proxyId) } : undefined,
      spec: auroraSpecOf(config, place),
    },
    place.opts,
  );
  return { postgres: aurora, aurora };
}

/** What Aurora is asked for: plain data, which alarms are planned by before anything is there. */
export function auroraSpecOf(
  config: LargeConfig,
  { stack, zones, protect }: Pick<DataPlace, "stack" | "zones" | "protect">,
): AuroraSpec {
  const { postgres } = config;
  const { readerScaling } = postgres;
  return {
    name: appName(stack),
    stack,
    region: config.region,
    zones,
    engineVersion: postgres.engineVersion,
    mode:
      postgres.mode === "serverless"
        ? { kind: "serverless", minAcu: postgres.minAcu, maxAcu: postgres.maxAcu }
        : { kind: "provisioned", instanceClass: postgres.instanceClass },
    readers: postgres.readers,
    readerScaling: readerScaling && {
      max: readerScaling.maxReaders,
      cpuPercent: readerScaling.cpuPercent,
    },
    storageType: postgres.storage === "io-optimized" ? "aurora-iopt1" : "aurora",
    maxConnections: auroraConnectionSetting(config),
    backupDays: postgres.backupDays,
    insights: postgres.insights,
    maintenance: { day: postgres.maintenanceDay, hourUtc: postgres.maintenanceHourUtc },
    logRetentionDays: config.logs.retentionDays,
    protect,
  };
}

/** What Valkey is asked for. */
export function cacheSpecOf(
  { postgres, redis }: Pick<LargeConfig, "postgres" | "redis">,
  { stack, protect }: Pick<DataPlace, "stack" | "protect">,
): ElastiCacheSpec {
  return {
    name: appName(stack),
    nodeType: redis.nodeType,
    shards: redis.shards,
    replicasPerShard: redis.replicasPerShard,
    maintenance: { day: postgres.maintenanceDay, hourUtc: postgres.maintenanceHourUtc },
    protect,
  };
}

/** The stack's Redis, if it has one. */
export function largeRedisOf(config: LargeConfig, place: DataPlace): Redis | undefined {
  const { provider, url, mode } = config.redis;
  switch (provider) {
    case "none":
      return undefined;
    case "external":
      return externalRedis(url ?? "", mode, externalRedisOnAwsTarget());
    case "elasticache":
      return new ElastiCacheValkey(
        "redis",
        {
          subnetIds: place.network.dataSubnetIds,
          securityGroupIds: idsOf(place.groups.cacheId),
          spec: cacheSpecOf(config, place),
        },
        place.opts,
      );
  }
}

/** Where a promotion and a drill keep their files, and the snapshots beside the cluster's own. */
export function largeBackupsOf(
  { backups }: LargeConfig,
  place: DataPlace,
  aurora: AuroraPostgres | undefined,
): { readonly bucket: AwsBackupBucket; readonly plan: AwsBackupPlan | undefined } {
  const bucket = new AwsBackupBucket(
    "backup",
    { spec: { retentionDays: backups.retentionDays, protect: place.protect } },
    place.opts,
  );
  const plan =
    aurora && backups.plan === "on"
      ? new AwsBackupPlan(
          "snapshots",
          {
            clusterArn: aurora.clusterArn,
            spec: {
              name: appName(place.stack),
              retentionDays: backups.retentionDays,
              copyRegion: backups.copyRegion,
              protect: place.protect,
            },
          },
          place.opts,
        )
      : undefined;
  return { bucket, plan };
}
