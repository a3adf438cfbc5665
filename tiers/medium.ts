import type { MediumTierSpec } from "./types";

/** 10,000-50,000 users: containers on App Platform, a managed cluster, Cloudflare Pro. */
export const medium = {
  kind: "medium",
  numbers: {
    users: { low: 10_000, high: 50_000 },
    concurrentUsers: { low: 2_000, high: 5_000 },
    monthlyLoad: { requestsMillions: 50, egressGb: 500, backupStorageGib: 100 },
    costUsdByCategory: {
      compute: { low: 100, high: 300 },
      database: { low: 50, high: 150 },
      cdn: { low: 20, high: 100 },
      monitoring: { low: 20, high: 50 },
    },
    costUsdTotal: { low: 190, high: 600 },
    costUsdHeadline: { low: 50, high: 200 },
    costUsdTarget: 420,
  },
  sources: {
    users: "Scaling document, Option 2: best for 10,000-50,000 users",
    concurrentUsers: "Scaling document, Scaling Strategy, 10,000-50,000 users",
    monthlyLoad:
      "Stated by this project: 50 million requests and 500 GB a month; 14 nightly dumps of about 7 GiB",
    costUsdByCategory: "Scaling document, Cost Breakdown, Medium Scale",
    costUsdTotal: "Scaling document, Cost Breakdown, Medium Scale: total",
    costUsdHeadline: "Scaling document, Option 2: cost",
    costUsdTarget: "This project: default configuration, without a read replica",
  },
  // USD a month.
  costUsdTargetWithReplicas: 600,
  app: {
    port: 3000,
    defaultSize: "apps-d-1vcpu-2gb",
    minInstances: 2,
    maxInstances: 6,
    // Below the 70 % at which the alarm warns: instances come before people are told.
    cpuPercent: 60,
    // 197 connections (assumed: see prices/digitalocean) carry 6 x 2 x 8 + 1 x 2 x 2 + 6 = 106,
    // within 80 % = 157.
    poolPerProcess: 8,
    // A deploy starts all new instances before it ends the old ones.
    deploySurgePercent: 100,
    drainSeconds: 60,
    graceSeconds: 120,
  },
  worker: { defaultSize: "apps-s-1vcpu-0.5gb", instances: 1, poolPerProcess: 2 },
  postgres: {
    major: 17,
    defaultSizes: { advanced: "gd-2vcpu-8gb", standard: "db-s-2vcpu-4gb" },
    nodeCount: 2,
    reservedConnections: { migrate: 1, exporter: 1, dump: 1, promoter: 3 },
    maxConnectionSharePercent: 80,
    poolSize: 40,
  },
  redis: { defaultManagedSize: "db-s-1vcpu-1gb" },
  monitoring: {
    defaultSize: "s-1vcpu-2gb",
    image: "debian-13-x64",
    // Prometheus, Alertmanager and the exporters take about 1 GiB beside the system.
    minMemoryGib: 2,
    // The system, and 40 days of some ten thousand series; the dump is streamed, never stored here.
    minDiskGib: 25,
    metricsPort: 4318,
  },
  backups: { dumpRetentionDays: 14, dumpHourUtc: 2, maxAgeHours: 26 },
  defaultRegion: "fra1",
  // Apart from small's: both are alive during a promotion, in one account.
  vpcCidr: "10.120.0.0/20",
} as const satisfies MediumTierSpec;
