import type { Config } from "./config";
import type { ControlWatch } from "./control";
import type { Database } from "./db";
import type { Logger } from "./log";

const EVERY_MS = 10 * 60_000;
const BATCH = 1_000;

/** Forgets used idempotency keys after their time, a little at once, while writes are allowed. */
export function startJanitor(
  config: Config,
  database: Database,
  control: ControlWatch,
  log: Logger,
): () => void {
  const sweep = async () => {
    try {
      let removed = BATCH;
      while (removed === BATCH && control.state.mode === "open") {
        removed = await database.write("forget_keys", async (client) => {
          // Siblings that sweep at the same moment take other rows.
          const { rowCount } = await client.query(
            `DELETE FROM idempotency_keys WHERE (user_id, key) IN (
               SELECT user_id, key FROM idempotency_keys
                WHERE created_at < now() - make_interval(hours => $1)
                ORDER BY created_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
            [config.idempotencyHours],
          );
          return rowCount ?? 0;
        });
      }
    } catch (error) {
      log.debug({ err: error }, "old idempotency keys were not removed this time");
    }
  };
  const timer = setInterval(() => void sweep(), EVERY_MS).unref();
  return () => {
    clearInterval(timer);
  };
}
