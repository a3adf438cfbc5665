import { Failure } from "./failure";

export interface Waiting {
  readonly failure: Failure;
  /** Milliseconds until the next attempt. */
  readonly delayMs: number;
}

export interface Persistence {
  /** Attempts in all. */
  readonly attempts: number;
  /** Told before each pause. */
  readonly onWaiting: (waiting: Waiting) => void;
  /** Resolves after the time, or earlier where the visitor will not wait; rejects to give up. */
  readonly pause: (ms: number) => Promise<void>;
  readonly random?: () => number;
}

const FIRST_DELAY_MS = 500;
/** A server that names a time is there and will say more soon; one that is silent needs patience. */
const LONGEST_DELAY_MS = { named: 4_000, silent: 15_000 } as const;

/**
 * Makes an attempt again while its failure is a passing one. The caller gives the same
 * Idempotency-Key to every attempt, so that a change whose answer was lost is not made twice.
 */
export async function persist<T>(attempt: () => Promise<T>, options: Persistence): Promise<T> {
  for (let failed = 1; ; failed += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Failure) || !error.passing || failed >= options.attempts) throw error;
      const delayMs = delayAfter(error, failed, options.random ?? Math.random);
      options.onWaiting({ failure: error, delayMs });
      await options.pause(delayMs);
    }
  }
}

/** Grows with each failure, never shorter than asked for, and spread so that pages do not march in step. */
export function delayAfter(failure: Failure, failed: number, random: () => number): number {
  const { retryAfterSeconds } = failure.details;
  const longest = LONGEST_DELAY_MS[retryAfterSeconds === undefined ? "silent" : "named"];
  const grown = Math.min(longest, FIRST_DELAY_MS * 2 ** (failed - 1));
  const asked = (retryAfterSeconds ?? 0) * 1_000;
  return Math.round(Math.max(asked, grown) * (1 + random() * 0.25));
}
