import type { LargeTierSpec } from "./types";

/** 50,000 users and more: ECS, Aurora, ElastiCache, CloudFront. */
export const large = {
  kind: "large",
  numbers: {
    users: { low: 50_000, high: Number.POSITIVE_INFINITY },
    concurrentUsers: { low: 10_000, high: Number.POSITIVE_INFINITY },
    monthlyLoad: {
      requestsMillions: 75,
      egressGb: 1_000,
      backupStorageGib: 500,
      auroraIoMillions: 30,
      logsGb: 20,
    },
    costUsdByCategory: {
      compute: { low: 500, high: 2_000 },
      database: { low: 200, high: 800 },
      cdn: { low: 100, high: 500 },
      monitoring: { low: 100, high: 300 },
    },
    costUsdTotal: { low: 900, high: 3_600 },
    costUsdHeadline: { low: 200, high: 1_000 },
    costUsdTarget: 1_000,
  },
  sources: {
    users: "Scaling document, Option 3: best for 50,000+ users",
    concurrentUsers: "Scaling document, Scaling Strategy, 50,000+ users: 10,000 and more",
    monthlyLoad:
      "Stated by this project: 75 million requests, 1,000 GB, 30 million reads and writes of the database's storage, 20 GB of logs a month",
    costUsdByCategory: "Scaling document, Cost Breakdown, Large Scale (infrastructure as compute)",
    costUsdTotal: "Scaling document, Cost Breakdown, Large Scale: total",
    costUsdHeadline: "Scaling document, Option 3: cost",
    costUsdTarget: "This project: one region, available over its zones, at the stated load",
  },
  network: { zones: 3, natGateways: 2 },
  web: {
    // One vCPU: a process of Node uses one.
    cpuUnits: 1_024,
    memoryMib: 2_048,
    // One in each zone.
    minTasks: 3,
    maxTasks: 12,
    // 1,802 connections carry 12 x 2 x 10 + 4 x 2 x 2 + 6 = 262, within 80 % = 1,441.
    poolPerProcess: 10,
    port: 3000,
    // Below the 70 % and 80 % at which the alarms warn: tasks come before people are told.
    cpuPercent: 60,
    memoryPercent: 70,
    // 500 a second: a quarter of what the reference app answered on one core.
    requestsPerTask: 30_000,
    drainSeconds: 60,
    stopSeconds: 120,
    healthGraceSeconds: 60,
    idleTimeoutSeconds: 120,
  },
  worker: { cpuUnits: 512, memoryMib: 1_024, minTasks: 2, maxTasks: 4, poolPerProcess: 2 },
  // Of each further service that a stack names.
  service: { minTasks: 1, maxTasks: 2 },
  deployMaximumPercent: 200,
  postgres: {
    major: 17,
    instanceClass: "db.r7g.large",
    readers: 1,
    serverless: { minAcu: 2, maxAcu: 16 },
    readerScaling: { maxReaders: 4, cpuPercent: 60 },
    backupDays: 35,
    reservedConnections: { migrate: 1, exporter: 1, dump: 1, promoter: 3 },
    maxConnectionSharePercent: 80,
    // Below it not even two tasks of the app and what is reserved find room.
    leastConnections: 50,
  },
  redis: { nodeType: "cache.t4g.small", shards: 2, replicasPerShard: 1 },
  // As long as the cluster's own; a weekly snapshot four times as long.
  backups: { retentionDays: 35 },
  // In AWS WAF's own period of five minutes some seven a second: an office behind one address.
  rateLimit: { requestsPerPeriod: 2_000 },
  // A year, which browsers' own lists of HTTPS sites ask for.
  hstsMaxAgeSeconds: 31_536_000,
  logRetentionDays: 30,
  defaultRegion: "us-east-1",
  // Apart from small's and medium's, which may be joined with it one day.
  vpcCidr: "10.130.0.0/16",
} as const satisfies LargeTierSpec;
