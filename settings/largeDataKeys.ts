import { z } from "zod";
import {
  auroraClasses,
  auroraConnectionFormula,
  auroraLimits,
  auroraPostgresDefault,
  auroraPostgresVersions,
  auroraServerless,
  cacheLimits,
  cacheNodes,
  cacheQuotas,
  regions,
  databaseInsights,
} from "../prices/aws";
import { tiers } from "../tiers";
import { externalPostgres, externalRedis, maintenance } from "./dataKeys";
import { choice, decimal, names, whole, wholeOr } from "./leaf";

const { postgres: spec, redis: redisSpec, backups: backupSpec } = tiers.large;
const { capacity } = auroraServerless;

/** Aurora capacity units: halves are capacities too. */
const acus = (description: string, least: number, example: number) =>
  decimal(z.number().min(least).max(capacity.high).multipleOf(capacity.step), {
    description,
    allowed: `a number from ${least} to ${capacity.high} in steps of ${capacity.step}`,
    example: String(example),
  }).default(example);

/** Who runs Postgres, and how large it is. */
export const largePostgres = z
  .strictObject({
    provider: choice(["aurora", "external"], {
      description: "Who runs Postgres: Aurora, or anyone with a URL (Supabase, Railway).",
    }).default("aurora"),
    engineVersion: choice(auroraPostgresVersions["17"], {
      description:
        "Aurora's version of PostgreSQL 17; a change restarts the cluster during the deploy, for minutes.",
      example: auroraPostgresDefault.version,
    }).default(auroraPostgresDefault.version),
    mode: choice(["provisioned", "serverless"], {
      description: "Instances of a fixed class, or Serverless v2, which follows the load.",
    }).default("provisioned"),
    instanceClass: choice(names(auroraClasses), {
      description: "Class of each instance in the mode provisioned.",
      example: spec.instanceClass,
    }).default(spec.instanceClass),
    minAcu: acus(
      `Smallest capacity of a serverless instance, ${auroraServerless.memoryGibPerAcu} GiB a unit; 0 would pause an idle one, which one with an app's connections never is.`,
      capacity.step,
      spec.serverless.minAcu,
    ),
    maxAcu: acus(
      "Largest capacity of a serverless instance.",
      capacity.leastMax,
      spec.serverless.maxAcu,
    ),
    readers: wholeOr(
      0,
      auroraLimits.maxReaders,
      spec.readers,
      "Instances beside the writer, in other zones: they answer reads and take over.",
    ),
    readerScaling: z
      .strictObject({
        maxReaders: whole(1, auroraLimits.maxReaders, {
          description: "Readers at the most; `readers` of them always run.",
          example: String(spec.readerScaling.maxReaders),
        }),
        cpuPercent: wholeOr(
          10,
          90,
          spec.readerScaling.cpuPercent,
          "Average CPU of the readers that is aimed at.",
        ),
      })
      .optional(),
    storage: choice(["standard", "io-optimized"], {
      description:
        "standard bills reads and writes; io-optimized has them in dearer instances and storage: cheaper where they are a quarter of the bill.",
    }).default("standard"),
    maxConnections: whole(spec.leastConnections, auroraConnectionFormula.most, {
      description:
        "Connections that an instance allows, fewer than the memory of its class (or of maxAcu) gives; as many where not set.",
      example: "1000",
    }).optional(),
    proxy: choice(["off", "on"], {
      description: "RDS Proxy between the app and the writer.",
    }).default("off"),
    insights: choice(databaseInsights.modes, {
      description: "Database Insights: 7 days free of charge, or 15 months by vCPU.",
    }).default("standard"),
    backupDays: wholeOr(
      auroraLimits.backupRetentionDays.low,
      auroraLimits.backupRetentionDays.high,
      spec.backupDays,
      "Days back to which the cluster can be restored, to the second.",
    ),
    ...externalPostgres,
    ...maintenance,
  })
  .prefault({});

/** Without one a shard is gone with its zone. */
const leastReplicas = 1;

/** Who runs Redis, and how large it is. */
export const largeRedis = z
  .strictObject({
    provider: choice(["elasticache", "external", "none"], {
      description: "Who runs Redis: ElastiCache (Valkey, a cluster), anyone with a URL, no one.",
    }).default("elasticache"),
    nodeType: choice(names(cacheNodes), {
      description: "Type of each node.",
      example: redisSpec.nodeType,
    }).default(redisSpec.nodeType),
    shards: wholeOr(
      1,
      Math.floor(cacheQuotas.nodesPerCluster / (1 + leastReplicas)),
      redisSpec.shards,
      "Parts that the data is split into, each on a primary of its own.",
    ),
    replicasPerShard: wholeOr(
      leastReplicas,
      cacheLimits.replicasPerShard.high,
      redisSpec.replicasPerShard,
      "Replicas of each primary, in other zones; one of them takes over.",
    ),
    ...externalRedis,
    mode: choice(["cluster", "single"], {
      description: "What an external Redis is: it decides the client.",
    }).default("single"),
  })
  .prefault({});

/** Snapshots beside the cluster's own, and files that a promotion or a drill leaves. */
export const largeBackups = z
  .strictObject({
    plan: choice(["on", "off"], {
      description: "Daily and weekly snapshots by AWS Backup, beside the cluster's own.",
    }).default("on"),
    copyRegion: choice(names(regions), {
      description: "Region that gets a copy of each snapshot, for the loss of a whole region.",
      example: "us-west-2",
    }).optional(),
    retentionDays: wholeOr(
      7,
      365,
      backupSpec.retentionDays,
      "How long a daily snapshot is kept, and a file in the backup bucket; a weekly snapshot four times as long.",
    ),
  })
  .prefault({});
