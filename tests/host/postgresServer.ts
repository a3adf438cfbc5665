import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { eventually, freePort, run, start, temporaryDirectory, type Finished } from "./support";

export interface Postgres {
  readonly port: number;
  /** Of a read replica that streams from it, where one was asked for. */
  readonly replicaPort: number | undefined;
  readonly urlOf: (role: string) => string;
  /** Runs one statement as a role; rows come back one a line. */
  readonly sql: (role: string, statement: string, variables?: readonly string[]) => Finished;
  /** Ends the server at once; what streams from it hears nothing more. */
  readonly stop: () => Promise<void>;
}

/** Postgres refuses to run as root; "nobody" will do. */
export const nobody = 65_534;

/**
 * A throwaway cluster on loopback as a provider hands it out: an administrator who is no superuser
 * but owns the database, and two roles made through the provider's API.
 *
 * @param programs Directory of `initdb` and `postgres`; Debian's own without it.
 * @param options.settings Further settings, e.g. those of TLS.
 */
export async function startPostgres(
  programs = "",
  options: {
    readonly settings?: Readonly<Record<string, string>>;
    readonly replica?: boolean;
  } = {},
): Promise<Postgres> {
  const directory = temporaryDirectory();
  const data = join(directory, "data");
  const as = userInfo().uid === 0 ? { uid: nobody, gid: nobody } : {};
  mkdirSync(data, { mode: 0o700 });
  if (as.uid !== undefined) chownSync(data, as.uid, as.gid);
  const made = run(join(programs, "initdb"), ["-D", data, "-U", "provider", "-A", "trust", "-N"], {
    ...as,
    cwd: directory,
  });
  expect(made.status, made.output).toBe(0);
  const port = await freePort();
  const serve = (where: string, own: number, more: Readonly<Record<string, string>>) => {
    const settings = {
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      shared_preload_libraries: "pg_stat_statements",
      fsync: "off",
      max_connections: "25",
      ...options.settings,
      ...more,
    };
    return start(
      join(programs, "postgres"),
      [
        ...["-D", where, "-p", String(own)],
        ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ],
      as,
    );
  };
  const replicaPort = options.replica ? await freePort() : undefined;
  // Copied before the first start: all that ever happens then is streamed.
  if (replicaPort !== undefined) run("cp", ["-a", data, `${data}-replica`]);
  const server = serve(data, port, {});
  if (replicaPort !== undefined) {
    writeFileSync(join(`${data}-replica`, "standby.signal"), "");
    serve(`${data}-replica`, replicaPort, {
      primary_conninfo: `host=127.0.0.1 port=${port} user=provider`,
      // Not fewer than the primary had, which was initdb's own number.
      max_connections: "100",
    });
  }
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
    replicaPort,
    sql,
    stop: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGINT");
      await ended;
    },
    urlOf: (role) => `postgresql://${role}:p%40ss@127.0.0.1:${port}/drops?sslmode=disable`,
  };
}
