import pg from "pg";
import type { Logger } from "./log";
import type { PostgresTarget } from "./postgresUrl";
import type { DatabaseConfig } from "./processConfig";

/** Longest wait for another transaction's lock; shorter than the statement's own limit. */
const LOCK_TIMEOUT_MS = 2_000;
/** A transaction that its process forgot is ended by the server. */
const IDLE_IN_TRANSACTION_MS = 10_000;

export interface PoolOptions {
  /** The connections' `application_name`. */
  readonly name: string;
  readonly max: number;
  /** Whether a PgBouncer is at the other end: it refuses a connection that brings settings along. */
  readonly pooled: boolean;
}

export function clientConfig(target: PostgresTarget, name: string): pg.ClientConfig {
  return {
    connectionString: target.connectionString,
    ssl: target.ssl,
    application_name: name,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/** Settings of the server, in milliseconds, that bound what the app asks of it. */
export function limitsOf({ statementTimeoutMs }: DatabaseConfig) {
  return {
    statement_timeout: statementTimeoutMs,
    lock_timeout: Math.min(LOCK_TIMEOUT_MS, statementTimeoutMs),
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
}

export function openPool(
  target: PostgresTarget,
  config: DatabaseConfig,
  { name, max, pooled }: PoolOptions,
  log: Logger,
): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(target, name),
    ...(!pooled && limitsOf(config)),
    max,
    connectionTimeoutMillis: config.connectTimeoutMs,
    idleTimeoutMillis: 30_000,
    // An old connection would never move to a node that joined.
    maxLifetimeSeconds: 1_800,
    // The server's limit does not help when the network swallows its answer.
    query_timeout: config.statementTimeoutMs + 1_000,
  });
  pool.on("error", (error) => {
    log.warn({ err: error, pool: name }, "an idle connection was lost");
  });
  // The pool listens to idle connections only; unheard, a fault of one in use ends the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}
