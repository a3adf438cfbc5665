import pg, { type PoolClient, type QueryResult, type QueryResultRow } from "pg";
import type { DatabaseConfig } from "./config";
import { BEGIN_GATED, type Control, type ControlRow } from "./control";
import {
  classify,
  databaseUnavailable,
  HttpError,
  leavesOutcomeUnknown,
  outcomeUnknown,
  readOnlyError,
} from "./errors";
import type { Logger } from "./log";
import type { Metrics, PoolUse } from "./metrics";
import type { PostgresTarget } from "./postgresUrl";
import { Replica, selectOne } from "./replica";

export type { PoolClient };

/** Longest wait for another transaction's lock; shorter than the statement's own limit. */
const LOCK_TIMEOUT_MS = 2_000;
/** A transaction that its process forgot is ended by the server. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/**
 * Where a read may be answered. `primary`: what is kept in the cache, or a replica that lags would put
 * the state before a write under the version after it, to be shown long after it caught up.
 * `any`: what is kept nowhere, and so lags a write by the replica's delay at most.
 */
export type ReadSource = "primary" | "any";

/** Answers to the statements of `BEGIN_GATED`. */
type GateAnswers = [QueryResult, QueryResult<{ shared: boolean }>, QueryResult<ControlRow>];

/** What a write transaction asks of the control watch. */
export interface Gate {
  accept(row: ControlRow | undefined): Control;
  refresh(): Promise<void>;
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

/** Pools of the primary and the replica; every query is timed, limited and counted. */
export class Database {
  private readonly primary: pg.Pool;
  private readonly replica: Replica | undefined;

  constructor(
    private readonly config: DatabaseConfig,
    private readonly metrics: Metrics,
    private readonly log: Logger,
    private readonly gate: Gate,
  ) {
    // One of the process's connections is the control watch's.
    this.primary = this.pool(config.primary, "drops-web", config.poolMax - 1);
    const { replica: target } = config;
    this.replica =
      target &&
      new Replica({
        openPool: () => this.pool(target, "drops-read", config.poolMax),
        probe: () => selectOne(clientConfig(target, "drops-read-probe")),
        log,
      });
  }

  use(): readonly PoolUse[] {
    const primary = useOf("primary", this.primary, this.config.poolMax - 1);
    if (!this.replica) return [primary];
    return [primary, useOf("replica", this.replica.pool, this.config.poolMax)];
  }

  get replicaUp(): boolean | undefined {
    return this.replica && this.replica.pool !== undefined;
  }

  /**
   * A read: where `any` source does, from the replica if there is one that works, else from the
   * primary. A connection that broke while idle is met here first, so it is tried once more.
   */
  async read<R extends QueryResultRow>(
    source: ReadSource,
    operation: string,
    text: string,
    values: readonly unknown[],
  ): Promise<R[]> {
    const replica = source === "any" ? this.replica?.pool : undefined;
    if (replica) {
      try {
        return (await this.query<R>(replica, "replica", operation, text, values)).rows;
      } catch (error) {
        if (classify(error) === "other") throw error;
        // One that is busy, slow or refuses does answer: taking it out of use would only move the load.
        if (!isUsable(error)) this.replica?.failed(replica, error);
      }
    }
    try {
      return (await this.query<R>(this.primary, "primary", operation, text, values)).rows;
    } catch (error) {
      // Not where a connection could not even be had: that has taken its time already.
      if (error instanceof HttpError || classify(error) !== "connection") throw error;
      return (await this.query<R>(this.primary, "primary", operation, text, values)).rows;
    }
  }

  /** One statement outside any gate, for housekeeping and notifications. */
  async run(operation: string, text: string, values: readonly unknown[]): Promise<number> {
    const { rowCount } = await this.query(this.primary, "primary", operation, text, values);
    return rowCount ?? 0;
  }

  /**
   * Runs `work` in a transaction that commits only while the mode is `open`. It resolves after
   * COMMIT was confirmed, and rejects with `outcome_unknown` where that cannot be known.
   */
  async write<T>(operation: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.begin();
    return await this.measured(operation, "primary", async () => {
      let broken: Error | undefined;
      try {
        const result = await work(client);
        await commit(client);
        return result;
      } catch (error) {
        broken = await rollBack(client, error);
        if (classify(error) === "read-only") void this.gate.refresh();
        throw error;
      } finally {
        client.release(broken);
      }
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.primary.end(), this.replica?.close()]);
  }

  /** A connection with a gated transaction begun; one that broke while idle is replaced once. */
  private async begin(): Promise<PoolClient> {
    for (let attempt = 1; ; attempt += 1) {
      const client = await connect(this.primary);
      try {
        const answers = (await client.query(BEGIN_GATED)) as unknown as GateAnswers;
        const [, lock, control] = answers;
        const isOpen = this.gate.accept(control.rows[0]).mode === "open";
        if (isOpen && lock.rows[0]?.shared === true) return client;
        throw readOnlyError();
      } catch (error) {
        client.release(await rollBack(client, error));
        if (attempt === 2 || classify(error) !== "connection") throw error;
      }
    }
  }

  private async query<R extends QueryResultRow>(
    pool: pg.Pool,
    poolName: PoolUse["pool"],
    operation: string,
    text: string,
    values: readonly unknown[],
  ): Promise<QueryResult<R>> {
    const client = await connect(pool);
    return await this.measured(operation, poolName, async () => {
      let broken: Error | undefined;
      try {
        // A name makes it a prepared statement, planned once a connection.
        return await client.query<R>({ name: operation, text, values: [...values] });
      } catch (error) {
        broken = isUsable(error) ? undefined : (error as Error);
        throw error;
      } finally {
        client.release(broken);
      }
    });
  }

  /** Times what is done on a connection. That a visitor is told no (404, 409) is not a failure. */
  private async measured<T>(
    operation: string,
    pool: PoolUse["pool"],
    work: () => Promise<T>,
  ): Promise<T> {
    const started = performance.now();
    let failed = false;
    try {
      return await work();
    } catch (error) {
      failed = !(error instanceof HttpError && error.status < 500);
      throw error;
    } finally {
      this.metrics.query((performance.now() - started) / 1_000, operation, pool, failed);
    }
  }

  private pool(target: PostgresTarget, name: string, max: number): pg.Pool {
    const { statementTimeoutMs, connectTimeoutMs } = this.config;
    const pool = new pg.Pool({
      ...clientConfig(target, name),
      max,
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: 30_000,
      // An old connection would never move to a node that joined.
      maxLifetimeSeconds: 1_800,
      statement_timeout: statementTimeoutMs,
      lock_timeout: Math.min(LOCK_TIMEOUT_MS, statementTimeoutMs),
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      // The server's limit does not help when the network swallows its answer.
      query_timeout: statementTimeoutMs + 1_000,
    });
    pool.on("error", (error) => {
      this.log.warn({ err: error, pool: name }, "an idle connection was lost");
    });
    // The pool listens to idle connections only; unheard, a fault of one in use ends the process.
    pool.on("connect", (client) => client.on("error", () => undefined));
    return pool;
  }
}

/** A pool that is not there (the replica's, out of use) has no connections. */
function useOf(name: PoolUse["pool"], pool: pg.Pool | undefined, max: number): PoolUse {
  const [total, idle] = [pool?.totalCount ?? 0, pool?.idleCount ?? 0];
  return { pool: name, used: total - idle, idle, pending: pool?.waitingCount ?? 0, max };
}

async function connect(pool: pg.Pool): Promise<PoolClient> {
  return await pool.connect().catch((error: unknown) => {
    // All connections are in use, here or at the server: that is not a server that cannot be reached.
    throw classify(error) === "busy" ? error : databaseUnavailable(error);
  });
}

async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query("COMMIT").catch((error: unknown) => {
    throw leavesOutcomeUnknown(error) ? outcomeUnknown(error) : error;
  });
  // Outside: here the server has said what happened.
  if (command !== "COMMIT") throw new Error(`COMMIT was answered with ${command}`);
}

/** Ends a failed transaction; returns an error where the connection must not be used again. */
async function rollBack(client: PoolClient, error: unknown): Promise<Error | undefined> {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!isUsable(cause)) return cause as Error;
  try {
    await client.query("ROLLBACK");
    return undefined;
  } catch (failure) {
    return failure as Error;
  }
}

/** Whether the connection is in a known state: the server said what was wrong, and stays. */
function isUsable(error: unknown): boolean {
  const fault = classify(error);
  if (fault === "connection") return false;
  // Given up by the client: the answer may still come, and would be taken for another's.
  return !(error instanceof Error && error.message === "Query read timeout");
}
