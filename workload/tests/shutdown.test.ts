import { beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { call, openDrop, until, watch } from "./support/client";
import { withClient } from "./support/postgres";
import { runServer } from "./support/programs";
import { newSuite, type Suite } from "./support/suite";

let suite: Suite;
beforeAll(async () => {
  suite = await newSuite("shutdown");
});

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  it("ends what is under way, sends websockets away one by one, exits 0", async () => {
    const app = await suite.app({ SHUTDOWN_DELAY_MS: "300" });
    const watchers = await Promise.all(Array.from({ length: 5 }, () => watch(app)));
    const times: number[] = [];
    watchers.forEach(({ socket }) => socket.on("close", () => times.push(Date.now())));
    await openDrop(app, 1);
    await withClient(suite.url("drops_app"), async (blocker) => {
      await blocker.query("BEGIN; SELECT FROM accounts WHERE user_id = 1 FOR UPDATE");
      let over = false;
      const write = async () => {
        over = false;
        return await openDrop(app, 1).finally(() => (over = true));
      };
      let slow = write();
      await until("the write waits", async () => {
        // It gives up after two seconds, on a busy machine perhaps before anybody has seen it wait.
        if (over) slow = write();
        const { rowCount } = await blocker.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database()
            AND wait_event_type = 'Lock' AND wait_event = 'transactionid'`,
        );
        return rowCount === 1;
      });
      app.signal(signal);
      // Still accepted, so that a balancer can see it.
      const ready = await until("not ready", async () => {
        const answer = await call(app, "/readyz");
        return answer.status === 503 && answer;
      });
      expect(ready.body).toMatchObject({ status: "not-ready", checks: { draining: true } });
      expect(ready.headers.get("connection")).toBe("close");
      await until("no new connections", async () => {
        return await call(app, "/healthz").then(
          () => false,
          () => true,
        );
      });
      await blocker.query("ROLLBACK");
      expect((await slow).status).toBe(201);
    });
    const closed = await Promise.all(watchers.map((watcher) => watcher.closed));
    expect(closed).toEqual(closed.map(() => ({ code: 1001, reason: "going away" })));
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(100);
    expect((await app.ended).code).toBe(0);
    expect(app.lines().at(-1)).toMatchObject({ msg: "ended" });
  });
});

it("does not wait for ever for a browser that does not answer", async () => {
  const app = await suite.app({ SHUTDOWN_TIMEOUT_MS: "1500" });
  const { socket } = await watch(app);
  socket.pause();
  app.signal("SIGTERM");
  expect((await app.ended).code).toBeTypeOf("number");
  socket.terminate();
});

it("ends at once on a second signal", async () => {
  const app = await suite.app({ SHUTDOWN_DELAY_MS: "60000", SHUTDOWN_TIMEOUT_MS: "90000" });
  app.signal("SIGTERM");
  await until("the first is heard", () => app.lines().some(({ msg }) => msg === "ending"));
  app.signal("SIGTERM");
  expect((await app.ended).code).toBe(1);
});

it("closes connections that idle, so that it can end", async () => {
  const app = await suite.app();
  // fetch keeps its connection.
  await call(app, "/healthz");
  app.signal("SIGTERM");
  expect((await app.ended).code).toBe(0);
});

it("tells every problem of its environment at once, and no secret", async () => {
  const { code, output } = await runServer(suite.dist, {
    ...{ PORT: "eighty", DATABASE_URL: "mysql://u:very-secret@h/d", METRICS: "graphite" },
    ...{ REDIS_MODE: "cluster", DATABASE_POOL_MAX: "1", DATABASE_CA: "not a certificate" },
  });
  expect(code).toBe(2);
  for (const name of ["PORT", "DATABASE_URL", "METRICS", "REDIS_URL", "DATABASE_POOL_MAX"]) {
    expect(output).toContain(`\n  ${name}: `);
  }
  expect(output).toContain("DATABASE_CA: not a PEM certificate");
  expect(output).not.toContain("very-secret");
  expect(output).not.toContain(" at ");
});

it("says that its port is taken, and ends", async () => {
  const app = await suite.app();
  const { code, output } = await runServer(suite.dist, {
    ...{ DATABASE_URL: suite.url("drops_app"), PORT: String(app.port), HOST: "127.0.0.1" },
  });
  expect([code, output]).toEqual([1, expect.stringContaining("EADDRINUSE")]);
});

it("refuses websockets while it ends", async () => {
  const app = await suite.app({ SHUTDOWN_DELAY_MS: "2000" });
  app.signal("SIGTERM");
  await until("the signal is heard", () => app.lines().some(({ msg }) => msg === "ending"));
  const status = await new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${app.port}/ws`);
    socket.on("unexpected-response", (_request, response) => {
      resolve(response.statusCode);
    });
    socket.on("error", () => undefined);
  });
  expect(status).toBe(503);
});
