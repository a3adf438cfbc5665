import type pg from "pg";
import type { PoolClient, QueryResult, QueryResultRow } from "pg";
import { beginGated, type Control, type ControlRow } from "./control";
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
import { clientConfig, limitsOf, openPool } from "./pools";
import type { DatabaseConfig } from "./processConfig";
import { Replica, selectOne } from "./replica";

export type { PoolClient };

/**
 * Where a read may be answered. `primary`: what is kept in the cache, or a replica that lags would put
 * the state before a write under the version after it, to be shown long after it caught up.
 * `any`: what is kept nowhere, and so lags a write by the replica's delay at most.
 */
export type ReadSource = "primary" | "any";

/** The last answers to the statements of `beginGated`. */
type GateAnswers = [QueryResult<{ shared: boolean }>, QueryResult<ControlRow>];

/** What a write transaction asks of the control watch. */
export interface Gate {
  accept(row: ControlRow | undefined): Control;
  refresh(): Promise<void>;
}

/** Pools of the primary and the replica; every query is timed, limited and counted. */
export class Database {
  private readonly primary: pg.Pool;
  private readonly replica: Replica | undefined;
  private readonly beginning: string;

  constructor(
    private readonly config: DatabaseConfig,
    private readonly metrics: Metrics,
    log: Logger,
    private readonly gate: Gate,
    /** What the server's operators see its connections as. */
    name = "drops-web",
  ) {
    const { pooler, replica: target } = config;
    // One of the process's connections is the control watch's.
    const own = { name, max: config.poolMax - 1, pooled: pooler !== undefined };
    this.primary = openPool(pooler ?? config.primary, config, own, log);
    // A pooler hands a transaction to any connection: what it may take is said in each.
    this.beginning = beginGated(pooler ? limitsOf(config) : {});
    this.replica =
      target &&
      new Replica({
        openPool: () => {
          const reading = { name: "drops-read", max: config.poolMax, pooled: false };
          return openPool(target, config, reading, log);
        },
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
        const answers = (await client.query(this.beginning)) as unknown as QueryResult[];
        const [lock, control] = answers.slice(-2) as GateAnswers;
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
        // A name makes it a prepared statement, planned once a connection: a pooler's may be another's.
        const named = poolName === "replica" || !this.config.pooler;
        return await client.query<R>({
          ...(named && { name: operation }),
          text,
          values: [...values],
        });
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
