import type { ControlWatch } from "./control";
import type { Database } from "./db";
import { HttpError } from "./errors";
import type { Logger } from "./log";
import type { Metrics } from "./metrics";
import type { ProcessConfig } from "./processConfig";

/** Keys forgotten in one transaction; the end of the process waits for no more than one. */
export const BATCH = 1_000;
/** At most this long until the next try, where a sweep did not do its work. */
const RETRY_MS = 60_000;

/** `rested`: writes are not allowed here for the time being. */
export type SweepResult = "done" | "rested" | "failed";

export interface JanitorNeeds {
  readonly config: Pick<ProcessConfig, "idempotencyHours" | "sweepIntervalMs">;
  readonly database: Database;
  readonly control: ControlWatch;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * Forgets used idempotency keys after their time, a little at once, while the mode is open. Any number
 * of processes may do it at the same time.
 */
export class Janitor {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;
  private failing = false;
  private inOrderAt = performance.now();

  constructor(private readonly needs: JanitorNeeds) {}

  /** Seconds since a sweep last ended as it should (a rest does too), or since the process began. */
  get ageSeconds(): number {
    return (performance.now() - this.inOrderAt) / 1_000;
  }

  start(firstAfterMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.sweep();
    }, firstAfterMs).unref();
  }

  /** Resolves when the batch under way, if any, has ended; no other is begun. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async sweep(): Promise<void> {
    const result = await this.forgetAll();
    this.needs.metrics.sweep(result);
    if (result !== "failed") this.inOrderAt = performance.now();
    const { sweepIntervalMs } = this.needs.config;
    this.start(result === "done" ? sweepIntervalMs : Math.min(sweepIntervalMs, RETRY_MS));
  }

  private async forgetAll(): Promise<SweepResult> {
    const { control, log } = this.needs;
    let forgotten = 0;
    try {
      for (let last = BATCH; last === BATCH && !this.stopped; forgotten += last) {
        const { mode } = control.state;
        // What is not known yet is asked by the write itself.
        if (mode === "readonly" || mode === "forward") return "rested";
        last = await this.forgetBatch();
      }
      if (this.failing) log.info("old idempotency keys are removed again");
      this.failing = false;
      return "done";
    } catch (error) {
      // A fence that came meanwhile.
      if (error instanceof HttpError && error.code === "read_only") return "rested";
      if (!this.failing) log.warn({ err: error }, "old idempotency keys cannot be removed");
      this.failing = true;
      return "failed";
    } finally {
      if (forgotten > 0) log.info({ forgotten }, "old idempotency keys were removed");
    }
  }

  private async forgetBatch(): Promise<number> {
    return await this.needs.database.write("forget_keys", async (client) => {
      // Others that sweep at the same moment take other rows.
      const { rowCount } = await client.query(
        `DELETE FROM idempotency_keys WHERE (user_id, key) IN (
           SELECT user_id, key FROM idempotency_keys
            WHERE created_at < now() - make_interval(hours => $1)
            ORDER BY created_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
        [this.needs.config.idempotencyHours],
      );
      return rowCount ?? 0;
    });
  }
}
