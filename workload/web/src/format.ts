const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const whole = new Intl.NumberFormat("en-US");
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export function money(cents: number): string {
  return dollars.format(cents / 100);
}

export function count(number: number): string {
  return whole.format(number);
}

/** Of the visitor's own clock and zone. */
export function timeOfDay(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? "" : clock.format(at);
}

export const rarities = ["common", "rare", "epic", "legendary"] as const;

/** How rare a rarity is; one that this page does not know yet counts as common. */
export function rank(rarity: string): number {
  return Math.max(0, (rarities as readonly string[]).indexOf(rarity));
}
