import { auroraClasses, auroraLimits, auroraMaxConnections, auroraServerless } from "../prices/aws";
import { tiers } from "../tiers";
import type { LargeConfig } from "./schema";

const large = tiers.large;

type Config = Pick<LargeConfig, "postgres" | "app" | "worker" | "services">;

/** How the large tier's database connections are spent at the worst: at maximum scale, in a deploy. */
export interface LargeConnectionBudget {
  /** Connections that the writer allows its clients. */
  readonly limit: number;
  /** What may be used: the tier's share of the limit, rounded down. */
  readonly usable: number;
  /** Tasks of the app at maximum scale, the old and the new ones, times the pool of each. */
  readonly app: number;
  /** The same of the workers and the further services. */
  readonly others: number;
  /** Migration, exporter, dump, promoter. */
  readonly reserved: number;
  readonly total: number;
}

/** Tasks alive at once of so many while a deploy starts the new ones beside the old. */
export function tasksDuringDeploy(tasks: number): number {
  return Math.ceil((tasks * large.deployMaximumPercent) / 100);
}

/** `max_connections` of each Aurora instance: what is configured, or by the memory that it can have. */
export function auroraConnectionSetting({ postgres }: Pick<LargeConfig, "postgres">): number {
  if (postgres.maxConnections !== undefined) return postgres.maxConnections;
  const memoryGib =
    postgres.mode === "serverless"
      ? postgres.maxAcu * auroraServerless.memoryGibPerAcu
      : auroraClasses[postgres.instanceClass].memoryGib;
  return auroraMaxConnections(memoryGib);
}

/** Connections that the writer allows its clients; undefined where nobody said. */
export function largeConnectionLimit(config: Pick<LargeConfig, "postgres">): number | undefined {
  return config.postgres.provider === "external"
    ? config.postgres.connectionLimit
    : auroraConnectionSetting(config) - auroraLimits.reservedConnections;
}

/** What all clients together may need; undefined where the limit is not known. */
export function largeConnectionBudget(config: Config): LargeConnectionBudget | undefined {
  const limit = largeConnectionLimit(config);
  if (limit === undefined) return undefined;
  const { reservedConnections, maxConnectionSharePercent } = large.postgres;
  const { migrate, exporter, dump, promoter } = reservedConnections;
  const of = ({ maxTasks, poolPerProcess }: { maxTasks: number; poolPerProcess: number }): number =>
    tasksDuringDeploy(maxTasks) * poolPerProcess;
  const app = of(config.app);
  const others = [config.worker, ...config.services].map(of).reduce((sum, one) => sum + one, 0);
  const reserved = migrate + exporter + dump + promoter;
  return {
    limit,
    usable: Math.floor((limit * maxConnectionSharePercent) / 100),
    app,
    others,
    reserved,
    total: app + others + reserved,
  };
}
