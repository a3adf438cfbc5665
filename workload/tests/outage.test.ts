import { randomUUID } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { call, openDrop, until } from "./support/client";
import {
  newDatabase,
  newPostgres,
  password,
  query,
  urlOf,
  type PostgresServer,
} from "./support/postgres";
import { needsRedis, newRedis, redisMissing } from "./support/redis";
import { type App, runMigrate, startApp } from "./support/programs";
import { newSuite, type Suite } from "./support/suite";

describe("a database that goes and comes back", () => {
  let postgres: PostgresServer;
  let app: App;
  beforeAll(async () => {
    postgres = await newPostgres();
    await newDatabase(postgres.port, "drops");
    const dist = inject("dist");
    await runMigrate(dist, {
      MIGRATION_DATABASE_URL: urlOf(postgres.port, "drops", "drops_owner"),
    });
    app = await startApp(dist, { DATABASE_URL: urlOf(postgres.port, "drops", "drops_app") });
  });
  afterAll(async () => {
    await app.stop();
    await postgres.remove();
  });

  it.each(["stop", "crash"] as const)("%s: 503 meanwhile, nothing lost", async (way) => {
    const acknowledged: string[] = [];
    const unsure: string[] = [];
    const statuses = new Set<number>();
    let going = true;
    const writer = async (userId: number) => {
      while (going) {
        const key = randomUUID();
        const { status } = await openDrop(app, userId, key);
        statuses.add(status);
        (status === 201 ? acknowledged : unsure).push(`${userId} ${key}`);
      }
    };
    const writers = [1, 2, 3, 4].map(writer);
    await until("writes flow", () => acknowledged.length > 40);
    await postgres[way]();
    await until("not ready", async () => (await call(app, "/readyz")).status === 503);
    const meanwhile = await call(app, "/api/users/1/cards");
    expect([meanwhile.status, meanwhile.headers.get("retry-after")]).toEqual([503, "2"]);
    // The process itself lives.
    expect((await call(app, "/healthz")).status).toBe(200);
    const before = acknowledged.length;
    await postgres.start();
    await until("ready", async () => (await call(app, "/readyz")).status === 200);
    await until("writes flow again", () => acknowledged.length > before + 40);
    going = false;
    await Promise.all(writers);
    expect([...statuses].sort()).toEqual([201, 503]);
    const rows = await query(
      urlOf(postgres.port, "drops", "drops_owner"),
      "SELECT user_id || ' ' || key AS id FROM idempotency_keys",
    );
    const stored = new Set(rows.map(({ id }) => id));
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    // Whatever became of the others: asking again settles it, and never twice.
    for (const id of unsure.slice(-10)) {
      const [userId, key] = id.split(" ") as [string, string];
      const again = await openDrop(app, userId, key);
      expect(again.status).toBe(201);
      expect(again.headers.has("idempotency-replayed")).toBe(stored.has(id));
    }
  });

  it("starts before its database does", async () => {
    await postgres.stop();
    const early = await startApp(inject("dist"), {
      DATABASE_URL: urlOf(postgres.port, "drops", "drops_app"),
    });
    expect((await call(early, "/healthz")).status).toBe(200);
    expect((await call(early, "/readyz")).status).toBe(503);
    await postgres.start();
    await until("ready", async () => (await call(early, "/readyz")).status === 200);
    expect((await openDrop(early, 9)).status).toBe(201);
    await early.stop();
  });
});

describe("a database that does not do as it should", () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = await newSuite("trouble");
  });

  it("read-only: writes are told to wait, reads go on", async () => {
    const readOnly = await newSuite("readonly_db");
    const app = await readOnly.app();
    await openDrop(app, 1);
    await query(
      readOnly.url("postgres"),
      "ALTER ROLE drops_app IN DATABASE " +
        readOnly.database +
        " SET default_transaction_read_only = on",
    );
    const other = await readOnly.app();
    const refused = await openDrop(other, 1);
    expect([refused.status, refused.body.error.code]).toEqual([503, "read_only"]);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect((await call(other, "/api/users/1/cards")).body.cards).toHaveLength(5);
  });

  it("slow: the statement ends at its limit, and the connection serves others", async () => {
    const app = await suite.app({ DATABASE_STATEMENT_TIMEOUT_MS: "300", DATABASE_POOL_MAX: "2" });
    const { Client } = (await import("pg")).default;
    const blocker = new Client({ connectionString: suite.url("drops_owner") });
    await blocker.connect();
    await blocker.query("BEGIN; LOCK TABLE user_cards IN ACCESS EXCLUSIVE MODE");
    const [read, write] = await Promise.all([call(app, "/api/users/1/cards"), openDrop(app, 1)]);
    for (const answer of [read, write]) {
      expect([answer.status, answer.body.error.code]).toEqual([
        503,
        expect.stringMatching(/^database_(slow|busy)$/),
      ]);
    }
    await blocker.query("ROLLBACK");
    await blocker.end();
    expect((await call(app, "/api/users/1/cards")).body.cards).toEqual([]);
    expect((await openDrop(app, 1)).status).toBe(201);
  });

  it("busy: who waits too long for a connection is told so", async () => {
    const app = await suite.app({
      ...{ DATABASE_POOL_MAX: "2", DATABASE_CONNECT_TIMEOUT_MS: "200" },
      DATABASE_STATEMENT_TIMEOUT_MS: "1500",
    });
    const { Client } = (await import("pg")).default;
    const blocker = new Client({ connectionString: suite.url("drops_owner") });
    await blocker.connect();
    await blocker.query("BEGIN; LOCK TABLE user_cards IN ACCESS EXCLUSIVE MODE");
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => call(app, "/api/users/1/cards")),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 503));
    // The control poll has a connection of its own and noticed nothing.
    expect((await call(app, "/readyz")).status).toBe(200);
    await blocker.query("ROLLBACK");
    await blocker.end();
    await until("it goes on", async () => (await call(app, "/api/users/1/cards")).status === 200);
  });

  it("no schema: not ready, and it says why", async () => {
    const empty = await newSuite("empty", undefined);
    await newDatabase(suite.postgresPort, "t_no_schema");
    const app = await empty.app({
      DATABASE_URL: urlOf(suite.postgresPort, "t_no_schema", "drops_app"),
    });
    const ready = await call(app, "/readyz");
    expect([ready.status, ready.body.checks.postgres]).toEqual([503, "migrations have not run"]);
    expect((await call(app, "/api/users/1/cards")).status).toBe(500);
  });

  it("a wrong password: not ready, and the log keeps the right one to itself", async () => {
    const secret = "another-p@ss/word";
    const url = suite
      .url("drops_app")
      .replace(encodeURIComponent(password), encodeURIComponent(secret));
    const app = await suite.app({ DATABASE_URL: url });
    expect((await call(app, "/readyz")).status).toBe(503);
    const refused = await call(app, "/api/users/1/cards");
    expect([refused.status, refused.body.error.code]).toEqual([503, "database_unavailable"]);
    expect(app.output()).toContain("password authentication failed");
    for (const spelling of [secret, encodeURIComponent(secret)]) {
      expect(app.output()).not.toContain(spelling);
    }
  });
});

describe("a connection that breaks while COMMIT is on its way", () => {
  let suite: Suite;
  let proxy: Server;
  let port: number;
  /** What becomes of the next COMMIT. */
  let cut: "before" | "after" | undefined;
  beforeAll(async () => {
    suite = await newSuite("commit");
    proxy = createServer((client: Socket) => {
      const server = connect(suite.postgresPort, "127.0.0.1");
      let swallow = false;
      const end = () => {
        client.destroy();
        server.destroy();
      };
      client.on("data", (chunk) => {
        const commit = chunk.includes("COMMIT\0");
        if (commit && cut === "before") {
          cut = undefined;
          end();
          return;
        }
        if (commit && cut === "after") {
          cut = undefined;
          swallow = true;
        }
        server.write(chunk);
      });
      server.on("data", (chunk) => {
        if (swallow) end();
        else client.write(chunk);
      });
      for (const socket of [client, server]) socket.on("error", end).on("close", end);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    ({ port } = proxy.address() as { port: number });
  });
  afterAll(() => {
    proxy.close();
  });

  it.each([
    ["before", false],
    ["after", true],
  ] as const)(
    "%s it arrived: the outcome is unknown, and a replay settles it",
    async (when, done) => {
      const app = await suite.app({ DATABASE_URL: urlOf(port, suite.database, "drops_app") });
      const userId = when === "before" ? 1 : 2;
      await call(app, "/api/users/1/cards");
      cut = when;
      const answer = await openDrop(app, userId, "the-same-key");
      expect([answer.status, answer.body.error.code]).toEqual([503, "outcome_unknown"]);
      expect(answer.body.error.message).toContain("same Idempotency-Key");
      expect(answer.headers.get("retry-after")).toBe("1");
      const again = await openDrop(app, userId, "the-same-key");
      expect([again.status, again.headers.has("idempotency-replayed")]).toEqual([201, done]);
      expect((await call(app, `/api/users/${userId}/summary`)).body.dropsOpened).toBe(1);
    },
  );
});

describe("a replica", () => {
  it("serves reads, and the primary does where it fails", async () => {
    const primary = await newSuite("primary");
    const replica = await newSuite("replica");
    const app = await primary.app({ DATABASE_REPLICA_URL: replica.url("drops_app") });
    await openDrop(app, 1);
    // Two databases that share nothing tell which one answered.
    expect((await call(app, "/api/users/1/cards")).body.cards).toHaveLength(0);
    const broken = await primary.app({
      DATABASE_REPLICA_URL: replica.url("drops_app").replace(replica.database, "t_not_there"),
    });
    expect((await call(broken, "/api/users/1/cards")).body.cards).toHaveLength(5);
    const ready = await call(broken, "/readyz");
    expect([ready.status, ready.body.status, ready.body.checks.replica]).toEqual([
      ...[200, "degraded", "down"],
    ]);
  });
});

it.skipIf(redisMissing)(`a Redis that hangs is missed until it answers${needsRedis}`, async () => {
  const suite = await newSuite("hung_redis");
  const redis = await newRedis();
  const app = await suite.app({ REDIS_URL: redis.url });
  const check = async () => (await call(app, "/readyz")).body.checks.redis as string;
  await until("Redis is up", async () => (await check()) === "up");
  redis.hang();
  await until("it is missed", async () => (await check()) === "down");
  // Longer than any pause between two questions.
  const deadline = Date.now() + 3_000;
  for (let count = 1; Date.now() < deadline; count += 1) {
    expect((await openDrop(app, 1)).status).toBe(201);
    expect((await call(app, "/api/users/1/summary")).body.dropsOpened).toBe(count);
    expect(await check()).toBe("down");
  }
  redis.goOn();
  await until("Redis is up", async () => (await check()) === "up");
  // It kept nothing from before: a write shows at once.
  const opened = async () => (await call(app, "/api/users/1/summary")).body.dropsOpened as number;
  const before = await opened();
  await openDrop(app, 1);
  expect(await opened()).toBe(before + 1);
  await redis.remove();
});
