import pg from "pg";
import type { Logger } from "./log";

/** Pause before the first question to a replica that failed. */
export const FIRST_PAUSE_MS = 1_000;
/** Each question without an answer doubles the pause up to this; nobody waits for any of them. */
export const LONGEST_PAUSE_MS = 30_000;
/** Limit of each half of a question: to connect, and to be answered. */
const PROBE_MS = 1_000;

export interface ReplicaNeeds {
  readonly openPool: () => pg.Pool;
  /** Rejects where the replica does not answer; has a limit of its own. */
  readonly probe: () => Promise<void>;
  readonly log: Logger;
}

/**
 * A replica may swallow what it is sent, and each read that tries it would wait in vain. So one failure
 * takes it out of use, and only a question asked beside the requests brings it back.
 */
export class Replica {
  private current: pg.Pool | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private backSince = -Infinity;
  private closed = false;

  constructor(private readonly needs: ReplicaNeeds) {
    this.current = needs.openPool();
  }

  /** Where to read; undefined while the replica is not to be used. */
  get pool(): pg.Pool | undefined {
    return this.current;
  }

  /** Told of a read on `pool` that failed. What began before the replica came back says nothing of now. */
  failed(pool: pg.Pool, error: unknown): void {
    if (pool !== this.current || this.closed) return;
    this.current = undefined;
    // Its other connections may be as dead as this one, also after the replica is back.
    pool.end().catch(() => undefined);
    // One that answers a question and then no read is left alone for longer each time.
    if (Date.now() - this.backSince >= LONGEST_PAUSE_MS) this.pauseMs = FIRST_PAUSE_MS;
    this.needs.log.warn({ err: error }, "the replica does not answer, reading from the primary");
    this.askLater();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.current?.end();
  }

  private askLater(): void {
    this.timer = setTimeout(() => void this.ask(), this.pauseMs).unref();
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  private async ask(): Promise<void> {
    const answered = await this.needs.probe().then(
      () => true,
      () => false,
    );
    if (this.closed) return;
    if (!answered) {
      this.askLater();
      return;
    }
    this.backSince = Date.now();
    this.current = this.needs.openPool();
    this.needs.log.info("the replica answers again");
  }
}

/** Asks on a connection that nobody else uses and that is thrown away, whatever becomes of it. */
export async function selectOne(config: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({
    ...config,
    connectionTimeoutMillis: PROBE_MS,
    query_timeout: PROBE_MS,
    statement_timeout: PROBE_MS,
  });
  // Without a listener a broken connection would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
  } finally {
    // Not waited for: a dead one says no goodbye.
    client.end().catch(() => undefined);
  }
}
