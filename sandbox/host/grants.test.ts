import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { rootCertificates } from "node:tls";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { hostFile } from "../../host/files";
import { newPostgresService, type PostgresService } from "../services/postgres";
import { grantRights } from "./grants";
import { Output } from "./outcome";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

// The same expectations as those of psql itself in tests/host/roles.test.ts.
describe("the database's roles", () => {
  const directory = mkdtempSync(join(tmpdir(), "drops-grants-"));
  // The server's user has to get in.
  chmodSync(directory, 0o755);
  const root = join(directory, "host");
  const patience = { tries: 2, pauseMs: 20 };
  /** Whom the machine trusts, which is not who signed the database's certificate. */
  const stranger = { certificate: rootCertificates[0]! };
  const password = "p%@ ss'";
  let postgres: PostgresService;
  let access: Awaited<ReturnType<PostgresService["ensure"]>>;

  const write = (path: string, text: string): void => {
    const file = join(root, "etc/drops", path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
  };
  const urlOf = (role: string, secret = password): string =>
    `postgresql://${role}:${encodeURIComponent(secret)}@${access.host}:${access.port}/drops?sslmode=require`;
  const grant = async (trusted = stranger): Promise<{ readonly given: boolean } & Output> => {
    const output = new Output();
    return Object.assign(output, { given: await grantRights(root, trusted, patience, output) });
  };
  const sql = async (user: string, statement: string): Promise<readonly unknown[]> => {
    const { host, port, caCertificate: ca } = access;
    const client = new Client({ host, port, user, password, database: "drops", ssl: { ca } });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    postgres = newPostgresService({ directory: join(directory, "postgres"), log: () => undefined });
    access = await postgres.ensure("one", { major: 17, connectionLimit: 22 });
    await postgres.createDatabase("one", "drops");
    for (const role of ["drops_owner", "drops_app"]) {
      await postgres.createRole("one", role, password);
    }
    write("roles.sql", hostFile("roles.sql"));
    write("owner.sql", hostFile("owner.sql"));
    write("database-ca.pem", access.caCertificate);
    write("secrets/database-admin-url", urlOf(access.user, access.password));
    write("secrets/database-owner-url", urlOf("drops_owner"));
    write("secrets/database-url", urlOf("drops_app"));
  });
  afterAll(async () => {
    await postgres.stopAll();
    rmSync(directory, { recursive: true, force: true });
  });

  it("may create nothing before", async () => {
    await expect(sql("drops_owner", "CREATE TABLE early (id int)")).rejects.toThrow(
      "permission denied for schema public",
    );
  });

  it("are granted, again and again", async () => {
    for (let time = 1; time <= 2; time++) {
      const { given, stderr } = await grant();
      expect([given, stderr.includes("ERROR")]).toEqual([true, false]);
    }
    // What \gexec ran: both roles stand in the database's own list.
    const [row] = await sql(
      "drops_app",
      "SELECT datacl::text FROM pg_database WHERE datname = 'drops'",
    );
    expect(row).toEqual({
      datacl: expect.stringMatching(/drops_owner=Tc.*drops_app=Tc/) as string,
    });
  });

  it("let the owner create and the app use, but not create", async () => {
    await sql("drops_owner", "CREATE TABLE cards (id serial, name text)");
    await sql("drops_app", "INSERT INTO cards (name) VALUES ('a')");
    expect(await sql("drops_app", "SELECT name FROM cards")).toEqual([{ name: "a" }]);
    for (const statement of ["CREATE TABLE mine (id int)", "DROP TABLE cards", "TRUNCATE cards"]) {
      await expect(sql("drops_app", statement)).rejects.toThrow(/permission denied|must be owner/);
    }
  });

  it("hear the server's warnings and errors as psql words them", async () => {
    try {
      write(
        "roles.sql",
        "DO $$ BEGIN\n  RAISE WARNING 'not done: %', 'x' USING HINT = 'try y'; END\n$$;\nSELECT nothing;",
      );
      const { given, stderr } = await grant();
      expect(given).toBe(false);
      const once =
        "psql:/etc/drops/roles.sql:3: WARNING:  not done: x\nHINT:  try y\n" +
        'psql:/etc/drops/roles.sql:4: ERROR:  column "nothing" does not exist\n';
      expect(stderr).toBe(once + once);
    } finally {
      write("roles.sql", hostFile("roles.sql"));
    }
  });

  it("are not granted with a wrong password or by a server with another authority", async () => {
    write("secrets/database-admin-url", urlOf(access.user, "wrong-secret"));
    const { given, stderr } = await grant();
    expect([given, stderr]).toEqual([
      false,
      expect.stringMatching(/password authentication failed/),
    ]);
    expect(stderr).not.toContain("wrong-secret");
    expect(stderr.trim().split("\n")).toHaveLength(2);

    write("secrets/database-admin-url", urlOf(access.user, access.password));
    await postgres.ensure("two", { major: 17, connectionLimit: 22 }).then(({ caCertificate }) => {
      write("database-ca.pem", caCertificate);
    });
    expect((await grant()).given).toBe(false);
    write("database-ca.pem", access.caCertificate);
    expect((await grant()).given).toBe(true);
  });

  it("are granted where the machine trusts whoever signed the certificate, and only there", async () => {
    rmSync(join(root, "etc/drops/database-ca.pem"));
    const full = (url: string): string => url.replace("sslmode=require", "sslmode=verify-full");
    write("secrets/database-admin-url", full(urlOf(access.user, access.password)));
    write("secrets/database-owner-url", full(urlOf("drops_owner")));
    try {
      const refused = await grant();
      expect(refused.given).toBe(false);
      expect(refused.stderr).toMatch(/certificate/);
      const signer = { certificate: access.caCertificate };
      expect((await grant(signer)).given).toBe(true);
    } finally {
      write("database-ca.pem", access.caCertificate);
      write("secrets/database-admin-url", urlOf(access.user, access.password));
      write("secrets/database-owner-url", urlOf("drops_owner"));
    }
  });

  it("are not granted with a URL of something else, whose value stays hidden", async () => {
    write("secrets/database-owner-url", "mysql://u:hidden@h/d");
    await expect(grant()).rejects.toThrow(/^pg: database-owner-url is not a postgresql:\/\/ URL$/);
    write("secrets/database-owner-url", urlOf("drops_owner"));
  });
});
