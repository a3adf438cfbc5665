import { alertmanagerSecrets } from "./alertmanager";
import { plain, program } from "./files";
import { siteNames } from "./nginxSite";
import { packagesOf, pm2Version } from "./packages";
import { paths } from "./paths";
import type { BundleFile, HostSecretName, HostSpec } from "./types";

/** What puts a bundle's files into effect, and the plain values that the programs share. */
export function applyFiles(spec: HostSpec): readonly BundleFile[] {
  return [
    program(`${paths.lib}/apply`, "apply.sh"),
    program(`${paths.lib}/compose`, "compose.py"),
    program(`${paths.lib}/pg`, "pg.py"),
    plain(`${paths.etc}/packages`, lines(packagesOf(spec))),
    plain(`${paths.etc}/required-secrets`, lines(requiredSecrets(spec))),
    plain(`${paths.etc}/host.env`, hostEnvironment(spec)),
  ];
}

/** Secrets without which this spec cannot work; `apply` refuses a payload that lacks one. */
export function requiredSecrets(spec: HostSpec): readonly HostSecretName[] {
  const names: HostSecretName[] = ["database-url", ...alertmanagerSecrets(spec)];
  if (spec.grantRoles) names.push("database-admin-url", "database-owner-url");
  if (spec.site.kind === "proxied") names.push("acme-token");
  if (spec.backup) {
    names.push("backup-bucket", "backup-access-key", "backup-secret-key", "database-owner-url");
  }
  // Redis on the host needs no URL from outside.
  if (!spec.redis && spec.app.environment.REDIS_MODE !== "none") names.push("redis-url");
  return [...new Set(names)].sort();
}

function hostEnvironment(spec: HostSpec): string {
  const { site } = spec;
  const values = {
    DROPS_STACK: spec.stack,
    DROPS_TIER: spec.tier,
    DROPS_SITE: site.kind,
    DROPS_NAMES: site.kind === "address" ? "" : siteNames(site).join(" "),
    DROPS_ACME_EMAIL: site.kind === "address" ? "" : site.acmeEmail,
    DROPS_APP_PORT: String(spec.app.port),
    DROPS_APP_PROCESSES: String(spec.app.processes),
    DROPS_PM2_VERSION: pm2Version,
    DROPS_REDIS_MODE: spec.app.environment.REDIS_MODE,
    DROPS_REDIS_ON_HOST: spec.redis ? "yes" : "no",
    DROPS_GRANT_ROLES: spec.grantRoles ? "yes" : "no",
    DROPS_BACKUP: spec.backup ? "yes" : "no",
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join("");
}

function lines(words: readonly string[]): string {
  return words.map((word) => `${word}\n`).join("");
}
