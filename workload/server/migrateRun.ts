import { runner } from "node-pg-migrate";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import type { MigrateConfig } from "./config";
import { buildIndexes, indexStates, parseIndexes } from "./indexes";
import { Refused } from "./refused";
import { connected, holdLock } from "./session";
import type { Say } from "./tool";

/** Key of the lock that one migration holds from its first to its last step. */
const MIGRATION_LOCK = { key: 2, work: "migration" };
const PROGRAM = "drops-migrate";
/** A change of a table that waits longer would make every query behind it wait too. */
const DDL_LOCK_TIMEOUT_MS = 10_000;
const MIGRATIONS_TABLE = "schema_migrations";
/** Tables that the app's role may not write. */
const KEPT_FROM_APP = [MIGRATIONS_TABLE, "drops_control"];

/** Where the SQL lies: beside the bundle, or in the source tree. */
export interface SqlFiles {
  readonly migrations: string;
  readonly indexes: string;
}

export function sqlFiles(directory: string): SqlFiles {
  return {
    migrations: join(directory, "migrations"),
    indexes: join(directory, "database-indexes.sql"),
  };
}

/** Brings the schema up to date: tables, rights of the app's role, indexes. */
export async function migrate(config: MigrateConfig, files: SqlFiles, say: Say): Promise<void> {
  await connected(config.target, PROGRAM, async (client) => {
    await requireAppRole(client, config.appRole);
    await holdLock(client, MIGRATION_LOCK, config.lockTimeoutMs, say);
    await client.query(`SET lock_timeout = ${DDL_LOCK_TIMEOUT_MS}`);
    const applied = await applyMigrations(client, files, false);
    for (const name of applied) say(`applied ${name}`);
    await grant(client, config.appRole);
    say(`granted its rights to ${config.appRole}`);
    // Building an index waits for transactions that began before, however long they take.
    await client.query("SET lock_timeout = 0");
    const indexes = parseIndexes(await readFile(files.indexes, "utf8"));
    await buildIndexes(client, indexes, config.lockTimeoutMs, say);
    say("the schema is up to date");
  });
}

/** Says what a run would do; resolves to whether there is anything. Changes nothing. */
export async function status(config: MigrateConfig, files: SqlFiles, say: Say): Promise<boolean> {
  return await connected(config.target, PROGRAM, async (client) => {
    await client.query("SET default_transaction_read_only = on");
    const { rows } = await client.query<{ done: string | null }>(
      `SELECT to_regclass('public.${MIGRATIONS_TABLE}')::text AS done`,
    );
    const fresh = rows[0]?.done === null;
    const pending = fresh ? ["every migration"] : await applyMigrations(client, files, true);
    for (const name of pending) say(`pending: ${name}`);
    const indexes = parseIndexes(await readFile(files.indexes, "utf8"));
    const states = await indexStates(client, indexes);
    for (const { name, state } of states) say(`index ${name}: ${state}`);
    return pending.length > 0 || states.some(({ state }) => state !== "valid");
  });
}

interface AppRole {
  readonly usage: boolean;
  readonly superuser: boolean;
  /** An owner of the schema that the role is or may act as; a superuser may act as any. */
  readonly owner: string | null;
}

const APP_ROLE = `
  SELECT has_schema_privilege(app.oid, 'public', 'USAGE') AS usage,
         app.rolsuper AS superuser,
         (SELECT min(owners.name)
            FROM (SELECT current_user AS name
                  UNION
                  SELECT tableowner FROM pg_tables
                   WHERE schemaname = 'public' AND tablename = ANY ($2)) owners
           WHERE pg_has_role(app.oid, owners.name, 'MEMBER')) AS owner
    FROM pg_roles app WHERE app.rolname = $1`;

async function requireAppRole(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query<AppRole>(APP_ROLE, [role, KEPT_FROM_APP]);
  const [found] = rows;
  if (!found) {
    throw new Refused(
      `the app's role "${role}" does not exist: create it, or set APP_ROLE to the role of DATABASE_URL`,
    );
  }
  // What is revoked from it would be revoked from the owner, or would not keep it from anything.
  if (found.owner !== null) {
    const fault = found.superuser
      ? "is a superuser"
      : found.owner === role
        ? "owns the schema itself"
        : `is a member of "${found.owner}", which owns the schema`;
    throw new Refused(
      `the app's role "${role}" ${fault}, allowed is a role without the owner's rights: set APP_ROLE to the ` +
        "role of DATABASE_URL, and let that be another one than MIGRATION_DATABASE_URL's",
    );
  }
  if (!found.usage) {
    throw new Refused(
      `the app's role "${role}" may not use schema public: GRANT USAGE ON SCHEMA public TO ${role}`,
    );
  }
}

async function applyMigrations(
  client: pg.Client,
  files: SqlFiles,
  dryRun: boolean,
): Promise<string[]> {
  const silent = () => undefined;
  const done = await runner({
    dbClient: client,
    dir: files.migrations,
    migrationsTable: MIGRATIONS_TABLE,
    schema: "public",
    direction: "up",
    singleTransaction: !dryRun,
    dryRun,
    noLock: true,
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  });
  return done.map(({ name }) => name);
}

async function grant(client: pg.Client, role: string): Promise<void> {
  const app = client.escapeIdentifier(role);
  const kept = KEPT_FROM_APP.map((name) => client.escapeLiteral(name)).join(", ");
  await client.query(`
    DO $do$
    DECLARE
      name text;
    BEGIN
      FOR name IN SELECT tablename FROM pg_tables
                   WHERE schemaname = 'public' AND tableowner = current_user AND tablename NOT IN (${kept})
      LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO ${app}', name);
      END LOOP;
      FOR name IN SELECT sequencename FROM pg_sequences
                   WHERE schemaname = 'public' AND sequenceowner = current_user
      LOOP
        EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE public.%I TO ${app}', name);
      END LOOP;
    END
    $do$;
    -- Default privileges may have given more at creation.
    REVOKE ALL ON ${KEPT_FROM_APP.join(", ")} FROM ${app};
    GRANT SELECT ON drops_control TO ${app};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${app};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ${app};
  `);
}
