import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { ClientConfig } from "pg";
import type { EnvReader } from "./env";

/** How to reach a Postgres: the URL without its TLS words, and TLS said on its own. */
export interface PostgresTarget {
  readonly connectionString: string;
  readonly ssl: ClientConfig["ssl"];
}

const modes = ["disable", "require", "no-verify", "verify-ca", "verify-full"] as const;
type SslMode = (typeof modes)[number];

/**
 * Splits a Postgres URL into address and TLS. The driver reads `sslmode=require` as "verify", and
 * an `sslmode` inside the URL overrides TLS settings beside it; here the words mean what libpq says:
 *
 * - `disable`: plain text;
 * - `require`, `no-verify`: encrypted, the certificate is not checked;
 * - `verify-ca`: signed by `DATABASE_CA` (or the system's trust store), any host name;
 * - `verify-full`: the host name too. With `DATABASE_CA` every mode but `disable` becomes this one;
 * - not said: `disable` on loopback, `verify-full` elsewhere.
 */
export function postgresTarget(
  env: EnvReader,
  name: string,
  ca: string | undefined,
  required: boolean,
): PostgresTarget | undefined {
  const url = env.url(name, ["postgres:", "postgresql:"], required);
  if (!url) return undefined;
  const said = url.searchParams.get("sslmode");
  if (said === "prefer" || said === "allow") {
    env.problem(
      `${name}: sslmode=${said} would fall back to plain text unseen; say disable, require or verify-full`,
    );
    return undefined;
  }
  if (said !== null && !modes.some((mode) => mode === said)) {
    env.problem(`${name}: sslmode is "${said}", allowed is ${modes.join(", ")}`);
    return undefined;
  }
  for (const file of ["sslrootcert", "sslcert", "sslkey"]) {
    if (url.searchParams.has(file)) {
      env.problem(`${name}: ${file} names a file; put the PEM text into DATABASE_CA instead`);
    }
  }
  const mode = effectiveMode(said as SslMode | null, url.hostname, ca);
  if (mode === "disable" && ca !== undefined) {
    env.problem(`${name}: sslmode=disable contradicts DATABASE_CA; leave one of them out`);
  }
  for (const key of [...url.searchParams.keys()]) {
    if (key.startsWith("ssl") || key === "uselibpqcompat") url.searchParams.delete(key);
  }
  return { connectionString: url.toString(), ssl: tlsOf(mode, url.hostname, ca) };
}

function effectiveMode(said: SslMode | null, host: string, ca: string | undefined): SslMode {
  if (said === "disable") return said;
  if (ca !== undefined) return "verify-full";
  return said ?? (isLoopback(host) ? "disable" : "verify-full");
}

function tlsOf(mode: SslMode, host: string, ca: string | undefined): ClientConfig["ssl"] {
  if (mode === "disable") return false;
  // A name goes into the handshake (SNI); an address may not.
  const options: ConnectionOptions = { ...(ca !== undefined && { ca }) };
  if (isIP(bare(host)) === 0) options.servername = host;
  if (mode === "require" || mode === "no-verify") return { ...options, rejectUnauthorized: false };
  if (mode === "verify-ca") return { ...options, checkServerIdentity: () => undefined };
  return options;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || bare(host) === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** An IPv6 address stands in brackets in a URL. */
function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
