import { randomUUID } from "node:crypto";
import type { ReadSource } from "./db";
import type { Metrics } from "./metrics";
import type { RedisClient } from "./redis";

/** A process that computes a value keeps others from doing so for this long. */
const LOCK_MS = 2_000;
/** How long others wait for that value before they ask the database themselves. */
const WAIT_MS = 1_000;
const WAIT_STEP_MS = 25;
/** After a failure Redis is left alone for this long, so that each request does not wait for it. */
const PAUSE_MS = 1_000;
/** Shorter than the pause: a Redis that stays away is not taken for one that is back. */
const PROBE_MS = 700;
/** Longer than any value lives: a version that went first would make old values look new. */
const VERSION_SECONDS = 86_400;

/** Told where it may read: what is going to be stored comes from the primary. */
type Load<T> = (source: ReadSource) => Promise<T>;

/**
 * Cache-aside of what a user is shown. Each user has a version that a write replaces by a new random
 * one; a value counts only with the version that was current before it was read from the database, so
 * a slow reader cannot put back what a write made stale. Without Redis every call goes to the database.
 */
export class UserCache {
  private pausedUntil = 0;
  private probe: NodeJS.Timeout | undefined;
  private probes = 0;
  /** Users whose version could not be replaced, and until when that matters. */
  private readonly stale = new Map<string, number>();
  private retry: NodeJS.Timeout | undefined;
  private readonly flights = new Map<string, Promise<unknown>>();

  constructor(
    private readonly redis: RedisClient | undefined,
    private readonly ttlSeconds: number,
    private readonly metrics: Metrics,
  ) {
    if (redis) this.probe = setInterval(() => void this.check(), PROBE_MS).unref();
  }

  /** Whether Redis is in use right now; undefined: none is configured. */
  get up(): boolean | undefined {
    return this.redis && this.redis.status === "ready" && Date.now() >= this.pausedUntil;
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
    if (!this.redis || (await this.replaceVersion(userId))) return;
    // Redis did not take it, so old values live on for their time at most. Trying on ends it sooner.
    this.stale.set(userId, Date.now() + this.ttlSeconds * 1_000);
    this.retry ??= setInterval(() => void this.retryStale(), PAUSE_MS).unref();
  }

  close(): void {
    clearInterval(this.probe);
    clearInterval(this.retry);
  }

  /** A cluster's client calls itself ready until a command fails; without traffic none would. */
  private async check(): Promise<void> {
    // Another key each time: sooner or later it asks every node.
    this.probes = (this.probes + 1) % 1_000;
    await this.attempt((redis) => redis.get(`drops:probe:${this.probes}`), null);
  }

  private async replaceVersion(userId: string): Promise<boolean> {
    try {
      await this.redis?.set(versionKey(userId), randomUUID(), "EX", VERSION_SECONDS);
      return true;
    } catch {
      return false;
    }
  }

  private async retryStale(): Promise<void> {
    for (const [userId, until] of [...this.stale]) {
      if (Date.now() < until && !(await this.replaceVersion(userId))) return;
      this.stale.delete(userId);
    }
    clearInterval(this.retry);
    this.retry = undefined;
  }

  private async fetch<T>(userId: string, what: string, load: Load<T>): Promise<T> {
    if (this.up !== true) {
      if (this.redis) this.metrics.cache("bypass");
      return await load("any");
    }
    const key = `drops:{${userId}}:${what}`;
    const first = await this.look(userId, key);
    if (first === undefined) return await load("any");
    this.metrics.cache(first.value === undefined ? "miss" : "hit");
    if (first.value !== undefined) return first.value as T;
    // Between processes: whoever gets the lock loads, the others wait a little for its value.
    const lock = await this.attempt(
      (redis) => redis.set(`${key}:lock`, "1", "PX", LOCK_MS, "NX"),
      "OK",
    );
    const waited = lock === null ? await this.wait(userId, key) : undefined;
    if (waited !== undefined) return waited as T;
    try {
      const value = await load("primary");
      // Nobody waits for this: the visitor has what he asked for.
      void this.store(key, first.version, value);
      return value;
    } finally {
      if (lock === "OK") void this.attempt((redis) => redis.del(`${key}:lock`), undefined);
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
    if (!this.redis || this.up !== true) return otherwise;
    try {
      return await run(this.redis);
    } catch {
      this.pausedUntil = Date.now() + PAUSE_MS;
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
