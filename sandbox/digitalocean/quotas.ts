import { postgresLimits, reservedIpv4 } from "../../prices/digitalocean";
import type { Dated } from "../../prices/types";
import type { Kind } from "../cloud/kind";

const spacesLimitsPage: Dated = {
  source: "DigitalOcean documentation: Spaces Limits",
  asOf: "2026-01-13",
  verified: true,
};

/**
 * Most of a type in an account, where a source with a date says so. Support raises them for who asks.
 *
 * Knowingly not checked: droplets, because each account has a limit of its own (`droplet_limit` of
 * GET /v2/account) and no page says with which one it begins; the 10,000 resources of a VPC (VPC
 * Limits, no date) and the 1,000 addresses of a firewall rule (no date), which no stack comes near;
 * firewalls, VPCs, SSH keys, alert policies, uptime checks, databases and users of a cluster, for which
 * no limit was found; and requests an hour, which faults (`=429`) stand for.
 */
export const quotas = {
  databaseClusters: { most: postgresLimits.clustersPerAccount, dated: postgresLimits.dated },
  reservedIps: { most: reservedIpv4.perAccount, dated: reservedIpv4.assignedDated },
  spacesBuckets: { most: 100, dated: spacesLimitsPage },
  spacesKeys: { most: 200, dated: spacesLimitsPage },
} as const satisfies Readonly<Record<string, Kind["quota"]>>;
