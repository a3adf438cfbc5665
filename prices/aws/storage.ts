import { auroraBackupPage, priceListRecords, pricingPageQuotes, serviceModels } from "./sources";

/** S3 Standard in us-east-1, the first 50 TB. */
export const s3Prices = {
  usdGbMonth: 0.023,
  usdThousandWrites: 0.005,
  usdThousandReads: 0.0004,
  dated: priceListRecords,
} as const;

/** Private repositories of ECR. */
export const ecrPrices = { usdGbMonth: 0.1, dated: priceListRecords } as const;

export const secretsPrices = {
  usdSecretMonth: 0.4,
  /** For 10,000 calls. */
  usdTenThousandCalls: 0.05,
  recoveryDays: { low: 7, high: 30, default: 30 },
  dated: priceListRecords,
  limitsDated: serviceModels,
} as const;

/** Customer managed keys; those that AWS manages cost nothing. */
export const kmsPrices = {
  usdKeyMonth: 1,
  /** For 10,000 requests with a symmetric key. */
  usdTenThousandRequests: 0.03,
  deletionDays: { low: 7, high: 30, default: 30 },
  dated: priceListRecords,
  limitsDated: serviceModels,
} as const;

/**
 * AWS Backup of Aurora: a snapshot is billed as Aurora's own backup storage. One whose age is within
 * the cluster's retention is not billed; an older one is billed in the size of the volume.
 */
export const backupPrices = {
  usdAuroraGbMonth: 0.021,
  dated: priceListRecords,
  ruleDated: auroraBackupPage,
} as const;

/**
 * AWS Budgets: two are free. The sources disagree on what a further one costs (nothing without an
 * action; or 0.02 USD a day): it is not priced.
 */
export const budgetPrices = {
  free: 2,
  usdDayBeyond: null,
  types: [
    "USAGE",
    "COST",
    "RI_UTILIZATION",
    "RI_COVERAGE",
    "SAVINGS_PLANS_UTILIZATION",
    "SAVINGS_PLANS_COVERAGE",
  ],
  dated: pricingPageQuotes,
} as const;

/** How often a plan takes a snapshot, in days; undefined for a schedule that is not read here. */
export function backupIntervalDays(schedule: string): number | undefined {
  const cron = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$/.exec(schedule);
  if (!cron) return undefined;
  const [, minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = ""] = cron;
  if (!/^\d+$/.test(minute) || !/^\d+$/.test(hour) || month !== "*") return undefined;
  const any = (field: string) => field === "*" || field === "?";
  if (any(dayOfMonth) && any(dayOfWeek)) return 1;
  if (any(dayOfMonth)) return /^[A-Z0-9]+$/i.test(dayOfWeek) ? 7 : undefined;
  return /^\d+$/.test(dayOfMonth) && any(dayOfWeek) ? 365 / 12 : undefined;
}

/**
 * Snapshots of a rule that are billed: those that are older than the cluster's own retention and not
 * yet deleted.
 */
export function billedSnapshots(
  intervalDays: number,
  deleteAfterDays: number,
  retentionDays: number,
): number {
  return Math.max(0, Math.floor((deleteAfterDays - retentionDays) / intervalDays));
}
