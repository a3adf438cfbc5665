import type { Dated } from "../types";
import { type Region } from "./regions";
import {
  apiSpecification,
  backupsPage,
  dropletPricingPage,
  pricingPageNotes,
  reservedIpPage,
  reservedIpPriceQuoted,
  uptimeFreeNotes,
  uptimePage,
  vpcPlanningPage,
  vpcResource,
} from "./sources";

/** Backups of a Droplet, as a share of the Droplet's own price, by `backupPolicy.plan`. */
export const dropletBackupShare = {
  weekly: 0.2,
  daily: 0.3,
  dated: backupsPage,
} as const;

/** What the provider makes of `backups: true` without a `backupPolicy`. */
export const defaultBackupPlan = "daily";

/** Outbound transfer beyond what the Droplets of an account include together. */
export const dropletEgress = {
  usdPerGib: 0.01,
  /** What a listed "1 TB" of transfer amounts to: the documentation counts 1,000 GiB. */
  includedGibPerTib: 1_000,
  dated: dropletPricingPage,
} as const;

/** Object storage: one subscription an account, however many buckets. */
export const spaces = {
  usdMonthly: 5,
  includedStorageGib: 250,
  includedTransferGib: 1_024,
  storageUsdGibMonthly: 0.02,
  transferUsdGib: 0.01,
  dated: pricingPageNotes,
} as const;

/** Uptime checks; their alerts are free. */
export const uptimeChecks = {
  usdMonthly: 1,
  freePerAccount: 1,
  /** Seconds between two probes, about. */
  intervalSeconds: 60,
  dated: uptimePage,
  freeDated: uptimeFreeNotes,
} as const;

/** A reserved IPv4 address: free while a Droplet has it. */
export const reservedIpv4 = {
  assignedUsdMonthly: 0,
  unassignedUsdMonthly: 5,
  perAccount: 3,
  assignedDated: reservedIpPage,
  unassignedDated: reservedIpPriceQuoted,
} as const;

/** The longest `userData` a Droplet takes, in bytes of plain text. A change replaces the Droplet. */
export const userDataMaxBytes = 65_536;
export const userDataDated: Dated = apiSpecification;

/** One more range that DigitalOcean keeps a region. Regions opened after the page are not on it. */
const reservedRangesByRegion: Readonly<Partial<Record<Region, readonly string[]>>> = {
  ams3: ["10.18.0.0/16"],
  atl1: ["10.50.0.0/16"],
  blr1: ["10.47.0.0/16"],
  fra1: ["10.19.0.0/16"],
  lon1: ["10.16.0.0/16"],
  nyc1: ["10.10.0.0/16"],
  nyc2: ["10.13.0.0/16"],
  nyc3: ["10.17.0.0/16"],
  sfo2: ["10.46.0.0/16"],
  sfo3: ["10.48.0.0/16"],
  sgp1: ["10.15.0.0/16"],
  syd1: ["10.49.0.0/16"],
  tor1: ["10.20.0.0/16"],
};

/** What a VPC's `ipRange` may be. VPCs of one account may not overlap either. */
export const vpc = {
  /** Prefixes of the largest and smallest network the provider documents; the platform takes /28. */
  prefixLength: { largest: 16, smallest: 24 },
  prefixDated: vpcResource,
  /** Ranges that DigitalOcean keeps for itself in every region. */
  reservedRanges: ["10.244.0.0/16", "10.245.0.0/16", "10.246.0.0/24", "10.229.0.0/16"],
  reservedRangesByRegion,
  reservedDated: vpcPlanningPage,
} as const;
