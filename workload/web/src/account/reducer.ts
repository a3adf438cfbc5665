import type { Card, CardPage, NewCard, Summary } from "../api/types";

export interface AccountState {
  /** Newest first; undefined: not loaded yet. */
  readonly cards: readonly Card[] | undefined;
  readonly nextCursor: string | null;
  readonly summary: Summary | undefined;
  /** Cards known to be given back, whatever an older list says. */
  readonly refunded: ReadonlySet<string>;
  /** Counts the changes heard of; a list asked for before the last one may lack it. */
  readonly changes: number;
}

export type AccountChange =
  | { readonly type: "loaded"; readonly page: CardPage }
  | { readonly type: "more"; readonly page: CardPage }
  | { readonly type: "summed"; readonly summary: Summary }
  | { readonly type: "opened"; readonly cards: readonly NewCard[] }
  | { readonly type: "refunded"; readonly cardId: string };

export const emptyAccount: AccountState = {
  cards: undefined,
  nextCursor: null,
  summary: undefined,
  refunded: new Set(),
  changes: 0,
};

export function accountReducer(state: AccountState, change: AccountChange): AccountState {
  switch (change.type) {
    case "loaded":
      return show({ ...state, nextCursor: change.page.nextCursor }, change.page.cards);
    case "more": {
      const cards = joined(state.cards ?? [], change.page.cards);
      return show({ ...state, nextCursor: change.page.nextCursor }, cards);
    }
    case "summed":
      return { ...state, summary: change.summary };
    case "opened": {
      const fresh = change.cards.map((card) => ({ ...card, isRefunded: false }));
      const known = new Set(state.cards?.map(({ id }) => id));
      // Both the answer and the feed tell of it, in either order.
      if (fresh.every(({ id }) => known.has(id))) return state;
      const next = { ...state, changes: state.changes + 1 };
      return state.cards ? show(next, joined(state.cards, fresh)) : next;
    }
    case "refunded": {
      if (state.refunded.has(change.cardId)) return state;
      const refunded = new Set(state.refunded).add(change.cardId);
      const next = { ...state, refunded, changes: state.changes + 1 };
      return state.cards ? show(next, state.cards) : next;
    }
  }
}

function show(state: AccountState, cards: readonly Card[]): AccountState {
  const marked = cards.map((card) =>
    !card.isRefunded && state.refunded.has(card.id) ? { ...card, isRefunded: true } : card,
  );
  return { ...state, cards: marked };
}

/** Both lists as one, each card once, newest first. */
function joined(some: readonly Card[], others: readonly Card[]): Card[] {
  const byId = new Map([...others, ...some].map((card) => [card.id, card]));
  return [...byId.values()].sort((a, b) => compareIds(b.id, a.id));
}

/** Ids outgrow a JSON number; without leading zeros, the longer one is the larger. */
function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
