import { paths, ports } from "../../host/paths";
import type { CertificateAuthority } from "../contracts";
import { textIn, writeAtOnce } from "../files";

/**
 * Loopback ports of one host, kept for its life. On a droplet they are 80, 443, the metrics port of a
 * monitoring host, 3000 and 6379.
 */
export interface HostPorts {
  readonly http: number;
  readonly https: number;
  readonly metrics: number;
  readonly app: number;
  readonly redis: number;
}

/** Where one host is on this machine. */
export interface HostPlace {
  /** Directory that stands for "/". */
  readonly root: string;
  readonly ports: HostPorts;
}

/** Redis on the host, as the bundle's programs name it. */
export const localRedis = `redis://127.0.0.1:${ports.redis}`;

/** Authorities that the app trusts beside those that Node knows, below the root. */
const trustedAuthorities = "/run/trusted.pem";

/**
 * The app's environment on this machine. The whole difference to a droplet's is here: several hosts
 * share one loopback address, so PORT and the port of the host's own Redis are the host's; and the
 * sandbox's authority, which stands for the public ones that Node knows anyway, is trusted with the
 * database's. Everything else stays as it was composed.
 */
export function relocatedEnvironment(
  environment: Readonly<Record<string, string>>,
  { root, ports: own }: HostPlace,
): Readonly<Record<string, string>> {
  const { PORT, REDIS_URL } = environment;
  return {
    ...environment,
    ...(PORT !== undefined && { PORT: String(own.app) }),
    ...(REDIS_URL === localRedis && { REDIS_URL: `redis://127.0.0.1:${own.redis}` }),
    NODE_EXTRA_CA_CERTS: root + trustedAuthorities,
  };
}

/** Writes the file that the environment names: the database's authority, then the sandbox's. */
export function writeTrustedAuthorities(root: string, authority: CertificateAuthority): void {
  const database = textIn(root + paths.databaseCa) ?? "";
  writeAtOnce(root + trustedAuthorities, database + authority.certificate, 0o644);
}
