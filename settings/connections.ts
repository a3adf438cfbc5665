import { dropletSizes, postgresSizes } from "../prices/digitalocean";
import { tiers } from "../tiers";
import type { SmallConfig } from "./schema";

/** How the small tier's database connections are spent; the sum must fit the tier's share of the limit. */
export interface ConnectionBudget {
  readonly limit: number;
  /** What may be used: the tier's share of the limit, rounded down. */
  readonly usable: number;
  /** PM2 processes, one more while they are reloaded, times the pool of each. */
  readonly app: number;
  /** Migration, exporter, dump, promoter. */
  readonly reserved: number;
  readonly total: number;
}

/** The connections that a database of this configuration allows; undefined where nobody said. */
export function connectionLimit(config: SmallConfig): number | undefined {
  return config.postgres.provider === "external"
    ? config.postgres.connectionLimit
    : postgresSizes[config.postgres.size].connectionLimit;
}

/** Processes that the app runs as: what is configured, or one per vCPU of the server. */
export function processesOf(config: SmallConfig): number {
  return config.app.processes ?? dropletSizes[config.vps.size].vcpus;
}

export function connectionBudget(config: SmallConfig): ConnectionBudget | undefined {
  const limit = connectionLimit(config);
  if (limit === undefined) return undefined;
  const { app, postgres } = tiers.small;
  const { migrate, exporter, dump, promoter } = postgres.reservedConnections;
  const pools = (processesOf(config) + app.surgeProcesses) * config.app.poolPerProcess;
  const reserved = migrate + exporter + dump + promoter;
  return {
    limit,
    usable: Math.floor((limit * postgres.maxConnectionSharePercent) / 100),
    app: pools,
    reserved,
    total: pools + reserved,
  };
}
