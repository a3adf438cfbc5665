import type { Dated } from "../types";
import { postgresLimits } from "./databases";
import type { Region } from "./regions";
import { advancedSizesList, planChangeNotice } from "./sources";

/** What one size of an Advanced cluster offers, as its slug says. Its own price was not found. */
export interface AdvancedPostgresSizeSpec {
  readonly vcpus: number;
  readonly memoryGib: number;
}

/** Advanced PostgreSQL (`engine: advanced_pg`), by slug. */
export const advancedPostgresSizes = {
  "gd-2vcpu-8gb": { vcpus: 2, memoryGib: 8 },
  "gd-2vcpu-8gb-intel": { vcpus: 2, memoryGib: 8 },
  "so1_5-2vcpu-16gb": { vcpus: 2, memoryGib: 16 },
  "so1_5-2vcpu-16gb-intel": { vcpus: 2, memoryGib: 16 },
  "gd-4vcpu-16gb": { vcpus: 4, memoryGib: 16 },
  "gd-4vcpu-16gb-intel": { vcpus: 4, memoryGib: 16 },
  "so1_5-4vcpu-32gb": { vcpus: 4, memoryGib: 32 },
  "so1_5-4vcpu-32gb-intel": { vcpus: 4, memoryGib: 32 },
  "gd-8vcpu-32gb": { vcpus: 8, memoryGib: 32 },
  "gd-8vcpu-32gb-intel": { vcpus: 8, memoryGib: 32 },
  "gd-16vcpu-64gb": { vcpus: 16, memoryGib: 64 },
} as const satisfies Record<string, AdvancedPostgresSizeSpec>;
export type AdvancedPostgresSize = keyof typeof advancedPostgresSizes;

/** The slug as a size, or undefined for a slug the table does not know. */
export function findAdvancedPostgresSize(slug: string): AdvancedPostgresSize | undefined {
  return Object.hasOwn(advancedPostgresSizes, slug) ? (slug as AdvancedPostgresSize) : undefined;
}

/** Advanced edition: known from the API; which size has which price is not. */
export const advancedPostgres = {
  /** The lowest price of a node; a standby costs the same. */
  usdMonthlyPerNodeFrom: 130,
  nodeCounts: [1, 2, 3],
  versions: ["16", "17", "18"],
  sizes: Object.keys(advancedPostgresSizes) as readonly AdvancedPostgresSize[],
  dated: planChangeNotice,
} as const;

/**
 * What a node of a size costs, USD a month, or undefined where that is not known. The lowest price is
 * taken for the price of the smallest size, which is likely and not published.
 */
export function advancedUsdMonthly(size: AdvancedPostgresSize): number | undefined {
  const smallest = Math.min(
    ...Object.values(advancedPostgresSizes).map(({ memoryGib }) => memoryGib),
  );
  return advancedPostgresSizes[size].memoryGib === smallest
    ? advancedPostgres.usdMonthlyPerNodeFrom
    : undefined;
}

/** Regions in which an Advanced cluster can be made. */
export const advancedPostgresRegions: readonly Region[] = [
  "ams3",
  "atl1",
  "blr1",
  "fra1",
  "lon1",
  "nyc1",
  "nyc2",
  "nyc3",
  "ric1",
  "sfo2",
  "sfo3",
  "sgp1",
  "syd1",
  "tor1",
];

/** Of the sizes, regions, node counts and versions. */
export const advancedPostgresDated: Dated = advancedSizesList;

/** Nobody published how many connections an Advanced cluster allows. */
export const advancedConnectionsDated = {
  source:
    "Assumed: the rule of DigitalOcean's Standard edition (25 connections a GiB, less 3, at most 997)",
  asOf: postgresLimits.dated.asOf,
  verified: false,
} as const satisfies Dated;

/** Connections that an Advanced cluster is taken to allow: see `advancedConnectionsDated`. */
export function assumedAdvancedConnections(size: AdvancedPostgresSize): number {
  const { connectionsPerGib, reservedConnections, mostConnections } = postgresLimits;
  const { memoryGib } = advancedPostgresSizes[size];
  return Math.min(mostConnections, connectionsPerGib * memoryGib - reservedConnections);
}
