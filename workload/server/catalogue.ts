import { randomInt } from "node:crypto";

export type Rarity = "common" | "rare" | "epic" | "legendary";

/** A kind of card; `user_cards` copies name, rarity and price, so that a change here rewrites nothing. */
export interface CardKind {
  readonly name: string;
  readonly rarity: Rarity;
  /** What a refund pays, in cents. */
  readonly priceCents: number;
}

/** Cards in each kind of drop. */
export const packs = { standard: 5, premium: 10 } as const;
export type Pack = keyof typeof packs;

/** Chances in a thousand; they add up to 1000. */
export const chances: Readonly<Record<Rarity, number>> = {
  common: 700,
  rare: 230,
  epic: 60,
  legendary: 10,
};

const prices: Readonly<Record<Rarity, number>> = {
  common: 25,
  rare: 100,
  epic: 500,
  legendary: 5_000,
};

const cardNames: Readonly<Record<Rarity, readonly string[]>> = {
  common: ["Pebble", "Fern", "Sparrow", "Lantern", "Anchor", "Thistle", "Minnow", "Cobble"],
  rare: ["Kingfisher", "Sundial", "Driftwood", "Ember", "Compass", "Hawthorn"],
  epic: ["Aurora", "Leviathan", "Observatory", "Stormglass"],
  legendary: ["First Drop", "The Deep"],
};

export const rarities = Object.keys(chances) as Rarity[];

/** Draws the cards of one drop. `random(n)` gives 0..n-1; it is given only by tests and seeds. */
export function draw(pack: Pack, random: (below: number) => number = randomInt): CardKind[] {
  return Array.from({ length: packs[pack] }, () => {
    let left = random(1_000);
    const rarity = rarities.find((each) => (left -= chances[each]) < 0) ?? "common";
    const choice = cardNames[rarity];
    const name = choice[random(choice.length)] ?? rarity;
    return { name, rarity, priceCents: prices[rarity] };
  });
}
