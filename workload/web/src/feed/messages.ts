import type { NewCard } from "../api/types";

/** What a websocket message tells; anything else that comes is of a later version and left alone. */
export type FeedEvent =
  | {
      readonly type: "drop-opened";
      readonly id: string;
      readonly userId: string;
      readonly cards: readonly NewCard[];
      readonly at: string;
    }
  | {
      readonly type: "card-refunded";
      readonly id: string;
      readonly userId: string;
      readonly cardId: string;
      readonly priceCents: number;
      readonly at: string;
    };

export function parseMessage(data: unknown): FeedEvent | undefined {
  if (typeof data !== "string") return undefined;
  let said: Record<string, unknown>;
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== "object" || value === null) return undefined;
    said = value as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { type, id, userId, at } = said;
  if (typeof id !== "string" || typeof userId !== "string" || typeof at !== "string") {
    return undefined;
  }
  if (type === "drop-opened" && Array.isArray(said["cards"])) {
    return { type, id, userId, at, cards: said["cards"].filter(isCard) };
  }
  const { cardId, priceCents } = said;
  if (type === "card-refunded" && typeof cardId === "string" && typeof priceCents === "number") {
    return { type, id, userId, at, cardId, priceCents };
  }
  return undefined;
}

function isCard(value: unknown): value is NewCard {
  const card = value as Partial<Record<keyof NewCard, unknown>> | null;
  return (
    typeof card?.id === "string" &&
    typeof card.name === "string" &&
    typeof card.rarity === "string" &&
    typeof card.priceCents === "number"
  );
}
