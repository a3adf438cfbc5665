import type { HostRole } from "../../host/types";
import { paths } from "../../host/paths";
import { textIn } from "../files";

/** The bundle's plain values, which the programs on a droplet read from the same file. */
export interface HostSettings {
  readonly role: HostRole;
  readonly site: "proxied" | "direct" | "address";
  /** Names of the site, the main one first; none for a site without a domain. */
  readonly names: readonly string[];
  /** Undefined on a host without the app. */
  readonly appPort: number | undefined;
  /** Undefined on a host that takes no metrics. */
  readonly metricsPort: number | undefined;
  readonly redisMode: string;
  readonly redisOnHost: boolean;
  readonly replicas: number;
  readonly grantRoles: boolean;
  readonly backup: boolean;
}

/** Reads /etc/drops/host.env below the root; undefined before the first bundle. */
export function readSettings(root: string): HostSettings | undefined {
  const text = textIn(`${root}${paths.etc}/host.env`);
  if (text === undefined) return undefined;
  const values = new Map<string, string>();
  for (const [, name = "", value = ""] of text.matchAll(/^([A-Z0-9_]+)='([^']*)'$/gm)) {
    values.set(name, value);
  }
  const valueOf = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`${paths.etc}/host.env: ${name} is missing`);
    return value;
  };
  const site = valueOf("DROPS_SITE");
  if (site !== "proxied" && site !== "direct" && site !== "address") {
    throw new Error(`${paths.etc}/host.env: DROPS_SITE is "${site}"`);
  }
  // Bundles that an older sandbox applied know one role.
  const role = values.get("DROPS_ROLE") ?? "app";
  if (role !== "app" && role !== "monitoring") {
    throw new Error(`${paths.etc}/host.env: DROPS_ROLE is "${role}"`);
  }
  return {
    ...{ role, site },
    names: valueOf("DROPS_NAMES").split(" ").filter(Boolean),
    appPort: role === "app" ? Number(valueOf("DROPS_APP_PORT")) : undefined,
    metricsPort: role === "monitoring" ? Number(valueOf("DROPS_METRICS_PORT")) : undefined,
    redisMode: valueOf("DROPS_REDIS_MODE"),
    redisOnHost: valueOf("DROPS_REDIS_ON_HOST") === "yes",
    replicas: Number(values.get("DROPS_REPLICAS") ?? 0),
    grantRoles: valueOf("DROPS_GRANT_ROLES") === "yes",
    backup: valueOf("DROPS_BACKUP") === "yes",
  };
}

/** A secret without surrounding space and with plain line ends, as the bundle's programs read it. */
export function secretOf(root: string, name: string): string | undefined {
  return textIn(`${root}${paths.secrets}/${name}`)?.replaceAll(/\r\n?/g, "\n").trim();
}
