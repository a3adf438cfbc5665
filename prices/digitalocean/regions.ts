import type { Dated } from "../types";
import { type UptimeCheckRegion } from "./alerts";
import { postgresAvailabilityPage, regionListNotes, spacesAvailabilityPage } from "./sources";

export interface RegionSpec {
  readonly title: string;
  /** Can object storage be made here? */
  readonly spaces: boolean;
  /** The region itself where it has Spaces, else the nearest one that has. */
  readonly spacesRegionNear: string;
  /** Can a shared-CPU PostgreSQL cluster be made here? */
  readonly managedPostgres: boolean;
  /** Probes near enough that a latency alarm measures the site, not an ocean; nearest first. */
  readonly uptimeRegions: readonly UptimeCheckRegion[];
}

const america: readonly UptimeCheckRegion[] = ["us_east", "us_west"];
const pacific: readonly UptimeCheckRegion[] = ["us_west", "us_east"];
const europe: readonly UptimeCheckRegion[] = ["eu_west"];
const asia: readonly UptimeCheckRegion[] = ["se_asia"];

/**
 * Regions by slug. Sources of the columns: `regionsDated`.
 * PostgreSQL is listed as partly available in `atl1` (a create may be refused there), and neither
 * for `ric1` nor for the two regions that opened after that page was made.
 */
export const regions = {
  ams3: {
    title: "Amsterdam 3",
    spaces: true,
    spacesRegionNear: "ams3",
    managedPostgres: true,
    uptimeRegions: europe,
  },
  atl1: {
    title: "Atlanta 1",
    spaces: true,
    spacesRegionNear: "atl1",
    managedPostgres: true,
    uptimeRegions: america,
  },
  blr1: {
    title: "Bangalore 1",
    spaces: true,
    spacesRegionNear: "blr1",
    managedPostgres: true,
    uptimeRegions: asia,
  },
  fra1: {
    title: "Frankfurt 1",
    spaces: true,
    spacesRegionNear: "fra1",
    managedPostgres: true,
    uptimeRegions: europe,
  },
  lon1: {
    title: "London 1",
    spaces: true,
    spacesRegionNear: "lon1",
    managedPostgres: true,
    uptimeRegions: europe,
  },
  mem1: {
    title: "Memphis 1",
    spaces: false,
    spacesRegionNear: "atl1",
    managedPostgres: false,
    uptimeRegions: america,
  },
  mkc1: {
    title: "Kansas City 1",
    spaces: false,
    spacesRegionNear: "atl1",
    managedPostgres: false,
    uptimeRegions: america,
  },
  nyc1: {
    title: "New York 1",
    spaces: false,
    spacesRegionNear: "nyc3",
    managedPostgres: true,
    uptimeRegions: america,
  },
  nyc2: {
    title: "New York 2",
    spaces: false,
    spacesRegionNear: "nyc3",
    managedPostgres: true,
    uptimeRegions: america,
  },
  nyc3: {
    title: "New York 3",
    spaces: true,
    spacesRegionNear: "nyc3",
    managedPostgres: true,
    uptimeRegions: america,
  },
  ric1: {
    title: "Richmond 1",
    spaces: false,
    spacesRegionNear: "nyc3",
    managedPostgres: false,
    uptimeRegions: america,
  },
  sfo2: {
    title: "San Francisco 2",
    spaces: true,
    spacesRegionNear: "sfo2",
    managedPostgres: true,
    uptimeRegions: pacific,
  },
  sfo3: {
    title: "San Francisco 3",
    spaces: true,
    spacesRegionNear: "sfo3",
    managedPostgres: true,
    uptimeRegions: pacific,
  },
  sgp1: {
    title: "Singapore 1",
    spaces: true,
    spacesRegionNear: "sgp1",
    managedPostgres: true,
    uptimeRegions: asia,
  },
  syd1: {
    title: "Sydney 1",
    spaces: true,
    spacesRegionNear: "syd1",
    managedPostgres: true,
    uptimeRegions: asia,
  },
  tor1: {
    title: "Toronto 1",
    spaces: true,
    spacesRegionNear: "tor1",
    managedPostgres: true,
    uptimeRegions: america,
  },
} as const satisfies Record<string, RegionSpec>;

export type Region = keyof typeof regions;

/** The region with this slug, or undefined for a slug the table does not know. */
export function findRegion(slug: string): RegionSpec | undefined {
  return Object.hasOwn(regions, slug) ? regions[slug as Region] : undefined;
}

/** Where each column of `regions` was read. Which probe is near which region is geography. */
export const regionsDated = {
  slugs: regionListNotes,
  spaces: spacesAvailabilityPage,
  managedPostgres: postgresAvailabilityPage,
} as const satisfies Record<string, Dated>;
