import { beforeAll, describe, expect, it } from "vitest";
import { HttpError } from "../server/errors";
import { openDatabase } from "./support/database";
import { newSuite, type Suite } from "./support/suite";

describe("a query is measured as failed", () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = await newSuite("measured");
  });
  const open = (statementTimeoutMs = 20_000) =>
    openDatabase({
      DATABASE_URL: suite.url("drops_app"),
      DATABASE_STATEMENT_TIMEOUT_MS: String(statementTimeoutMs),
    });

  it("where a read ends at the statement's limit, although its connection is still of use", async () => {
    const { database, measured } = open(1_000);
    const slow = database.read("any", "slow", "SELECT pg_sleep(30)", []);
    await expect(slow).rejects.toMatchObject({ code: "57014" });
    await database.read("any", "quick", "SELECT 1", []);
    expect(measured).toEqual([
      { operation: "slow", pool: "primary", failed: true },
      { operation: "quick", pool: "primary", failed: false },
    ]);
    expect(database.use()[0]).toMatchObject({ used: 0, idle: 1 });
  });

  it.each([
    ["404", new HttpError(404, "card_not_found", "x"), false],
    ["409", new HttpError(409, "already_refunded", "x"), false],
    ["422", new HttpError(422, "idempotency_key_reused", "x"), false],
    ["503", new HttpError(503, "read_only", "x"), true],
    ["no answer of ours", new Error("x"), true],
  ])(
    "where a write ends with a fault, and not where the visitor is told no: %s",
    async (...row) => {
      const [, error, failed] = row;
      const { database, measured } = open();
      const write = database.write("refund_card", () => Promise.reject(error));
      await expect(write).rejects.toBe(error);
      expect(measured).toEqual([{ operation: "refund_card", pool: "primary", failed }]);
    },
  );

  it("where a single statement throws", async () => {
    const { database, measured } = open();
    expect(await database.run("notify", "SELECT pg_notify($1, $2)", ["none", "x"])).toBe(1);
    const broken = database.run("broken", "SELECT 1 / $1::int", [0]);
    await expect(broken).rejects.toMatchObject({ code: "22012" });
    expect(measured).toEqual([
      { operation: "notify", pool: "primary", failed: false },
      { operation: "broken", pool: "primary", failed: true },
    ]);
  });
});
