import { beforeAll, describe, expect, it } from "vitest";
import { toHttpError } from "../server/errors";
import { openDatabase } from "./support/database";
import { query } from "./support/postgres";
import { newSuite, type Suite } from "./support/suite";

describe("a replica in overload", () => {
  let primary: Suite;
  let replica: Suite;
  beforeAll(async () => {
    // Two databases that share nothing tell which one answered.
    [primary, replica] = await Promise.all([newSuite("calm_primary"), newSuite("busy_replica")]);
    await query(
      primary.url("drops_owner"),
      "CREATE FUNCTION fail(text) RETURNS name LANGUAGE sql AS 'SELECT current_database()'",
    );
    await query(
      replica.url("drops_owner"),
      `CREATE FUNCTION fail(state text) RETURNS name LANGUAGE plpgsql AS $$
       BEGIN
         RAISE 'no' USING ERRCODE = state;
       END $$`,
    );
  });

  function open() {
    const { database, measured } = openDatabase({
      DATABASE_URL: primary.url("drops_app"),
      DATABASE_REPLICA_URL: replica.url("drops_app"),
      DATABASE_STATEMENT_TIMEOUT_MS: "20000",
      // Also how long a new connection may take: enough of it on a busy machine.
      DATABASE_CONNECT_TIMEOUT_MS: "1500",
      DATABASE_POOL_MAX: "2",
    });
    const read = async (text: string, values: readonly unknown[] = []) => {
      const [row] = await database.read<{ name: string }>("any", text, text, values);
      return row?.name;
    };
    return { database, measured, read };
  }

  it("stays in use where all its connections are: who waited too long asks the primary", async () => {
    const { database, measured, read } = open();
    const slow = "SELECT current_database() AS name FROM pg_sleep(4)";
    const under = [read(slow), read(slow)];
    expect(await read("SELECT current_database() AS name")).toBe(primary.database);
    expect(database.replicaUp).toBe(true);
    expect(await Promise.all(under)).toEqual([replica.database, replica.database]);
    expect(await read("SELECT current_database() AS name")).toBe(replica.database);
    expect(measured.filter(({ pool }) => pool === "primary")).toHaveLength(1);
  });

  it.each([
    ["40001", "the replica cancelled the read to catch up"],
    ["53300", "it has no connection left"],
    ["42501", "it lacks a right"],
    ["57014", "the read took too long"],
  ])("stays in use after %s (%s), and that read is the primary's", async (state) => {
    const { database, measured, read } = open();
    expect(await read("SELECT fail($1) AS name", [state])).toBe(primary.database);
    expect(database.replicaUp).toBe(true);
    expect(measured.map(({ pool, failed }) => [pool, failed])).toEqual([
      ["replica", true],
      ["primary", false],
    ]);
    expect(await read("SELECT current_database() AS name")).toBe(replica.database);
  });

  it("is left alone where it ends the connection", async () => {
    const { database, read } = open();
    expect(await read("SELECT fail($1) AS name", ["57P01"])).toBe(primary.database);
    expect(database.replicaUp).toBe(false);
  });

  it("nothing to wait for anywhere: the visitor is told that it is busy", async () => {
    const { database } = openDatabase({
      DATABASE_URL: primary.url("drops_app"),
      DATABASE_CONNECT_TIMEOUT_MS: "1500",
      DATABASE_POOL_MAX: "2",
    });
    const slow = database.run("slow", "SELECT pg_sleep(4)", []);
    const late = await database.run("late", "SELECT 1", []).catch(toHttpError);
    expect(late).toMatchObject({ status: 503, code: "database_busy" });
    await slow;
  });
});
