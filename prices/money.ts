/**
 * An amount in whole cents. Twelve digits are kept before rounding, so that 24 x 0.2 is 4.80 and
 * half a cent that binary fractions make a little smaller still rounds up.
 */
function toCents(usd: number): number {
  return Math.round(Number((usd * 100).toPrecision(12)));
}

/** USD, rounded to cents. */
export function roundToCents(usd: number): number {
  return toCents(usd) / 100;
}

/** The sum of amounts, each rounded to cents first: what a reader gets who adds up the lines. */
export function sumUsd(amounts: readonly number[]): number {
  return amounts.reduce((cents, usd) => cents + toCents(usd), 0) / 100;
}

/** A quantity without the digits that binary fractions add. */
export function roundQuantity(quantity: number): number {
  return Number(quantity.toFixed(3));
}

/** Bytes in a GB over bytes in a GiB: loads are stated in GB, DigitalOcean bills GiB. */
export const gibPerGb = 1e9 / 2 ** 30;
