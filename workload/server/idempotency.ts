import { createHash } from "node:crypto";
import type { Database, PoolClient } from "./db";
import { HttpError } from "./errors";

/** An answer that a replay of the request gets again, word for word. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

export interface Outcome extends Answer {
  readonly replayed: boolean;
}

export interface KeyedRequest {
  readonly userId: string;
  /** The client's `Idempotency-Key`. Keys of different users have nothing to do with each other. */
  readonly key: string;
  /** What tells this request from others: operation, path parameters, body. */
  readonly fingerprint: readonly unknown[];
}

/**
 * Runs `work` at most once for a key. The key, the answer and the change are one transaction: either
 * all of them are there or none, whenever the process dies. Only success spends a key.
 */
export async function once(
  database: Database,
  operation: string,
  request: KeyedRequest,
  work: (client: PoolClient) => Promise<Answer>,
): Promise<Outcome> {
  const hash = createHash("sha256").update(JSON.stringify(request.fingerprint)).digest("hex");
  return await database.write(operation, async (client) => {
    const fresh = await claim(client, request, hash);
    if (!fresh) return await replay(client, request, hash);
    const answer = await work(client);
    await client.query(
      "UPDATE idempotency_keys SET status = $3, response = $4 WHERE user_id = $1 AND key = $2",
      [request.userId, request.key, answer.status, JSON.stringify(answer.body)],
    );
    return { ...answer, replayed: false };
  });
}

/** Waits for a transaction that holds the same key, for as long as `lock_timeout` allows. */
async function claim(client: PoolClient, request: KeyedRequest, hash: string): Promise<boolean> {
  try {
    const { rowCount } = await client.query(
      `INSERT INTO idempotency_keys (user_id, key, request_hash) VALUES ($1, $2, $3)
       ON CONFLICT (user_id, key) DO NOTHING`,
      [request.userId, request.key, hash],
    );
    return rowCount === 1;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "55P03") throw error;
    throw inProgress(error);
  }
}

async function replay(client: PoolClient, request: KeyedRequest, hash: string): Promise<Outcome> {
  const { rows } = await client.query<{ request_hash: string; status: number; response: object }>(
    "SELECT request_hash, status, response FROM idempotency_keys WHERE user_id = $1 AND key = $2",
    [request.userId, request.key],
  );
  const [stored] = rows;
  // Forgotten between the two statements: the next try will do it afresh.
  if (!stored) throw inProgress(undefined);
  if (stored.request_hash !== hash) {
    throw new HttpError(
      422,
      "idempotency_key_reused",
      "This Idempotency-Key was used for another request; take a new one.",
    );
  }
  return { status: stored.status, body: stored.response, replayed: true };
}

function inProgress(cause: unknown): HttpError {
  return new HttpError(
    409,
    "idempotency_key_in_progress",
    "A request with this Idempotency-Key is still being worked on; ask again.",
    { retryAfterSeconds: 1, cause },
  );
}
