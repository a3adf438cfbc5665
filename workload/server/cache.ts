import { randomUUID } from "node:crypto";
import type { ReadSource } from "./db";
import type { Metrics } from "./metrics";
import type { RedisClient } from "./redis";
import type { RedisLink } from "./redisLink";

/** A process that computes a value keeps others from doing so for this long. */
const LOCK_MS = 2_000;
/** How long others wait for that value before they ask the database themselves. */
const WAIT_MS = 1_000;
const WAIT_STEP_MS = 25;
/** Between two tries to replace the versions that Redis did not take. */
const RETRY_MS = 1_000;
/** Longer than any value lives: a version that went first would make old values look new. */
const VERSION_SECONDS = 86_400;

/** Deletes a lock if it is still the caller's: one that took longer than the lock may meet another's. */
const UNLOCK = `if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end`;

/** Told where it may read: what is going to be stored comes from the primary. */
type Load<T> = (source: ReadSource) => Promise<T>;

/**
 * Cache-aside of what a user is shown. Each user has a version that a write replaces by a new random
 * one; a value counts only with the version that was current before it was read from the database, so
 * a slow reader cannot put back what a write made stale. Without Redis every call goes to the database.
 */
export class UserCache {
  /** Users whose version could not be replaced. A newer write has a mark of its own. */
  private readonly stale = new Map<string, { readonly until: number }>();
  private retry: NodeJS.Timeout | undefined;
  private retrying = false;
  private readonly flights = new Map<string, Promise<unknown>>();

  constructor(
    private readonly link: RedisLink | undefined,
    private readonly ttlSeconds: number,
    private readonly metrics: Metrics,
  ) {}

  /** Whether Redis is in use right now; undefined: none is configured. */
  get up(): boolean | undefined {
    return this.link?.up;
  }

  async get<T>(userId: string, what: string, load: Load<T>): Promise<T> {
    // Within the process one load serves everybody who asks meanwhile.
    const id = `${userId} ${what}`;
    const flight = this.flights.get(id) as Promise<T> | undefined;
    if (flight) return await flight;
    const started = this.fetch(userId, what, load).finally(() => {
      if (this.flights.get(id) === started) this.flights.delete(id);
    });
    this.flights.set(id, started);
    return await started;
  }

  /** After a committed write: nothing read before it is shown any more. */
  async invalidate(userId: string): Promise<void> {
    for (const id of this.flights.keys()) {
      // A load that began before the commit may miss it; who asks from now on starts another.
      if (id.startsWith(`${userId} `)) this.flights.delete(id);
    }
    if (!this.link || (await this.replaceVersion(userId))) return;
    // Redis did not take it, so old values live on for their time at most. Trying on ends it sooner.
    this.stale.set(userId, { until: Date.now() + this.ttlSeconds * 1_000 });
    this.retry ??= setInterval(() => void this.retryStale(), RETRY_MS).unref();
  }

  close(): void {
    clearInterval(this.retry);
  }

  private async replaceVersion(userId: string): Promise<boolean> {
    const mark = this.stale.get(userId);
    const set = (redis: RedisClient) =>
      redis.set(versionKey(userId), randomUUID(), "EX", VERSION_SECONDS);
    if ((await this.attempt(set, undefined)) === undefined) return false;
    // For a write that was marked meanwhile this version may be too early.
    if (this.stale.get(userId) === mark) this.stale.delete(userId);
    return true;
  }

  private async retryStale(): Promise<void> {
    if (this.retrying) return;
    this.retrying = true;
    for (const [userId, mark] of [...this.stale]) {
      if (Date.now() < mark.until) await this.replaceVersion(userId);
      else if (this.stale.get(userId) === mark) this.stale.delete(userId);
    }
    this.retrying = false;
    if (this.stale.size > 0) return;
    clearInterval(this.retry);
    this.retry = undefined;
  }

  private async fetch<T>(userId: string, what: string, load: Load<T>): Promise<T> {
    // Who wrote while Redis was away must not be shown what it kept from before.
    if (this.up !== true || this.stale.has(userId)) {
      if (this.link) this.metrics.cache("bypass");
      return await load("any");
    }
    const key = `drops:{${userId}}:${what}`;
    const first = await this.look(userId, key);
    if (first === undefined) return await load("any");
    this.metrics.cache(first.value === undefined ? "miss" : "hit");
    if (first.value !== undefined) return first.value as T;
    // Between processes: whoever gets the lock loads, the others wait a little for its value.
    const token = randomUUID();
    const lock = await this.attempt(
      (redis) => redis.set(`${key}:lock`, token, "PX", LOCK_MS, "NX"),
      undefined,
    );
    const waited = lock === null ? await this.wait(userId, key) : undefined;
    if (waited !== undefined) return waited as T;
    try {
      const value = await load("primary");
      // Nobody waits for this: the visitor has what he asked for.
      void this.store(key, first.version, value);
      return value;
    } finally {
      if (lock === "OK") {
        void this.attempt((redis) => redis.eval(UNLOCK, 1, `${key}:lock`, token), undefined);
      }
    }
  }

  private async store(key: string, version: string, value: unknown): Promise<void> {
    const entry = JSON.stringify({ version, value });
    await this.attempt((redis) => redis.set(key, entry, "EX", this.ttlSeconds), undefined);
  }

  private async wait(userId: string, key: string): Promise<unknown> {
    const deadline = Date.now() + WAIT_MS;
    while (Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
      const found = await this.look(userId, key);
      if (found === undefined || found.value !== undefined) return found?.value;
    }
    return undefined;
  }

  /** Version and value in one round trip; undefined: Redis did not answer. */
  private async look(
    userId: string,
    key: string,
  ): Promise<{ version: string; value: unknown } | undefined> {
    const answer = await this.attempt((redis) => redis.mget(versionKey(userId), key), undefined);
    if (answer === undefined) return undefined;
    const version = answer[0] ?? (await this.firstVersion(userId));
    const entry = parseEntry(answer[1]);
    return { version, value: entry?.version === version ? entry.value : undefined };
  }

  /** A user without a version gets one, or the lack of one would count as one after an eviction. */
  private async firstVersion(userId: string): Promise<string> {
    const version = randomUUID();
    const key = versionKey(userId);
    const set = (redis: RedisClient) => redis.set(key, version, "EX", VERSION_SECONDS, "NX");
    // Where another was quicker, his counts: a value stored under ours would be of use to nobody.
    if ((await this.attempt(set, null)) === "OK") return version;
    return (await this.attempt((redis) => redis.get(key), null)) ?? version;
  }

  private async attempt<R, F>(
    run: (redis: RedisClient) => Promise<R>,
    otherwise: F,
  ): Promise<R | F> {
    if (this.link?.up !== true) return otherwise;
    try {
      return await this.link.ask(run);
    } catch {
      this.metrics.cache("error");
      return otherwise;
    }
  }
}

/** The braces keep a user's keys in one slot of a cluster, so that one command may name several. */
function versionKey(userId: string): string {
  return `drops:{${userId}}:version`;
}

function parseEntry(
  text: string | null | undefined,
): { readonly version: string; readonly value: unknown } | undefined {
  if (text === null || text === undefined) return undefined;
  try {
    return JSON.parse(text) as { version: string; value: unknown };
  } catch {
    return undefined;
  }
}
