import type { Dated } from "../types";
import type { Region } from "./regions";
import { appRegionList } from "./sources";

/**
 * App Platform's own region, by the DigitalOcean region in which its containers run. A region that
 * is not here has no App Platform. The specification lists `syd` without naming its data centre;
 * there is one in Sydney. It lists no `atl`, `nyc2`, `ric`, `sfo2` or the regions opened since.
 */
export const appRegions = {
  ams3: "ams",
  blr1: "blr",
  fra1: "fra",
  lon1: "lon",
  nyc1: "nyc",
  nyc3: "nyc",
  sfo3: "sfo",
  sgp1: "sgp",
  syd1: "syd",
  tor1: "tor",
} as const satisfies Partial<Record<Region, string>>;
export type AppRegion = (typeof appRegions)[keyof typeof appRegions];

export const appRegionsDated: Dated = appRegionList;

/** App Platform's region for a DigitalOcean region, or undefined where there is no App Platform. */
export function findAppRegion(region: string): AppRegion | undefined {
  return Object.hasOwn(appRegions, region)
    ? appRegions[region as keyof typeof appRegions]
    : undefined;
}

/**
 * App Platform's region for a DigitalOcean region that a checked configuration names.
 *
 * @throws Error where the region has no App Platform.
 */
export function appPlatformRegion(region: Region): AppRegion {
  const found = findAppRegion(region);
  if (found === undefined) {
    throw new Error(`region: ${region} has no App Platform; ${Object.keys(appRegions).join(", ")}`);
  }
  return found;
}
