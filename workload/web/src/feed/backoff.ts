/** Close codes of a process that ends (1001) or hands its visitors to another one (1012). */
const SENT_AWAY = new Set([1001, 1012]);
/** A connection this short was no success; one that is closed again and again must not spin. */
const STEADY_MS = 1_000;
const LONGEST_MS = 15_000;

export interface Ended {
  readonly code: number;
  /** Milliseconds for which the connection was up; 0: it never was. */
  readonly livedMs: number;
  /** Attempts that failed in a row before this one. */
  readonly failures: number;
}

/** How long to wait before connecting again; random, so that a crowd does not come back as one. */
export function reconnectDelay({ code, livedMs, failures }: Ended, random: () => number): number {
  const steady = livedMs >= STEADY_MS;
  if (SENT_AWAY.has(code) && steady) return Math.round(random() * 400);
  const grown = Math.min(LONGEST_MS, 500 * 2 ** (steady ? 0 : failures));
  return Math.round(grown / 2 + (random() * grown) / 2);
}

/** Failures in a row, counting this end. */
export function failuresAfter({ livedMs, failures }: Ended): number {
  return livedMs >= STEADY_MS ? 0 : failures + 1;
}
