import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openAuthority } from "../certificates";
import type { CertificateAuthority } from "../contracts";
import { newPostgresService, type PostgresService } from "./postgres";
import { asClient, type Access } from "./testing/postgresClient";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const directory = mkdtempSync(join(tmpdir(), "drops-aurora-"));
chmodSync(directory, 0o755);
let authority: CertificateAuthority;
let service: PostgresService;
let access: Access;

const open = (): PostgresService =>
  newPostgresService({ directory: join(directory, "postgres"), authority, log: () => undefined });
const aurora = {
  master: { user: "postgres", password: "it's/secret" },
  ...{ database: "drops", hasInstance: true, tlsOnly: true, settings: { wal_level: "replica" } },
};
const wanted = (change: Partial<typeof aurora> & { restart?: boolean } = {}, most = 40) => ({
  ...{ major: 17, connectionLimit: most, aurora: { ...aurora, ...change } },
});
const query = (statement: string, change = {}) => asClient(access, statement, change);
const setting = async (name: string): Promise<unknown> =>
  (await query(`SELECT current_setting('${name}') AS value`))[0]?.["value"];

beforeAll(async () => {
  authority = await openAuthority(join(directory, "authority"), "public");
  service = open();
});
afterAll(async () => {
  await service.stopAll();
  rmSync(directory, { recursive: true, force: true });
});

describe("an Aurora cluster", () => {
  it("has an endpoint, and nobody who listens there, until it has an instance", async () => {
    access = await service.ensure("one", wanted({ hasInstance: false }));
    expect(access).toMatchObject({ host: "localhost", ...aurora.master, database: "drops" });
    await expect(query("SELECT 1")).rejects.toThrow("ECONNREFUSED");
    expect(service.statuses()).toMatchObject([
      { resource: "one", state: "stopped", detail: "it has no instance" },
    ]);
    expect(existsSync(join(directory, "postgres/one/data"))).toBe(false);
    expect(await service.ensure("one", wanted())).toEqual(access);
    expect(access.caCertificate).toBe(authority.certificate);
    expect(await query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("has a master user of the given name who is no superuser", async () => {
    expect(
      await query(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, pg_has_role('rds_superuser', 'usage') AS rds, " +
          "pg_get_userbyid(datdba) AS owner FROM pg_roles, pg_database " +
          "WHERE rolname = current_user AND datname = current_database()",
      ),
    ).toEqual([
      { rolsuper: false, rolcreaterole: true, rolcreatedb: true, rds: true, owner: "postgres" },
    ]);
    await expect(query("ALTER SYSTEM SET work_mem = '1MB'")).rejects.toThrow("permission denied");
    await expect(query("SELECT pg_read_file('pg_hba.conf')")).rejects.toThrow("permission denied");
    await expect(query("ALTER ROLE rdsadmin PASSWORD 'x'")).rejects.toThrow("permission denied");
  });

  it("lets the master user make roles, which it administers but does not yet act as", async () => {
    await query("CREATE ROLE drops_owner LOGIN PASSWORD 'owner'");
    await expect(query("CREATE SCHEMA theirs AUTHORIZATION drops_owner")).rejects.toThrow(
      'must be able to SET ROLE "drops_owner"',
    );
    await query("GRANT drops_owner TO CURRENT_USER WITH SET TRUE");
    await query("CREATE SCHEMA theirs AUTHORIZATION drops_owner");
    await query("GRANT pg_monitor TO drops_owner");
    const owner = { user: "drops_owner", password: "owner" };
    await expect(query("CREATE TABLE t ()", owner)).rejects.toThrow(
      "permission denied for schema public",
    );
    await query("CREATE TABLE theirs.t ()", owner);
    await query("CREATE DATABASE more");
    await query("CREATE EXTENSION pgcrypto");
    await query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
  });

  it("has the settings of its parameters; what needs a restart waits for one", async () => {
    expect(await setting("max_connections")).toBe("40");
    expect(await setting("wal_level")).toBe("replica");
    const settings = { wal_level: "logical", work_mem: "8MB" };
    await service.ensure("one", wanted({ settings }, 50));
    expect(await setting("work_mem")).toBe("8MB");
    expect(await setting("max_connections")).toBe("40");
    expect(await setting("wal_level")).toBe("replica");
    await service.ensure("one", wanted({ settings, restart: true }, 50));
    expect(await setting("max_connections")).toBe("50");
    expect(await setting("wal_level")).toBe("logical");
    // Every other restart brings it in too.
    await service.ensure("one", wanted({ settings }, 60));
    await service.stopAll();
    service = open();
    await service.startAll();
    expect(await setting("max_connections")).toBe("60");
    await query("SELECT pg_create_logical_replication_slot('drops', 'pgoutput')");
    await query("SELECT pg_drop_replication_slot('drops')");
  });

  it("takes connections without TLS only where it is told to", async () => {
    const settings = { wal_level: "logical", work_mem: "8MB" };
    await expect(query("SELECT 1", { ssl: false })).rejects.toThrow("no encryption");
    await service.ensure("one", wanted({ settings, tlsOnly: false }, 60));
    expect(await query("SELECT 1 AS one", { ssl: false })).toEqual([{ one: 1 }]);
    await service.ensure("one", wanted({ settings }, 60));
    await expect(query("SELECT 1", { ssl: false })).rejects.toThrow("no encryption");
  });

  it("takes a new password at once, without a restart", async () => {
    const settings = { wal_level: "logical", work_mem: "8MB" };
    const [pid] = service.statuses().map((status) => status.pid);
    const master = { user: "postgres", password: "another" };
    const before = access;
    access = await service.ensure("one", wanted({ settings, master }, 60));
    expect(access.password).toBe("another");
    expect(await query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await expect(asClient(before, "SELECT 1")).rejects.toThrow("password authentication failed");
    expect(service.statuses()[0]?.pid).toBe(pid);
  });

  it("leaves to the master user what is the master user's", async () => {
    await query("ALTER DATABASE drops OWNER TO drops_owner");
    await service.stopAll();
    service = open();
    await service.startAll();
    expect(
      await query(
        "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = 'drops'",
      ),
    ).toEqual([{ owner: "drops_owner" }]);
  });

  it("keeps its data while it has no instance, and goes with all its files", async () => {
    const settings = { wal_level: "logical", work_mem: "8MB" };
    const master = { user: "postgres", password: "another" };
    await service.ensure("one", wanted({ settings, master, hasInstance: false }, 60));
    await expect(query("SELECT 1")).rejects.toThrow("ECONNREFUSED");
    await service.stopAll();
    service = open();
    await service.startAll();
    await expect(query("SELECT 1")).rejects.toThrow("ECONNREFUSED");
    expect(await service.ensure("one", wanted({ settings, master }, 60))).toEqual(access);
    expect(await query("SELECT tablename FROM pg_tables WHERE schemaname = 'theirs'")).toEqual([
      { tablename: "t" },
    ]);
    await service.remove("one");
    expect(existsSync(join(directory, "postgres/one"))).toBe(false);
  });
});
