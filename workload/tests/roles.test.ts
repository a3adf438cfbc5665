import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { scramVerifier } from "../server/scram";
import {
  asSuperuser,
  newDatabase,
  newPostgres,
  query,
  urlOf,
  withClient,
} from "./support/postgres";
import { runMigrate, runTool } from "./support/programs";

let port: number;
beforeAll(() => {
  port = inject("postgresPort");
});

const ownerPassword = "0wner/of:drops@w0rd";
const appPassword = "app-of-drops-w0rd";

interface Place {
  readonly port: number;
  readonly database: string;
  readonly owner: string;
  readonly app: string;
}

/** An empty database of the administrator's, who is no superuser, and two roles that are not there yet. */
let count = 0;
async function fresh(at = port): Promise<Place> {
  const name = `t_roles_${(count += 1)}`;
  await asSuperuser(at, "postgres", (client) =>
    client.query(`CREATE DATABASE ${name} OWNER drops_admin`),
  );
  return { port: at, database: name, owner: `${name}_owner`, app: `${name}_app` };
}

function url({ port: at, database }: Place, role: string, password: string): string {
  return `postgresql://${role}:${encodeURIComponent(password)}@127.0.0.1:${at}/${database}`;
}

function environment(place: Place, passwords = { owner: ownerPassword, app: appPassword }) {
  return {
    ADMIN_DATABASE_URL: urlOf(place.port, place.database, "drops_admin"),
    MIGRATION_DATABASE_URL: url(place, place.owner, passwords.owner),
    DATABASE_URL: url(place, place.app, passwords.app),
  };
}

const roles = async (env: Readonly<Record<string, string>>, args: readonly string[] = []) =>
  await runTool(inject("dist"), "roles.js", env, args);

const asAdmin = async ({ port: at, database }: Place, text: string) =>
  await query(urlOf(at, database, "drops_admin"), text);

/** Rights on the database, on its schema and on what is to come, with what each role is. */
async function rights(place: Place) {
  return await asAdmin(
    place,
    `SELECT 'database' AS what, datacl::text AS rights FROM pg_database WHERE datname = current_database()
      UNION ALL SELECT 'public', nspacl::text FROM pg_namespace WHERE nspname = 'public'
      UNION ALL SELECT 'new ' || defaclobjtype::text, defaclacl::text FROM pg_default_acl
      ORDER BY 1, 2`,
  );
}

describe("a fresh database", () => {
  it("gets its roles, migrates as the one and serves as the other; a second run says nothing new", async () => {
    const place = await fresh();
    const env = environment(place);
    const first = await roles(env);
    expect(first).toEqual({
      code: 0,
      output:
        `roles: created ${place.owner}\nroles: created ${place.app}\n` +
        "roles: not done: CREATE EXTENSION IF NOT EXISTS pg_stat_statements (permission denied to create " +
        `extension "pg_stat_statements")\nroles: ${place.owner} and ${place.app} can log in and have their rights\n`,
    });
    const before = await rights(place);
    const second = await roles(env);
    expect([second.code, second.output]).toEqual([0, expect.not.stringMatching(/created|gave/)]);
    expect(await rights(place)).toEqual(before);
    expect(
      await asAdmin(
        place,
        `SELECT rolname FROM pg_roles WHERE rolname LIKE '${place.database}%'
            AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)`,
      ),
    ).toHaveLength(2);

    expect(await runMigrate(inject("dist"), { ...env, APP_ROLE: place.app })).toMatchObject({
      code: 0,
    });
    await query(env.DATABASE_URL, "INSERT INTO accounts (user_id) VALUES (1)");
    await expect(query(env.DATABASE_URL, "CREATE TABLE mine (id int)")).rejects.toMatchObject({
      code: "42501",
    });
    await query(env.MIGRATION_DATABASE_URL, "CREATE TABLE later (id serial)");
    await query(env.DATABASE_URL, "INSERT INTO later DEFAULT VALUES");
    expect((await roles(env)).code).toBe(0);
  });

  it("has the very rights that a server's roles.sql and owner.sql would give", async () => {
    const place = await fresh();
    expect((await roles(environment(place))).code).toBe(0);
    const other: Place = { ...place, database: (await fresh()).database };
    await asHost(other);
    expect(await rights(place)).toEqual(await rights(other));
    expect(await rights(place)).toHaveLength(4);
  });

  it("is prepared by several at once", async () => {
    const env = environment(await fresh());
    const all = await Promise.all([roles(env), roles(env), roles(env)]);
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0]);
    const created = all.flatMap(({ output }) => output.match(/created /g) ?? []);
    expect(created).toHaveLength(2);
  });
});

/** Runs the files that a server has, without their psql. */
async function asHost(place: Place): Promise<void> {
  const script = (name: string) =>
    readFileSync(join(__dirname, "../../host/files", name), "utf8")
      .replaceAll(/:(["'])(owner|app)\1/g, (_, quote: string, role: "owner" | "app") => {
        return `${quote}${place[role]}${quote}`;
      })
      .split(/^(SELECT .*)\\gexec$/m);
  const [settings, generator, rest] = script("roles.sql");
  await withClient(urlOf(place.port, place.database, "drops_admin"), async (client) => {
    await client.query(settings!);
    const { rows } = await client.query<{ format: string }>(generator!);
    for (const { format } of rows) await client.query(format);
    await client.query(rest!);
  });
  await query(url(place, place.owner, ownerPassword), script("owner.sql").join(""));
}

describe("roles that are there", () => {
  it("get the password of their URL where it is another one", async () => {
    const place = await fresh();
    await roles(environment(place));
    const changed = environment(place, { owner: "n3w-w0rd-of-owner", app: appPassword });
    const { code, output } = await roles(changed);
    expect([code, output]).toEqual([
      0,
      expect.stringContaining(`gave ${place.owner} the password of its URL`),
    ]);
    expect(output).not.toContain(`gave ${place.app}`);
    await query(changed.MIGRATION_DATABASE_URL, "SELECT 1");
    await expect(query(environment(place).MIGRATION_DATABASE_URL, "SELECT 1")).rejects.toThrow(
      "password authentication failed",
    );
  });

  it("may log in again, and connect where that was taken away", async () => {
    const place = await fresh();
    const env = environment(place);
    await roles(env);
    await asAdmin(
      place,
      `ALTER ROLE ${place.owner} NOLOGIN;
       REVOKE CONNECT ON DATABASE ${place.database} FROM PUBLIC, ${place.app}`,
    );
    const { code, output } = await roles(env);
    expect([code, output]).toEqual([0, expect.not.stringContaining(`gave ${place.app}`)]);
    await query(env.MIGRATION_DATABASE_URL, "SELECT 1");
    await query(env.DATABASE_URL, "SELECT 1");
  });

  it("are left alone where somebody else made them, if only their passwords are right", async () => {
    const place = await fresh();
    await asSuperuser(port, "postgres", async (client) => {
      await client.query(`CREATE ROLE ${place.owner} LOGIN PASSWORD '${ownerPassword}'`);
      await client.query(`CREATE ROLE ${place.app} LOGIN PASSWORD 'another'`);
    });
    const wrong = await roles(environment(place));
    expect([wrong.code, wrong.output]).toEqual([
      2,
      expect.stringMatching(
        /^roles: failed: permission denied to alter role \(.*ADMIN option.*\)\n$/,
      ),
    ]);
    const right = environment(place, { owner: ownerPassword, app: "another" });
    expect((await roles(right)).code).toBe(0);
  });
});

describe("what is refused", () => {
  it("a superuser, whom nothing can be kept from", async () => {
    const place = await fresh();
    const env = { ...environment(place), DATABASE_URL: urlOf(port, place.database, "postgres") };
    expect(await roles(env)).toEqual({
      code: 2,
      output:
        `roles: created ${place.owner}\n` +
        'roles: refused: the role "postgres" is a superuser, allowed is one that is none\n',
    });
  });

  it("an administrator who does not own the database", async () => {
    const place = await fresh();
    await asSuperuser(port, "postgres", (client) =>
      client.query(`ALTER DATABASE ${place.database} OWNER TO postgres`),
    );
    const { code, output } = await roles(environment(place));
    expect(code).toBe(2);
    expect(output).toContain(
      `refused: ${place.owner} lacks CREATE on schema public, which the administrator could not grant: ` +
        "let ADMIN_DATABASE_URL be the URL of the role that owns the database",
    );
  });

  it("another run that does not end", async () => {
    const place = await fresh();
    await withClient(urlOf(port, place.database, "drops_admin"), async (client) => {
      await client.query("SELECT pg_advisory_lock(1146244944, 3)");
      const answer = await roles({ ...environment(place), ROLES_LOCK_TIMEOUT_MS: "300" });
      expect(answer).toEqual({
        code: 2,
        output:
          "roles: another run of roles runs, waiting for its end\n" +
          "roles: refused: another run of roles still runs after 300 ms\n",
      });
    });
  });

  it("an administrator's wrong password, which is not shown", async () => {
    const place = await fresh();
    const ADMIN_DATABASE_URL = url(place, "drops_admin", "wr0ng-w0rd");
    expect(await roles({ ...environment(place), ADMIN_DATABASE_URL })).toEqual({
      code: 2,
      output: 'roles: failed: password authentication failed for user "drops_admin"\n',
    });
  });

  it.each<[string, object, string[]]>([
    [
      "nothing",
      { ADMIN_DATABASE_URL: "", MIGRATION_DATABASE_URL: "", DATABASE_URL: "" },
      ["ADMIN_DATABASE_URL: not set", "MIGRATION_DATABASE_URL: not set", "DATABASE_URL: not set"],
    ],
    [
      "a role without a password",
      { DATABASE_URL: "postgresql://drops_app@db/drops" },
      ["DATABASE_URL: names no password, which it is made of"],
    ],
    [
      "another database",
      { DATABASE_URL: "postgresql://drops_app:w0rd@db/other" },
      ['DATABASE_URL: its database is "other", ADMIN_DATABASE_URL\'s is "drops"'],
    ],
    [
      "one role for both",
      { DATABASE_URL: "postgresql://drops_owner:w0rd@db/drops" },
      ['DATABASE_URL: its role "drops_owner" is MIGRATION_DATABASE_URL\'s too'],
    ],
    [
      "the administrator as the owner",
      { MIGRATION_DATABASE_URL: "postgresql://admin:w0rd@db/drops" },
      ['MIGRATION_DATABASE_URL: its role "admin" is ADMIN_DATABASE_URL\'s too'],
    ],
    ["a time that is none", { ROLES_LOCK_TIMEOUT_MS: "soon" }, ["ROLES_LOCK_TIMEOUT_MS: got"]],
  ])("%s in the environment", async (_, changes, words) => {
    const { code, output } = await roles({
      ADMIN_DATABASE_URL: "postgresql://admin:w0rd@db/drops",
      MIGRATION_DATABASE_URL: "postgresql://drops_owner:w0rd@db/drops",
      DATABASE_URL: "postgresql://drops_app:w0rd@db/drops",
      ...changes,
    });
    expect(code).toBe(2);
    expect(output).toContain(`roles: the environment has ${words.length} problem(s):`);
    for (const word of words) expect(output).toContain(word);
    expect(output).not.toContain("w0rd");
  });

  it("an argument that it does not know; --help is none of them", async () => {
    const unknown = await roles({}, ["--force"]);
    expect([unknown.code, unknown.output]).toEqual([2, expect.stringContaining("usage: node")]);
    const help = await roles({}, ["--help"]);
    expect([help.code, help.output]).toEqual([0, unknown.output]);
  });
});

it("no password is in the log of a server that logs every statement", async () => {
  const server = await newPostgres(["-c", "log_statement=all", "-c", "log_connections=on"]);
  onTestFinished(async () => {
    await server.remove();
  });
  const place = await fresh(server.port);
  expect((await roles(environment(place))).code).toBe(0);
  const changed = { owner: "n3w-w0rd-of-owner", app: "n3w-w0rd-of-app" };
  expect((await roles(environment(place, changed))).code).toBe(0);
  const text = server.log();
  expect(text).toContain(`ALTER ROLE "${place.owner}" LOGIN PASSWORD 'SCRAM-SHA-256$4096:`);
  for (const word of [ownerPassword, appPassword, ...Object.values(changed)]) {
    expect(text).not.toContain(word);
  }
});

it("what stands for a password is another one each time, and lets that password in alone", async () => {
  const word = "pässword ½ of drops";
  const [one, two] = [await scramVerifier(word), await scramVerifier(word)];
  expect(one).not.toBe(two);
  const name = "t_roles_verifier";
  await newDatabase(port, name);
  await asSuperuser(port, name, (client) =>
    client.query(`CREATE ROLE ${name} LOGIN PASSWORD '${one}'`),
  );
  const place: Place = { port, database: name, owner: name, app: name };
  await query(url(place, name, word), "SELECT 1");
  await expect(query(url(place, name, `${word}s`), "SELECT 1")).rejects.toThrow("password");
});
