import { randomUUID } from "node:crypto";
import type { RedisConfig } from "./config";
import { FEED_CHANNEL, type ControlWatch } from "./control";
import type { Database } from "./db";
import type { Logger } from "./log";
import type { Metrics } from "./metrics";
import { openSubscriber, type RedisClient } from "./redis";
import type { RedisLink } from "./redisLink";

/** What happened, as every browser is told. */
export type FeedEvent =
  | {
      readonly type: "drop-opened";
      readonly userId: string;
      readonly dropId: string;
      readonly cards: readonly object[];
      readonly at: string;
    }
  | {
      readonly type: "card-refunded";
      readonly userId: string;
      readonly cardId: string;
      readonly priceCents: number;
      readonly at: string;
    };

/**
 * Plain pub/sub in both modes: a cluster hands such a message to all its nodes, so any connection will
 * do. The feed is one channel; the sharded kind would put all of it on one node.
 */
const CHANNEL = "drops:feed";
/** Postgres refuses longer notifications. */
const MAX_NOTIFICATION_BYTES = 7_900;
/** Events remembered, to drop one that came over both ways. */
const REMEMBERED = 2_000;

/**
 * Carries events between processes: over Redis where it is there, else over Postgres' notifications.
 * An event is told at most once and may be lost; what counts is in the database.
 */
export class Feed {
  private readonly subscriber: RedisClient | undefined;
  private readonly seen = new Set<string>();
  private readonly listeners: ((text: string) => void)[] = [];

  constructor(
    redis: RedisConfig | undefined,
    private readonly link: RedisLink | undefined,
    private readonly database: Database,
    control: ControlWatch,
    private readonly metrics: Metrics,
    private readonly log: Logger,
  ) {
    control.onFeed((payload) => {
      this.receive(payload);
    });
    if (!redis) return;
    const subscriber = openSubscriber(redis, link?.client, log);
    this.subscriber = subscriber;
    subscriber.on("message", (_channel: string, payload: string) => {
      this.receive(payload);
    });
    // Also after a reconnection: doing it twice does no harm, a cluster may have forgotten it.
    subscriber.on("ready", () => {
      subscriber.subscribe(CHANNEL).catch((error: unknown) => {
        log.warn({ err: error }, "the feed could not be subscribed to");
      });
    });
  }

  onEvent(listener: (text: string) => void): void {
    this.listeners.push(listener);
  }

  /** Tells every process, this one included. Never fails: the write that it tells of is done. */
  async publish(event: FeedEvent): Promise<void> {
    const payload = JSON.stringify({ id: randomUUID(), ...event });
    this.metrics.feed("published", 1);
    // What happened here is shown here, whatever becomes of the rest.
    this.receive(payload);
    if (await this.overRedis(payload)) return;
    if (Buffer.byteLength(payload) > MAX_NOTIFICATION_BYTES) return;
    try {
      await this.database.run("notify", "SELECT pg_notify($1, $2)", [FEED_CHANNEL, payload]);
    } catch (error) {
      this.log.warn({ err: error }, "an event was told to this process alone");
    }
  }

  close(): void {
    this.subscriber?.disconnect();
  }

  private async overRedis(payload: string): Promise<boolean> {
    if (this.link?.up !== true) return false;
    try {
      await this.link.ask((redis) => redis.publish(CHANNEL, payload));
      return true;
    } catch {
      return false;
    }
  }

  private receive(payload: string): void {
    const id = idOf(payload);
    if (id === undefined || this.seen.has(id)) return;
    this.seen.add(id);
    // A Set keeps the order of insertion: the first is the oldest.
    for (const oldest of this.seen) {
      if (this.seen.size <= REMEMBERED) break;
      this.seen.delete(oldest);
    }
    this.metrics.feed("received", 1);
    for (const listener of this.listeners) listener(payload);
  }
}

function idOf(payload: string): string | undefined {
  try {
    const { id } = JSON.parse(payload) as { id?: unknown };
    return typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}
