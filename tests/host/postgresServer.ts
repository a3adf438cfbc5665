import { chownSync, mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { eventually, freePort, run, start, temporaryDirectory, type Finished } from "./support";

export interface Postgres {
  readonly port: number;
  readonly urlOf: (role: string) => string;
  /** Runs one statement as a role; rows come back one a line. */
  readonly sql: (role: string, statement: string, variables?: readonly string[]) => Finished;
}

/** Postgres refuses to run as root; "nobody" will do. */
const NOBODY = 65_534;

/**
 * A throwaway cluster on loopback as a provider hands it out: an administrator who is no superuser
 * but owns the database, and two roles made through the provider's API.
 *
 * @param programs Directory of `initdb` and `postgres`; Debian's own without it.
 */
export async function startPostgres(programs = ""): Promise<Postgres> {
  const directory = temporaryDirectory();
  const data = join(directory, "data");
  const as = userInfo().uid === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  mkdirSync(data, { mode: 0o700 });
  if (as.uid !== undefined) chownSync(data, as.uid, as.gid);
  const made = run(join(programs, "initdb"), ["-D", data, "-U", "provider", "-A", "trust", "-N"], {
    ...as,
    cwd: directory,
  });
  expect(made.status, made.output).toBe(0);
  const port = await freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    shared_preload_libraries: "pg_stat_statements",
    fsync: "off",
    max_connections: "25",
  };
  start(
    join(programs, "postgres"),
    [
      ...["-D", data, "-p", String(port)],
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    as,
  );
  const sql: Postgres["sql"] = (role, statement, variables = []) =>
    run("psql", [
      ...["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", String(port)],
      ...["-U", role, "-d", role === "provider" ? "postgres" : "drops"],
      ...variables.flatMap((variable) => ["-v", variable]),
      ...["-c", statement],
    ]);
  await eventually(() => {
    const answer = sql("provider", "SELECT 1");
    expect(answer.status, answer.output).toBe(0);
  });
  for (const statement of [
    "CREATE ROLE doadmin LOGIN CREATEDB CREATEROLE",
    "CREATE ROLE drops_owner LOGIN",
    "CREATE ROLE drops_app LOGIN",
    "CREATE DATABASE drops OWNER doadmin",
  ]) {
    const answer = sql("provider", statement);
    expect(answer.status, answer.output).toBe(0);
  }
  return {
    port,
    sql,
    urlOf: (role) => `postgresql://${role}:p%40ss@127.0.0.1:${port}/drops?sslmode=disable`,
  };
}
