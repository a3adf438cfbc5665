import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type ClientConfig } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { newPostgresService, type PostgresService } from "./postgres";
import { asClient, type Access } from "./testing/postgresClient";
import { commandLineOf } from "./processTable";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const directory = mkdtempSync(join(tmpdir(), "drops-postgres-"));
chmodSync(directory, 0o755);
const lines: string[] = [];
const wanted = { major: 17, connectionLimit: 22 };

let service: PostgresService;
let access: Access;

beforeAll(async () => {
  // As if somebody had been killed while they were made.
  mkdirSync(join(directory, "one/data/base"), { recursive: true });
  mkdirSync(join(directory, "one/data.new"), { recursive: true });
  writeFileSync(join(directory, "one/data.new/half"), "");
  service = newPostgresService({ directory, log: (line) => lines.push(line) });
  access = await service.ensure("one", wanted);
});
afterAll(async () => {
  await service.stopAll();
  rmSync(directory, { recursive: true, force: true });
});

const query = (statement: string, change: ClientConfig = {}) =>
  asClient(access, statement, { database: "drops", ...change });
const status = () => service.statuses().find(({ resource }) => resource === "one")!;
const inDefault = { database: "defaultdb" };
const owner = { user: "drops_owner", password: "o'w\\n%er" };
const app = { user: "drops_app", password: "app-secret" };

describe("a new database cluster", () => {
  it("hands out an administrator, and runs", () => {
    expect(access).toMatchObject({ host: "localhost", user: "doadmin", database: "defaultdb" });
    expect(access.port).toBe(service.port("one"));
    expect(status()).toMatchObject({
      ...{ resource: "one", state: "running", ports: [access.port] },
      what: expect.stringMatching(/^Postgres 17\.\d+$/) as string,
    });
    expect(status().memoryBytes).toBeGreaterThan(1_000_000);
  });

  it("is the same when it is asked for again, and is not started anew", async () => {
    const { pid } = status();
    expect(await service.ensure("one", wanted)).toEqual(access);
    expect(status().pid).toBe(pid);
  });

  it("has an administrator with DigitalOcean's rights and no others", async () => {
    const [role] = await query("SELECT * FROM pg_roles WHERE rolname = 'doadmin'", inDefault);
    expect(role).toMatchObject({
      ...{ rolsuper: false, rolcanlogin: true, rolcreatedb: true, rolcreaterole: true },
      ...{ rolreplication: true, rolbypassrls: true, rolconnlimit: -1 },
    });
    const groups = await query(
      `SELECT g.rolname, m.admin_option FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
       WHERE m.member = 'doadmin'::regrole ORDER BY 1`,
      inDefault,
    );
    expect(groups.map((row) => [row.rolname, row.admin_option])).toEqual([
      ["pg_create_subscription", true],
      ["pg_read_all_stats", true],
      ["pg_signal_backend", false],
      ["pg_stat_scan_tables", false],
    ]);
  });

  it("has the settings of the provider", async () => {
    const rows = await query(
      `SELECT name, setting FROM pg_settings WHERE name IN
       ('max_connections', 'superuser_reserved_connections', 'wal_level', 'ssl', 'listen_addresses')`,
      inDefault,
    );
    expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
      ...{ max_connections: "25", superuser_reserved_connections: "3" },
      ...{ wal_level: "logical", ssl: "on" },
      listen_addresses: "127.0.0.1",
    });
  });

  it("refuses a connection without TLS", async () => {
    await expect(query("SELECT 1", { ...inDefault, ssl: false })).rejects.toThrow(
      /no pg_hba\.conf entry for host "127\.0\.0\.1".*no encryption/,
    );
  });

  it("shows a certificate that its own authority alone signed", async () => {
    await expect(query("SELECT 1", { ...inDefault, ssl: {} })).rejects.toThrow(/certificate/);
    expect(
      await query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", {
        ...inDefault,
        host: "127.0.0.1",
      }),
    ).toEqual([{ ssl: true }]);
  });

  it("refuses a wrong password", async () => {
    await expect(query("SELECT 1", { ...inDefault, password: "wrong" })).rejects.toThrow(
      'password authentication failed for user "doadmin"',
    );
  });
});

describe("databases and users", () => {
  beforeAll(async () => {
    for (let time = 0; time < 2; time++) {
      await service.createDatabase("one", "drops");
      await service.createRole("one", owner.user, "the first password");
      await service.createRole("one", owner.user, owner.password);
      await service.createRole("one", app.user, app.password);
    }
  });

  it("are made so that a user can log in and do nothing", async () => {
    for (const user of [owner, app]) {
      await expect(query("CREATE TABLE early (id int)", user)).rejects.toThrow(
        "permission denied for schema public",
      );
    }
    const [role] = await query("SELECT * FROM pg_roles WHERE rolname = 'drops_owner'");
    expect(role).toMatchObject({
      ...{ rolsuper: false, rolcreatedb: false, rolcreaterole: false },
      ...{ rolreplication: false, rolbypassrls: false },
    });
    await expect(query("SELECT 1", { ...owner, password: "the first password" })).rejects.toThrow(
      "password authentication failed",
    );
  });

  it("give the administrator no power over users of the API", async () => {
    await expect(query("SET ROLE drops_owner")).rejects.toThrow(/permission denied/);
    await expect(query("ALTER ROLE drops_owner PASSWORD 'x'")).rejects.toThrow(/permission denied/);
    await expect(query("ALTER ROLE doadmin SUPERUSER")).rejects.toThrow(/permission denied/);
    await expect(query("COPY (SELECT 1) TO '/tmp/drops-copied'")).rejects.toThrow(
      /permission denied/,
    );
  });

  it("let the administrator run the steps of roles.sql, all of them", async () => {
    const notices: string[] = [];
    const client = new Client({
      ...{ host: access.host, port: access.port, user: access.user, password: access.password },
      ...{ database: "drops", ssl: { ca: access.caCertificate } },
    });
    client.on("notice", ({ message }) => notices.push(message ?? ""));
    await client.connect();
    for (const { sql, again } of psqlSteps("roles.sql")) {
      const { rows } = await client.query<Record<string, string>>(sql);
      if (again) for (const row of rows) await client.query(Object.values(row).join(";"));
    }
    await client.end();
    expect(notices).toEqual([]);
    await query(
      psqlSteps("owner.sql")
        .map(({ sql }) => sql)
        .join(";"),
      owner,
    );
    await query("CREATE TABLE cards (id serial, name text)", owner);
    await query("INSERT INTO cards (name) VALUES ('a')", app);
    expect(await query("SELECT name FROM cards", app)).toEqual([{ name: "a" }]);
    for (const statement of ["CREATE TABLE mine (id int)", "DROP TABLE cards"]) {
      await expect(query(statement, app)).rejects.toThrow(/permission denied|must be owner/);
    }
  });

  it("have statement statistics, which do not count the service's own", async () => {
    const rows = await query("SELECT count(*)::int FROM pg_stat_statements WHERE calls > 0", app);
    expect(rows[0]?.count).toBeGreaterThan(0);
    expect(
      await query("SELECT query FROM pg_stat_statements WHERE userid = 'postgres'::regrole"),
    ).toEqual([]);
  });

  it("leave no password in logs, arguments or files that others may read", async () => {
    await expect(service.createRole("one", "drops\0", "in-a-failing-statement")).rejects.toThrow();
    const settings = readFileSync(join(directory, "one/settings.json"), "utf8");
    const { superuserPassword } = JSON.parse(settings) as { superuserPassword: string };
    const secrets = [superuserPassword, access.password, owner.password, app.password];
    const shown = [
      readFileSync(join(directory, "one/postgres.log"), "utf8"),
      commandLineOf(status().pid!),
      ...lines,
    ].join("\n");
    for (const secret of [...secrets, "in-a-failing-statement", "SCRAM-SHA-256"]) {
      expect(shown).not.toContain(secret);
    }
    for (const file of [
      "settings.json",
      "postgres.log",
      "authority/authority.pem",
      "data/server.key",
    ]) {
      expect([file, statSync(join(directory, "one", file)).mode & 0o077]).toEqual([file, 0]);
    }
    expect(readdirSync(join(directory, "one")).sort()).toEqual([
      ...["authority", "data", "postgres.log", "postgres.process.json", "settings.json"],
    ]);
  });

  it("belong to the provider where they came with the cluster", async () => {
    for (const name of ["postgres", "doadmin", "pg_monitor"]) {
      await expect(service.createRole("one", name, "x")).rejects.toThrow("belongs to the provider");
      await expect(service.dropRole("one", name)).rejects.toThrow("belongs to the provider");
    }
    for (const name of ["postgres", "template1", "defaultdb"]) {
      await expect(service.dropDatabase("one", name)).rejects.toThrow("cannot be deleted");
    }
  });

  it("are deleted, and what a user owned stays", async () => {
    const name = `odd "name'; --`;
    await service.createDatabase("one", name);
    await service.createRole("one", name, "x");
    const asOdd = { user: name, password: "x", database: name };
    await query(`GRANT CREATE ON SCHEMA public TO "odd ""name'; --"`, { database: name });
    await query("CREATE TABLE kept (id int)", asOdd);
    await service.dropRole("one", name);
    await service.dropRole("one", name);
    await expect(query("SELECT 1", asOdd)).rejects.toThrow("password authentication failed");
    expect(
      await query("SELECT tableowner FROM pg_tables WHERE tablename = 'kept'", { database: name }),
    ).toEqual([{ tableowner: "doadmin" }]);
    const open = new Client({ ...access, database: name, ssl: { ca: access.caCertificate } });
    open.on("error", () => undefined);
    await open.connect();
    await service.dropDatabase("one", name);
    await service.dropDatabase("one", name);
    await expect(query("SELECT 1", { database: name })).rejects.toThrow("does not exist");
    await open.end().catch(() => undefined);
  });
});

/** Statements of a file for psql, its variables filled in; `again`: what they answer is run too. */
function psqlSteps(file: string): readonly { readonly sql: string; readonly again: boolean }[] {
  const text = readFileSync(join(__dirname, "../../host/files", file), "utf8")
    .replaceAll(/^--.*\n/gm, "")
    .replaceAll(/:(["'])(owner|app)\1/g, "$1drops_$2$1");
  const [block] = /DO \$\$[^]*\$\$;/.exec(text) ?? [];
  const plain = (block === undefined ? text : text.replace(block, "")).split(/;\n|(?<=\\gexec)\n/);
  return [...plain, block ?? ""]
    .filter((sql) => sql.trim() !== "")
    .map((sql) => ({ sql: sql.replace("\\gexec", ""), again: sql.includes("\\gexec") }));
}
