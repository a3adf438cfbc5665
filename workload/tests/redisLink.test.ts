import { metrics as api } from "@opentelemetry/api";
import { connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { UserCache } from "../server/cache";
import { createLogger } from "../server/log";
import { defineMetrics } from "../server/metrics";
import { openCommands } from "../server/redis";
import { probeKeys, RedisLink } from "../server/redisLink";
import { until } from "./support/client";
import {
  needsRedis,
  newRedis,
  newRedisCluster,
  type RedisCluster,
  redisMissing,
  type RedisServer,
  withRedis,
} from "./support/redis";

interface Opened {
  readonly link: RedisLink;
  readonly lines: string[];
  /** Questions asked so far, of the link's own accord. */
  readonly probes: () => number;
  /** Every command that changes a key, the link's own questions left out. */
  readonly writes: () => number;
}

async function open(url: string, mode: "single" | "cluster" = "single"): Promise<Opened> {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const log = createLogger({ level: "info", base: {}, secrets: [], destination });
  const link = new RedisLink(openCommands({ mode, url: new URL(url) }, log), log);
  onTestFinished(() => {
    link.close();
  });
  await until("it answers", () => link.up);
  const keys: string[] = [];
  const set = link.client.set.bind(link.client) as (...args: unknown[]) => Promise<"OK">;
  link.client.set = (...args: unknown[]) => {
    keys.push(String(args[0]));
    return set(...args);
  };
  const probes = () => keys.filter((key) => key === probeKeys[0]).length;
  const writes = () => keys.filter((key) => !probeKeys.includes(key)).length;
  return { link, lines, probes, writes };
}

/** Whether requests were let near Redis while it was asked some times more. */
async function usedDuring(probes: number, { link, probes: asked }: Opened): Promise<boolean> {
  const enough = asked() + probes;
  let used = false;
  await until("it was asked", () => {
    used ||= link.up;
    return asked() >= enough;
  });
  return used;
}

describe.skipIf(redisMissing)(`one Redis${needsRedis}`, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await newRedis();
    return () => redis.remove();
  });

  it("hangs: no request waits, until it answers a question", async () => {
    const opened = await open(redis.url);
    const { link } = opened;
    const cache = new UserCache(link, 30, defineMetrics(api.getMeter("none")));
    onTestFinished(() => {
      cache.close();
    });
    redis.hang();
    onTestFinished(() => {
      redis.goOn();
    });
    // Noticed without a request.
    await until("it is missed", () => !link.up);
    expect(await usedDuring(3, opened)).toBe(false);
    let reached = false;
    const refused = link.ask(() => Promise.resolve((reached = true)));
    await expect(refused).rejects.toThrow("not in use");
    expect(reached).toBe(false);
    await cache.invalidate("1");
    expect(await cache.get("1", "cards", () => Promise.resolve("loaded"))).toBe("loaded");
    expect(opened.writes()).toBe(0);
    redis.goOn();
    await until("it is used again", () => link.up);
    // Told once each way.
    const told = (text: string) => opened.lines.filter((line) => line.includes(text)).length;
    expect([told("Redis is not used"), told("Redis is used again")]).toEqual([1, 1]);
    await until("the write is made up for", () => opened.writes() > 0);
  });

  it("reads but does not write: it is not used", async () => {
    const opened = await open(redis.url);
    onTestFinished(async () => {
      await withRedis(redis, (plain) => plain.config("SET", "maxmemory", "0"));
    });
    await withRedis(redis, (plain) => plain.config("SET", "maxmemory", "1"));
    await until("it is missed", () => !opened.link.up);
    expect(await usedDuring(2, opened)).toBe(false);
    await withRedis(redis, (plain) => plain.config("SET", "maxmemory", "0"));
    await until("it is used again", () => opened.link.up);
  });

  it("replaces a connection that the network forgot", async () => {
    let forgotten = false;
    const sockets = new Set<Socket>();
    const proxy = createServer((client) => {
      const remembered = !forgotten;
      const server = connect(redis.port, "127.0.0.1");
      sockets.add(client).add(server);
      client.on("data", (chunk) => !(remembered && forgotten) && server.write(chunk));
      server.on("data", (chunk) => client.write(chunk));
      client.on("error", () => server.destroy()).on("close", () => server.destroy());
      server.on("error", () => client.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    });
    const { port } = proxy.address() as { port: number };
    const { link } = await open(redis.url.replace(String(redis.port), String(port)));
    forgotten = true;
    await until("it is missed", () => !link.up);
    await until("another connection is used", () => link.up, 30_000);
  });

  it("leaves no timer behind", async () => {
    const opened = await open(redis.url);
    opened.link.close();
    const before = opened.probes();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([opened.probes(), opened.link.up]).toEqual([before, false]);
  });
});

describe.skipIf(redisMissing)(`a Redis cluster${needsRedis}`, () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    // The other nodes go on as if nothing was: it is for the client to notice.
    cluster = await newRedisCluster(60_000);
  });
  afterAll(async () => {
    await cluster.remove();
  });

  it("is asked in each sixteenth of the slots", async () => {
    const slots = await withRedis(cluster, (plain) =>
      Promise.all(probeKeys.map((key) => plain.cluster("KEYSLOT", key))),
    );
    expect(slots.map((slot) => Math.floor(slot / 1_024))).toEqual([...Array(16).keys()]);
  });

  it.each([
    ["hangs", (node: RedisServer) => node.hang(), (node: RedisServer) => node.goOn()],
    ["is gone", (node: RedisServer) => node.stop(), (node: RedisServer) => node.start()],
  ])("is not used while one node %s", async (_name, end, begin) => {
    const opened = await open(cluster.url, "cluster");
    // Not the one that the client was told of.
    const node = cluster.nodes[2]!;
    await end(node);
    onTestFinished(async () => {
      await begin(node);
    });
    await until("it is missed", () => !opened.link.up);
    // Long enough for the connection to be given up too.
    expect(await usedDuring(7, opened)).toBe(false);
    await begin(node);
    await until("it is used again", () => opened.link.up, 30_000);
  });
});

it.skipIf(redisMissing)(`a Redis that is started twice runs once${needsRedis}`, async () => {
  const redis = await newRedis();
  const process = () => withRedis(redis, (plain) => plain.info("server"));
  const id = /process_id:\d+/.exec(await process())?.[0];
  await Promise.all([redis.start(), redis.start()]);
  expect(await process()).toContain(id);
  await redis.remove();
  await redis.remove();
  // The one that ran is the one that was ended.
  const left = connect(redis.port, "127.0.0.1");
  await expect(
    new Promise((resolve, reject) => left.on("connect", resolve).on("error", reject)),
  ).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
