import type { SmallTierSpec } from "./types";

/** 0–10,000 users: one DigitalOcean VPS, a managed Postgres, Cloudflare Free. */
export const small = {
  kind: "small",
  numbers: {
    users: { low: 0, high: 10_000 },
    concurrentUsers: { low: 50, high: 1_000 },
    monthlyLoad: { requestsMillions: 10, egressGb: 100, backupStorageGib: 20 },
    costUsdByCategory: {
      compute: { low: 20, high: 40 },
      database: { low: 10, high: 25 },
      cdn: { low: 0, high: 20 },
      monitoring: { low: 0, high: 10 },
    },
    costUsdTotal: { low: 30, high: 95 },
    costUsdHeadline: { low: 20, high: 50 },
    costUsdTarget: 50,
  },
  sources: {
    users: "Scaling document, Option 1: best for 0-10,000 users",
    concurrentUsers:
      "Scaling document, Scaling Strategy: 50-100 up to 1,000 users, 500-1,000 up to 10,000",
    monthlyLoad:
      "Stated by this project: 10 million requests and 100 GB a month; 14 nightly dumps of under 1.5 GiB",
    costUsdByCategory: "Scaling document, Cost Breakdown, Small Scale",
    costUsdTotal: "Scaling document, Cost Breakdown, Small Scale: total",
    costUsdHeadline: "Scaling document, Option 1: cost",
    costUsdTarget: "This project: the upper end of the document's headline",
  },
  // Option 1: 2-4 CPU cores, 4-8 GB RAM, 50 GB SSD.
  vps: {
    vcpus: { low: 2, high: 4 },
    memoryGib: { low: 4, high: 8 },
    minDiskGib: 50,
    defaultSize: "s-2vcpu-4gb",
    image: "debian-13-x64",
  },
  app: {
    port: 3000,
    // 22 connections of the smallest database carry (2 + 1) x 3 + 6 = 15, within 80 % = 17.
    poolPerProcess: 3,
    surgeProcesses: 1,
  },
  postgres: {
    major: 17,
    defaultSize: "db-s-1vcpu-1gb",
    nodeCount: 1,
    reservedConnections: { migrate: 1, exporter: 1, dump: 1, promoter: 3 },
    maxConnectionSharePercent: 80,
  },
  redis: { hostMaxMemoryMib: 256, defaultManagedSize: "db-s-1vcpu-1gb" },
  backups: { dumpRetentionDays: 14, dumpHourUtc: 2, maxAgeHours: 26 },
  defaultRegion: "fra1",
  // Each tier has a range of its own: DigitalOcean refuses overlapping VPCs in one account,
  // and two tiers are alive at once during a promotion.
  vpcCidr: "10.110.0.0/20",
} as const satisfies SmallTierSpec;
