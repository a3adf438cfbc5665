import { tiers } from "../tiers";
import type { MonthlyLoad } from "../tiers/types";
import { estimate } from "./estimate";
import type { ComposedResource } from "./types";

/** The small tier's stated load, for tests that need one. */
export const smallLoad: MonthlyLoad = tiers.small.numbers.monthlyLoad;

/** The medium tier's. */
export const mediumLoad: MonthlyLoad = tiers.medium.numbers.monthlyLoad;

/** Type tokens by the words that tests use for them. */
export const tokens = {
  app: "digitalocean:index/app:App",
  droplet: "digitalocean:index/droplet:Droplet",
  database: "digitalocean:index/databaseCluster:DatabaseCluster",
  replica: "digitalocean:index/databaseReplica:DatabaseReplica",
  bucket: "digitalocean:index/spacesBucket:SpacesBucket",
  uptimeCheck: "digitalocean:index/uptimeCheck:UptimeCheck",
  reservedIp: "digitalocean:index/reservedIp:ReservedIp",
  reservedIpAssignment: "digitalocean:index/reservedIpAssignment:ReservedIpAssignment",
  dnsRecord: "cloudflare:index/dnsRecord:DnsRecord",
  zoneSubscription: "cloudflare:index/zoneSubscription:ZoneSubscription",
} as const;

/** A composed resource of a type, with these inputs. */
export function resource(
  type: string,
  name: string,
  inputs: Readonly<Record<string, unknown>> = {},
): ComposedResource {
  return { type, name, inputs, parent: "", urn: `urn:pulumi:test::drops::${type}::${name}` };
}

/** The lines of an estimate as [resource, sku, quantity, monthly]. */
export function lines(resources: readonly ComposedResource[], load: Partial<MonthlyLoad> = {}) {
  return estimate({ resources, load: { ...smallLoad, ...load }, alsoPaid: [] }).lines.map(
    ({ resource: name, sku, quantity, monthly }) => [name, sku, quantity, monthly] as const,
  );
}

/** Why resources have no price. */
export function reasons(resources: readonly ComposedResource[], load: Partial<MonthlyLoad> = {}) {
  return estimate({ resources, load: { ...smallLoad, ...load }, alsoPaid: [] }).unpriced;
}
