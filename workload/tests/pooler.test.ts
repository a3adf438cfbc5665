import { expect, it } from "vitest";
import { call, openDrop, refund, until, watch } from "./support/client";
import { seen, setMode } from "./support/control";
import { openDatabase } from "./support/database";
import { newPooler } from "./support/pooler";
import { query, urlOf } from "./support/postgres";
import { newSuite } from "./support/suite";

async function start(name: string) {
  const suite = await newSuite(name);
  const pooler = await newPooler(suite.postgresPort);
  const url = urlOf(pooler.port, suite.database, "drops_app");
  return { suite, pooler, url };
}

it("statements go through the pooler as it can take them; the control row and the feed go past it", async () => {
  const { suite, pooler, url } = await start("pooled");
  const env = { DATABASE_POOLER_URL: url };
  const [app, other] = await Promise.all([suite.app(env), suite.app(env)]);
  const watcher = await watch(other);
  const opened = await openDrop(app, 1, "a-key-for-tests");
  expect(opened.status).toBe(201);
  expect((await openDrop(app, 1, "a-key-for-tests")).body).toEqual(opened.body);
  expect((await refund(app, 1, opened.body.drop.cards[0].id)).status).toBe(200);
  const reads = Array.from({ length: 30 }, () => call(other, "/api/users/1/cards"));
  for (const read of await Promise.all(reads)) expect(read.body.cards).toHaveLength(4);
  await until("the feed", () => watcher.messages.length === 2);
  await query(
    suite.url("drops_owner"),
    `INSERT INTO idempotency_keys (user_id, key, request_hash, created_at)
     VALUES (1, 'old', '', now() - interval '3 days')`,
  );
  await suite.worker(env);
  await until("a worker sweeps", async () => {
    const keys = await query(suite.url("drops_owner"), "SELECT key FROM idempotency_keys");
    return !keys.some(({ key }) => key === "old");
  });
  await setMode(suite, "readonly");
  await Promise.all([seen(app, "readonly"), seen(other, "readonly")]);
  expect((await openDrop(app, 1)).body.error.code).toBe("read_only");
  expect(pooler.faults).toEqual([]);
  expect(new Set(pooler.names)).toEqual(new Set(["drops-web", "drops-worker"]));
});

it("a write has its limits all the same, and leaves none of them behind", async () => {
  const { suite, url } = await start("pooled_limits");
  const { database } = openDatabase({
    ...{ DATABASE_URL: suite.url("drops_app"), DATABASE_POOLER_URL: url },
    ...{ DATABASE_POOL_MAX: "2", DATABASE_STATEMENT_TIMEOUT_MS: "4000" },
  });
  const limits = `SELECT current_setting('statement_timeout') AS statement,
    current_setting('lock_timeout') AS lock,
    current_setting('idle_in_transaction_session_timeout') AS idle`;
  const inside = await database.write("limits", async (client) => {
    return (await client.query<Record<string, string>>(limits)).rows;
  });
  expect(inside).toEqual([{ statement: "4s", lock: "2s", idle: "10s" }]);
  expect(await database.read("primary", "limits", limits, [])).toEqual([
    { statement: "0", lock: "0", idle: "0" },
  ]);
});

it("without it, statements are planned once a connection and limited by the server", async () => {
  const { suite } = await start("not_pooled");
  const { database } = openDatabase({
    ...{ DATABASE_URL: suite.url("drops_app"), DATABASE_POOL_MAX: "2" },
  });
  const limit = "SELECT current_setting('statement_timeout') AS limit";
  expect(await database.read("primary", "limit", limit, [])).toEqual([{ limit: "5s" }]);
  const prepared = "SELECT name FROM pg_prepared_statements ORDER BY name";
  expect(await database.read("primary", "prepared", prepared, [])).toEqual([
    { name: "limit" },
    { name: "prepared" },
  ]);
});

it("a pooler as DATABASE_URL is told by the reason", async () => {
  const { suite, url } = await start("pooled_wrongly");
  const app = await suite.app({ DATABASE_URL: url });
  expect((await call(app, "/readyz")).status).toBe(503);
  const [line] = app.lines().filter(({ msg }) => msg === "the control poll failed");
  expect(line).toMatchObject({ err: { message: expect.stringMatching(/^unsupported startup/) } });
});
