import type { Dated } from "../types";
import { hoursPerMonth } from "./load";
import {
  auroraBackupPage,
  auroraConnectionsPage,
  auroraPriceNotes,
  auroraQuotasPage,
  awsAgentToolkit,
  cdkSource,
  linterTables,
  priceListRecords,
  pricingPageQuotes,
  serviceModels,
} from "./sources";

/** Storage configurations, as `storageType` names them; the first is the default. */
export const auroraStorageTypes = ["aurora", "aurora-iopt1"] as const;
export type AuroraStorageType = (typeof auroraStorageTypes)[number];

/** Aurora PostgreSQL in us-east-1, beside its instances. */
export const auroraPrices = {
  /** Standard: I/O is billed. */
  aurora: { usdGbMonth: 0.1, usdMillionIo: 0.2, computeMultiplier: 1, usdAcuHour: 0.12 },
  /** I/O-Optimized: I/O is included. */
  "aurora-iopt1": {
    usdGbMonth: 0.225,
    usdMillionIo: 0,
    computeMultiplier: 1.3,
    usdAcuHour: 0.156,
  },
  usdBackupGbMonth: 0.021,
  dated: priceListRecords,
  /** Of I/O-Optimized and of capacity units. */
  otherDated: auroraPriceNotes,
} as const satisfies Record<AuroraStorageType, unknown> & Record<string, unknown>;

/** Serverless v2: instances of the class `db.serverless`. */
export const auroraServerless = {
  /** Aurora capacity units. 0 pauses an idle instance, which one behind a proxy never is. */
  capacity: { low: 0, high: 256, step: 0.5, leastMax: 1 },
  memoryGibPerAcu: 2,
  autoPauseSeconds: { low: 300, high: 86_400, default: 300 },
  dated: serviceModels,
} as const;

/** Why a capacity is refused, or undefined where it is not. */
export function acuProblem(minAcu: number, maxAcu: number): string | undefined {
  const { low, high, step, leastMax } = auroraServerless.capacity;
  if (minAcu < low || maxAcu > high || maxAcu < leastMax) {
    return `capacity goes from ${low} to ${high} units, the largest at least ${leastMax}; got ${minAcu} to ${maxAcu}`;
  }
  if (minAcu > maxAcu)
    return `the smallest capacity, ${minAcu}, is more than the largest, ${maxAcu}`;
  return minAcu % step === 0 && maxAcu % step === 0
    ? undefined
    : `capacity goes in steps of ${step} units; got ${minAcu} to ${maxAcu}`;
}

/** Database Insights by `databaseInsightsMode`; Advanced keeps 15 months, Standard 7 days. */
export const databaseInsights = {
  modes: ["standard", "advanced"],
  advanced: { usdVcpuHour: 0.0125, usdAcuHour: 0.003125, retentionDays: 465 },
  standard: { usdVcpuHour: 0, retentionDays: 7 },
  dated: pricingPageQuotes,
} as const;

/** Performance Insights kept for longer than a week, where Database Insights is not Advanced. */
export const performanceInsights = {
  freeDays: 7,
  usdVcpuMonth: 2.95,
  dated: priceListRecords,
} as const;

/** A proxy is billed by the vCPUs of the instances behind it. */
export const rdsProxy = {
  usdVcpuHour: 0.015,
  /** With a serverless instance it is billed by capacity units: that price was not found. */
  usdAcuHour: null,
  maxConnectionsPercent: { low: 1, high: 100, default: 100 },
  borrowTimeoutSeconds: { low: 0, high: 300, default: 120 },
  proxiesPerRegion: 20,
  dated: awsAgentToolkit,
  limitsDated: serviceModels,
} as const;

/** Minor versions of PostgreSQL that Aurora lists, by major, oldest first. */
export const auroraPostgresVersions = {
  "17": ["17.4", "17.5", "17.6", "17.7", "17.9", "17.10", "17.11"],
  "18": ["18.3", "18.4", "18.6"],
} as const;
export type AuroraPostgresMajor = keyof typeof auroraPostgresVersions;
export const auroraPostgresVersionsDated: Dated = linterTables;

/** The newest minor of 17 that both AWS's linter and the CDK list. */
export const auroraPostgresDefault = { version: "17.9", dated: cdkSource } as const;

/** Is this a version that Aurora PostgreSQL lists: a major, or one of its minors? */
export function isAuroraPostgresVersion(version: string): boolean {
  return (
    Object.hasOwn(auroraPostgresVersions, version) ||
    Object.values(auroraPostgresVersions).some((minors) =>
      (minors as readonly string[]).includes(version),
    )
  );
}

/** What Aurora keeps a cluster to. */
export const auroraLimits = {
  /** Beside the writer. */
  maxReaders: 15,
  backupRetentionDays: { low: 1, high: 35, default: 1 },
  /** Connections of the default that AWS keeps for itself at least. */
  reservedConnections: 3,
  logExports: ["postgresql", "instance", "iam-db-auth-error"],
  monitoringIntervalSeconds: [0, 1, 5, 10, 15, 30, 60],
  dated: serviceModels,
  /** Of `reservedConnections`. */
  connectionsDated: auroraConnectionsPage,
} as const;

/** Default quotas of an account, by region. */
export const auroraQuotas = {
  clusters: 40,
  instances: 40,
  parameterGroups: 50,
  clusterParameterGroups: 50,
  manualSnapshots: 100,
  subnetsPerGroup: 20,
  dated: auroraQuotasPage,
} as const;

/** A database whose backups are reckoned. */
export interface BackedUp {
  readonly volumeGib: number;
  readonly retentionDays: number;
  /** Share of the volume that changes in a day, in percent. */
  readonly changedPercentDaily: number;
}

/**
 * GiB of continuous backup that are billed: the volume and each day's changes, at most one volume a
 * day of the retention, less one volume, which is free.
 */
export function auroraBackupBilledGib({
  volumeGib,
  retentionDays,
  changedPercentDaily,
}: BackedUp): number {
  const changes = (volumeGib * changedPercentDaily * retentionDays) / 100;
  return Math.max(0, Math.min(volumeGib + changes, volumeGib * retentionDays) - volumeGib);
}
export const auroraBackupDated: Dated = auroraBackupPage;

/** USD a month of a proxy in front of so many vCPUs; unrounded. */
export function rdsProxyUsdMonthly(vcpus: number): number {
  return vcpus * rdsProxy.usdVcpuHour * hoursPerMonth;
}
