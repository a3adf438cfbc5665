import type { FeedEvent } from "./messages";

export interface FeedState {
  /** Newest first. */
  readonly shown: readonly FeedEvent[];
  /** Came while the visitor held the list still; newest first. */
  readonly held: readonly FeedEvent[];
  readonly paused: boolean;
}

export type FeedChange =
  | { readonly type: "told"; readonly events: readonly FeedEvent[] }
  | { readonly type: "pause" }
  | { readonly type: "resume" };

/** Lines kept; older ones are of no use and would cost memory for as long as the page is open. */
export const KEPT = 40;

export const emptyFeed: FeedState = { shown: [], held: [], paused: false };

export function feedReducer(state: FeedState, change: FeedChange): FeedState {
  switch (change.type) {
    case "pause":
      return { ...state, paused: true };
    case "resume":
      return { shown: [...state.held, ...state.shown].slice(0, KEPT), held: [], paused: false };
    case "told": {
      const fresh = unknown(state, change.events);
      if (fresh.length === 0) return state;
      const list = state.paused ? "held" : "shown";
      return { ...state, [list]: [...fresh, ...state[list]].slice(0, KEPT) };
    }
  }
}

/** Newest first, each once: after a reconnection the same event may come over another process. */
function unknown(state: FeedState, events: readonly FeedEvent[]): FeedEvent[] {
  const known = new Set([...state.shown, ...state.held].map(({ id }) => id));
  const fresh: FeedEvent[] = [];
  for (const event of events) {
    if (known.has(event.id)) continue;
    known.add(event.id);
    fresh.unshift(event);
  }
  return fresh;
}
