import type { Config } from "./config";

const LEAST_MS = 120_000;
/** More than the longest write has, its connection and a second try of it included. */
const DATABASE_STEPS = 10;

/**
 * How long nothing may move on a connection until it is closed: longer than the settings let any request
 * take, so that only a client that is gone meets it.
 */
export function silenceMs({ timeouts, database }: Pick<Config, "timeouts" | "database">): number {
  const served = DATABASE_STEPS * (database.connectTimeoutMs + database.statementTimeoutMs);
  // A kept connection to the new tier may turn out to be closed: then it is asked twice.
  const forwarded = 2 * timeouts.forwardMs;
  return Math.max(LEAST_MS, timeouts.requestMs + Math.max(served, forwarded));
}
