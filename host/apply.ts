import { alertmanagerSecrets } from "./alertmanager";
import { hasRedis } from "./exporters";
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
  if (spec.backup) {
    names.push("backup-bucket", "backup-access-key", "backup-secret-key", "database-owner-url");
  }
  if (spec.role === "monitoring") {
    names.push("metrics-token", ...replicaSecrets.slice(0, spec.replicas));
  } else if (spec.site.kind === "proxied") {
    names.push("acme-token");
  }
  // Redis on the host needs no URL from outside.
  if (hasRedis(spec) && !(spec.role === "app" && spec.redis)) names.push("redis-url");
  return [...new Set(names)].sort();
}

/** In the order of the replicas' numbers. */
const replicaSecrets = ["database-replica-url-1", "database-replica-url-2"] as const;

function hostEnvironment(spec: HostSpec): string {
  const common = {
    DROPS_STACK: spec.stack,
    DROPS_TIER: spec.tier,
    DROPS_ROLE: spec.role,
    DROPS_GRANT_ROLES: spec.grantRoles ? "yes" : "no",
    DROPS_BACKUP: spec.backup ? "yes" : "no",
  };
  return Object.entries({ ...common, ...environmentOfRole(spec) })
    .map(([name, value]) => `${name}='${value}'\n`)
    .join("");
}

function environmentOfRole(spec: HostSpec): Readonly<Record<string, string>> {
  if (spec.role === "monitoring") {
    return {
      // Its health is plain HTTP on the address: no name, no certificate.
      DROPS_SITE: "address",
      DROPS_NAMES: "",
      DROPS_REDIS_MODE: spec.redisExporter ? "single" : "none",
      DROPS_REDIS_ON_HOST: "no",
      DROPS_REPLICAS: String(spec.replicas),
      DROPS_METRICS_PORT: String(spec.metricsPort),
    };
  }
  const { site } = spec;
  return {
    DROPS_SITE: site.kind,
    DROPS_NAMES: site.kind === "address" ? "" : siteNames(site).join(" "),
    DROPS_ACME_EMAIL: site.kind === "address" ? "" : site.acmeEmail,
    DROPS_APP_PORT: String(spec.app.port),
    DROPS_APP_PROCESSES: String(spec.app.processes),
    DROPS_PM2_VERSION: pm2Version,
    DROPS_REDIS_MODE: spec.app.environment.REDIS_MODE,
    DROPS_REDIS_ON_HOST: spec.redis ? "yes" : "no",
    DROPS_REPLICAS: "0",
  };
}

function lines(words: readonly string[]): string {
  return words.map((word) => `${word}\n`).join("");
}
