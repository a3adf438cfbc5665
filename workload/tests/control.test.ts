import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { call, openDrop, raw, refusedUpgrade, until, watch } from "./support/client";
import { asSuperuser, query, withClient } from "./support/postgres";
import type { App } from "./support/programs";
import { newSuite, type Suite } from "./support/suite";

async function setMode(suite: Suite, mode: string, forwardTo: string | null = null): Promise<void> {
  await query(
    suite.url("drops_owner"),
    "UPDATE drops_control SET mode = $1, forward_to = $2, epoch = epoch + 1, updated_at = now()",
    [mode, forwardTo],
  );
}

async function seen(app: App, mode: string): Promise<void> {
  await until(`mode ${mode}`, async () => {
    const { body } = await call(app, "/readyz");
    return body.checks.control.mode === mode;
  });
}

async function drops(suite: Suite): Promise<number> {
  const [row] = await query(suite.url("drops_owner"), "SELECT count(*)::int AS n FROM drops");
  return row!["n"] as number;
}

/** Writes without pause until told to stop; resolves to the answers. */
function writers(apps: readonly App[], perApp: number) {
  let stopped = false;
  const statuses: number[] = [];
  const ids: string[] = [];
  const write = async (app: App, userId: number) => {
    while (!stopped) {
      const answer = await openDrop(app, userId, randomUUID());
      statuses.push(answer.status);
      if (answer.status === 201) ids.push(answer.body.drop.id);
    }
  };
  const all = apps.flatMap((app, index) =>
    Array.from({ length: perApp }, (_, n) => write(app, 100 * (index + 1) + n)),
  );
  return {
    statuses,
    /** Drops that were acknowledged. */
    ids,
    stop: async () => {
      stopped = true;
      await Promise.all(all);
    },
  };
}

describe("readonly", () => {
  it("refuses writes, goes on reading, and opens again", async () => {
    const suite = await newSuite("readonly");
    const app = await suite.app();
    const before = await openDrop(app, 1, "kept-for-later");
    await setMode(suite, "readonly");
    await seen(app, "readonly");
    const refused = await openDrop(app, 1);
    expect([refused.status, refused.body.error.code]).toEqual([503, "read_only"]);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect((await call(app, "/api/users/1/cards")).body.cards).toHaveLength(5);
    const ready = await call(app, "/readyz");
    expect([ready.status, ready.body.status]).toEqual([200, "degraded"]);
    await setMode(suite, "open");
    await seen(app, "open");
    expect((await openDrop(app, 1, "kept-for-later")).body).toEqual(before.body);
  });

  it("lets no write through after the fence, although no process has polled it", async () => {
    const suite = await newSuite("fence");
    const slow = { CONTROL_POLL_MS: "10000" };
    const apps = await Promise.all([suite.app(slow), suite.app(slow)]);
    const traffic = writers(apps, 4);
    await until("writes flow", () => traffic.ids.length > 40);
    // Counted under the fence's own lock: what comes after it is one too many.
    const [fence] = await withClient(suite.url("drops_owner"), async (client) => {
      await client.query("BEGIN; UPDATE drops_control SET mode = 'readonly', epoch = epoch + 1");
      const { rows } = await client.query<{ n: number }>("SELECT count(*)::int AS n FROM drops");
      await client.query("COMMIT");
      return rows;
    });
    const fenced = fence!.n;
    const answered = traffic.statuses.length;
    await until("writers met the fence", () => traffic.statuses.length > answered + 60);
    await traffic.stop();
    expect(await drops(suite)).toBe(fenced);
    // What was acknowledged is there, and nothing else was done.
    expect(traffic.ids).toHaveLength(fenced);
    expect(new Set(traffic.statuses)).toEqual(new Set([201, 503]));
  });

  it("makes the fence wait for a write that is under way", async () => {
    const suite = await newSuite("inflight");
    const app = await suite.app({ DATABASE_STATEMENT_TIMEOUT_MS: "20000" });
    await openDrop(app, 1);
    await withClient(suite.url("drops_app"), async (blocker) => {
      await blocker.query("BEGIN");
      await blocker.query("SELECT FROM accounts WHERE user_id = 1 FOR UPDATE");
      let wrote = false;
      const write = openDrop(app, 1).then((answer) => {
        wrote = true;
        return answer.status;
      });
      await waiting(suite, "drops-web", "transactionid");
      let fenced = false;
      const fence = setMode(suite, "readonly").then(() => (fenced = true));
      await waiting(suite, "", "advisory");
      expect([wrote, fenced]).toEqual([false, false]);
      await blocker.query("ROLLBACK");
      expect(await write).toBe(201);
      await fence;
      expect(await drops(suite)).toBe(2);
    });
  });

  async function waiting(suite: Suite, application: string, event: string): Promise<void> {
    await until(`somebody waits for ${event}`, async () => {
      return await asSuperuser(suite.postgresPort, suite.database, async (client) => {
        const { rowCount } = await client.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = $1 AND wait_event_type = 'Lock' AND wait_event = $2`,
          [application, event],
        );
        return rowCount! > 0;
      });
    });
  }

  it.each([
    ["a mode nobody knows", "UPDATE drops_control SET mode = 'sideways'"],
    ["forward to nowhere", "UPDATE drops_control SET mode = 'forward', forward_to = NULL"],
    ["forward to a file", "UPDATE drops_control SET mode = 'forward', forward_to = 'file:///etc'"],
    ["no row at all", "DELETE FROM drops_control"],
  ])("%s counts as readonly", async (_name, statement) => {
    const suite = await newSuite("unknown");
    await query(
      suite.url("drops_owner"),
      `DO $$ DECLARE c text; BEGIN
         FOR c IN SELECT conname FROM pg_constraint
                   WHERE conrelid = 'drops_control'::regclass AND contype = 'c'
         LOOP EXECUTE 'ALTER TABLE drops_control DROP CONSTRAINT ' || c; END LOOP; END $$`,
    );
    const app = await suite.app();
    await query(suite.url("drops_owner"), statement);
    await seen(app, "readonly");
    expect((await openDrop(app, 1)).status).toBe(503);
  });

  it("is refused by the table where it makes no sense", async () => {
    const suite = await newSuite("checks");
    await expect(setMode(suite, "sideways")).rejects.toMatchObject({ code: "23514" });
    await expect(setMode(suite, "forward")).rejects.toMatchObject({ code: "23514" });
    await expect(setMode(suite, "forward", "http://u:p@x")).rejects.toMatchObject({
      code: "23514",
    });
  });
});

describe("forward", () => {
  let from: Suite, to: Suite, old: App, fresh: App;
  beforeEach(async () => {
    from = await newSuite("from");
    to = await newSuite("to");
    [old, fresh] = await Promise.all([from.app(), to.app()]);
  });

  it("hands over requests with their bodies, headers and answers", async () => {
    await setMode(from, "forward", fresh.url);
    await seen(old, "forward");
    const opened = await openDrop(old, 7, "forwarded-key", { pack: "premium" });
    expect(opened.status).toBe(201);
    expect((await openDrop(fresh, 7, "forwarded-key", { pack: "premium" })).body).toEqual(
      opened.body,
    );
    expect([await drops(from), await drops(to)]).toEqual([0, 1]);
    const wrong = await call(old, "/api/users/x/cards", { headers: { "x-request-id": "both" } });
    expect([wrong.status, wrong.body.error.requestId]).toEqual([400, "both"]);
    const page = await call(old, "/", { headers: { accept: "text/html" } });
    expect(page.body).toContain("<title>Drops</title>");
    // Its own health stays its own.
    expect((await call(old, "/readyz")).body.checks.control).toMatchObject({
      mode: "forward",
      forwardTo: fresh.url,
    });
  });

  it("sends visitors' websockets over, and new ones reach the new tier", async () => {
    const before = await watch(old);
    await setMode(from, "forward", fresh.url);
    expect(await before.closed).toEqual({ code: 1012, reason: "moved" });
    const after = await watch(old);
    const { body } = await openDrop(fresh, 8);
    await until("the event", () => after.messages.length === 1);
    expect(after.messages[0]).toMatchObject({ type: "drop-opened", dropId: body.drop.id });
    after.socket.send('{"type":"ping"}');
    await until("the answer", () => after.messages.some(({ type }) => type === "pong"));
    after.socket.close();
    expect((await after.closed).code).toBe(1005);
    expect(await refusedUpgrade(old, "/elsewhere")).toBe(404);
  });

  it("loses no acknowledged write when the mode changes under traffic", async () => {
    const traffic = writers([old], 6);
    await until("writes flow", () => traffic.ids.length > 30);
    await setMode(from, "readonly");
    const kept = await drops(from);
    await setMode(from, "forward", fresh.url);
    await seen(old, "forward");
    await until("writes flow again", async () => (await drops(to)) > 30);
    await traffic.stop();
    expect(await drops(from)).toBe(kept);
    expect((await drops(from)) + (await drops(to))).toBe(traffic.ids.length);
  });

  it("keeps the secret of its own CDN to itself", async () => {
    const met: unknown[] = [];
    const spy = createServer((request, response) => {
      met.push(request.headers);
      response.end("{}");
    });
    await new Promise<void>((resolve) => spy.listen(0, "127.0.0.1", resolve));
    const { port } = spy.address() as { port: number };
    const guarded = await from.app({ ORIGIN_SECRET: "known-to-the-cdn" });
    await setMode(from, "forward", `http://127.0.0.1:${port}`);
    await seen(guarded, "forward");
    const headers = {
      "x-origin-secret": "known-to-the-cdn",
      connection: "close, x-private",
      "x-private": "1",
    };
    await raw(
      guarded.port,
      `GET /x HTTP/1.1\r\nHost: public.example\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join("")}x-forwarded-for: 203.0.113.9\r\n\r\n`,
    );
    expect(met).toEqual([
      expect.objectContaining({
        host: `127.0.0.1:${port}`,
        "x-forwarded-host": "public.example",
        "x-forwarded-for": "203.0.113.9, 127.0.0.1",
        "x-drops-forwarded": "1",
      }),
    ]);
    expect(Object.keys(met[0] as object)).not.toContain("x-origin-secret");
    expect(Object.keys(met[0] as object)).not.toContain("x-private");
    spy.closeAllConnections();
    spy.close();
  });

  it("answers 502 where the new tier is gone, and 504 where it is silent", async () => {
    await fresh.stop();
    await setMode(from, "forward", fresh.url);
    await seen(old, "forward");
    const gone = await call(old, "/api/users/1/cards");
    expect([gone.status, gone.body.error.code]).toEqual([502, "forward_failed"]);
    expect(await refusedUpgrade(old)).toBe(502);
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const hasty = await from.app({ FORWARD_TIMEOUT_MS: "200" });
    await setMode(from, "forward", `http://127.0.0.1:${port}`);
    await until("the change", async () => (await call(hasty, "/api/users/1/cards")).status === 504);
    silent.closeAllConnections();
    silent.close();
  });

  it("ends a loop", async () => {
    await setMode(from, "forward", fresh.url);
    await setMode(to, "forward", old.url);
    await Promise.all([seen(old, "forward"), seen(fresh, "forward")]);
    const looped = await call(old, "/api/users/1/cards");
    expect([looped.status, looped.body.error.code]).toEqual([508, "forwarding_loop"]);
    expect(await refusedUpgrade(old)).toBe(508);
  });

  it("says once more where it stands when the old database lets nobody in", async () => {
    await setMode(from, "forward", fresh.url);
    await seen(old, "forward");
    await shutOut(from);
    await until("the poll fails", async () => {
      const { body } = await call(old, "/readyz");
      return body.checks.postgres !== "up" && body;
    });
    const ready = await call(old, "/readyz");
    expect([ready.status, ready.body.checks.control.mode]).toEqual([200, "forward"]);
    expect((await openDrop(old, 9)).status).toBe(201);
  });

  afterEach(async () => {
    await Promise.all([old.stop(), fresh.stop()]);
  });
});

it("a fenced database answers 503 and is used again when it lets the app in", async () => {
  const suite = await newSuite("shutout");
  const app = await suite.app();
  await openDrop(app, 1);
  await shutOut(suite);
  await until("not ready", async () => (await call(app, "/readyz")).status === 503);
  const refused = await call(app, "/api/users/1/cards");
  expect([refused.status, refused.body.error.code]).toEqual([503, "database_unavailable"]);
  expect((await openDrop(app, 1)).status).toBe(503);
  await asSuperuser(suite.postgresPort, "postgres", async (client) => {
    await client.query(`GRANT CONNECT ON DATABASE ${suite.database} TO drops_app`);
  });
  await until("ready", async () => (await call(app, "/readyz")).status === 200);
  expect((await openDrop(app, 1)).status).toBe(201);
});

/** The database's own fence: nobody may connect, and those who are in are put out. */
async function shutOut(suite: Suite): Promise<void> {
  await asSuperuser(suite.postgresPort, "postgres", async (client) => {
    await client.query(`REVOKE CONNECT ON DATABASE ${suite.database} FROM PUBLIC`);
    await client.query(`REVOKE CONNECT ON DATABASE ${suite.database} FROM drops_app`);
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = 'drops_app'",
      [suite.database],
    );
  });
}
