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
    monthlyLoad: "Stated by this project: 75 million requests and 1,000 GB a month",
    costUsdByCategory: "Scaling document, Cost Breakdown, Large Scale (infrastructure as compute)",
    costUsdTotal: "Scaling document, Cost Breakdown, Large Scale: total",
    costUsdHeadline: "Scaling document, Option 3: cost",
    costUsdTarget: "This project: one region, available over its zones, at the stated load",
  },
} as const satisfies LargeTierSpec;
