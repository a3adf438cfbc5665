import {
  acuProblem,
  auroraClassProblem,
  auroraLimits,
  auroraServerless,
  findAuroraClass,
  findAwsRegion,
  isAuroraPostgresVersion,
  serverlessClass,
  type AuroraStorageType,
  type AwsRegion,
} from "../../prices/aws";
import { hourAfter, type Maintenance } from "../maintenanceWindow";
import type { ReaderScalingSpec } from "./readerScaling";
import { rdsAuthorityProblem } from "./rdsAuthority";

/** Instances of a fixed class, or such as follow the load between two capacities. */
export type AuroraMode =
  | { readonly kind: "provisioned"; readonly instanceClass: string }
  | {
      readonly kind: "serverless";
      /** Aurora capacity units of 2 GiB, in halves. */
      readonly minAcu: number;
      readonly maxAcu: number;
    };

export interface AuroraSpec {
  /**
   * Identifier of the cluster; the instances' are made of it. At most 60 small letters, digits and
   * single hyphens. A change replaces the cluster.
   */
  readonly name: string;
  /** The stack, as the app names it in its own metrics. */
  readonly stack: string;
  readonly region: string;
  /** Names of the zones that the instances are spread over, the first writer in the first. */
  readonly zones: readonly string[];
  /**
   * Minor version, e.g. "17.9". AWS never changes it by itself: an upgrade is a change of this, in
   * place, and restarts the instances.
   */
  readonly engineVersion: string;
  readonly mode: AuroraMode;
  /** Instances beside the writer, 0 to 15: they answer reads, and one of them takes over. */
  readonly readers: number;
  /** Further readers by load; takes at least one reader. */
  readonly readerScaling?: ReaderScalingSpec | undefined;
  /** `aurora` bills reads and writes; `aurora-iopt1` has them in dearer instances and storage. */
  readonly storageType: AuroraStorageType;
  /** `max_connections` of each instance; a change takes effect when the instances are restarted. */
  readonly maxConnections: number;
  /** Days back to which the cluster can be restored, 1 to 35. */
  readonly backupDays: number;
  /** Database Insights: a week free of charge, or 15 months by vCPU. */
  readonly insights: "standard" | "advanced";
  /** Instances in other zones have theirs an hour after another. */
  readonly maintenance: Maintenance;
  /** Hour of the daily snapshot, UTC. @default two hours before the maintenance */
  readonly backupHourUtc?: number | undefined;
  /** Seconds between measurements of the machine itself (Enhanced Monitoring); 0: none. @default 0 */
  readonly monitoringSeconds?: number | undefined;
  /** Statements that take longer are logged; in milliseconds. @default 1000 */
  readonly slowStatementMs?: number | undefined;
  /** How long the server's log is kept. */
  readonly logRetentionDays: number;
  /** PEM of the root that signs the region's server certificates. @default the one that is known here */
  readonly authority?: string | undefined;
  /** Guards the cluster against deletion, here and at AWS. */
  readonly protect: boolean;
}

/** Hour of the daily snapshot. */
export function backupHourOf({ backupHourUtc, maintenance }: AuroraSpec): number {
  return backupHourUtc ?? hourAfter(maintenance.hourUtc, -2);
}

/** The class of each instance. */
export function instanceClassOf({ mode }: AuroraSpec): string {
  return mode.kind === "serverless" ? serverlessClass : mode.instanceClass;
}

/** Memory that an instance can have, in GiB; undefined for a class that the book does not know. */
export function memoryGibOf({ mode }: AuroraSpec): number | undefined {
  return mode.kind === "serverless"
    ? mode.maxAcu * auroraServerless.memoryGibPerAcu
    : findAuroraClass(mode.instanceClass)?.memoryGib;
}

const range = (name: string, value: number, low: number, high: number): string[] =>
  Number.isInteger(value) && value >= low && value <= high
    ? []
    : [`spec.${name} must be ${low}..${high}, got ${value}`];

/** What AWS would refuse of a specification, all of it at once. */
export function auroraSpecProblems(spec: AuroraSpec): readonly string[] {
  const { name, zones, engineVersion, readers, readerScaling } = spec;
  const { backupRetentionDays, maxReaders, reservedConnections } = auroraLimits;
  const { low, high } = backupRetentionDays;
  return [
    // An instance's identifier has at most 63 characters: three are left for its number.
    ...(/^[a-z](-?[a-z0-9])*$/.test(name) && name.length <= 60
      ? []
      : [
          `spec.name must be at most 60 small letters, digits and single hyphens, a letter first, got ${name}`,
        ]),
    ...(new Set(zones).size >= 2 && new Set(zones).size === zones.length
      ? []
      : [`spec.zones must be two or more different zones, got ${zones.join(", ")}`]),
    ...(isAuroraPostgresVersion(engineVersion) && engineVersion.includes(".")
      ? []
      : [
          `spec.engineVersion must be a minor version that Aurora PostgreSQL has, got ${engineVersion}`,
        ]),
    ...range("readers", readers, 0, maxReaders),
    ...(readerScaling === undefined
      ? []
      : range("readerScaling.max", readerScaling.max, Math.max(readers, 1), maxReaders)),
    ...(readerScaling !== undefined && readers === 0
      ? ["spec.readerScaling takes a reader that is always there, got spec.readers 0"]
      : []),
    ...range("backupDays", spec.backupDays, low, high),
    ...range("maxConnections", spec.maxConnections, reservedConnections + 1, 262_143),
    ...(auroraLimits.monitoringIntervalSeconds.some((one) => one === (spec.monitoringSeconds ?? 0))
      ? []
      : [
          `spec.monitoringSeconds must be one of ${auroraLimits.monitoringIntervalSeconds.join(", ")}, got ${spec.monitoringSeconds ?? 0}`,
        ]),
    ...(backupHourOf(spec) === spec.maintenance.hourUtc
      ? [`spec.backupHourUtc must not be the hour of the maintenance, got ${backupHourOf(spec)}`]
      : []),
    ...placeProblems(spec),
  ];
}

/** Whether the region has what is asked of it. */
function placeProblems({ region, mode, authority }: AuroraSpec): readonly string[] {
  if (!findAwsRegion(region)) return [`spec.region ${region} is not known`];
  const problems = [
    mode.kind === "serverless"
      ? acuProblem(mode.minAcu, mode.maxAcu)
      : auroraClassProblem(mode.instanceClass, region as AwsRegion),
    authority === undefined ? rdsAuthorityProblem(region) : undefined,
  ];
  return problems.filter((one) => one !== undefined);
}
