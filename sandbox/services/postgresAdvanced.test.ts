import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openAuthority } from "../certificates";
import type { CertificateAuthority } from "../contracts";
import { newPostgresService, type PostgresService } from "./postgres";
import { asClient, type Access } from "./testing/postgresClient";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const directory = mkdtempSync(join(tmpdir(), "drops-advanced-"));
chmodSync(directory, 0o755);
let authority: CertificateAuthority;
let service: PostgresService;
let access: Access;

const open = (): PostgresService =>
  newPostgresService({ directory: join(directory, "postgres"), authority, log: () => undefined });
const wanted = { major: 17, connectionLimit: 22, advanced: true };

beforeAll(async () => {
  authority = await openAuthority(join(directory, "authority"), "public");
  service = open();
  access = await service.ensure("one", wanted);
  await service.createDatabase("one", "drops");
  await service.createRole("one", "drops_app", "app/secret");
});
afterAll(async () => {
  await service.stopAll();
  rmSync(directory, { recursive: true, force: true });
});

const query = (statement: string, change = {}) =>
  asClient(access, statement, { database: "drops", ...change });

describe("a cluster of the Advanced edition", () => {
  it("shows a certificate of the public authority", async () => {
    expect(access.caCertificate).toBe(authority.certificate);
    expect(await query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("takes no extension beyond those that are there, in any database", async () => {
    await query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
    await query("CREATE EXTENSION IF NOT EXISTS plpgsql");
    for (const database of ["drops", "defaultdb"]) {
      await expect(query("CREATE EXTENSION pg_trgm", { database })).rejects.toThrow(
        'permission denied to create extension "pg_trgm"',
      );
    }
    expect(await query("SELECT extname FROM pg_extension ORDER BY 1")).toEqual([
      ...[{ extname: "pg_stat_statements" }, { extname: "plpgsql" }],
    ]);
  });

  it("keeps what refuses them out of dumps", async () => {
    const members = await query(
      "SELECT pg_describe_object(classid, objid, 0) AS object FROM pg_depend " +
        "WHERE deptype = 'e' AND (pg_identify_object(classid, objid, 0)).identity ~ 'refus' ORDER BY 1",
    );
    expect(members.map(({ object }) => object)).toEqual([
      ...["event trigger refuse_extensions", "function refusal.refuse_extensions()"],
      "schema refusal",
    ]);
  });

  it("is the same after a restart", async () => {
    await service.stopAll();
    service = open();
    await service.startAll();
    expect(await service.ensure("one", wanted)).toEqual(access);
    expect(await query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });
});

describe("a connection pool", () => {
  const asApp = async (port: number, change = {}) =>
    await asClient({ ...access, port }, "SELECT current_database() AS db, current_user AS who", {
      ...{ database: "drops-app", user: "drops_app", password: "app/secret" },
      ...change,
    });

  it("leads to its database by its own name, with the user's own rights", async () => {
    const { port } = await service.ensurePool("one", { name: "drops-app", database: "drops" });
    expect(await asApp(port)).toEqual([{ db: "drops", who: "drops_app" }]);
    await expect(asApp(port, { password: "wrong" })).rejects.toThrow("password authentication");
    await expect(asApp(port, { database: "drops" })).rejects.toThrow("no such database: drops");
    await expect(asApp(port, { ssl: false })).rejects.toThrow("SSL required");
    const other = await service.ensurePool("one", { name: "reports", database: "defaultdb" });
    expect(other.port).toBe(port);
    expect(await asApp(port, { database: "reports" })).toEqual([
      { db: "defaultdb", who: "drops_app" },
    ]);
  });

  it("takes a password that is bound to the certificate", async () => {
    const { port } = await service.ensurePool("one", { name: "drops-app", database: "drops" });
    expect(await asApp(port, { enableChannelBinding: true })).toHaveLength(1);
  });

  it("carries much, both ways, and the wish to cancel a statement", async () => {
    const { port } = await service.ensurePool("one", { name: "drops-app", database: "drops" });
    const text = "x".repeat(2_000_000);
    const place = { host: "localhost", port, database: "drops-app", user: "drops_app" };
    const client = new Client({
      ...{ ...place, password: "app/secret", ssl: { ca: access.caCertificate } },
    });
    await client.connect();
    const { rows } = await client.query<{ text: string }>("SELECT $1 || $1 AS text", [text]);
    expect(rows[0]?.text).toHaveLength(4_000_000);
    const slow = client.query("SELECT pg_sleep(60)");
    const { processID, secretKey } = client as unknown as Record<string, number>;
    const wish = Buffer.alloc(16);
    for (const [at, value] of [16, 80_877_102, processID!, secretKey!].entries()) {
      wish.writeInt32BE(value, at * 4);
    }
    connect({ host: "127.0.0.1", port }).end(wish);
    await expect(slow).rejects.toThrow("canceling statement due to user request");
    await client.end();
  });

  it("is there again with its server, on the same port, and goes with the last one", async () => {
    const { port } = await service.ensurePool("one", { name: "drops-app", database: "drops" });
    await service.stopAll();
    await expect(asApp(port)).rejects.toThrow("ECONNREFUSED");
    service = open();
    await service.startAll();
    expect(await asApp(port)).toHaveLength(1);
    const pools = service.statuses().find(({ what }) => what === "connection pools");
    expect(pools).toMatchObject({ state: "running", ports: [port] });
    expect(pools?.detail).toContain("drops-app is drops");
    await service.removePool("one", "reports");
    await service.removePool("one", "drops-app");
    await service.removePool("one", "never-there");
    await expect(asApp(port)).rejects.toThrow("ECONNREFUSED");
    expect(service.statuses()).toHaveLength(1);
  });
});
