import { readCertificates } from "./configChecks";
import { ConfigError, decoded, EnvReader } from "./env";
import { postgresTarget, type PostgresTarget } from "./postgresUrl";
import { MINUTE_MS, secretsOf } from "./processConfig";

/** A role, and how it connects where the administrator does. */
export interface RoleLogin {
  readonly name: string;
  readonly password: string;
  readonly target: PostgresTarget;
}

/** What `roles` is told. */
export interface RolesConfig {
  /** The provider's administrator, in the app's database. */
  readonly administrator: PostgresTarget;
  readonly owner: RoleLogin;
  readonly app: RoleLogin;
  /** How long to wait for another run to end. */
  readonly lockTimeoutMs: number;
  readonly secrets: readonly string[];
}

const administratorName = "ADMIN_DATABASE_URL";
const ownerName = "MIGRATION_DATABASE_URL";
const appName = "DATABASE_URL";

/** Reads the environment or throws a `ConfigError` that names every problem. */
export function readRolesConfig(source: Readonly<Record<string, string | undefined>>): RolesConfig {
  const env = new EnvReader(source);
  const ca = readCertificates(env, "DATABASE_CA");
  const target = (name: string) => postgresTarget(env, name, ca, true);
  const administrator = target(administratorName);
  const [owner, app] = [ownerName, appName].map((name) => {
    const own = target(name);
    return administrator && own && readLogin(env, name, own, administrator);
  });
  // A task's definition waits two minutes for the end of this, and a minute is left for the work.
  const lockTimeoutMs = env.integer("ROLES_LOCK_TIMEOUT_MS", MINUTE_MS, 0, 1_440 * MINUTE_MS);
  if (administrator && owner && app) {
    requireDifferentRoles(env, [
      [administratorName, nameIn(administrator)],
      [ownerName, owner.name],
      [appName, app.name],
    ]);
  }
  if (env.problems.length > 0 || !administrator || !owner || !app) {
    throw new ConfigError(env.problems);
  }
  return { administrator, owner, app, lockTimeoutMs, secrets: secretsOf(env) };
}

function readLogin(
  env: EnvReader,
  variable: string,
  own: PostgresTarget,
  administrator: PostgresTarget,
): RoleLogin | undefined {
  const { username, password, pathname } = new URL(own.connectionString);
  const url = new URL(administrator.connectionString);
  if (username === "" || password === "") {
    env.problem(
      `${variable}: names no ${username === "" ? "user" : "password"}, which it is made of`,
    );
    return undefined;
  }
  if (pathname !== url.pathname) {
    env.problem(
      `${variable}: its database is "${databaseOf(pathname)}", ${administratorName}'s is ` +
        `"${databaseOf(url.pathname)}"; both must be the app's`,
    );
    return undefined;
  }
  url.username = username;
  url.password = password;
  return {
    name: decoded(username),
    password: decoded(password),
    target: { ...administrator, connectionString: url.toString() },
  };
}

function requireDifferentRoles(
  env: EnvReader,
  roles: readonly (readonly [variable: string, role: string])[],
): void {
  for (const [index, [variable, role]] of roles.entries()) {
    const same = roles.slice(0, index).find(([, other]) => other === role);
    if (same) {
      env.problem(`${variable}: its role "${role}" is ${same[0]}'s too; each must have its own`);
    }
  }
}

const nameIn = ({ connectionString }: PostgresTarget): string =>
  decoded(new URL(connectionString).username);

const databaseOf = (pathname: string): string => decoded(pathname.slice(1));
