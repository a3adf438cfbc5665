import type * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";

/** Firewall rules of a managed cluster that let these droplets in, and nobody else. */
export function trustedDroplets(
  ids: readonly pulumi.Input<number>[],
): digitalocean.types.input.DatabaseFirewallRule[] {
  return ids.map((id) => ({ type: "droplet", value: pulumi.interpolate`${id}` }));
}
