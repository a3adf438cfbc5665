import { awsFreeTypes } from "./awsFree";

/**
 * Types that cost nothing, or whose cost is on another line: the part of a paid thing (a database in
 * a cluster, an alert of a check) or the setting of one. They get no line.
 */
export const freeTypes: ReadonlySet<string> = new Set([
  "digitalocean:index/databaseAdvancedPostgresqlConfig:DatabaseAdvancedPostgresqlConfig",
  "digitalocean:index/databaseConnectionPool:DatabaseConnectionPool",
  "digitalocean:index/databaseDb:DatabaseDb",
  "digitalocean:index/databaseFirewall:DatabaseFirewall",
  "digitalocean:index/databasePostgresqlConfig:DatabasePostgresqlConfig",
  "digitalocean:index/databaseUser:DatabaseUser",
  "digitalocean:index/databaseValkeyConfig:DatabaseValkeyConfig",
  "digitalocean:index/firewall:Firewall",
  "digitalocean:index/monitorAlert:MonitorAlert",
  "digitalocean:index/project:Project",
  "digitalocean:index/projectResources:ProjectResources",
  "digitalocean:index/reservedIpAssignment:ReservedIpAssignment",
  "digitalocean:index/spacesBucketCorsConfiguration:SpacesBucketCorsConfiguration",
  "digitalocean:index/spacesBucketPolicy:SpacesBucketPolicy",
  "digitalocean:index/spacesKey:SpacesKey",
  "digitalocean:index/sshKey:SshKey",
  "digitalocean:index/tag:Tag",
  "digitalocean:index/uptimeAlert:UptimeAlert",
  "digitalocean:index/vpc:Vpc",
  "cloudflare:index/notificationPolicy:NotificationPolicy",
  "cloudflare:index/notificationPolicyWebhooks:NotificationPolicyWebhooks",
  "cloudflare:index/originCaCertificate:OriginCaCertificate",
  "cloudflare:index/ruleset:Ruleset",
  "cloudflare:index/snippet:Snippet",
  "cloudflare:index/snippetRules:SnippetRules",
  "cloudflare:index/zone:Zone",
  "cloudflare:index/zoneDnssec:ZoneDnssec",
  "cloudflare:index/zoneSetting:ZoneSetting",
  ...awsFreeTypes,
]);

/** Packages none of whose types is a thing that somebody bills: they run where Pulumi runs. */
const freePackages: readonly string[] = ["pulumi", "pulumi-nodejs", "random", "command", "drops"];

/** Does a resource of this type cost nothing by itself? */
export function isFree(type: string): boolean {
  const [name] = type.split(":", 1);
  return freeTypes.has(type) || (name !== undefined && freePackages.includes(name));
}
