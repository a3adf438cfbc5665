import type { Dated } from "./types";

/** Prices of the plans. */
const plansPage = {
  source: "cloudflare.com/plans",
  asOf: "2026-10-07",
  verified: true,
} as const satisfies Dated;

/** Counts and limits by plan. The copy that was read bears no date: it is dated by its reading. */
const planFeatures = {
  source: "Cloudflare documentation source: plan features",
  asOf: "2026-11-23",
  verified: true,
} as const satisfies Dated;

const rateLimitPage = {
  source: "Cloudflare documentation: Rate limiting rules, Availability",
  asOf: "2026-08-25",
  verified: true,
} as const satisfies Dated;

const managedRulesPage = {
  source: "Cloudflare documentation source: WAF Managed Rules",
  asOf: "2026-11-23",
  verified: true,
} as const satisfies Dated;

const snippetsPage = {
  source: "Cloudflare documentation: Cloudflare Snippets, Availability and Limits",
  asOf: "2026-11-23",
  verified: true,
} as const satisfies Dated;

/** What a zone pays and may use on one plan. */
export interface CloudflarePlanSpec {
  /** Paid month by month. */
  readonly usdMonthly: number;
  /** A month's share when a year is paid at once. */
  readonly usdMonthlyAnnual: number;
  readonly rateLimitRules: number;
  /** The longest period over which a rate-limit rule counts. */
  readonly rateLimitMaxPeriodSeconds: number;
  /** The longest time for which a rate-limit rule blocks. */
  readonly rateLimitMitigationMaxSeconds: number;
  /** May a rate-limit expression look at the host? Free knows the path and verified bots only. */
  readonly rateLimitByHost: boolean;
  readonly cacheRules: number;
  /** The shortest time that a cache rule may keep a response at the edge. */
  readonly minEdgeTtlSeconds: number;
  /** May the zone run the Cloudflare Managed Ruleset? Free has a ruleset of its own. */
  readonly wafManaged: boolean;
  /** May the zone run the OWASP Core Ruleset? */
  readonly owasp: boolean;
  readonly wafCustomRules: number;
  /** May a custom rule use regular expressions? */
  readonly wafCustomRegex: boolean;
  readonly transformRules: number;
  readonly redirectRules: number;
  /** Snippets: JavaScript that runs before the origin is asked. */
  readonly snippets: number;
  /** Requests that a snippet may make of its own; each redirect that it follows counts as one. */
  readonly snippetSubrequests: number;
  readonly uploadMaxMb: number;
  /** Of a new zone. */
  readonly dnsRecords: number;
}

export const cloudflarePlans = {
  free: {
    usdMonthly: 0,
    usdMonthlyAnnual: 0,
    rateLimitRules: 1,
    rateLimitMaxPeriodSeconds: 10,
    rateLimitMitigationMaxSeconds: 10,
    rateLimitByHost: false,
    cacheRules: 10,
    minEdgeTtlSeconds: 7_200,
    wafManaged: false,
    owasp: false,
    wafCustomRules: 5,
    wafCustomRegex: false,
    transformRules: 10,
    redirectRules: 10,
    snippets: 0,
    snippetSubrequests: 0,
    uploadMaxMb: 100,
    dnsRecords: 200,
  },
  pro: {
    usdMonthly: 25,
    usdMonthlyAnnual: 20,
    rateLimitRules: 2,
    rateLimitMaxPeriodSeconds: 60,
    rateLimitMitigationMaxSeconds: 3_600,
    rateLimitByHost: true,
    cacheRules: 25,
    minEdgeTtlSeconds: 3_600,
    wafManaged: true,
    owasp: true,
    wafCustomRules: 20,
    wafCustomRegex: false,
    transformRules: 25,
    redirectRules: 25,
    snippets: 25,
    snippetSubrequests: 2,
    uploadMaxMb: 100,
    dnsRecords: 3_500,
  },
  business: {
    usdMonthly: 250,
    usdMonthlyAnnual: 200,
    rateLimitRules: 5,
    rateLimitMaxPeriodSeconds: 600,
    rateLimitMitigationMaxSeconds: 86_400,
    rateLimitByHost: true,
    cacheRules: 50,
    minEdgeTtlSeconds: 1,
    wafManaged: true,
    owasp: true,
    wafCustomRules: 100,
    wafCustomRegex: true,
    transformRules: 50,
    redirectRules: 50,
    snippets: 50,
    snippetSubrequests: 3,
    uploadMaxMb: 200,
    dnsRecords: 3_500,
  },
} as const satisfies Record<string, CloudflarePlanSpec>;

export type CloudflarePlan = keyof typeof cloudflarePlans;

/** The plan with this id, or undefined for one the table does not know. */
export function findCloudflarePlan(id: string): CloudflarePlanSpec | undefined {
  return Object.hasOwn(cloudflarePlans, id) ? cloudflarePlans[id as CloudflarePlan] : undefined;
}

/** Where the columns of `cloudflarePlans` were read. */
export const cloudflareDated = {
  prices: plansPage,
  features: planFeatures,
  rateLimits: rateLimitPage,
  managedRulesets: managedRulesPage,
  snippets: snippetsPage,
} as const satisfies Record<string, Dated>;

/**
 * Seconds over which a rate-limit rule may count and for which it may block; the plan sets the
 * longest. From the footnotes of the page with the plans; the page of the parameters names fewer.
 */
export const rateLimitSeconds = [
  ...[10, 15, 20, 30, 40, 45, 60, 90, 120, 180, 240, 300],
  ...[480, 600, 900, 1_200, 1_800, 2_400, 3_600, 65_535, 86_400],
] as const satisfies readonly number[];

/** What a snippet may be and use, on every plan that has them. */
export const snippetLimits = {
  cpuMilliseconds: 5,
  memoryMb: 2,
  packageKb: 32,
  dated: snippetsPage,
} as const;

/** What a rate-limit rule counts by on the Free plan: the API refuses one without the data centre. */
export const rateLimitCharacteristics = ["ip.src", "cf.colo.id"] as const;

/** Ids of the rulesets that a managed rule executes. `free` runs by itself on a Free zone. */
export const managedRulesetIds = {
  cloudflareManaged: "efb7b8c949ac4650a09736fc376e9aee",
  owasp: "4814384a9e5d4991b9815dcfc25d2f1f",
  exposedCredentials: "c2e184081120413c86c3ab7e14069605",
  free: "77454fe2d30c4220b5701f6fdfb893ba",
} as const;
