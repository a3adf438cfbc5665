import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { parseIndexes } from "../server/indexes";
import { until } from "./support/client";
import { asSuperuser, newDatabase, query, urlOf, withClient } from "./support/postgres";
import { runMigrate } from "./support/programs";

let dist: string;
let port: number;
beforeAll(() => {
  dist = inject("dist");
  port = inject("postgresPort");
});

let count = 0;
async function fresh(): Promise<string> {
  const name = `t_migrate_${(count += 1)}`;
  await newDatabase(port, name);
  return name;
}

async function migrate(database: string, env: object = {}, args: readonly string[] = []) {
  const url = urlOf(port, database, "drops_owner");
  return await runMigrate(dist, { MIGRATION_DATABASE_URL: url, ...env }, args);
}

const file = readFileSync(join(__dirname, "../database-indexes.sql"), "utf8");
const indexes = parseIndexes(file);

async function definitions(database: string): Promise<Record<string, string>> {
  const rows = await query(
    urlOf(port, database, "drops_owner"),
    `SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       LEFT JOIN pg_constraint k ON k.conindid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND k.oid IS NULL AND i.indisvalid`,
  );
  return Object.fromEntries(rows.map((row) => [row["name"], row["definition"]]));
}

describe("a fresh database", () => {
  it("is brought up to date, and a second run changes nothing", async () => {
    const database = await fresh();
    const before = await migrate(database, {}, ["--status"]);
    expect([before.code, before.output]).toEqual([1, expect.stringContaining("pending")]);
    const first = await migrate(database);
    expect(first.output).toContain("applied 1764000000000_tables");
    expect(first.output).toContain("built index idx_user_cards_user_id");
    expect(first.code).toBe(0);
    const second = await migrate(database);
    expect(second.code).toBe(0);
    expect(second.output).not.toMatch(/applied|built/);
    const after = await migrate(database, {}, ["--status"]);
    expect([after.code, after.output]).toEqual([0, expect.not.stringContaining("pending")]);
  });

  it("has exactly the indexes of database-indexes.sql, the document's among them", async () => {
    const database = await fresh();
    await migrate(database);
    expect(Object.keys(await definitions(database)).sort()).toEqual(
      indexes.map(({ name }) => name).sort(),
    );
    expect((await definitions(database))["idx_user_cards_user_id"]).toBe(
      "CREATE INDEX idx_user_cards_user_id ON public.user_cards USING btree (user_id) WHERE (is_refunded = false)",
    );
    // The statement as the scaling document has it, line break and all.
    expect(file).toContain(
      "CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_user_cards_user_id\n" +
        "ON user_cards(user_id) WHERE is_refunded = false;",
    );
    expect(parseIndexes(readFileSync(join(dist, "database-indexes.sql"), "utf8"))).toEqual(indexes);
  });
});

describe("rights", () => {
  it("gives the app its rows, and neither the schema nor the control row", async () => {
    const database = await fresh();
    await migrate(database);
    const app = urlOf(port, database, "drops_app");
    await query(app, "INSERT INTO accounts (user_id) VALUES (1)");
    expect(await query(app, "SELECT mode FROM drops_control")).toEqual([{ mode: "open" }]);
    for (const statement of [
      "UPDATE drops_control SET mode = 'open'",
      "DELETE FROM drops_control",
      "SELECT * FROM schema_migrations",
      "CREATE TABLE mine (id int)",
      "DROP TABLE accounts",
      "TRUNCATE accounts",
    ]) {
      await expect(query(app, statement), statement).rejects.toMatchObject({ code: "42501" });
    }
    // What later migrations create is the app's to use as well.
    await query(urlOf(port, database, "drops_owner"), "CREATE TABLE later (id serial)");
    await query(app, "INSERT INTO later DEFAULT VALUES");
  });

  it("takes the time it needs, whatever limit its role has", async () => {
    const database = await fresh();
    await asSuperuser(port, database, (client) =>
      client.query(`ALTER ROLE drops_owner IN DATABASE ${database} SET statement_timeout = '1ms'`),
    );
    expect(await migrate(database)).toMatchObject({ code: 0 });
  });

  it("refuses an app role that does not exist", async () => {
    const database = await fresh();
    const { code, output } = await migrate(database, { APP_ROLE: "nobody_here" });
    expect(code).toBe(2);
    expect(output).toMatch(/refused: the app's role "nobody_here" does not exist/);
  });

  it("fails for a role that may not create, without showing its password", async () => {
    const database = await fresh();
    const url = urlOf(port, database, "drops_app");
    const { code, output } = await migrate(database, {
      ...{ MIGRATION_DATABASE_URL: url, APP_ROLE: "drops_owner" },
    });
    expect(code).toBe(2);
    expect(output).toContain("permission denied for schema public");
    expect(output).not.toContain("w0rd-of-drops");
  });
});

it("two at once: one works, the other waits, both succeed", async () => {
  const database = await fresh();
  const both = await Promise.all([migrate(database), migrate(database), migrate(database)]);
  expect(both.map(({ code }) => code)).toEqual([0, 0, 0]);
  const all = both.map(({ output }) => output).join("");
  expect(all.match(/applied 1764000000000_tables/g)).toHaveLength(1);
  expect(all.match(/built index idx_user_cards_user_id\n/g)).toHaveLength(1);
  expect(Object.keys(await definitions(database))).toHaveLength(indexes.length);
});

it("gives up on a migration that never ends", async () => {
  const database = await fresh();
  await withClient(urlOf(port, database, "drops_owner"), async (client) => {
    await client.query("SELECT pg_advisory_lock(1146244944, 2)");
    const { code, output } = await migrate(database, { MIGRATION_LOCK_TIMEOUT_MS: "300" });
    expect([code, output]).toEqual([2, expect.stringContaining("another migration still runs")]);
  });
});

describe("an index whose build was interrupted", () => {
  it("is dropped and built again", async () => {
    const database = await fresh();
    await migrate(database);
    const owner = urlOf(port, database, "drops_owner");
    await query(owner, "DROP INDEX idx_user_cards_user_id");
    await interruptBuild(database);
    const damaged = await migrate(database, {}, ["--status"]);
    expect([damaged.code, damaged.output]).toEqual([
      1,
      expect.stringContaining("index idx_user_cards_user_id: invalid"),
    ]);
    const { code, output } = await migrate(database);
    expect(code).toBe(0);
    expect(output).toContain("index idx_user_cards_user_id is invalid, dropping it");
    expect(Object.keys(await definitions(database))).toContain("idx_user_cards_user_id");
  });

  it("that somebody builds right now is waited for, until patience ends", async () => {
    const database = await fresh();
    await migrate(database);
    await query(urlOf(port, database, "drops_owner"), "DROP INDEX idx_user_cards_user_id");
    await building(database, "postgres", byHand, "user_cards", async (pid) => {
      const short = await migrate(database, { MIGRATION_LOCK_TIMEOUT_MS: "300" });
      expect(short.code).toBe(2);
      expect(short.output).toContain(
        "refused: index idx_user_cards_user_id is still being built on its table by somebody else " +
          `(process ${pid}) after 300 ms: let that end, or end it with SELECT pg_terminate_backend(${pid})`,
      );
      expect((await migrate(database, {}, ["--status"])).output).toContain(
        "index idx_user_cards_user_id: invalid",
      );
    });
  });

  it("that somebody builds to the end is taken as it is", async () => {
    const database = await fresh();
    await migrate(database);
    await query(urlOf(port, database, "drops_owner"), "DROP INDEX idx_user_cards_user_id");
    let waiting: ReturnType<typeof migrate> | undefined;
    await building(database, "postgres", byHand, "user_cards", async () => {
      waiting = migrate(database);
      await until("it looks for the builder", async () => {
        const rows = await query(
          urlOf(port, database, "postgres"),
          `SELECT FROM pg_stat_activity WHERE application_name = 'drops-migrate'
              AND datname = current_database() AND query LIKE '%pg_stat_progress_create_index%'`,
        );
        return rows.length === 1;
      });
    });
    const { code, output } = await waiting!;
    expect([code, output]).toEqual([0, expect.stringContaining("waiting for its end")]);
    expect(output).not.toContain("dropping it");
  });

  it("says in which step the owner's own build is", async () => {
    const database = await fresh();
    await migrate(database);
    await query(urlOf(port, database, "drops_owner"), "DROP INDEX idx_user_cards_user_id");
    await building(database, "drops_owner", byHand, "user_cards", async (pid) => {
      const { code, output } = await migrate(database, { MIGRATION_LOCK_TIMEOUT_MS: "0" });
      expect([code, output]).toEqual([2, expect.stringMatching(`process ${pid}, waiting for `)]);
    });
  });

  it("does not wait for a build on another table", async () => {
    const database = await fresh();
    await migrate(database);
    await query(urlOf(port, database, "drops_owner"), "DROP INDEX idx_user_cards_user_id");
    await interruptBuild(database);
    const other = "CREATE INDEX CONCURRENTLY by_hand ON accounts (balance_cents)";
    await building(database, "drops_owner", other, "accounts", async () => {
      const { code, output } = await migrate(database, { MIGRATION_LOCK_TIMEOUT_MS: "0" });
      expect([code, output]).toEqual([0, expect.stringContaining("built index idx_user_cards")]);
    });
  });

  const byHand = indexes.find(({ name }) => name === "idx_user_cards_user_id")!.sql;

  /** A concurrent build waits for older transactions that wrote to the table; so it can be held up. */
  async function building(
    database: string,
    role: "postgres" | "drops_owner",
    statement: string,
    table: string,
    work: (pid: number) => Promise<void>,
  ): Promise<void> {
    await withClient(urlOf(port, database, "drops_owner"), async (older) => {
      await older.query(`BEGIN; LOCK TABLE ${table} IN ROW EXCLUSIVE MODE`);
      const build = query(urlOf(port, database, role), statement);
      // Whoever asks for its end hears of a failure; nobody else is to.
      build.catch(() => undefined);
      try {
        await work(await until("the build waits", async () => await builderOf(database)));
      } finally {
        await older.query("ROLLBACK");
        await build;
      }
    });
  }

  async function builderOf(database: string): Promise<number | undefined> {
    const text = "SELECT pid FROM pg_stat_progress_create_index WHERE datname = $1";
    const rows = await query(urlOf(port, database, "postgres"), text, [database]);
    return rows[0]?.["pid"] as number | undefined;
  }

  async function interruptBuild(database: string): Promise<void> {
    const ended = building(database, "drops_owner", byHand, "user_cards", async (pid) => {
      await query(urlOf(port, database, "postgres"), "SELECT pg_cancel_backend($1)", [pid]);
      await until("it is gone", async () => (await builderOf(database)) === undefined);
    });
    await expect(ended).rejects.toMatchObject({ code: "57014" });
  }
});

it("tells its exit codes", async () => {
  const { code, output } = await migrate(await fresh(), {}, ["--help"]);
  expect([code, output]).toEqual([0, expect.stringMatching(/Exit codes: 0 [^]*, 1 [^]*2 /)]);
});

it("refuses index statements that would block writes", () => {
  expect(() => parseIndexes("CREATE INDEX a ON b(c);")).toThrow("not of the form");
});
