import { isIP } from "node:net";
import { rootCertificates } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientConfig } from "pg";
import { paths } from "../../host/paths";
import { splitUrl, unquote } from "./connectionUrl";
import type { CertificateAuthority } from "../contracts";
import { textIn } from "../files";
import { Failed, type Output } from "./outcome";
import { PsqlFailed, runPsql } from "./psql";
import { secretOf } from "./settings";

/** A database that still starts gets time; longer pauses are for firewalls, which none is here. */
interface Patience {
  readonly tries: number;
  readonly pauseMs: number;
}

/**
 * Gives the database's roles their rights: roles.sql as its administrator, owner.sql as the schema's
 * owner. True if they were given; why not is in the output.
 *
 * @param publicAuthority Whom a droplet's trust store would know.
 */
export async function grantRights(
  root: string,
  publicAuthority: Pick<CertificateAuthority, "certificate">,
  patience: Patience,
  output: Output,
): Promise<boolean> {
  const variables = {
    owner: userOf(root, "database-owner-url"),
    app: userOf(root, "database-url"),
  };
  const run = async (secret: string, name: string): Promise<void> => {
    const file = `${paths.etc}/${name}`;
    const text = textIn(root + file);
    if (text === undefined) throw new Failed(`${file}: No such file or directory`);
    await runPsql(
      connectionOf(root, secret, publicAuthority.certificate),
      { file, text },
      variables,
      output,
    );
  };
  for (let attempt = 1; ; attempt++) {
    try {
      await run("database-admin-url", "roles.sql");
      await run("database-owner-url", "owner.sql");
      return true;
    } catch (error) {
      if (!(error instanceof PsqlFailed)) throw error;
      if (attempt >= patience.tries) return false;
      await sleep(patience.pauseMs);
    }
  }
}

function userOf(root: string, secret: string): string {
  return urlOf(root, secret).user;
}

function urlOf(root: string, secret: string): NonNullable<ReturnType<typeof splitUrl>> {
  const url = splitUrl(secretOf(root, secret) ?? "");
  if (!url || !["postgres", "postgresql"].includes(url.scheme)) {
    throw new Failed(`pg: ${secret} is not a postgresql:// URL`);
  }
  return url;
}

/** The connection that libpq would make of a secret URL and the authority beside it. */
function connectionOf(root: string, secret: string, trusted: string): ClientConfig {
  const url = urlOf(root, secret);
  const authority = textIn(root + paths.databaseCa);
  return {
    host: url.host,
    port: url.port ?? 5432,
    user: url.user,
    password: url.password,
    database: unquote(url.path.replace(/^\/+/, "")),
    application_name: "drops-host",
    connectionTimeoutMillis: 15_000,
    ssl: tlsOf(url.query.get("sslmode"), url.host, authority, trusted),
  };
}

/**
 * TLS as libpq reads `sslmode`: with an authority, `require` checks who signed the certificate. What
 * the trust store of a machine knows is asked by `verify-full` alone, and only where none was sent.
 */
function tlsOf(
  mode: string | null,
  host: string,
  authority: string | undefined,
  trusted: string,
): ClientConfig["ssl"] {
  if (mode === "disable" || mode === "allow") return false;
  // "prefer", libpq's own choice, would fall back to plain text: loopback is taken for plain.
  if ((mode === null || mode === "prefer") && /^(localhost|::1|127\..*)$/.test(host)) return false;
  const options = {
    ...(authority !== undefined && { ca: authority }),
    ...(isIP(host) === 0 && { servername: host }),
  };
  if (mode === "verify-full") return { ca: [...rootCertificates, trusted], ...options };
  if (authority !== undefined || mode === "verify-ca") {
    return { ...options, checkServerIdentity: () => undefined };
  }
  return { ...options, rejectUnauthorized: false };
}
