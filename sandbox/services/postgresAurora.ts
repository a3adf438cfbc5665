import type { AuroraSettings } from "./postgresFiles";
import { asSuperuser, type SuperuserAccess } from "./postgresSql";
import { scramVerifier } from "./scram";

/** Every cluster has it; the master user may connect to it when no other is asked for. */
export const auroraDatabase = "postgres";

/**
 * Roles that AWS keeps for itself. What a cluster's own server lets a member of rds_superuser do
 * beyond them (any extension of its list) no plain Postgres knows.
 */
const prepared = `
  DO $$
  DECLARE
    kept text;
  BEGIN
    FOREACH kept IN ARRAY '{rds_superuser,rds_replication,rds_password,rds_iam}'::text[] LOOP
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = kept) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', kept);
      END IF;
    END LOOP;
  END
  $$;
  GRANT pg_monitor, pg_signal_backend, pg_checkpoint, pg_use_reserved_connections,
    pg_create_subscription, rds_replication, rds_password TO rds_superuser WITH ADMIN OPTION;
`;

/**
 * Everything that a new Aurora cluster has: a master user by the given name who may create roles and
 * databases, and administers the roles that it made (Aurora's guide, "Understanding the rds_superuser
 * role"), and its databases. Safe to run again; sets the password anew.
 */
export async function prepareAurora(
  access: SuperuserAccess,
  { master, database }: Pick<AuroraSettings, "master" | "database">,
): Promise<void> {
  const verifier = await scramVerifier(master.password);
  const isNew = await asSuperuser(access, async (client) => {
    const user = client.escapeIdentifier(master.user);
    await client.query(prepared);
    const { rows } = await client.query<{ rolcanlogin: boolean }>(
      "SELECT rolcanlogin FROM pg_roles WHERE rolname = $1",
      [master.user],
    );
    // REPLICATION stands for rds_replication, which only Aurora's own server understands.
    if (rows.length === 0) {
      await client.query(`CREATE ROLE ${user} NOLOGIN CREATEDB CREATEROLE REPLICATION`);
    }
    await client.query(`GRANT rds_superuser TO ${user} WITH ADMIN OPTION`);
    await client.query(`ALTER ROLE ${user} PASSWORD ${client.escapeLiteral(verifier)}`);
    return rows[0]?.rolcanlogin !== true;
  });
  // Later they are the master user's, to give away and to drop.
  if (!isNew) return;
  await asSuperuser(
    access,
    // There from the start: here only a superuser may create it, at Aurora the master user may.
    (client) => client.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements"),
    "template1",
  );
  await asSuperuser(access, async (client) => {
    const user = client.escapeIdentifier(master.user);
    await client.query(`ALTER DATABASE ${auroraDatabase} OWNER TO ${user}`);
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [
      database ?? auroraDatabase,
    ]);
    if (database !== undefined && rowCount === 0) {
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)} OWNER ${user}`);
    }
    // Last: whoever was interrupted before begins again.
    await client.query(`ALTER ROLE ${user} LOGIN`);
  });
}

/** Has the server read its configuration anew; what takes a restart waits for the next one. */
export async function reload(access: SuperuserAccess): Promise<void> {
  await asSuperuser(access, (client) => client.query("SELECT pg_reload_conf()"));
}
