import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { UserCache } from "../server/cache";
import { openCommands } from "../server/redis";
import { RedisLink } from "../server/redisLink";
import { createLogger } from "../server/log";
import { defineMetrics } from "../server/metrics";
import { metrics as api } from "@opentelemetry/api";
import { call, openDrop, refund, until } from "./support/client";
import { query } from "./support/postgres";
import { needsRedis, newRedis, redisMissing, withRedis, type RedisServer } from "./support/redis";
import { newSuite } from "./support/suite";

const metrics = defineMetrics(api.getMeter("none"));
const log = createLogger({ level: "silent", base: {}, secrets: [] });

describe("without Redis", () => {
  it("loads once for all who ask at the same time, and again for who asks later", async () => {
    const cache = new UserCache(undefined, 30, metrics);
    let loads = 0;
    let finish: (value: number) => void = () => undefined;
    const load = () =>
      new Promise<number>((resolve) => {
        loads += 1;
        finish = resolve;
      });
    const all = Array.from({ length: 50 }, () => cache.get("1", "cards", load));
    await until("the load", () => loads > 0);
    finish(7);
    expect(await Promise.all(all)).toEqual(Array.from({ length: 50 }, () => 7));
    expect(loads).toBe(1);
    const later = cache.get("1", "cards", load);
    await until("another load", () => loads === 2);
    finish(8);
    expect(await later).toBe(8);
  });

  it("passes a failure on to those who waited, and forgets it", async () => {
    const cache = new UserCache(undefined, 30, metrics);
    const fail = () => Promise.reject(new Error("no"));
    const both = await Promise.allSettled([cache.get("1", "a", fail), cache.get("1", "a", fail)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await cache.get("1", "a", () => Promise.resolve(1))).toBe(1);
  });

  it("does not show a load that began before a write to who asks after it", async () => {
    const cache = new UserCache(undefined, 30, metrics);
    let finish: (value: string) => void = () => undefined;
    const early = cache.get("1", "cards", () => new Promise((resolve) => (finish = resolve)));
    await cache.invalidate("1");
    const late = await cache.get("1", "cards", () => Promise.resolve("new"));
    finish("old");
    expect([await early, late]).toEqual(["old", "new"]);
  });
});

describe.skipIf(redisMissing)(`with Redis${needsRedis}`, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await newRedis();
    return () => redis.remove();
  });

  async function linkTo({ url }: Pick<RedisServer, "url"> = redis): Promise<RedisLink> {
    const link = new RedisLink(openCommands({ mode: "single", url: new URL(url) }, log), log);
    onTestFinished(() => {
      link.close();
    });
    await until("it answers", () => link.up);
    return link;
  }

  async function cacheOfAProcess(): Promise<UserCache> {
    return new UserCache(await linkTo(), 30, metrics);
  }

  it("one process loads for the others that ask meanwhile", async () => {
    const caches = await Promise.all(Array.from({ length: 4 }, cacheOfAProcess));
    let loads = 0;
    const load = async () => {
      loads += 1;
      await new Promise((resolve) => setTimeout(resolve, 60));
      return { n: loads };
    };
    const values = await Promise.all(caches.map((cache) => cache.get("10", "cards", load)));
    expect(loads).toBe(1);
    expect(values).toEqual(values.map(() => ({ n: 1 })));
  });

  it("keeps what it loaded under the version of who was quicker to make one", async () => {
    const [other, link] = await Promise.all([cacheOfAProcess(), linkTo()]);
    const { client: commands } = link;
    await other.invalidate("15");
    // As if it had looked just before.
    const look = commands.mget.bind(commands);
    commands.mget = () => {
      commands.mget = look;
      return Promise.resolve([null, null]);
    };
    const late = new UserCache(link, 30, metrics);
    expect(await late.get("15", "cards", () => Promise.resolve("loaded"))).toBe("loaded");
    expect(await other.get("15", "cards", () => Promise.resolve("again"))).toBe("loaded");
  });

  it("does not wait long for a process that died while it loaded", async () => {
    const cache = await cacheOfAProcess();
    await withRedis(redis, (plain) => plain.set("drops:{11}:cards:lock", "1", "PX", 60_000));
    expect(await cache.get("11", "cards", () => Promise.resolve("mine"))).toBe("mine");
  });

  it("drops what a slow reader puts back after a write", async () => {
    const [slow, writer] = await Promise.all([cacheOfAProcess(), cacheOfAProcess()]);
    await slow.get("12", "cards", () => Promise.resolve("before"));
    await writer.invalidate("12");
    let finish: (value: string) => void = () => undefined;
    let begun = false;
    const reading = slow.get("12", "cards", () => {
      begun = true;
      return new Promise<string>((resolve) => (finish = resolve));
    });
    await until("it reads", () => begun);
    await writer.invalidate("12");
    finish("stale");
    expect(await reading).toBe("stale");
    expect(await writer.get("12", "cards", () => Promise.resolve("fresh"))).toBe("fresh");
  });

  it("takes nonsense in Redis for a miss", async () => {
    const cache = await cacheOfAProcess();
    await withRedis(redis, (plain) => plain.set("drops:{13}:cards", "{", "EX", 60));
    expect(await cache.get("13", "cards", () => Promise.resolve(1))).toBe(1);
  });

  it("catches up on a write that Redis did not hear of", async () => {
    const own = await newRedis();
    onTestFinished(() => own.remove());
    const cache = new UserCache(await linkTo(own), 30, metrics);
    onTestFinished(() => {
      cache.close();
    });
    const version = () => withRedis(own, (plain) => plain.get("drops:{14}:version"));
    await own.stop();
    await cache.invalidate("14");
    await own.start();
    await until("the version is replaced", async () => (await version()) !== null);
  });

  it("shows who wrote while Redis was away nothing from before", async () => {
    const link = await linkTo();
    const cache = new UserCache(link, 30, metrics);
    onTestFinished(() => {
      cache.close();
    });
    await cache.get("16", "cards", () => Promise.resolve("before"));
    await kept("drops:{16}:cards");
    await refuseNext(link);
    await cache.invalidate("16");
    await until("Redis is used", () => link.up);
    expect(await cache.get("16", "cards", () => Promise.resolve("after"))).toBe("after");
  });

  it("forgets no write that comes while an earlier one is made up for", async () => {
    const link = await linkTo();
    const cache = new UserCache(link, 30, metrics);
    onTestFinished(() => {
      cache.close();
    });
    const version = () => withRedis(redis, (plain) => plain.get("drops:{17}:version"));
    await refuseNext(link);
    await cache.invalidate("17");
    // The retry's answer comes only after the second write has been refused.
    const { client } = link;
    const set = client.set.bind(client) as (...args: unknown[]) => Promise<"OK">;
    let hold: (() => void) | undefined;
    let inTheMiddle: string | null = null;
    client.set = async (...args: unknown[]) => {
      if (args[0] !== "drops:{17}:version" || hold) return await set(...args);
      const held = new Promise<void>((resolve) => (hold = resolve));
      const answer = await set(...args);
      inTheMiddle = await version();
      await held;
      return answer;
    };
    await until("the retry is under way", () => inTheMiddle !== null);
    await refuseNext(link);
    await cache.invalidate("17");
    hold!();
    await until("the version is replaced again", async () => (await version()) !== inTheMiddle);
  });

  it("leaves the lock to another that took it over, and lets go of its own", async () => {
    const link = await linkTo();
    const cache = new UserCache(link, 30, metrics);
    const lock = "drops:{18}:cards:lock";
    const held = () => withRedis(redis, (plain) => plain.get(lock));
    let own: string | null = null;
    await cache.get("18", "cards", async () => {
      own = await held();
      // It took longer than the lock lives.
      await withRedis(redis, (plain) => plain.set(lock, "another's", "PX", 60_000));
      return 1;
    });
    expect(own).toBeTruthy();
    // Answered after whatever the cache sent before.
    await link.client.ping();
    expect(await held()).toBe("another's");
    await withRedis(redis, (plain) => plain.del(lock));
    await cache.get("18", "summary", () => Promise.resolve(2));
    await link.client.ping();
    expect(await withRedis(redis, (plain) => plain.get("drops:{18}:summary:lock"))).toBeNull();
  });

  async function kept(key: string): Promise<void> {
    await until("it is kept", async () => {
      return (await withRedis(redis, (plain) => plain.exists(key))) === 1;
    });
  }

  /** The link takes this Redis for one that fails, until its next question. */
  async function refuseNext(link: RedisLink): Promise<void> {
    await until("Redis is used", () => link.up);
    await link.ask(() => Promise.reject(new Error("refused"))).catch(() => undefined);
  }

  it("shows each process what the other changed, at once", async () => {
    const suite = await newSuite("caching");
    const env = { REDIS_URL: redis.url, CACHE_TTL_SECONDS: "3600" };
    const [one, other] = await Promise.all([suite.app(env), suite.app(env)]);
    for (const app of [one, other]) {
      await until("Redis", async () => (await call(app, "/readyz")).body.checks.redis === "up");
    }
    for (let turn = 1; turn <= 5; turn += 1) {
      const { body } = await openDrop(one, 20);
      await refund(other, 20, body.drop.cards[0].id);
      for (const app of [one, other]) {
        expect((await call(app, "/api/users/20/summary")).body).toMatchObject({
          ...{ dropsOpened: turn, cardsRefunded: turn, cardsHeld: 4 * turn },
        });
        const { body: page } = await call(app, "/api/users/20/cards");
        expect(page.cards).toHaveLength(Math.min(20, 4 * turn));
      }
    }
    // It was the cache that answered: what changes behind its back stays unseen.
    await query(
      suite.url("drops_owner"),
      "UPDATE accounts SET drops_opened = 99 WHERE user_id = 20",
    );
    expect((await call(one, "/api/users/20/summary")).body.dropsOpened).toBe(5);
  });

  it("keeps nothing that a replica said which has not heard of the write yet", async () => {
    const primary = await newSuite("cached_primary");
    // A database of its own: the lag that never ends.
    const replica = await newSuite("cached_replica");
    const app = await primary.app({
      ...{ REDIS_URL: redis.url, CACHE_TTL_SECONDS: "3600" },
      DATABASE_REPLICA_URL: replica.url("drops_app"),
    });
    await until("Redis", async () => (await call(app, "/readyz")).body.checks.redis === "up");
    const { body } = await openDrop(app, 30);
    expect((await call(app, "/api/users/30/cards")).body.cards).toHaveLength(5);
    const refunded = body.drop.cards[0].id;
    expect((await refund(app, 30, refunded)).status).toBe(200);
    const kept = () =>
      withRedis(redis, (plain) => plain.mget("drops:{30}:version", "drops:{30}:cards"));
    for (const from of ["loaded", "cached"]) {
      const { cards } = (await call(app, "/api/users/30/cards")).body;
      expect(cards, from).toHaveLength(4);
      expect(cards).not.toContainEqual(expect.objectContaining({ id: refunded }));
      await until("it is kept", async () => {
        const [version, entry] = await kept();
        return Boolean(version && entry?.includes(version));
      });
    }
    const summary = (await call(app, "/api/users/30/summary")).body;
    expect([summary.dropsOpened, summary.cardsRefunded]).toEqual([1, 1]);
    // What is kept nowhere is the replica's to answer.
    expect((await call(app, "/api/users/30/cards?limit=19")).body.cards).toEqual([]);
  });
});
