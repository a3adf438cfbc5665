import { useEffect, useEffectEvent, useReducer, useState } from "react";
import { pause } from "../actions/pause";
import type { Api } from "../api/client";
import { Failure } from "../api/failure";
import { persist, type Waiting } from "../api/persist";
import { accountReducer, emptyAccount } from "./reducer";

/** Changes come in bursts; the totals are asked for once after each. */
const SETTLE_MS = 150;

/** A user's cards and totals, loaded, kept up to date, and loaded again on `reload`. */
export function useAccount(api: Api, userId: string, includeRefunded: boolean) {
  const [state, change] = useReducer(accountReducer, emptyAccount);
  const [trouble, setTrouble] = useState<Failure>();
  const [round, setRound] = useState(0);
  const [loadingMore, setLoadingMore] = useState(false);
  const changesNow = useEffectEvent(() => state.changes);

  useEffect(() => {
    return inBackground(async (signal) => {
      for (;;) {
        const before = changesNow();
        const [page, summary] = await patiently(signal, setTrouble, () =>
          Promise.all([
            api.cards(userId, { includeRefunded }, signal),
            api.summary(userId, signal),
          ]),
        );
        // Something happened meanwhile that these answers may not know.
        if (changesNow() !== before) continue;
        setTrouble(undefined);
        change({ type: "loaded", page });
        change({ type: "summed", summary });
        return;
      }
    }, setTrouble);
  }, [api, userId, includeRefunded, round]);

  useEffect(() => {
    if (state.changes === 0) return;
    return inBackground(async (signal) => {
      await pause(SETTLE_MS, signal).over;
      const summary = await patiently(
        signal,
        () => undefined,
        () => api.summary(userId, signal),
      );
      change({ type: "summed", summary });
    }, setTrouble);
  }, [api, userId, state.changes]);

  const more = async () => {
    const { nextCursor } = state;
    if (nextCursor === null || loadingMore) return;
    setLoadingMore(true);
    try {
      const query = { cursor: nextCursor, includeRefunded };
      const page = await api.cards(userId, query, new AbortController().signal);
      change({ type: "more", page });
      setTrouble(undefined);
    } catch (error) {
      if (error instanceof Failure) setTrouble(error);
    } finally {
      setLoadingMore(false);
    }
  };
  const reload = () => {
    setRound((last) => last + 1);
  };
  return { state, change, trouble, reload, more, loadingMore };
}

/** Reading again harms nobody, so it goes on until it works or is no longer wanted. */
async function patiently<T>(
  signal: AbortSignal,
  onTrouble: (failure: Failure) => void,
  read: () => Promise<T>,
): Promise<T> {
  return await persist(read, {
    attempts: Number.POSITIVE_INFINITY,
    onWaiting: ({ failure }: Waiting) => {
      onTrouble(failure);
    },
    pause: async (ms) => {
      await pause(ms, signal).over;
    },
  });
}

/** Runs until done or until the returned function is called. */
function inBackground(
  work: (signal: AbortSignal) => Promise<void>,
  onFailure: (failure: Failure) => void,
): () => void {
  const controller = new AbortController();
  work(controller.signal).catch((error: unknown) => {
    if (!controller.signal.aborted && error instanceof Failure) onFailure(error);
  });
  return () => {
    controller.abort();
  };
}
