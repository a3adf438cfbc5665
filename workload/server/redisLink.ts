import { Cluster, type Redis } from "ioredis";
import type { Logger } from "./log";
import { COMMAND_TIMEOUT_MS, type RedisClient } from "./redis";

/** Between two questions, whether or not the last was answered: each costs Redis next to nothing. */
const PROBE_EVERY_MS = 1_000;
/** The limit of a question; longer than a request would wait. */
const PROBE_MS = 500;
/** Questions in a row that a connection leaves unanswered before another is opened in its place. */
const SILENT_PROBES = 5;
/** Keys that are asked for, one in each sixteenth of a cluster's slots: no node is left out. */
export const probeKeys = [62, 3, 13, 22, 63, 2, 12, 23, 60, 1, 11, 20, 61, 0, 10, 21].map(
  (number) => `drops:probe:${number}`,
);

/**
 * Redis as requests may use it: at once, or not at all. A failure ends its use; only a question asked
 * beside the requests, and answered, begins it again, so that none of them waits for one that hangs.
 */
export class RedisLink {
  private answers = false;
  private asking = false;
  private failures = 0;
  private told = false;
  private readonly timer: NodeJS.Timeout;
  /** Questions in a row without an answer. */
  private readonly silent = new WeakMap<Redis, number>();

  constructor(
    readonly client: RedisClient,
    private readonly log: Logger,
  ) {
    this.timer = setInterval(() => void this.probe(), PROBE_EVERY_MS).unref();
    // A client calls itself ready for what one node said, and stays so when that node hangs.
    client.on("ready", () => void this.probe());
    client.on("close", () => (this.answers = false));
    void this.probe();
  }

  /** Whether requests may use it right now. */
  get up(): boolean {
    return this.answers && this.client.status === "ready";
  }

  /** Rejects where Redis does not do it in time, or is not to be used. */
  async ask<R>(run: (redis: RedisClient) => Promise<R>): Promise<R> {
    if (!this.up) throw new Error("Redis is not in use");
    try {
      // A cluster's client tries again behind one command for much longer than the limit of each try.
      return await within(COMMAND_TIMEOUT_MS, run(this.client));
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.answers = false;
    this.client.disconnect();
  }

  private async probe(): Promise<void> {
    if (this.asking || this.client.status !== "ready") return;
    this.asking = true;
    const { failures, client } = this;
    const keys = client instanceof Cluster ? probeKeys : probeKeys.slice(0, 1);
    try {
      // A write: one that is full, or no longer the primary, would still let itself be read.
      await within(PROBE_MS, Promise.all(keys.map((key) => client.set(key, "1", "EX", 60))));
      // Of what failed meanwhile it knows nothing.
      if (failures === this.failures) this.succeed();
    } catch (error) {
      this.fail(error);
      await this.replaceSilent();
    } finally {
      this.asking = false;
    }
  }

  private succeed(): void {
    this.answers = true;
    if (this.told) this.log.info("Redis is used again");
    this.told = false;
  }

  private fail(error: unknown): void {
    this.failures += 1;
    this.answers = false;
    if (!this.told) this.log.warn({ err: error }, "Redis is not used until it answers");
    this.told = true;
  }

  /** The network may have forgotten a connection that both ends take for open. */
  private async replaceSilent(): Promise<void> {
    const { client } = this;
    const nodes = client instanceof Cluster ? client.nodes("all") : [client];
    await Promise.all(
      nodes.map(async (node) => {
        const count = await within(PROBE_MS, node.ping()).then(
          () => 0,
          () => (this.silent.get(node) ?? 0) + 1,
        );
        this.silent.set(node, count % SILENT_PROBES);
        // A cluster's client opens connections by itself, as it finds nodes.
        if (count === SILENT_PROBES) node.disconnect(node === client);
      }),
    );
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${ms} ms`));
    }, ms).unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
