import { auroraClasses, auroraLimits, auroraMaxConnections, auroraServerless } from "../prices/aws";
import { tiers } from "../tiers";
import type { LargeConfig } from "./schema";

const large = tiers.large;

type Running = Pick<LargeConfig, "app" | "worker" | "services">;

/** Tasks of one service that a configuration runs. */
export interface RunningService {
  /** Where its keys are. */
  readonly path: readonly (string | number)[];
  readonly minTasks: number;
  readonly maxTasks: number;
  readonly poolPerProcess: number;
}

/** A service with the connections that it may need. */
export interface ConnectionPart extends RunningService {
  /** Of its tasks at maximum scale, the old and the new ones, times the pool of each. */
  readonly connections: number;
}

/** How the large tier's database connections are spent at the worst: at maximum scale, in a deploy. */
export interface LargeConnectionBudget {
  /** Connections that the writer allows its clients. */
  readonly limit: number;
  /** What may be used: the tier's share of the limit, rounded down. */
  readonly usable: number;
  /** The app, the workers, and each further service. */
  readonly parts: readonly ConnectionPart[];
  /** The part that needs the most. */
  readonly largest: ConnectionPart;
  /** Migration, exporter, dump, promoter. */
  readonly reserved: number;
  readonly total: number;
}

/** Tasks alive at once of so many while a deploy starts the new ones beside the old. */
export function tasksDuringDeploy(tasks: number): number {
  return Math.ceil((tasks * large.deployMaximumPercent) / 100);
}

/** Services that have tasks: without a minimum there are no workers, whatever their maximum. */
export function runningServices({ app, worker, services }: Running): readonly RunningService[] {
  return [
    { ...app, path: ["app"] },
    ...(worker.minTasks > 0 ? [{ ...worker, path: ["worker"] }] : []),
    ...services.map((service, index) => ({ ...service, path: ["services", index] })),
  ];
}

/** Connections that the memory of an Aurora instance gives: of its class, or at its largest. */
export function mostAuroraConnections({ postgres }: Pick<LargeConfig, "postgres">): number {
  return auroraMaxConnections(
    postgres.mode === "serverless"
      ? postgres.maxAcu * auroraServerless.memoryGibPerAcu
      : auroraClasses[postgres.instanceClass].memoryGib,
  );
}

/** `max_connections` of each Aurora instance: what is configured, or by the memory that it can have. */
export function auroraConnectionSetting(config: Pick<LargeConfig, "postgres">): number {
  return config.postgres.maxConnections ?? mostAuroraConnections(config);
}

/** Of what the engine is set to, AWS keeps some for itself. */
export function clientConnections(maxConnections: number): number {
  return maxConnections - auroraLimits.reservedConnections;
}

/** What everything together may use of a limit. */
export function usableConnections(limit: number): number {
  return Math.floor((limit * large.postgres.maxConnectionSharePercent) / 100);
}

/** Connections that the writer allows its clients; undefined where nobody said. */
export function largeConnectionLimit(config: Pick<LargeConfig, "postgres">): number | undefined {
  return config.postgres.provider === "external"
    ? config.postgres.connectionLimit
    : clientConnections(auroraConnectionSetting(config));
}

/** What all clients together may need; undefined where the limit is not known. */
export function largeConnectionBudget(
  config: Pick<LargeConfig, "postgres"> & Running,
): LargeConnectionBudget | undefined {
  const limit = largeConnectionLimit(config);
  if (limit === undefined) return undefined;
  const { migrate, exporter, dump, promoter } = large.postgres.reservedConnections;
  const parts = runningServices(config).map((service) => ({
    ...service,
    connections: tasksDuringDeploy(service.maxTasks) * service.poolPerProcess,
  }));
  const largest = parts.reduce((most, part) => (part.connections > most.connections ? part : most));
  const reserved = migrate + exporter + dump + promoter;
  return {
    limit,
    usable: usableConnections(limit),
    parts,
    largest,
    reserved,
    total: parts.reduce((sum, { connections }) => sum + connections, reserved),
  };
}
