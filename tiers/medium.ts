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
} as const satisfies MediumTierSpec;
