import { z } from "zod";
import {
  auroraClasses,
  auroraLimits,
  auroraPostgresDefault,
  auroraPostgresVersions,
  auroraServerless,
  cacheLimits,
  cacheNodes,
  databaseInsights,
} from "../prices/aws";
import { tiers } from "../tiers";
import { externalPostgres, externalRedis, maintenance } from "./dataKeys";
import { choice, names, whole } from "./leaf";

const { postgres: spec, redis: redisSpec } = tiers.large;
const { capacity } = auroraServerless;

/** Aurora capacity units: halves are capacities too. */
const acus = (description: string, least: number, example: number) =>
  z
    .number()
    .min(least)
    .max(capacity.high)
    .multipleOf(capacity.step)
    .meta({
      description,
      allowed: `a number from ${least} to ${capacity.high} in steps of ${capacity.step}`,
      example: String(example),
    })
    .default(example);

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
      "Smallest capacity of a serverless instance, 2 GiB a unit.",
      capacity.low,
      spec.serverless.minAcu,
    ),
    maxAcu: acus(
      "Largest capacity of a serverless instance.",
      capacity.leastMax,
      spec.serverless.maxAcu,
    ),
    readers: whole(0, auroraLimits.maxReaders, {
      description: "Instances beside the writer, in other zones: they answer reads and take over.",
      example: String(spec.readers),
    }).default(spec.readers),
    readerScaling: z
      .strictObject({
        maxReaders: whole(1, auroraLimits.maxReaders, {
          description: "Readers at the most; `readers` of them always run.",
          example: "4",
        }),
        cpuPercent: whole(10, 90, {
          description: "Average CPU of the readers that is aimed at.",
          example: "60",
        }).default(60),
      })
      .optional(),
    storage: choice(["standard", "io-optimized"], {
      description:
        "standard bills reads and writes; io-optimized has them in dearer instances and storage: cheaper where they are a quarter of the bill.",
    }).default("standard"),
    maxConnections: whole(50, 5_000, {
      description:
        "Connections that an instance allows; by the memory of its class (or of maxAcu) where not set.",
      example: "1000",
    }).optional(),
    proxy: choice(["off", "on"], {
      description: "RDS Proxy between the app and the writer.",
    }).default("off"),
    insights: choice(databaseInsights.modes, {
      description: "Database Insights: 7 days free of charge, or 15 months by vCPU.",
    }).default("standard"),
    backupDays: whole(auroraLimits.backupRetentionDays.low, auroraLimits.backupRetentionDays.high, {
      description: "Days back to which the cluster can be restored, to the second.",
      example: String(spec.backupDays),
    }).default(spec.backupDays),
    ...externalPostgres,
    ...maintenance,
  })
  .prefault({});

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
    shards: whole(1, 45, {
      description: "Parts that the data is split into, each on a primary of its own.",
      example: String(redisSpec.shards),
    }).default(redisSpec.shards),
    replicasPerShard: whole(1, cacheLimits.replicasPerShard.high, {
      description: "Replicas of each primary, in other zones; one of them takes over.",
      example: String(redisSpec.replicasPerShard),
    }).default(redisSpec.replicasPerShard),
    ...externalRedis,
    mode: choice(["cluster", "single"], {
      description: "What an external Redis is: it decides the client.",
    }).default("single"),
  })
  .prefault({});
