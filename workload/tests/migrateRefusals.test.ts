import { beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { asSuperuser, newDatabase, query, urlOf, type Role } from "./support/postgres";
import { runMigrate } from "./support/programs";

let port: number;
beforeAll(() => {
  port = inject("postgresPort");
});

let count = 0;
async function fresh(): Promise<string> {
  const name = `t_refusals_${(count += 1)}`;
  await newDatabase(port, name);
  return name;
}

async function migrate(
  database: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
) {
  const url = urlOf(port, database, "drops_owner");
  return await runMigrate(inject("dist"), { MIGRATION_DATABASE_URL: url, ...env }, args);
}

async function ask(database: string, text: string, role: Role = "drops_owner") {
  return await query(urlOf(port, database, role), text);
}

/** What a migration would have changed: tables, and rights that were given by default. */
async function traces(database: string) {
  return await ask(
    database,
    `SELECT relname::text AS name, relacl::text AS rights FROM pg_class
      WHERE relnamespace = 'public'::regnamespace
      UNION ALL SELECT defaclobjtype::text, defaclacl::text FROM pg_default_acl
      ORDER BY 1, 2`,
    "postgres",
  );
}

/** A role of the app beside the usual one, which every other test file shares. */
async function otherRole(database: string, name: string, rights: string): Promise<void> {
  const superuser = <T>(text: string) =>
    asSuperuser(port, database, async (client) => (await client.query(text)) as T);
  await superuser(`CREATE ROLE ${name} LOGIN ${rights}`);
  await superuser(`GRANT USAGE ON SCHEMA public TO ${name}`);
  onTestFinished(async () => {
    await superuser(`DROP OWNED BY ${name}; DROP ROLE ${name}`);
  });
}

describe("a role that the app's rights cannot be kept from", () => {
  const allowed = "allowed is a role without the owner's rights: set APP_ROLE to the role of";

  it("the owner itself: refused before anything is changed, time and again", async () => {
    const database = await fresh();
    const before = await traces(database);
    for (const run of ["first", "second"]) {
      const { code, output } = await migrate(database, { APP_ROLE: "drops_owner" });
      expect(code, run).toBe(2);
      expect(output).toBe(
        `migrate: refused: the app's role "drops_owner" owns the schema itself, ${allowed} DATABASE_URL, ` +
          "and let that be another one than MIGRATION_DATABASE_URL's\n",
      );
      expect(await traces(database)).toEqual(before);
    }
    // The schema was not locked: with the right role all goes well, and a mistake later does no harm.
    expect((await migrate(database)).code).toBe(0);
    expect((await migrate(database, { APP_ROLE: "drops_owner" })).code).toBe(2);
    expect((await migrate(database)).code).toBe(0);
  });

  it.each([
    ["a member", "t_member", "IN ROLE drops_owner", 'is a member of "drops_owner", which owns'],
    ["one that need not say so", "t_quiet", "NOINHERIT IN ROLE drops_owner", "is a member of"],
    ["a superuser", "t_super", "SUPERUSER", "is a superuser"],
  ])("%s", async (_name, role, rights, fault) => {
    const database = await fresh();
    await otherRole(database, role, rights);
    const before = await traces(database);
    const { code, output } = await migrate(database, { APP_ROLE: role });
    expect([code, output]).toEqual([2, expect.stringContaining(`"${role}" ${fault}`)]);
    expect(output).toContain(allowed);
    expect(await traces(database)).toEqual(before);
  });

  it("the tables' owner where somebody else migrates", async () => {
    const database = await fresh();
    expect((await migrate(database)).code).toBe(0);
    const { code, output } = await migrate(database, {
      ...{ MIGRATION_DATABASE_URL: urlOf(port, database, "postgres"), APP_ROLE: "drops_owner" },
    });
    expect([code, output]).toEqual([2, expect.stringContaining('"drops_owner" owns the schema')]);
    expect((await migrate(database)).code).toBe(0);
  });
});

describe("an index that is another one than its name says", () => {
  const name = "idx_user_cards_user_id";

  it.each([
    ["of every row", `CREATE INDEX ${name} ON user_cards (user_id)`],
    ["of the other rows", `CREATE INDEX ${name} ON user_cards (user_id) WHERE is_refunded`],
    ["of another table", `CREATE INDEX ${name} ON drops (user_id)`],
    ["of another column", `CREATE INDEX ${name} ON user_cards (drop_id) WHERE is_refunded = false`],
  ])("%s: refused, told by --status, and nothing is dropped", async (_name, statement) => {
    const database = await fresh();
    await migrate(database);
    // The first that is missing is not built either: all are looked at before.
    await ask(database, `DROP INDEX ${name}, idx_idempotency_keys_created_at; ${statement}`);
    const { code, output } = await migrate(database);
    expect(code).toBe(2);
    expect(output).toContain(
      `refused: index ${name} is another one than database-indexes.sql says: found CREATE INDEX ${name} ON public.`,
    );
    expect(output).toContain(`DROP INDEX CONCURRENTLY public.${name}, and run this again`);
    expect(output).not.toContain("built index");
    const status = await migrate(database, {}, ["--status"]);
    expect([status.code, status.output]).toEqual([
      1,
      expect.stringContaining(`index ${name}: other`),
    ]);
    await ask(database, `DROP INDEX ${name}`);
    expect((await migrate(database)).code).toBe(0);
    expect((await migrate(database, {}, ["--status"])).code).toBe(0);
  });

  it("is told where the index wants a column that is not there yet", async () => {
    const database = await fresh();
    await migrate(database);
    await ask(database, "ALTER TABLE user_cards RENAME COLUMN is_refunded TO was_refunded");
    const status = await migrate(database, {}, ["--status"]);
    expect([status.code, status.output]).toEqual([
      1,
      expect.stringContaining(`index ${name}: other`),
    ]);
  });

  it("but the same one in other words is taken as it is, and leaves nothing behind", async () => {
    const database = await fresh();
    await migrate(database);
    await ask(
      database,
      `DROP INDEX ${name};
       CREATE INDEX ${name} ON public.user_cards USING btree (user_id ASC) WHERE (is_refunded = 'f')`,
    );
    const before = await traces(database);
    expect(await migrate(database)).toMatchObject({
      ...{ code: 0, output: expect.not.stringMatching(/built|refused/) },
    });
    expect(await traces(database)).toEqual(before);
  });

  it("goes by the name where the owner may make no temporary table", async () => {
    const database = await fresh();
    await migrate(database);
    await ask(database, `REVOKE TEMPORARY ON DATABASE ${database} FROM PUBLIC`, "postgres");
    expect((await migrate(database)).code).toBe(0);
    expect((await migrate(database, {}, ["--status"])).code).toBe(0);
  });
});
