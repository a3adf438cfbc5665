import type { Dated } from "../types";
import {
  apiSpecification,
  planChangeNotice,
  postgresLimitsPage,
  pricingPageNotes,
} from "./sources";

/** What one size of a Standard `pg` cluster offers and costs a node. */
export interface PostgresSizeSpec {
  readonly vcpus: number;
  readonly memoryGib: number;
  /** Storage that the price of a node includes and that a cluster has at least; null: not found. */
  readonly minStorageGib: number | null;
  /** One node, its included storage with it; null: not found in the current list. */
  readonly usdMonthly: number | null;
  /** Connections that clients may open; the three that the provider keeps are already taken off. */
  readonly connectionLimit: number;
  /** May a new cluster of this size have standby nodes (until the plan change)? Takes 2 GiB. */
  readonly standby: boolean;
  /** May a new cluster of this size still be made from the day of `standardPlanChange` on? */
  readonly creatableFrom20261130: boolean;
  /** Of the price. Connection limits: see `postgresLimits`. */
  readonly dated: Dated;
}

/** Standard PostgreSQL (`engine: pg`) on shared vCPUs, by slug. */
export const postgresSizes = {
  "db-s-1vcpu-1gb": {
    vcpus: 1,
    memoryGib: 1,
    minStorageGib: 10,
    usdMonthly: 15.15,
    connectionLimit: 22,
    standby: false,
    creatableFrom20261130: true,
    dated: pricingPageNotes,
  },
  "db-s-1vcpu-2gb": {
    vcpus: 1,
    memoryGib: 2,
    minStorageGib: 30,
    usdMonthly: 30.45,
    connectionLimit: 47,
    standby: true,
    creatableFrom20261130: true,
    dated: pricingPageNotes,
  },
  "db-s-2vcpu-4gb": {
    vcpus: 2,
    memoryGib: 4,
    minStorageGib: 60,
    usdMonthly: 60.9,
    connectionLimit: 97,
    standby: true,
    creatableFrom20261130: true,
    dated: pricingPageNotes,
  },
  "db-s-4vcpu-8gb": {
    vcpus: 4,
    memoryGib: 8,
    minStorageGib: 140,
    usdMonthly: 122.1,
    connectionLimit: 197,
    standby: true,
    creatableFrom20261130: false,
    dated: pricingPageNotes,
  },
  "db-s-6vcpu-16gb": {
    vcpus: 6,
    memoryGib: 16,
    minStorageGib: null,
    usdMonthly: 244.35,
    connectionLimit: 397,
    standby: true,
    creatableFrom20261130: false,
    dated: pricingPageNotes,
  },
  "db-s-8vcpu-32gb": {
    vcpus: 8,
    memoryGib: 32,
    minStorageGib: null,
    usdMonthly: null,
    connectionLimit: 797,
    standby: true,
    creatableFrom20261130: false,
    dated: pricingPageNotes,
  },
  "db-s-16vcpu-64gb": {
    vcpus: 16,
    memoryGib: 64,
    minStorageGib: null,
    usdMonthly: null,
    connectionLimit: 997,
    standby: true,
    creatableFrom20261130: false,
    dated: pricingPageNotes,
  },
} as const satisfies Record<string, PostgresSizeSpec>;
export type PostgresSize = keyof typeof postgresSizes;

/** The size with this slug, or undefined for a slug the table does not know. */
export function findPostgresSize(slug: string): PostgresSizeSpec | undefined {
  return Object.hasOwn(postgresSizes, slug) ? postgresSizes[slug as PostgresSize] : undefined;
}

/** Storage beyond `minStorageGib`, USD per GiB, node and month. */
export const storageUsdGibMonthly = 0.215;
export const storageDated: Dated = pricingPageNotes;

/** What every Standard cluster keeps to. */
export const postgresLimits = {
  /** Already taken off `connectionLimit`. */
  reservedConnections: 3,
  connectionsPerGib: 25,
  /** However much memory a node has. */
  mostConnections: 997,
  maxNodes: 3,
  maxStandbyNodes: 2,
  minStandbyMemoryGib: 2,
  maxPools: 21,
  /** Clients that PgBouncer admits to a cluster's pools together. */
  maxPoolClients: 1_000,
  pointInTimeRecoveryDays: 7,
  clustersPerAccount: 10,
  dated: postgresLimitsPage,
} as const;

/** Majors that a new Standard cluster may have, and the day each one's support ends. */
export const postgresVersions = {
  "14": { endOfLife: "2026-11-12" },
  "15": { endOfLife: "2027-11-12" },
  "16": { endOfLife: "2028-11-09" },
  "17": { endOfLife: "2029-11-08" },
  "18": { endOfLife: "2030-11-13" },
} as const satisfies Record<string, { readonly endOfLife: string }>;
export type PostgresVersion = keyof typeof postgresVersions;
/** The limits page gives 2030-11-08 for version 18; the specification's later day is used. */
export const postgresVersionsDated: Dated = apiSpecification;

/** What DigitalOcean announced for new Standard clusters; existing ones stay as they are. */
export const standardPlanChange = {
  /** From this day for every account. */
  date: "2026-11-30",
  /** From this day for accounts that never made a PostgreSQL or MySQL cluster. */
  dateForNewAccounts: "2026-10-15",
  maxMemoryGib: 4,
  standbyNodes: false,
  readOnlyNodes: false,
  reason:
    "from 2026-11-30 (accounts without a database cluster: 2026-10-15) a new Standard PostgreSQL " +
    "cluster has at most 4 GiB of memory, no standby node and no read-only node; " +
    "high availability takes the Advanced edition (engine advanced_pg)",
  dated: planChangeNotice,
} as const;

/** What one size of a Valkey cluster offers and costs a node. */
export interface ValkeySizeSpec {
  readonly memoryGib: number;
  readonly usdMonthly: number;
  /** May the cluster have its one standby node? Takes 2 GiB. */
  readonly standby: boolean;
  readonly dated: Dated;
}

/** Managed Valkey (`engine: valkey`), by slug. */
export const valkeySizes = {
  "db-s-1vcpu-1gb": { memoryGib: 1, usdMonthly: 15, standby: false, dated: pricingPageNotes },
  "db-s-1vcpu-2gb": { memoryGib: 2, usdMonthly: 30, standby: true, dated: pricingPageNotes },
  "db-s-2vcpu-4gb": { memoryGib: 4, usdMonthly: 60, standby: true, dated: pricingPageNotes },
  "db-s-4vcpu-8gb": { memoryGib: 8, usdMonthly: 120, standby: true, dated: pricingPageNotes },
  "db-s-6vcpu-16gb": { memoryGib: 16, usdMonthly: 240, standby: true, dated: pricingPageNotes },
  "db-s-8vcpu-32gb": { memoryGib: 32, usdMonthly: 480, standby: true, dated: pricingPageNotes },
} as const satisfies Record<string, ValkeySizeSpec>;
export type ValkeySize = keyof typeof valkeySizes;

/** The size with this slug, or undefined for a slug the table does not know. */
export function findValkeySize(slug: string): ValkeySizeSpec | undefined {
  return Object.hasOwn(valkeySizes, slug) ? valkeySizes[slug as ValkeySize] : undefined;
}
