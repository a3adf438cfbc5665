import { Failure, failureOf, noAnswer } from "./failure";
import type { CardPage, Drop, Pack, Refund, Summary } from "./types";

/** A request that is not answered by then is tried again; the server itself gives up earlier. */
const TIMEOUT_MS = 20_000;

export interface CardQuery {
  readonly cursor?: string;
  readonly includeRefunded: boolean;
}

/** One call is one attempt; whoever wants more attempts wraps it in `persist`. */
export interface Api {
  cards(userId: string, query: CardQuery, signal: AbortSignal): Promise<CardPage>;
  summary(userId: string, signal: AbortSignal): Promise<Summary>;
  openDrop(userId: string, pack: Pack, key: string, signal: AbortSignal): Promise<Drop>;
  refund(userId: string, cardId: string, key: string, signal: AbortSignal): Promise<Refund>;
}

export function createApi(fetcher: typeof fetch): Api {
  const read = async <T>(path: string, signal: AbortSignal) =>
    await request<T>(fetcher, path, { method: "GET" }, signal);
  const write = async <T>(path: string, body: object, key: string, signal: AbortSignal) => {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return await request<T>(fetcher, path, init, signal);
  };
  return {
    cards: async (userId, { cursor, includeRefunded }, signal) => {
      const query = new URLSearchParams();
      if (cursor !== undefined) query.set("cursor", cursor);
      if (includeRefunded) query.set("includeRefunded", "true");
      const text = query.size > 0 ? `?${query.toString()}` : "";
      return await read(`/api/users/${userId}/cards${text}`, signal);
    },
    summary: async (userId, signal) => await read(`/api/users/${userId}/summary`, signal),
    openDrop: async (userId, pack, key, signal) => {
      const path = `/api/users/${userId}/drops`;
      return (await write<{ drop: Drop }>(path, { pack }, key, signal)).drop;
    },
    refund: async (userId, cardId, key, signal) => {
      const path = `/api/users/${userId}/cards/${cardId}/refund`;
      return (await write<{ refund: Refund }>(path, {}, key, signal)).refund;
    },
  };
}

async function request<T>(
  fetcher: typeof fetch,
  path: string,
  init: RequestInit,
  signal: AbortSignal,
): Promise<T> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const response = await fetcher(path, { ...init, signal: limited, credentials: "same-origin" });
    if (!response.ok) throw await failureOf(response);
    // Broken off half way, the answer counts as none: the same key brings it again.
    return (await response.json()) as T;
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof Failure ? error : noAnswer();
  }
}
