import { Client } from "pg";
import { scramVerifier } from "./scram";

/** How the service reaches one Postgres as its superuser. */
export interface SuperuserAccess {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
}

/** The provider's administrator, whom applications get; no superuser. */
export const administrator = "doadmin";
/** The database that every cluster begins with. */
export const firstDatabase = "defaultdb";

/** Whom the providers keep for themselves. */
export const superusers = { digitalocean: "postgres", aws: "rdsadmin" } as const;
const MAINTENANCE_DATABASE = "postgres";
const CONNECT_MS = 5_000;

/** Runs statements as the superuser in one database. */
export async function asSuperuser<T>(
  { port, user, password, ca }: SuperuserAccess,
  work: (client: Client) => Promise<T>,
  database = MAINTENANCE_DATABASE,
): Promise<T> {
  const client = new Client({
    ...{ host: "127.0.0.1", port, user, password, database },
    ssl: { ca },
    // What the service does is nothing that the application did, and it sets passwords.
    options: "-c pg_stat_statements.track=none",
    connectionTimeoutMillis: CONNECT_MS,
  });
  // A server that goes away is the business of the statement that meets it.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export async function serverVersion(access: SuperuserAccess): Promise<string> {
  return await asSuperuser(access, async (client) => {
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    return rows[0]?.server_version ?? "";
  });
}

/** Extensions that a cluster of the Advanced edition has; no other can be added (notes, 2026-10-06). */
const advancedExtensions = ["plpgsql", "pg_stat_statements", "pgaudit", "pg_repack", "vector"];

/**
 * Has CREATE EXTENSION fail in every database that is made from this one. At its end, when what was
 * there already is no command any more. It belongs to an extension so that no dump holds it.
 */
const refuseExtensions = `
  CREATE SCHEMA refusal;
  CREATE FUNCTION refusal.refuse_extensions() RETURNS event_trigger AS $$
  DECLARE
    made record;
  BEGIN
    FOR made IN SELECT object_identity FROM pg_event_trigger_ddl_commands()
      WHERE object_type = 'extension' LOOP
      IF made.object_identity <> ALL ('{${advancedExtensions.join(",")}}'::text[]) THEN
        RAISE insufficient_privilege
          USING MESSAGE = 'permission denied to create extension "' || made.object_identity || '"';
      END IF;
    END LOOP;
  END
  $$ LANGUAGE plpgsql;
  CREATE EVENT TRIGGER refuse_extensions ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION')
    EXECUTE FUNCTION refusal.refuse_extensions();
  ALTER EXTENSION pg_stat_statements ADD SCHEMA refusal;
  ALTER EXTENSION pg_stat_statements ADD FUNCTION refusal.refuse_extensions();
  ALTER EXTENSION pg_stat_statements ADD EVENT TRIGGER refuse_extensions;
`;

/**
 * Everything that a new cluster has, as DigitalOcean hands it out: an administrator with these very
 * rights (read from `pg_dumpall --globals-only` of clusters there, 2026), an empty database of its
 * own, statement statistics. Safe to run again.
 */
export async function prepareCluster(
  access: SuperuserAccess,
  password: string,
  advanced: boolean,
): Promise<void> {
  await asSuperuser(access, async (client) => {
    if (!(await roleExists(client, administrator))) {
      await client.query(
        `CREATE ROLE ${administrator} LOGIN CREATEDB CREATEROLE REPLICATION BYPASSRLS PASSWORD '${await scramVerifier(password)}'`,
      );
    }
    await client.query(
      `GRANT pg_create_subscription, pg_read_all_stats TO ${administrator} WITH ADMIN OPTION`,
    );
    await client.query(`GRANT pg_signal_backend, pg_stat_scan_tables TO ${administrator}`);
  });
  // At a provider the administrator may create it; here only a superuser may, so that every database
  // has it from the start, and CREATE EXTENSION IF NOT EXISTS succeeds all the same.
  await asSuperuser(
    access,
    async (client) => {
      await client.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
      if (!advanced) return;
      const { rowCount } = await client.query("SELECT FROM pg_event_trigger");
      // All of it or nothing: statements of one query are one transaction.
      if (rowCount === 0) await client.query(refuseExtensions);
    },
    "template1",
  );
  await createDatabase(access, firstDatabase);
}

/** A database that belongs to the administrator. */
export async function createDatabase(access: SuperuserAccess, name: string): Promise<void> {
  await asSuperuser(access, async (client) => {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
    if (rowCount !== 0) return;
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} OWNER ${administrator}`);
  });
}

export async function dropDatabase(access: SuperuserAccess, name: string): Promise<void> {
  if ([MAINTENANCE_DATABASE, firstDatabase].includes(name) || name.startsWith("template")) {
    throw new Error(`database "${name}" belongs to the provider and cannot be deleted`);
  }
  await asSuperuser(access, (client) =>
    client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`),
  );
}

/**
 * A role that may log in and nothing more. A superuser makes it, so that the administrator is no
 * member of it and cannot administer it, as with users made through a provider's API.
 */
export async function createRole(
  access: SuperuserAccess,
  name: string,
  password: string,
): Promise<void> {
  refuseProvidersRole(name);
  const verifier = await scramVerifier(password);
  await asSuperuser(access, async (client) => {
    const verb = (await roleExists(client, name)) ? "ALTER" : "CREATE";
    await client.query(
      `${verb} ROLE ${client.escapeIdentifier(name)} LOGIN PASSWORD ${client.escapeLiteral(verifier)}`,
    );
  });
}

/** Ends its sessions; what it owned is the administrator's then, so that no data goes with it. */
export async function dropRole(access: SuperuserAccess, name: string): Promise<void> {
  refuseProvidersRole(name);
  const databases = await asSuperuser(access, async (client) => {
    if (!(await roleExists(client, name))) return undefined;
    await client.query(`ALTER ROLE ${client.escapeIdentifier(name)} NOLOGIN`);
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1",
      [name],
    );
    const { rows } = await client.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE datallowconn",
    );
    return rows.map(({ datname }) => datname);
  });
  if (!databases) return;
  for (const database of databases) {
    await asSuperuser(
      access,
      async (client) => {
        const role = client.escapeIdentifier(name);
        await client.query(`REASSIGN OWNED BY ${role} TO ${administrator}`);
        // What is left of it: rights on what others own.
        await client.query(`DROP OWNED BY ${role}`);
      },
      database,
    );
  }
  await asSuperuser(access, (client) =>
    client.query(`DROP ROLE IF EXISTS ${client.escapeIdentifier(name)}`),
  );
}

function refuseProvidersRole(name: string): void {
  if (name === superusers.digitalocean || name === administrator || name.startsWith("pg_")) {
    throw new Error(`user "${name}" belongs to the provider: choose another name`);
  }
}

async function roleExists(client: Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [name]);
  return rowCount !== 0;
}
