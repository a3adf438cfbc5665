import { draw, type Pack } from "./catalogue";
import type { Database, PoolClient, ReadSource } from "./db";
import { HttpError } from "./errors";

/** A card as the API shows it; ids are strings of digits, for they outgrow a JSON number. */
export interface Card {
  readonly id: string;
  readonly dropId: string;
  readonly name: string;
  readonly rarity: string;
  readonly priceCents: number;
  readonly isRefunded: boolean;
  readonly createdAt: string;
}

export interface CardPage {
  readonly cards: readonly Card[];
  /** Asks for what follows; null: this was the end. */
  readonly nextCursor: string | null;
}

/** What a user's cards add up to, counted from the cards and from the account beside them. */
export interface Summary {
  readonly userId: string;
  readonly dropsOpened: number;
  readonly cardsOpened: number;
  readonly cardsHeld: number;
  readonly cardsRefunded: number;
  /** Cents paid back by refunds. */
  readonly balanceCents: number;
  /** Cents that refunding every card still held would pay. */
  readonly heldValueCents: number;
}

export interface Drop {
  readonly id: string;
  readonly userId: string;
  readonly pack: Pack;
  readonly openedAt: string;
  readonly cards: readonly Omit<Card, "isRefunded" | "createdAt" | "dropId">[];
}

export interface Refund {
  readonly cardId: string;
  readonly userId: string;
  readonly priceCents: number;
  readonly balanceCents: number;
  readonly refundedAt: string;
}

interface CardRow {
  readonly id: string;
  readonly drop_id: string;
  readonly name: string;
  readonly rarity: string;
  readonly price_cents: number;
  readonly is_refunded: boolean;
  readonly created_at: Date;
}

const COLUMNS = "id, drop_id, name, rarity, price_cents, is_refunded, created_at";
/** Written so that the partial index `idx_user_cards_user_id` serves it. */
const HELD = `SELECT ${COLUMNS} FROM user_cards WHERE user_id = $1 AND is_refunded = false AND id < $2`;
/** Each half has a partial index of its own; one condition over both would have none. */
const ALL = `${HELD} UNION ALL
  SELECT ${COLUMNS} FROM user_cards WHERE user_id = $1 AND is_refunded = true AND id < $2`;

export const LAST_ID = "9223372036854775807";

export interface ListQuery {
  readonly limit: number;
  /** Shows cards with smaller ids only. */
  readonly before: string;
  readonly includeRefunded: boolean;
}

/** A user's cards, newest first. */
export async function listCards(
  database: Database,
  userId: string,
  query: ListQuery,
  source: ReadSource,
): Promise<CardPage> {
  const rows = await database.read<CardRow>(
    source,
    query.includeRefunded ? "list_all_cards" : "list_cards",
    `${query.includeRefunded ? ALL : HELD} ORDER BY id DESC LIMIT $3`,
    // One more than asked for tells whether a page follows.
    [userId, query.before, query.limit + 1],
  );
  const cards = rows.slice(0, query.limit).map(toCard);
  const last = cards.at(-1);
  return { cards, nextCursor: rows.length > query.limit && last ? encodeCursor(last.id) : null };
}

export async function summarize(
  database: Database,
  userId: string,
  source: ReadSource,
): Promise<Summary> {
  const [row] = await database.read<Record<string, string>>(
    source,
    "summarize",
    `SELECT coalesce(a.drops_opened, 0) AS drops_opened, coalesce(a.cards_opened, 0) AS cards_opened,
            coalesce(a.balance_cents, 0) AS balance_cents,
            held.count AS held, held.cents AS held_cents, refunded.count AS refunded
       FROM (SELECT count(*), coalesce(sum(price_cents), 0) AS cents FROM user_cards
              WHERE user_id = $1 AND is_refunded = false) AS held,
            (SELECT count(*) FROM user_cards WHERE user_id = $1 AND is_refunded = true) AS refunded
       LEFT JOIN accounts a ON a.user_id = $1`,
    [userId],
  );
  const number = (name: string) => Number(row?.[name] ?? 0);
  return {
    userId,
    dropsOpened: number("drops_opened"),
    cardsOpened: number("cards_opened"),
    cardsHeld: number("held"),
    cardsRefunded: number("refunded"),
    balanceCents: number("balance_cents"),
    heldValueCents: number("held_cents"),
  };
}

/** Opens a drop: its cards and the account change in one statement. */
export async function openDrop(client: PoolClient, userId: string, pack: Pack): Promise<Drop> {
  const kinds = draw(pack);
  const { rows } = await client.query<CardRow>(
    `WITH opened AS (INSERT INTO drops (user_id, pack) VALUES ($1, $2) RETURNING id),
          account AS (INSERT INTO accounts AS a (user_id, drops_opened, cards_opened)
                      VALUES ($1, 1, $6) ON CONFLICT (user_id) DO UPDATE
                      SET drops_opened = a.drops_opened + 1, cards_opened = a.cards_opened + $6)
     INSERT INTO user_cards (user_id, drop_id, name, rarity, price_cents)
     SELECT $1, opened.id, kind.name, kind.rarity, kind.price_cents
       FROM opened, unnest($3::text[], $4::text[], $5::int[]) AS kind (name, rarity, price_cents)
     RETURNING ${COLUMNS}`,
    [
      userId,
      pack,
      kinds.map((kind) => kind.name),
      kinds.map((kind) => kind.rarity),
      kinds.map((kind) => kind.priceCents),
      kinds.length,
    ],
  );
  const cards = rows.map(toCard);
  const [first] = cards;
  if (!first) throw new Error("a drop came out empty");
  return {
    id: first.dropId,
    userId,
    pack,
    openedAt: first.createdAt,
    cards: cards.map(({ id, name, rarity, priceCents }) => ({ id, name, rarity, priceCents })),
  };
}

/** Gives a card back for its price. */
export async function refundCard(
  client: PoolClient,
  userId: string,
  cardId: string,
): Promise<Refund> {
  const { rows } = await client.query<{ price_cents: number; balance: string; at: Date }>(
    `WITH refunded AS (
       UPDATE user_cards SET is_refunded = true, refunded_at = now()
        WHERE id = $2 AND user_id = $1 AND is_refunded = false
       RETURNING price_cents, refunded_at)
     UPDATE accounts SET balance_cents = balance_cents + refunded.price_cents
       FROM refunded WHERE user_id = $1
     RETURNING refunded.price_cents, balance_cents AS balance, refunded.refunded_at AS at`,
    [userId, cardId],
  );
  const [row] = rows;
  if (!row) throw await whyNot(client, userId, cardId);
  return {
    cardId,
    userId,
    priceCents: row.price_cents,
    balanceCents: Number(row.balance),
    refundedAt: row.at.toISOString(),
  };
}

async function whyNot(client: PoolClient, userId: string, cardId: string): Promise<HttpError> {
  const { rowCount } = await client.query("SELECT FROM user_cards WHERE id = $2 AND user_id = $1", [
    userId,
    cardId,
  ]);
  return rowCount === 1
    ? new HttpError(409, "already_refunded", "This card was refunded already.")
    : new HttpError(404, "card_not_found", "This user has no such card.");
}

function toCard(row: CardRow): Card {
  return {
    id: row.id,
    dropId: row.drop_id,
    name: row.name,
    rarity: row.rarity,
    priceCents: row.price_cents,
    isRefunded: row.is_refunded,
    createdAt: row.created_at.toISOString(),
  };
}

function encodeCursor(id: string): string {
  return Buffer.from(`v1:${id}`).toString("base64url");
}

/** The id in a cursor, or undefined where it is not one of ours. */
export function decodeCursor(cursor: string): string | undefined {
  return /^v1:(\d{1,19})$/.exec(Buffer.from(cursor, "base64url").toString("utf8"))?.[1];
}
