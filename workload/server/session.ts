import pg from "pg";
import { clientConfig } from "./pools";
import type { PostgresTarget } from "./postgresUrl";
import { Refused } from "./refused";
import type { Say } from "./tool";

const CONNECT_MS = 10_000;
const LOCK_POLL_MS = 200;
/** First half of the keys of all advisory locks of this app. */
const LOCK_CLASS = 1_146_244_944;

/** Works on one connection that no time limit of its role or its database applies to. */
export async function connected<T>(
  target: PostgresTarget,
  program: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    ...clientConfig(target, program),
    connectionTimeoutMillis: CONNECT_MS,
  });
  let lost: Error | undefined;
  client.on("error", (error) => (lost = error));
  await client.connect();
  try {
    // A limit that the role or the database sets would end a long index build, which is then invalid.
    await client.query("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0");
    return await work(client);
  } catch (error) {
    throw lost ?? error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Takes an advisory lock for as long as the session lives. Asks again and again instead of waiting
 * inside Postgres: a session that waits for an advisory lock holds a snapshot, and an index that the
 * lock's holder builds concurrently waits for that snapshot.
 */
export async function holdLock(
  client: pg.Client,
  { key, work }: { readonly key: number; readonly work: string },
  timeoutMs: number,
  say: Say,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (let told = false; ; told = true) {
    const { rows } = await client.query<{ got: boolean }>(
      `SELECT pg_try_advisory_lock(${LOCK_CLASS}, ${key}) AS got`,
    );
    if (rows[0]?.got === true) return;
    if (Date.now() >= deadline) {
      throw new Refused(`another ${work} still runs after ${timeoutMs} ms`);
    }
    if (!told) say(`another ${work} runs, waiting for its end`);
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}
