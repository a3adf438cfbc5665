import type pg from "pg";
import { draw, packs } from "../server/catalogue";

export interface SeedPlan {
  /** Ids are `firstUser` and the numbers after it. */
  readonly firstUser: number;
  readonly users: number;
  /** Standard drops that each user opened. */
  readonly dropsPerUser: number;
  /** Share of the cards that were given back, 0 to 100. */
  readonly refundPercent: number;
  /** Same number, same cards. */
  readonly seed: number;
}

export const defaultPlan: SeedPlan = {
  ...{ firstUser: 1, users: 1_000, dropsPerUser: 4, refundPercent: 10, seed: 1 },
};

export interface Seeded {
  readonly drops: number;
  readonly cards: number;
}

/** Drops in one statement; keeps a transaction to about a second. */
const BATCH_DROPS = 10_000;
const KINDS = 1_000;

const INSERT = `
WITH opened AS (
  INSERT INTO drops (user_id, pack, opened_at)
  SELECT u, 'standard', now() - make_interval(hours => (u % 720)::int)
    FROM generate_series($1::bigint, $2::bigint) AS u, generate_series(1, $3::int)
  RETURNING id, user_id, opened_at),
cards AS (
  INSERT INTO user_cards (user_id, drop_id, name, rarity, price_cents, created_at, is_refunded, refunded_at)
  SELECT user_id, id, ($4::text[])[k], ($5::text[])[k], ($6::int[])[k], opened_at, refunded,
         CASE WHEN refunded THEN opened_at + interval '1 minute' END
    FROM opened, generate_series(1, ${packs.standard}) AS n,
         LATERAL (SELECT 1 + abs(hashint8extended(id * 100 + n, $7::bigint) % ${KINDS}) AS k,
                         abs(hashint8extended(id * 100 + n, $7::bigint + 1) % 100) < $8::int AS refunded) AS chosen
  RETURNING user_id, price_cents, is_refunded)
INSERT INTO accounts AS a (user_id, drops_opened, cards_opened, balance_cents)
SELECT user_id, $3::int, count(*), coalesce(sum(price_cents) FILTER (WHERE is_refunded), 0)
  FROM cards GROUP BY user_id
ON CONFLICT (user_id) DO UPDATE
   SET drops_opened = a.drops_opened + excluded.drops_opened,
       cards_opened = a.cards_opened + excluded.cards_opened,
       balance_cents = a.balance_cents + excluded.balance_cents`;

/** Fills the tables as if the users had played, so that every user's cards add up. */
export async function seed(
  client: pg.ClientBase,
  plan: SeedPlan,
  progress: (done: Seeded) => void = () => undefined,
): Promise<Seeded> {
  const random = generator(plan.seed);
  const kinds = Array.from({ length: KINDS }, () => draw("standard", random)[0]).flatMap(
    (kind) => kind ?? [],
  );
  const usersPerBatch = Math.max(1, Math.floor(BATCH_DROPS / plan.dropsPerUser));
  const end = plan.firstUser + plan.users;
  let done: Seeded = { drops: 0, cards: 0 };
  for (let first = plan.firstUser; first < end; first += usersPerBatch) {
    const last = Math.min(first + usersPerBatch, end) - 1;
    await client.query(INSERT, [
      ...[first, last, plan.dropsPerUser],
      ...[kinds.map(({ name }) => name), kinds.map(({ rarity }) => rarity)],
      ...[kinds.map(({ priceCents }) => priceCents), plan.seed, plan.refundPercent],
    ]);
    const drops = done.drops + (last - first + 1) * plan.dropsPerUser;
    done = { drops, cards: drops * packs.standard };
    progress(done);
  }
  return done;
}

/** A small repeatable source of numbers (mulberry32). */
function generator(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
