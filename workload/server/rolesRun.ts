import type pg from "pg";
import { Refused } from "./refused";
import type { RoleLogin, RolesConfig } from "./rolesConfig";
import { scramVerifier } from "./scram";
import { connected, holdLock } from "./session";
import type { Say } from "./tool";

/** Key of the lock that one run holds from its first to its last step. */
const ROLES_LOCK = { key: 3, work: "run of roles" };
const PROGRAM = "drops-roles";

/** Makes both roles with the passwords that they are to have, and gives them their rights. */
export async function prepareRoles(config: RolesConfig, say: Say): Promise<void> {
  const { administrator, owner, app } = config;
  await connected(administrator, PROGRAM, async (client) => {
    await holdLock(client, ROLES_LOCK, config.lockTimeoutMs, say);
    await client.query("SET client_min_messages = error");
    for (const role of [owner, app]) await prepareLogin(client, role, say);
    await grant(client, config);
    await welcome(client, say);
    await requireRights(client, config);
    await connected(owner.target, PROGRAM, async (own) => {
      await openNewTables(own, app);
    });
  });
  say(`${owner.name} and ${app.name} can log in and have their rights`);
}

/**
 * Nobody but a superuser can read a password that the database has: whether it is the right one, a
 * connection shows. A new one is sent as what Postgres would make of it, so that neither the server's
 * log nor its statistics of statements ever have the password.
 */
async function prepareLogin(client: pg.Client, role: RoleLogin, say: Say): Promise<void> {
  const { rows } = await client.query<{ superuser: boolean }>(
    "SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = $1",
    [role.name],
  );
  const [found] = rows;
  if (found?.superuser === true) {
    throw new Refused(`the role "${role.name}" is a superuser, allowed is one that is none`);
  }
  if (found && (await loginFault(role)) === undefined) return;
  const name = client.escapeIdentifier(role.name);
  const verifier = client.escapeLiteral(await scramVerifier(role.password));
  await client.query(`${found ? "ALTER" : "CREATE"} ROLE ${name} LOGIN PASSWORD ${verifier}`);
  const fault = await loginFault(role);
  if (fault !== undefined) {
    throw new Refused(`the role "${role.name}" has its password and cannot log in: ${fault}`);
  }
  say(found ? `gave ${role.name} the password of its URL` : `created ${role.name}`);
}

/** Why a role is not let in; undefined where it is, or where its password is not the reason. */
async function loginFault({ target }: RoleLogin): Promise<string | undefined> {
  try {
    await connected(target, PROGRAM, async () => Promise.resolve());
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    // Let in, but not into this database: that is a right, and comes next.
    if (code === "42501") return undefined;
    // Wrong or no password; a role that may not log in.
    if (code === "28P01" || code === "28000") return message;
    throw error;
  }
}

/** The same as a server's `roles.sql` grants. Postgres 15 and later lets no other role create in public. */
async function grant(client: pg.Client, config: RolesConfig): Promise<void> {
  const owner = client.escapeIdentifier(config.owner.name);
  const app = client.escapeIdentifier(config.app.name);
  const { rows } = await client.query<{ name: string }>("SELECT current_database() AS name");
  const database = client.escapeIdentifier(rows[0]?.name ?? "");
  // One message is one transaction.
  await client.query(`
    GRANT CONNECT, TEMPORARY ON DATABASE ${database} TO ${owner}, ${app};
    GRANT USAGE, CREATE ON SCHEMA public TO ${owner};
    GRANT USAGE ON SCHEMA public TO ${app};
  `);
}

/** Not everywhere allowed; what was refused is said and not fatal. */
const WELCOME = [
  // Statement times for the query-time alarm.
  "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
  // Nobody else's objects belong here.
  "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
];

async function welcome(client: pg.Client, say: Say): Promise<void> {
  for (const step of WELCOME) {
    try {
      await client.query(step);
    } catch (error) {
      say(`not done: ${step} (${error instanceof Error ? error.message : String(error)})`);
    }
  }
}

const RIGHTS = `
  SELECT name || ' lacks ' || privilege || ' on ' || object AS lack
    FROM (VALUES ($1, 'CONNECT', 'the database'), ($1, 'TEMPORARY', 'the database'),
                 ($2, 'CONNECT', 'the database'), ($2, 'TEMPORARY', 'the database'),
                 ($1, 'USAGE', 'schema public'), ($1, 'CREATE', 'schema public'),
                 ($2, 'USAGE', 'schema public')) wanted (name, privilege, object)
   WHERE NOT CASE object
           WHEN 'the database' THEN has_database_privilege(name, current_database(), privilege)
           ELSE has_schema_privilege(name, 'public', privilege)
         END`;

/** A GRANT by somebody who may not grant it is no error in Postgres, only a warning. */
async function requireRights(client: pg.Client, { owner, app }: RolesConfig): Promise<void> {
  const { rows } = await client.query<{ lack: string }>(RIGHTS, [owner.name, app.name]);
  if (rows.length === 0) return;
  throw new Refused(
    `${rows.map(({ lack }) => lack).join(", ")}, which the administrator could not grant: let ` +
      "ADMIN_DATABASE_URL be the URL of the role that owns the database",
  );
}

/**
 * The same as a server's `owner.sql`, as the owner itself: since Postgres 16 who makes a role may
 * administer it, and is no member whose objects were its own.
 */
async function openNewTables(client: pg.Client, role: RoleLogin): Promise<void> {
  const app = client.escapeIdentifier(role.name);
  await client.query(`
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${app};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ${app};
  `);
}
