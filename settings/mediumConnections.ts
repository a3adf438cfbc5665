import {
  assumedAdvancedConnections,
  postgresSizes,
  type AdvancedPostgresSize,
  type PostgresSize,
} from "../prices/digitalocean";
import { tiers } from "../tiers";
import type { MediumConfig } from "./schema";

const medium = tiers.medium;

/** Connections that a database allows its clients. */
export interface ConnectionLimit {
  readonly limit: number;
  /** False where the provider has not published it. */
  readonly verified: boolean;
}

/** How the medium tier's database connections are spent at the worst: at maximum scale, in a deploy. */
export interface MediumConnectionBudget extends ConnectionLimit {
  /** What may be used: the tier's share of the limit, rounded down. */
  readonly usable: number;
  /** Instances of the app at maximum scale, the old and the new ones, times the pool of each. */
  readonly app: number;
  /** The same of the worker. */
  readonly worker: number;
  /**
   * With a connection pool: its connections to the server, in place of the app's and the worker's,
   * and the one that each process keeps past it (it listens, which a pool cannot do).
   */
  readonly pooled: { readonly server: number; readonly past: number } | undefined;
  /** Migration, exporter, dump, promoter. */
  readonly reserved: number;
  readonly total: number;
}

/** Processes alive at once of so many while a deploy starts the new ones beside the old. */
export function duringDeploy(instances: number): number {
  return Math.ceil(instances * (1 + medium.app.deploySurgePercent / 100));
}

/** The size of a database node: what is configured, or the edition's default. */
export function mediumPostgresSize({
  postgres,
}: Pick<MediumConfig, "postgres">): PostgresSize | AdvancedPostgresSize {
  return postgres.size ?? medium.postgres.defaultSizes[postgres.edition];
}

/** The connections that the database allows; undefined where nobody said. */
export function mediumConnectionLimit(
  config: Pick<MediumConfig, "postgres">,
): ConnectionLimit | undefined {
  if (config.postgres.provider === "external") {
    const limit = config.postgres.connectionLimit;
    return limit === undefined ? undefined : { limit, verified: true };
  }
  const size = mediumPostgresSize(config);
  return isStandardSize(size)
    ? { limit: postgresSizes[size].connectionLimit, verified: true }
    : { limit: assumedAdvancedConnections(size), verified: false };
}

/** What all clients together may need; undefined where the limit is not known. */
export function mediumConnectionBudget(
  config: Pick<MediumConfig, "postgres" | "app" | "worker">,
): MediumConnectionBudget | undefined {
  const allowed = mediumConnectionLimit(config);
  if (allowed === undefined) return undefined;
  const { reservedConnections, maxConnectionSharePercent } = medium.postgres;
  const { migrate, exporter, dump, promoter } = reservedConnections;
  const app = duringDeploy(config.app.maxInstances) * config.app.poolPerProcess;
  const worker = duringDeploy(config.worker.instances) * config.worker.poolPerProcess;
  const { mode, size } = config.postgres.pool;
  const past = duringDeploy(config.app.maxInstances) + duringDeploy(config.worker.instances);
  const pooled = mode === "off" ? undefined : { server: size, past };
  const reserved = migrate + exporter + dump + promoter;
  return {
    ...allowed,
    usable: Math.floor((allowed.limit * maxConnectionSharePercent) / 100),
    app,
    worker,
    pooled,
    reserved,
    total: (pooled ? pooled.server + pooled.past : app + worker) + reserved,
  };
}

/** Whether a size is one of the Standard edition. */
export function isStandardSize(size: PostgresSize | AdvancedPostgresSize): size is PostgresSize {
  return Object.hasOwn(postgresSizes, size);
}

/** Whether the chosen edition has the size; a vendor of another name has no editions. */
export function sizeFitsEdition(config: Pick<MediumConfig, "postgres">): boolean {
  const { provider, edition } = config.postgres;
  return (
    provider === "external" ||
    isStandardSize(mediumPostgresSize(config)) === (edition === "standard")
  );
}
