import { connect, createServer, type Socket } from "node:net";
import type pg from "pg";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createLogger } from "../server/log";
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, Replica } from "../server/replica";
import { call, openDrop, until } from "./support/client";
import { urlOf } from "./support/postgres";
import { newSuite } from "./support/suite";

const log = createLogger({ level: "silent", base: {}, secrets: [] });

describe("a replica that failed", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function start() {
    const asked: number[] = [];
    const ended: object[] = [];
    let answers = false;
    const began = Date.now();
    const openPool = () => {
      const pool = { end: () => Promise.resolve(ended.push(pool)) };
      return pool as unknown as pg.Pool;
    };
    const probe = () => {
      asked.push(Date.now() - began);
      return answers ? Promise.resolve() : Promise.reject(new Error("no answer"));
    };
    const replica = new Replica({ openPool, probe, log });
    const fail = () => {
      replica.failed(replica.pool!, new Error("no answer"));
    };
    return { replica, asked, ended, fail, answer: (now: boolean) => (answers = now) };
  }

  it("is asked after pauses that grow, and used when it answers", async () => {
    const { replica, asked, ended, fail, answer } = start();
    const pool = replica.pool!;
    fail();
    expect([replica.pool, ended]).toEqual([undefined, [pool]]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked.map((at) => at / 1_000)).toEqual([1, 3, 7, 15, 31, 61, 91]);
    answer(true);
    await vi.advanceTimersByTimeAsync(LONGEST_PAUSE_MS);
    expect(replica.pool).toBeDefined();
    // Never one of the connections from before.
    expect(replica.pool).not.toBe(pool);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is left alone for longer where it fails soon after an answer, else anew", async () => {
    const { replica, asked, fail, answer } = start();
    answer(true);
    for (const expected of [1, 2, 4]) {
      fail();
      const [failedAt, count] = [asked.at(-1) ?? 0, asked.length];
      await vi.advanceTimersByTimeAsync(expected * 1_000);
      expect(asked[count]).toBe(failedAt + expected * 1_000);
    }
    await vi.advanceTimersByTimeAsync(LONGEST_PAUSE_MS);
    fail();
    await vi.advanceTimersByTimeAsync(FIRST_PAUSE_MS);
    expect(replica.pool).toBeDefined();
  });

  it("is not blamed for a read that began before it came back", async () => {
    const { replica, fail, answer } = start();
    const before = replica.pool!;
    fail();
    answer(true);
    await vi.advanceTimersByTimeAsync(FIRST_PAUSE_MS);
    replica.failed(before, new Error("a read of long ago"));
    expect(replica.pool).toBeDefined();
  });

  it("is not asked after the end", async () => {
    const { replica, asked, fail } = start();
    fail();
    expect(vi.getTimerCount()).toBe(1);
    await replica.close();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(LONGEST_PAUSE_MS);
    expect(asked).toEqual([]);
  });

  it("is not taken back by an answer that comes after the end", async () => {
    let answer: () => void = () => undefined;
    const opened: pg.Pool[] = [];
    const replica = new Replica({
      openPool: () => {
        const pool = { end: () => Promise.resolve() } as unknown as pg.Pool;
        opened.push(pool);
        return pool;
      },
      probe: () => new Promise((resolve) => (answer = resolve)),
      log,
    });
    replica.failed(replica.pool!, new Error("no answer"));
    await vi.advanceTimersByTimeAsync(FIRST_PAUSE_MS);
    await replica.close();
    answer();
    await vi.advanceTimersByTimeAsync(LONGEST_PAUSE_MS);
    expect([opened.length, vi.getTimerCount()]).toEqual([1, 0]);
  });
});

/** Passes on what it is sent, or takes connections and answers nothing. */
async function proxyTo(target: number) {
  let swallows = false;
  /** Who connected, by the name that Postgres is told first. */
  const names: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const postgres = connect(target, "127.0.0.1");
    sockets.add(client).add(postgres);
    client.once("data", (chunk) => {
      names.push(/application_name\0([^\0]*)/.exec(chunk.toString("latin1"))?.[1] ?? "");
    });
    client.on("data", (chunk) => !swallows && postgres.write(chunk));
    postgres.on("data", (chunk) => !swallows && client.write(chunk));
    for (const [one, other] of [
      [client, postgres],
      [postgres, client],
    ] as const) {
      one.on("error", () => other.destroy()).on("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { port, names, swallow: (now: boolean) => (swallows = now) };
}

it("that swallows everything is asked beside the requests, and none of them tries it", async () => {
  const primary = await newSuite("swallowed_primary");
  const replica = await newSuite("swallowed_replica");
  const proxy = await proxyTo(replica.postgresPort);
  const app = await primary.app({
    DATABASE_REPLICA_URL: urlOf(proxy.port, replica.database, "drops_app"),
    DATABASE_STATEMENT_TIMEOUT_MS: "1000",
    DATABASE_CONNECT_TIMEOUT_MS: "1000",
  });
  await openDrop(app, 1);
  // Two databases that share nothing tell which one answered.
  const cards = async () =>
    ((await call(app, "/api/users/1/cards")).body.cards as unknown[]).length;
  const check = async () => (await call(app, "/readyz")).body.checks.replica as string;
  expect([await cards(), await check()]).toEqual([0, "up"]);
  proxy.swallow(true);
  expect([await cards(), await check()]).toEqual([5, "down"]);
  const readers = proxy.names.filter((name) => name === "drops-read").length;
  const probes = () => proxy.names.filter((name) => name === "drops-read-probe").length;
  while (probes() < 2) {
    expect([await cards(), await check()]).toEqual([5, "down"]);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // With the connections of before gone, a request that tried the replica would have made one.
  expect(proxy.names.filter((name) => name === "drops-read")).toHaveLength(readers);
  proxy.swallow(false);
  await until("the replica answers", async () => (await cards()) === 0, 30_000);
  expect(await check()).toBe("up");
  // The end waits for none of it.
  proxy.swallow(true);
  expect(await cards()).toBe(5);
  app.signal("SIGTERM");
  const { code, output } = await app.ended;
  expect([code, output.includes("not everything ended in time")]).toEqual([0, false]);
});
