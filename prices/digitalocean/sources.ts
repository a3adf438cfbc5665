import type { Dated } from "../types";

/*
 * `verified` is true only where a page or a source file of DigitalOcean itself was read.
 * Prices that came through somebody's notes on DigitalOcean's pricing pages stay false, recent
 * and consistent as those notes are: a report prints them as unverified.
 */

/** Prices of sizes, databases and Spaces, as several people noted them from the pricing pages. */
export const pricingPageNotes = {
  source: "DigitalOcean pricing pages (Droplets, Managed Databases, Spaces), via third-party notes",
  asOf: "2026-09-30",
  verified: false,
} as const satisfies Dated;

/** The dedicated families: tables that name only their year; `c-2` and `c-4` were quoted again in 2026. */
export const dedicatedTables2024 = {
  source: "DigitalOcean dedicated-CPU Droplet tables of 2024, via third-party notes",
  asOf: "2024-12-31",
  verified: false,
} as const satisfies Dated;

export const dedicatedQuoted2026 = {
  source: "DigitalOcean dedicated-CPU Droplet tables of 2024, quoted again by third-party notes",
  asOf: "2026-09-22",
  verified: false,
} as const satisfies Dated;

export const backupsPage = {
  source: "DigitalOcean documentation: Backups Pricing",
  asOf: "2026-03-09",
  verified: true,
} as const satisfies Dated;

export const dropletPricingPage = {
  source: "DigitalOcean documentation: Droplet Pricing, Bandwidth Billing",
  asOf: "2025-05-07",
  verified: true,
} as const satisfies Dated;

export const uptimePage = {
  source: "DigitalOcean documentation: Uptime Details",
  asOf: "2026-03-27",
  verified: true,
} as const satisfies Dated;

/** That the first check of an account is free stands on the pricing page, not in the documentation. */
export const uptimeFreeNotes = {
  source: "DigitalOcean pricing page for Uptime, via third-party notes",
  asOf: "2026-09-30",
  verified: false,
} as const satisfies Dated;

export const postgresLimitsPage = {
  source: "DigitalOcean documentation: PostgreSQL Limits",
  asOf: "2025-11-05",
  verified: true,
} as const satisfies Dated;

export const planChangeNotice = {
  source: "DigitalOcean release notes, upcoming: database plan changes, via third-party notes",
  asOf: "2026-10-07",
  verified: false,
} as const satisfies Dated;

export const spacesAvailabilityPage = {
  source: "DigitalOcean documentation: Spaces Availability",
  asOf: "2026-03-23",
  verified: true,
} as const satisfies Dated;

export const postgresAvailabilityPage = {
  source: "DigitalOcean documentation: PostgreSQL Availability",
  asOf: "2026-03-26",
  verified: true,
} as const satisfies Dated;

export const regionListNotes = {
  source: "DigitalOcean regions as other infrastructure tools list them",
  asOf: "2026-10-01",
  verified: false,
} as const satisfies Dated;

export const apiSpecification = {
  source: "DigitalOcean OpenAPI specification",
  asOf: "2026-08-07",
  verified: true,
} as const satisfies Dated;

export const providerSource = {
  source: "Source of the DigitalOcean Terraform provider and its Pulumi bridge 4.80.1",
  asOf: "2026-09-22",
  verified: true,
} as const satisfies Dated;

export const reservedIpPage = {
  source: "DigitalOcean documentation: How to Reassign or Unassign Reserved IPs",
  asOf: "2025-06-17",
  verified: true,
} as const satisfies Dated;

/** The price of an address that waits unassigned, as notes quote the documentation's pricing page. */
export const reservedIpPriceQuoted = {
  source: "DigitalOcean documentation: Reserved IP Pricing, via third-party notes",
  asOf: "2025-06-25",
  verified: false,
} as const satisfies Dated;

export const vpcPlanningPage = {
  source: "DigitalOcean documentation: How to Plan Your Custom VPC Network",
  asOf: "2025-11-26",
  verified: true,
} as const satisfies Dated;

export const vpcResource = {
  source: "DigitalOcean Terraform provider documentation: digitalocean_vpc",
  asOf: "2026-02-16",
  verified: true,
} as const satisfies Dated;

/** Instance sizes: the specification's examples are the price list, and agree with the pricing page. */
export const appSizesList = {
  source: "DigitalOcean OpenAPI specification: instance sizes of apps",
  asOf: "2026-08-07",
  verified: true,
} as const satisfies Dated;

export const appRegionList = {
  source: "DigitalOcean OpenAPI specification: regions of apps",
  asOf: "2026-08-07",
  verified: true,
} as const satisfies Dated;

/** That deploy jobs are billed as scheduled ones: only for the time that they run. */
export const appJobsPage = {
  source:
    "DigitalOcean documentation: How to Manage Jobs in App Platform (of scheduled jobs), and the project's assumption of deploys",
  asOf: "2026-07-13",
  verified: false,
} as const satisfies Dated;

export const appPricingPage = {
  source: "DigitalOcean documentation: App Platform Pricing",
  asOf: "2025-08-29",
  verified: true,
} as const satisfies Dated;

export const appLimitsPage = {
  source: "DigitalOcean documentation: App Platform Limits, How to Scale Apps",
  asOf: "2026-04-24",
  verified: true,
} as const satisfies Dated;

/** Sizes, node counts, versions and regions of the Advanced edition. */
export const advancedSizesList = {
  source: "DigitalOcean OpenAPI specification: options of databases, advanced_pg",
  asOf: "2026-08-07",
  verified: true,
} as const satisfies Dated;
