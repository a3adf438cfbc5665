import { zonesOf, type AwsRegion } from "../prices/aws";
import { tiers } from "../tiers";

/** The first zones of a region, as many as the tier is spread over; fewer where it has fewer. */
export function usualZones(region: AwsRegion): readonly string[] {
  return (zonesOf(region) ?? []).slice(0, tiers.large.network.zones);
}
