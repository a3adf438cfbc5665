import type { Dated } from "../types";
import { linterTables, serviceModels, zoneRecords } from "./sources";

/** Families of Aurora's classes that the book knows. */
export const auroraFamilies = ["t3", "t4g", "r6g", "r6i", "r7g", "r7i", "r8g"] as const;
export type AuroraFamily = (typeof auroraFamilies)[number];

/** What a region offers. */
export interface RegionSpec {
  readonly title: string;
  /**
   * Letters of the zones that an account finds; null: not found. Which zone a letter names differs
   * from account to account.
   */
  readonly zones: string | null;
  /** Families in which Aurora PostgreSQL has no class there. */
  readonly auroraLacks?: readonly AuroraFamily[];
  /** Families of cache nodes (with their prefix) that are not there. */
  readonly cacheLacks?: readonly string[];
}

/** The commercial regions, by code. */
export const regions = {
  "af-south-1": { title: "Africa (Cape Town)", zones: "abc", auroraLacks: ["r7i", "r8g"] },
  "ap-east-1": { title: "Asia Pacific (Hong Kong)", zones: "abc", auroraLacks: ["r7i"] },
  "ap-east-2": {
    title: "Asia Pacific (Taipei)",
    zones: null,
    auroraLacks: ["r8g"],
    cacheLacks: ["m8g", "r8g"],
  },
  "ap-northeast-1": { title: "Asia Pacific (Tokyo)", zones: "acd" },
  "ap-northeast-2": { title: "Asia Pacific (Seoul)", zones: "abcd" },
  "ap-northeast-3": { title: "Asia Pacific (Osaka)", zones: "abc" },
  "ap-south-1": { title: "Asia Pacific (Mumbai)", zones: "abc" },
  "ap-south-2": { title: "Asia Pacific (Hyderabad)", zones: "abc" },
  "ap-southeast-1": { title: "Asia Pacific (Singapore)", zones: "abc" },
  "ap-southeast-2": { title: "Asia Pacific (Sydney)", zones: "abc" },
  "ap-southeast-3": { title: "Asia Pacific (Jakarta)", zones: "abc" },
  "ap-southeast-4": { title: "Asia Pacific (Melbourne)", zones: "abc", auroraLacks: ["r7g"] },
  "ap-southeast-5": { title: "Asia Pacific (Malaysia)", zones: "abc" },
  "ap-southeast-6": {
    title: "Asia Pacific (New Zealand)",
    zones: null,
    auroraLacks: ["r8g"],
    cacheLacks: ["m8g"],
  },
  "ap-southeast-7": { title: "Asia Pacific (Thailand)", zones: null, auroraLacks: ["r8g"] },
  "ca-central-1": { title: "Canada (Central)", zones: "abd" },
  "ca-west-1": {
    title: "Canada West (Calgary)",
    zones: "abc",
    auroraLacks: ["r6i", "r7i", "r8g"],
    cacheLacks: ["m7g"],
  },
  "eu-central-1": { title: "Europe (Frankfurt)", zones: "abc" },
  "eu-central-2": { title: "Europe (Zurich)", zones: "abc", auroraLacks: ["r7i"] },
  "eu-north-1": { title: "Europe (Stockholm)", zones: "abc" },
  "eu-south-1": {
    title: "Europe (Milan)",
    zones: "abc",
    auroraLacks: ["r8g"],
    cacheLacks: ["m7g"],
  },
  "eu-south-2": { title: "Europe (Spain)", zones: "abc" },
  "eu-west-1": { title: "Europe (Ireland)", zones: "abc" },
  "eu-west-2": { title: "Europe (London)", zones: "abcd" },
  "eu-west-3": { title: "Europe (Paris)", zones: "abc" },
  "il-central-1": {
    title: "Israel (Tel Aviv)",
    zones: "abc",
    auroraLacks: ["t4g", "r6g", "r6i", "r7i", "r8g"],
    cacheLacks: ["m8g", "r8g"],
  },
  "me-central-1": {
    title: "Middle East (UAE)",
    zones: "abc",
    auroraLacks: ["r7i", "r8g"],
    cacheLacks: ["t4g", "m8g", "r8g"],
  },
  "me-south-1": {
    title: "Middle East (Bahrain)",
    zones: "abc",
    auroraLacks: ["r7i", "r8g"],
    cacheLacks: ["t4g", "m8g", "r8g"],
  },
  "mx-central-1": { title: "Mexico (Central)", zones: null, cacheLacks: ["m8g"] },
  "sa-east-1": { title: "South America (Sao Paulo)", zones: "abc" },
  "us-east-1": { title: "US East (N. Virginia)", zones: "abcdef" },
  "us-east-2": { title: "US East (Ohio)", zones: "abc" },
  "us-west-1": { title: "US West (N. California)", zones: "ab" },
  "us-west-2": { title: "US West (Oregon)", zones: "abcd" },
} as const satisfies Record<string, RegionSpec>;
export type AwsRegion = keyof typeof regions;

/** Where each column of `regions` was read. That a class is missing means that it has no price. */
export const regionsDated = {
  titles: serviceModels,
  zones: zoneRecords,
  auroraLacks: linterTables,
  cacheLacks: linterTables,
} as const satisfies Record<string, Dated>;

/** The only region whose prices are in the book; global services are priced as there. */
export const pricedRegion = "us-east-1" satisfies AwsRegion;

/** CloudFront, its WAF and certificates, Route 53 and their metrics live there alone. */
export const globalRegion = "us-east-1" satisfies AwsRegion;

/** The region with this code, or undefined for one the table does not know. */
export function findAwsRegion(code: string): RegionSpec | undefined {
  return Object.hasOwn(regions, code) ? regions[code as AwsRegion] : undefined;
}

/** Names of a region's zones, e.g. `eu-central-1a`; undefined where they were not found. */
export function zonesOf(region: AwsRegion): readonly string[] | undefined {
  const { zones } = regions[region];
  return zones === null ? undefined : Array.from(zones, (letter) => `${region}${letter}`);
}

/** The region that a zone's name belongs to, or undefined where the name is no zone's. */
export function regionOfZone(zone: string): string | undefined {
  return /^([a-z]{2}(?:-[a-z]+)+-\d)[a-z]$/.exec(zone)?.[1];
}

/** Why a region cannot carry so many zones, or undefined where it can or its zones are not known. */
export function zoneProblem(region: AwsRegion, wanted: number): string | undefined {
  const zones = zonesOf(region);
  return zones && zones.length < wanted
    ? `${region} shows an account ${zones.length} availability zones (${zones.join(", ")}), not ${wanted}`
    : undefined;
}
