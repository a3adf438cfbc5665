/** What the API answers, as far as the page reads it. Ids are strings of digits. */
export interface Card {
  readonly id: string;
  readonly name: string;
  readonly rarity: string;
  readonly priceCents: number;
  readonly isRefunded: boolean;
}

export interface CardPage {
  readonly cards: readonly Card[];
  /** Asks for what follows; null: this was the end. */
  readonly nextCursor: string | null;
}

export interface Summary {
  readonly dropsOpened: number;
  readonly cardsHeld: number;
  readonly cardsRefunded: number;
  /** Cents paid back by refunds. */
  readonly balanceCents: number;
  /** Cents that refunding every card still held would pay. */
  readonly heldValueCents: number;
}

export type NewCard = Omit<Card, "isRefunded">;

export interface Drop {
  readonly id: string;
  readonly userId: string;
  readonly cards: readonly NewCard[];
}

export interface Refund {
  readonly cardId: string;
  readonly userId: string;
  readonly priceCents: number;
}

/** Cards in each kind of drop; the names are the API's. */
export const packs = { standard: 5, premium: 10 } as const;
export type Pack = keyof typeof packs;
