import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  call,
  openDrop,
  refund,
  refusedUpgrade,
  until,
  watch,
  type Watcher,
} from "./support/client";
import type { App } from "./support/programs";
import { freePort, query } from "./support/postgres";
import {
  needsRedis,
  newRedis,
  newRedisCluster,
  redisMissing,
  type RedisServer,
} from "./support/redis";
import { newSuite, type Suite } from "./support/suite";

let suite: Suite;
beforeAll(async () => {
  suite = await newSuite("feed");
});

/** Opens a drop in one process and waits for it in the browsers of another. */
async function reaches(from: App, watchers: readonly Watcher[], userId: number): Promise<void> {
  const { body } = await openDrop(from, userId);
  for (const watcher of watchers) {
    await until("the event", () =>
      watcher.messages.find((message) => message.dropId === body.drop.id),
    );
  }
}

function eachOnce(watcher: Watcher): void {
  const ids = watcher.messages.map((message: { id: string }) => message.id);
  expect(new Set(ids).size).toBe(ids.length);
}

const carriers = [
  ["Postgres alone", undefined, undefined],
  ["one Redis", "single", newRedis],
  ["a Redis cluster", "cluster", newRedisCluster],
] as const;

/** Connections that are tried on a port in a time: a client without a pause tries thousands. */
async function attempts(port: number, ms: number): Promise<number> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await new Promise((resolve) => setTimeout(resolve, ms));
  await new Promise((resolve) => server.close(resolve));
  expect(count).toBeGreaterThan(0);
  return count;
}

let openedBy3 = 0;
describe.each(carriers)("two processes and %s", (_name, mode, make) => {
  const skip = make !== undefined && redisMissing;
  let redis: RedisServer | undefined;
  let apps: [App, App];
  beforeAll(async () => {
    if (skip) return;
    redis = await make?.();
    const env: Record<string, string> = redis ? { REDIS_MODE: mode!, REDIS_URL: redis.url } : {};
    apps = await Promise.all([suite.app(env), suite.app(env)]);
    if (redis) await redisUp(apps);
  });
  afterAll(async () => {
    await redis?.remove();
  });
  async function redisUp(of: readonly App[]): Promise<void> {
    for (const app of of) {
      await until("Redis is up", async () => {
        return (await call(app, "/readyz")).body.checks.redis === "up";
      });
    }
  }

  it.skipIf(skip)(`each tells the other's browsers, once${make ? needsRedis : ""}`, async () => {
    const watchers = await Promise.all([watch(apps[0]), watch(apps[1])]);
    await reaches(apps[0], watchers, 1);
    await reaches(apps[1], watchers, 1);
    const { body } = await openDrop(apps[0], 2);
    await refund(apps[0], 2, body.drop.cards[0].id);
    const told = await until("the refund", () =>
      watchers[1].messages.find(({ type }) => type === "card-refunded"),
    );
    expect(told).toEqual({
      ...{ type: "card-refunded", userId: "2", cardId: body.drop.cards[0].id },
      ...{ id: expect.any(String), at: expect.any(String) },
      priceCents: body.drop.cards[0].priceCents,
    });
    watchers.forEach(eachOnce);
    for (const { socket } of watchers) socket.terminate();
  });

  if (!make) return;
  it.skipIf(skip)(`goes on without Redis, and with it when it is back${needsRedis}`, async () => {
    const watchers = await Promise.all([watch(apps[0]), watch(apps[1])]);
    await redis!.stop();
    await until("it is missed", async () => {
      const { status, body } = await call(apps[0], "/readyz");
      return body.checks.redis === "down" && body.status === "degraded" && status === 200;
    });
    // Reads, writes and the feed: everything works, over Postgres.
    await reaches(apps[0], watchers, 3);
    const { body } = await call(apps[1], "/api/users/3/summary");
    expect(body.dropsOpened).toBe(++openedBy3);
    expect(await attempts(redis!.port, 1_000)).toBeLessThan(60);
    await redis!.start();
    await redisUp(apps);
    await until("the feed runs over it again", async () => {
      const { body } = await openDrop(apps[0], 4);
      return await until(
        "the event",
        () => watchers[1].messages.some((message) => message.dropId === body.drop.id),
        500,
      );
    });
    watchers.forEach(eachOnce);
    for (const { socket } of watchers) socket.terminate();
    for (const app of apps) expect(app.output()).not.toContain("redis-p@ss");
  });
});

describe("limits", () => {
  let app: App;
  beforeAll(async () => {
    app = await suite.app({ WS_MAX_CONNECTIONS: "3", WS_MAX_MESSAGES_PER_10S: "5" });
  });

  it("answers a ping and says what it does not understand", async () => {
    const { socket, messages } = await watch(app);
    socket.send('{"type":"ping"}');
    socket.send("{");
    socket.send("null");
    socket.send(Buffer.from([1, 2, 3]));
    const unknown = { type: "error", code: "unknown_message" };
    await until("four answers", () => messages.length === 4);
    expect(messages).toEqual([{ type: "pong" }, unknown, unknown, unknown]);
    socket.terminate();
  });

  it("closes on a flood", async () => {
    const { socket, closed } = await watch(app);
    for (let count = 0; count < 1_000; count += 1) socket.send('{"type":"ping"}');
    expect(await closed).toEqual({ code: 1008, reason: "too many messages" });
  });

  it("closes on an oversized message", async () => {
    const { socket, closed } = await watch(app);
    socket.send("x".repeat(5_000));
    expect((await closed).code).toBe(1009);
  });

  it("closes on broken frames", async () => {
    const { socket, closed } = await watch(app);
    // A frame of a reserved kind.
    const { _socket: plain } = socket as unknown as { _socket: import("node:net").Socket };
    plain.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
    expect((await closed).code).toBe(1002);
  });

  it("takes no more than it may, and others again when one has gone", async () => {
    await until("nobody is left", async () => {
      const all = await Promise.all([watch(app), watch(app), watch(app)]).catch(() => undefined);
      all?.forEach(({ socket }) => {
        socket.terminate();
      });
      return all !== undefined;
    });
    const three = await until(
      "three",
      async () => await Promise.all([watch(app), watch(app), watch(app)]).catch(() => undefined),
    );
    expect(await refusedUpgrade(app)).toBe(503);
    three[0].socket.terminate();
    const next = await until("a place", () => watch(app).catch(() => undefined));
    for (const { socket } of [...three, next]) socket.terminate();
  });

  it("lets go of a browser that no longer answers", async () => {
    // Its own server: a hundred milliseconds are too few for the others on a busy machine.
    const strict = await suite.app({ WS_HEARTBEAT_MS: "100" });
    const socket = new WebSocket(`ws://127.0.0.1:${strict.port}/ws`, { autoPong: false });
    const code = await new Promise((resolve) => socket.on("close", resolve));
    expect(code).toBe(1006);
  });

  it("lets go of a browser that reads nothing, and goes on for the others", async () => {
    const metrics = await freePort();
    const wide = await suite.app({
      ...{ METRICS: "prometheus", METRICS_PORT: String(metrics), LOG_LEVEL: "info" },
    });
    const [deaf, hearing] = [await watch(wide), await watch(wide)];
    deaf.socket.pause();
    const many = `SELECT pg_notify('drops_feed', json_build_object(
      'id', gen_random_uuid(), 'type', 'test', 'pad', repeat('x', 7000))::text)
      FROM generate_series(1, 400)`;
    await until("only the other is left", async () => {
      // More than the buffers of both kernels hold, and then more than ours may.
      await query(suite.url("drops_app"), many);
      const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
      return /^drops_websocket_connections\{.*\} 1$/m.test(text);
    });
    await reaches(wide, [hearing], 5);
    for (const { socket } of [deaf, hearing]) socket.terminate();
  });

  it("refuses other paths and plain requests", async () => {
    expect(await refusedUpgrade(app, "/api/ws")).toBe(404);
    expect((await call(app, "/ws")).status).toBe(404);
  });
});
