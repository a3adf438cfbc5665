import type { Dated } from "../types";
import { appJobsPage, appLimitsPage, appPricingPage, appSizesList } from "./sources";

/** How many instances of a size a component may have: one; a fixed count; a count by load too. */
export type AppScaling = "none" | "manual" | "auto";

/** What one App Platform instance offers and costs in a full month; it is billed by the second. */
export interface AppSizeSpec {
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly usdMonthly: number;
  /** Outbound transfer that an instance adds to the app's pool. */
  readonly egressGib: number;
  readonly scaling: AppScaling;
}

/** App Platform instance sizes by slug: shared vCPUs (`apps-s`), then dedicated ones (`apps-d`). */
export const appSizes = {
  "apps-s-1vcpu-0.5gb": {
    vcpus: 1,
    memoryGib: 0.5,
    usdMonthly: 5,
    egressGib: 50,
    scaling: "none",
  },
  "apps-s-1vcpu-1gb-fixed": {
    vcpus: 1,
    memoryGib: 1,
    usdMonthly: 10,
    egressGib: 100,
    scaling: "none",
  },
  "apps-s-1vcpu-1gb": {
    vcpus: 1,
    memoryGib: 1,
    usdMonthly: 12,
    egressGib: 150,
    scaling: "manual",
  },
  "apps-s-1vcpu-2gb": {
    vcpus: 1,
    memoryGib: 2,
    usdMonthly: 25,
    egressGib: 200,
    scaling: "manual",
  },
  "apps-s-2vcpu-4gb": {
    vcpus: 2,
    memoryGib: 4,
    usdMonthly: 50,
    egressGib: 250,
    scaling: "manual",
  },
  "apps-d-1vcpu-0.5gb": {
    vcpus: 1,
    memoryGib: 0.5,
    usdMonthly: 29,
    egressGib: 100,
    scaling: "auto",
  },
  "apps-d-1vcpu-1gb": {
    vcpus: 1,
    memoryGib: 1,
    usdMonthly: 34,
    egressGib: 200,
    scaling: "auto",
  },
  "apps-d-1vcpu-2gb": {
    vcpus: 1,
    memoryGib: 2,
    usdMonthly: 39,
    egressGib: 300,
    scaling: "auto",
  },
  "apps-d-1vcpu-4gb": {
    vcpus: 1,
    memoryGib: 4,
    usdMonthly: 49,
    egressGib: 400,
    scaling: "auto",
  },
  "apps-d-2vcpu-4gb": {
    vcpus: 2,
    memoryGib: 4,
    usdMonthly: 78,
    egressGib: 500,
    scaling: "auto",
  },
  "apps-d-2vcpu-8gb": {
    vcpus: 2,
    memoryGib: 8,
    usdMonthly: 98,
    egressGib: 600,
    scaling: "auto",
  },
  "apps-d-4vcpu-8gb": {
    vcpus: 4,
    memoryGib: 8,
    usdMonthly: 156,
    egressGib: 700,
    scaling: "auto",
  },
  "apps-d-4vcpu-16gb": {
    vcpus: 4,
    memoryGib: 16,
    usdMonthly: 196,
    egressGib: 800,
    scaling: "auto",
  },
  "apps-d-8vcpu-32gb": {
    vcpus: 8,
    memoryGib: 32,
    usdMonthly: 392,
    egressGib: 900,
    scaling: "auto",
  },
} as const satisfies Record<string, AppSizeSpec>;
export type AppSize = keyof typeof appSizes;

/** Of `appSizes`. */
export const appSizesDated: Dated = appSizesList;

/** The size with this slug, or undefined for a slug the table does not know. */
export function findAppSize(slug: string): AppSizeSpec | undefined {
  return Object.hasOwn(appSizes, slug) ? appSizes[slug as AppSize] : undefined;
}

/** What an app pays beside its instances. */
export const appExtras = {
  /** Outbound transfer beyond what the instances include together. */
  egressUsdGib: 0.02,
  dedicatedEgressIpUsdMonthly: 25,
  dated: appPricingPage,
} as const;

/** Instances are billed by the second; a month's price is reached after 28 days. */
export const appBilling = {
  secondsPerMonth: 28 * 24 * 3_600,
  dated: appSizesList,
  /** Of a deploy's jobs. */
  jobsDated: appJobsPage,
} as const;

/** What App Platform allows an app. */
export const appLimits = {
  /** Instances of all components of one app together. */
  maxContainers: 250,
  /** Fewer are not highly available. */
  minContainersForAvailability: 2,
  /** A request's body must arrive within this time. */
  uploadTimeoutSeconds: 100,
  /** Lost when the instance ends. */
  localDiskGib: 4,
  architecture: "amd64",
  drainSeconds: { low: 1, high: 110, default: 15 },
  graceSeconds: { low: 1, high: 600, default: 120 },
  cpuPercent: { low: 1, high: 100 },
  nameLength: { low: 2, high: 32 },
  dated: appLimitsPage,
} as const;
