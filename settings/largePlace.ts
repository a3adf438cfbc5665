import { cloudfrontPrefixList, zonesOf } from "../prices/aws";
import { tiers } from "../tiers";
import type { LargeConfig } from "./schema";

type Place = Pick<LargeConfig, "region" | "network">;

/** The zones that a stack is spread over: what is configured, or the region's first. */
export function largeZones({ region, network }: Place): readonly string[] {
  return network.zones ?? (zonesOf(region) ?? []).slice(0, tiers.large.network.zones);
}

/** Id of the list with CloudFront's addresses; undefined where nobody said and none was found. */
export function cloudfrontListOf({ region, network }: Place): string | undefined {
  return network.cloudfrontPrefixList ?? cloudfrontPrefixList(region);
}
