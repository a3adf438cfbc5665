import type * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";

/** Who may connect to a managed cluster; nobody else can, the operator included. */
export interface TrustedSources {
  readonly dropletIds?: readonly pulumi.Input<number>[];
  /** IPv4 ranges: a private network's, for an app that gets its address only when it runs. */
  readonly cidrs?: readonly string[];
}

/** Firewall rules of a managed cluster that let these in, and nobody else. */
export function trustedSources({
  dropletIds = [],
  cidrs = [],
}: TrustedSources): digitalocean.types.input.DatabaseFirewallRule[] {
  return [
    ...dropletIds.map((id) => ({ type: "droplet", value: pulumi.interpolate`${id}` })),
    ...cidrs.map((value) => ({ type: "ip_addr", value })),
  ];
}
