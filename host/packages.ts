import type { HostSpec } from "./types";

/** What any of our hosts has from its first boot, before a bundle arrives: access and upkeep. */
const upkeepPackages = [
  "ca-certificates",
  "curl",
  "fail2ban",
  "openssl",
  "python3",
  "python3-systemd",
  "unattended-upgrades",
];

/** What every bundle needs, installed at first boot because the database takes minutes meanwhile. */
const servicePackages = [
  "logrotate",
  "mtail",
  "nginx",
  "nodejs",
  "npm",
  "postgresql-client-17",
  "prometheus",
  "prometheus-alertmanager",
  "prometheus-blackbox-exporter",
  "prometheus-node-exporter",
  "prometheus-postgres-exporter",
  "rclone",
];

/** Debian packages of the first boot. Never shrinks what a bundle asks for later. */
export const bootstrapPackages: readonly string[] = [...upkeepPackages, ...servicePackages].sort();

/** PM2 as the scaling document installs it, from npm, at the version the tests ran with. */
export const pm2Version = "7.0.4";

/** Debian packages of this spec; `apply` installs the missing ones. */
export function packagesOf(spec: HostSpec): readonly string[] {
  return [
    ...servicePackages,
    ...(spec.redis ? ["redis-server"] : []),
    ...(spec.app.environment.REDIS_MODE === "none" ? [] : ["prometheus-redis-exporter"]),
    ...(spec.site.kind === "address" ? [] : ["certbot"]),
    ...(spec.site.kind === "proxied" ? ["python3-certbot-dns-cloudflare"] : []),
  ].sort();
}
