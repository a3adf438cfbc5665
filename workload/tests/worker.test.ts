import { describe, expect, inject, it } from "vitest";
import { BATCH } from "../server/janitor";
import { call, until } from "./support/client";
import { setMode, shutOut } from "./support/control";
import { asSuperuser, freePort, query } from "./support/postgres";
import { runServer, type Running } from "./support/programs";
import { scrape, sum } from "./support/scrape";
import { newSuite, type Suite } from "./support/suite";

const often = { SWEEP_INTERVAL_MS: "100" };

/** Keys that were used three days ago, and one of today. */
async function useKeys(suite: Suite, count: number, prefix = "old"): Promise<void> {
  await query(
    suite.url("drops_owner"),
    `INSERT INTO idempotency_keys (user_id, key, request_hash, created_at)
     SELECT n, $2 || n, '', now() - interval '3 days' FROM generate_series(1, $1::int) n
     UNION ALL SELECT 0, $2 || '-today', '', now()`,
    [count, prefix],
  );
}

async function keys(suite: Suite): Promise<{ old: number; fresh: number }> {
  const [row] = await query(
    suite.url("drops_owner"),
    `SELECT count(*) FILTER (WHERE created_at < now() - interval '48 hours')::int AS old,
            count(*) FILTER (WHERE created_at > now() - interval '48 hours')::int AS fresh
       FROM idempotency_keys`,
  );
  return row as { old: number; fresh: number };
}

async function swept(suite: Suite): Promise<void> {
  await until("no old key is left", async () => (await keys(suite)).old === 0);
}

/** Makes each batch take its time, with its rows locked. */
async function slowDown(suite: Suite, seconds: number): Promise<void> {
  await query(
    suite.url("drops_owner"),
    `CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_sleep(${seconds}); RETURN NULL; END $$;
     CREATE TRIGGER dawdle AFTER DELETE ON idempotency_keys
       FOR EACH STATEMENT EXECUTE FUNCTION dawdle()`,
  );
}

async function sleeping(suite: Suite, sessions = 1): Promise<void> {
  await until("a batch is under way", async () => {
    return await asSuperuser(suite.postgresPort, suite.database, async (client) => {
      const { rowCount } = await client.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database()
          AND application_name = 'drops-worker' AND wait_event = 'PgSleep'`,
      );
      return rowCount === sessions;
    });
  });
}

const told = (worker: Running, text: string) =>
  worker.lines().filter(({ msg }) => msg.includes(text));
const forgotten = (worker: Running) =>
  told(worker, "were removed").reduce((total, line) => total + (line["forgotten"] as number), 0);

describe("the worker", () => {
  it("removes old keys as soon as it starts, all batches of them, and no others", async () => {
    const suite = await newSuite("sweeps");
    await useKeys(suite, 2 * BATCH + 5);
    const worker = await suite.worker();
    await swept(suite);
    expect(await keys(suite)).toEqual({ old: 0, fresh: 1 });
    await until("it says so", () => forgotten(worker) === 2 * BATCH + 5);
    expect(worker.lines()[0]).toMatchObject({ service: "drops-worker", tier: "local", worker: 0 });
  });

  it("does it again and again, and says nothing where there is nothing to do", async () => {
    const suite = await newSuite("again");
    const worker = await suite.worker(often);
    for (const round of ["first", "second"]) {
      await useKeys(suite, 3, round);
      await swept(suite);
    }
    await until("it says so", () => forgotten(worker) === 6);
    expect(told(worker, "were removed").length).toBeLessThanOrEqual(2 * 3);
  });

  it.each([
    ["readonly", null],
    ["forward", "https://new.example"],
  ] as const)("rests in mode %s, and goes on when it is open again", async (mode, target) => {
    const suite = await newSuite("rests");
    await useKeys(suite, 3);
    await setMode(suite, mode, target);
    const port = await freePort();
    const worker = await suite.worker({
      ...{ ...often, METRICS: "prometheus", METRICS_PORT: String(port) },
    });
    const rounds = async (result: string) =>
      sum(await scrape(port), "drops_background_sweeps_total", { result });
    await until("it rests", async () => (await rounds("rested")) >= 15);
    expect(await keys(suite)).toEqual({ old: 3, fresh: 1 });
    const text = await scrape(port);
    // It does not even ask: whoever moves the database has it to himself.
    expect(sum(text, "db_client_connection_count")).toBe(0);
    // A rest is no fault: an alarm on the age is not to ring during a move.
    await until("its age stays low", async () => {
      return sum(await scrape(port), "drops_background_last_sweep_age_seconds") < 0.5;
    });
    await setMode(suite, "open");
    await swept(suite);
    expect(await rounds("failed")).toBe(0);
    expect(told(worker, "cannot be removed")).toEqual([]);
  });

  it("ends after the batch that is under way on SIGTERM, exit 0", async () => {
    const suite = await newSuite("sigterm");
    await useKeys(suite, 3 * BATCH);
    await slowDown(suite, 1);
    const worker = await suite.worker();
    await sleeping(suite);
    worker.signal("SIGTERM");
    const { code } = await worker.ended;
    expect([code, worker.lines().at(-1)?.msg]).toEqual([0, "ended"]);
    expect(await keys(suite)).toEqual({ old: 2 * BATCH, fresh: 1 });
  });

  it("ends on SIGINT while it waits, and at once on a second signal while it works", async () => {
    const suite = await newSuite("sigint");
    const idle = await suite.worker();
    idle.signal("SIGINT");
    expect((await idle.ended).code).toBe(0);
    await useKeys(suite, 1);
    await slowDown(suite, 4);
    const busy = await suite.worker();
    await sleeping(suite);
    busy.signal("SIGTERM");
    await until("the first is heard", () => told(busy, "ending").length > 0);
    busy.signal("SIGTERM");
    expect((await busy.ended).code).toBe(1);
    // The batch was no more than begun.
    expect(await keys(suite)).toEqual({ old: 1, fresh: 1 });
  });

  it("does not end later than it is told to", async () => {
    const suite = await newSuite("limit");
    await useKeys(suite, 1);
    await slowDown(suite, 4);
    const worker = await suite.worker({ SHUTDOWN_TIMEOUT_MS: "300" });
    await sleeping(suite);
    const begun = Date.now();
    worker.signal("SIGTERM");
    expect((await worker.ended).code).toBe(1);
    expect(Date.now() - begun).toBeLessThan(3_000);
  });

  it("two at once share the work: each key is removed by one of them", async () => {
    const suite = await newSuite("two");
    await useKeys(suite, 8 * BATCH);
    await slowDown(suite, 0.2);
    const workers = await Promise.all([suite.worker(often), suite.worker(often)]);
    await sleeping(suite, 2);
    await swept(suite);
    await until("they say so", () => {
      return forgotten(workers[0]) + forgotten(workers[1]) === 8 * BATCH;
    });
    for (const worker of workers) {
      expect(forgotten(worker)).toBeGreaterThanOrEqual(BATCH);
      expect(told(worker, "cannot be removed")).toEqual([]);
    }
    expect(await keys(suite)).toEqual({ old: 0, fresh: 1 });
  });

  it("waits for a database that does not let it in, and tells the change alone", async () => {
    const suite = await newSuite("kept_out");
    await useKeys(suite, 3);
    await shutOut(suite);
    const port = await freePort();
    const worker = await suite.worker({
      ...{ ...often, METRICS: "prometheus", METRICS_PORT: String(port) },
    });
    const failed = async () =>
      sum(await scrape(port), "drops_background_sweeps_total", { result: "failed" });
    await until("it tries", async () => (await failed()) >= 3);
    expect(told(worker, "cannot be removed")).toHaveLength(1);
    const text = await scrape(port);
    expect(sum(text, "drops_dependency_up", { dependency: "postgres" })).toBe(0);
    expect(sum(text, "drops_background_last_sweep_age_seconds")).toBeGreaterThan(0.2);
    await asSuperuser(suite.postgresPort, "postgres", async (client) => {
      await client.query(`GRANT CONNECT ON DATABASE ${suite.database} TO PUBLIC`);
    });
    await swept(suite);
    await until("it says so", () => told(worker, "are removed again").length === 1);
  });

  it("holds no more than two connections, by names that tell it apart", async () => {
    const suite = await newSuite("connections");
    const worker = await suite.worker({ ...often, DATABASE_POOL_MAX: "2" });
    await useKeys(suite, 3);
    await swept(suite);
    const names = await asSuperuser(suite.postgresPort, suite.database, async (client) => {
      const { rows } = await client.query<{ name: string }>(
        `SELECT application_name AS name FROM pg_stat_activity
          WHERE datname = current_database() AND usename = 'drops_app' ORDER BY 1`,
      );
      return rows.map(({ name }) => name);
    });
    expect(names).toEqual(["drops-control", "drops-worker"]);
    await worker.stop();
  });

  it("tells every problem of its environment in the server's words, and no other's", async () => {
    const wrong = {
      ...{ DATABASE_URL: "mysql://u:very-secret@h/d", METRICS: "graphite" },
      ...{ DATABASE_POOL_MAX: "1", SWEEP_INTERVAL_MS: "often", DATABASE_CA: "x" },
    };
    const [worker, server] = await Promise.all([
      runServer(inject("dist"), { ...wrong, PORT: "eighty", REDIS_URL: "http://x" }, "worker.js"),
      runServer(inject("dist"), wrong),
    ]);
    expect([worker.code, server.code]).toEqual([2, 2]);
    expect(worker.output.replace("drops-worker: ", "drops: ")).toBe(server.output);
    expect(worker.output).toContain("the environment has 5 problem(s)");
    expect(worker.output).not.toMatch(/very-secret|PORT|REDIS_URL|\n\s+at /);
  });

  it("shows that it lives and works, and nothing of what it does not do", async () => {
    const suite = await newSuite("shows");
    const port = await freePort();
    await useKeys(suite, 3);
    await suite.worker({ ...often, METRICS: "prometheus", METRICS_PORT: String(port) });
    const text = await until("a sweep is counted", async () => {
      const found = await scrape(port);
      return sum(found, "drops_background_sweeps_total", { result: "done" }) >= 2 && found;
    });
    expect(text).toMatch(/service_name="drops-worker"/);
    expect(sum(text, "drops_process_up")).toBe(1);
    expect(sum(text, "process_memory_usage_bytes")).toBeGreaterThan(20e6);
    expect(sum(text, "drops_background_last_sweep_age_seconds")).toBeLessThan(5);
    expect(sum(text, "drops_dependency_up", { dependency: "postgres" })).toBe(1);
    const operation = { db_operation_name: "forget_keys", error_type: "none" };
    expect(sum(text, "db_client_operation_duration_seconds_count", operation)).toBeGreaterThan(1);
    expect(text).not.toMatch(/^(drops_websocket|http_server|drops_cache|drops_feed)/m);
  });
});

describe("a web process", () => {
  it("sweeps where BACKGROUND_WORK is on, and leaves it to a worker where it is off", async () => {
    const suite = await newSuite("web");
    const ports = [await freePort(), await freePort()] as const;
    const [resting, working] = await Promise.all(
      (["off", "on"] as const).map((work, index) =>
        suite.app({
          ...{ ...often, BACKGROUND_WORK: work },
          ...{ METRICS: "prometheus", METRICS_PORT: String(ports[index]) },
        }),
      ),
    );
    await working!.stop();
    await useKeys(suite, 3);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await keys(suite)).toEqual({ old: 3, fresh: 1 });
    const text = await scrape(ports[0]);
    expect(text).not.toContain("drops_background");
    expect(sum(text, "drops_process_up")).toBe(1);
    expect((await call(resting!, "/readyz")).body.status).toBe("ready");
    await suite.app(often);
    await swept(suite);
  });
});
