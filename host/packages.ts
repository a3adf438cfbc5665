import { hasRedis } from "./exporters";
import type { HostRole, HostSpec } from "./types";

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

/** What every bundle needs, whatever the host's role. */
const commonPackages = [
  "logrotate",
  "nginx",
  "postgresql-client-17",
  "prometheus",
  "prometheus-alertmanager",
  "prometheus-blackbox-exporter",
  "prometheus-node-exporter",
  "prometheus-postgres-exporter",
  "rclone",
];

/** What only the app needs; npm brings some 400 packages along. */
const appPackages = ["mtail", "nodejs", "npm"];

/**
 * Debian packages of the first boot, installed then because the database takes minutes meanwhile.
 * Never shrinks what a bundle asks for later.
 */
export function bootstrapPackages(role: HostRole): readonly string[] {
  // mtail everywhere: the first boot's program, one for all, keeps it from starting by its name.
  const own = role === "app" ? appPackages : ["mtail"];
  return [...upkeepPackages, ...commonPackages, ...own].sort();
}

/** PM2 as the scaling document installs it, from npm, at the version the tests ran with. */
export const pm2Version = "7.0.4";

/** Debian packages of this spec; `apply` installs the missing ones. */
export function packagesOf(spec: HostSpec): readonly string[] {
  const ofRole =
    spec.role === "monitoring"
      ? []
      : [
          ...appPackages,
          ...(spec.redis ? ["redis-server"] : []),
          ...(spec.site.kind === "address" ? [] : ["certbot"]),
          ...(spec.site.kind === "proxied" ? ["python3-certbot-dns-cloudflare"] : []),
        ];
  return [
    ...commonPackages,
    ...ofRole,
    ...(hasRedis(spec) ? ["prometheus-redis-exporter"] : []),
  ].sort();
}
