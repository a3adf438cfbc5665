import {
  appMetrics,
  appServices,
  auroraSharedBufferBytes,
  poolDimension,
  type Pool,
} from "../../prices/aws";
import {
  asItIs,
  both,
  DAY,
  nothingHappened,
  onMetric,
  presence,
  toldByUptime,
  warning,
} from "./awsSignals";
import type { CloudWatchMetric, CloudWatchMetricSignal, DimensionValue } from "./cloudwatchSignal";
import type { AlarmTarget, Watch } from "./types";

const GIB = 2 ** 30;

/** What alarms have to know of a cluster of Aurora PostgreSQL. */
export interface AuroraFacts {
  readonly stack: string;
  /** `DBInstanceIdentifier` of each instance; the first one is made to write. */
  readonly instanceIdentifiers: readonly string[];
  /** Memory of an instance, at its largest where it scales; undefined where it is not known. */
  readonly memoryGib: number | undefined;
  /** The instance's own disk; undefined where it is not known. A serverless one has no number of it. */
  readonly localStorageGib: number | undefined;
  /** Connections that clients may open to an instance. */
  readonly maxConnections: number;
  /** Whether the instances' capacity follows the load. */
  readonly serverless: boolean;
  /** The cluster, where readers come and go by load that nobody here knows by name. */
  readonly scalingCluster: string | undefined;
}

/** Alarm target of an instance by its place in the list: one writes, whichever it is by now. */
export function auroraTargetId(index: number): string {
  return index === 0 ? "postgres-writer" : `postgres-reader-${index}`;
}

/** Each instance of the cluster. A failover changes who writes, so all are watched for everything. */
export function auroraInstanceTargets(facts: AuroraFacts): AlarmTarget[] {
  return facts.instanceIdentifiers.map((instance, index) => {
    const id = auroraTargetId(index);
    // One target is enough to tell of readers that have no name here.
    const cluster = index === 1 ? facts.scalingCluster : undefined;
    return {
      id,
      kind: "database",
      title: `Aurora instance ${instance}`,
      watches: {
        ...instanceWatches(facts, readingsOf(instance, cluster)),
        uptime: presence({
          namespace: "AWS/RDS",
          name: "CPUUtilization",
          dimensions: { DBInstanceIdentifier: instance },
          statistic: "SampleCount",
        }),
        "db-query-time": queryTime(facts, id, index === 0 ? "primary" : "replica"),
      },
    };
  });
}

/** One metric of an instance, and of the worst reader where scaling adds some. */
type Readings = (
  name: string,
  worst: "Maximum" | "Minimum",
  signal: Pick<CloudWatchMetricSignal, "compared"> & Partial<CloudWatchMetricSignal>,
) => readonly CloudWatchMetricSignal[];

function readingsOf(instance: string, scalingCluster: string | undefined): Readings {
  return (name, worst, signal) => {
    const of = (dimensions: CloudWatchMetric["dimensions"], statistic: string) =>
      onMetric(
        { namespace: "AWS/RDS", name, dimensions, statistic },
        { missing: toldByUptime, ...signal },
      );
    const anyReader = {
      suffix: "any-reader",
      note: "Of the reader that fares worst, those that scaling added among them.",
    };
    return [
      of({ DBInstanceIdentifier: instance }, "Average"),
      ...(scalingCluster === undefined
        ? []
        : [
            { ...of({ DBClusterIdentifier: scalingCluster, Role: "READER" }, worst), ...anyReader },
          ]),
    ];
  };
}

function instanceWatches(facts: AuroraFacts, read: Readings): AlarmTarget["watches"] {
  const free = (name: string, total: number): Watch =>
    both(...read(name, "Minimum", { compared: { as: "free-of", total } }));
  const { maxConnections, serverless } = facts;
  return {
    memory: memory(facts, free),
    "db-connections": both(
      ...read("DatabaseConnections", "Maximum", {
        compared: { as: "share-of", total: maxConnections },
      }),
    ),
    cpu: warning(...read("CPUUtilization", "Maximum", { compared: asItIs })),
    disk: disk(facts, free),
    ...(facts.instanceIdentifiers.length > 1 && {
      "replica-lag": both(
        ...read("AuroraReplicaLag", "Maximum", {
          // Milliseconds.
          compared: { as: "value", factor: 1_000 },
          missing: {
            treat: "notBreaching",
            because: "the instance that writes has no lag, and a failover changes which one it is",
          },
        }),
      ),
    }),
    ...(serverless && {
      "at-max-scale": {
        says: { warning: "more than $limit of the largest capacity in use for $window" },
        signals: { warning: read("ACUUtilization", "Maximum", { compared: asItIs }) },
      },
    }),
  };
}

/**
 * What an instance takes for pages at its start is its health, and no use that anybody must look at: the
 * rule's share is one of what is left beside them. The free memory of a serverless instance is reckoned
 * as at its largest capacity, whose buffers are of the same formula.
 */
function memory({ memoryGib }: AuroraFacts, free: (name: string, total: number) => Watch): Watch {
  if (memoryGib === undefined) {
    return { unwatched: "nobody said how much memory the instance's class has" };
  }
  const says = "above $limit of the memory beside the database's shared buffers in use for $window";
  return {
    ...free("FreeableMemory", memoryGib * GIB - auroraSharedBufferBytes(memoryGib)),
    says: { critical: says, warning: says },
  };
}

function disk(
  { localStorageGib, serverless }: AuroraFacts,
  free: (name: string, total: number) => Watch,
): Watch {
  if (serverless) {
    return { unwatched: "a serverless instance has no number of its local disk: it grows with it" };
  }
  return localStorageGib === undefined
    ? { unwatched: "nobody said how large the local disk of the instance's class is" }
    : free("FreeLocalStorage", localStorageGib * GIB);
}

/** Aurora publishes no time of statements: the app does, by the endpoint that it asks. */
function queryTime({ stack }: AuroraFacts, target: string, pool: Pool): Watch {
  return warning(
    onMetric(
      {
        namespace: appMetrics.namespace,
        name: "db.client.operation.duration",
        dimensions: { Service: appServices.web, Stack: stack, [poolDimension]: pool },
        statistic: "Average",
      },
      {
        compared: { as: "value", factor: 0.001 },
        missing: nothingHappened,
        quietDuring: [[target]],
      },
    ),
  );
}

/**
 * Minutes in which a new vault may have no copy: the rule's 26 hours. An update of the alarm begins them
 * anew, so that a copy that is missing then is told a day late.
 */
const firstCopyMinutes = 1_560;

/** A target that AWS Backup copies every day is also watched for the age of its newest copy. */
export function withVaultBackupAge(target: AlarmTarget, vault: DimensionValue): AlarmTarget {
  const signal: CloudWatchMetricSignal = {
    emitter: "cloudwatch",
    region: "own",
    reading: {
      metrics: {
        completed: {
          namespace: "AWS/Backup",
          name: "NumberOfBackupJobsCompleted",
          dimensions: { BackupVaultName: vault },
          statistic: "Sum",
        },
      },
      // Without it CloudWatch would look for a point for days before it believes that there is none.
      expressions: [{ id: "copies", expression: "FILL(completed, 0)" }],
      unit: "copies in the rule's hours",
    },
    // The rule's hours are the period.
    periodSeconds: DAY,
    compared: { as: "once-in-hours" },
    missing: { treat: "breaching", because: "no value at all is no copy either" },
    warmUp: { minutes: firstCopyMinutes, whole: true },
  };
  return {
    ...target,
    watches: {
      ...target.watches,
      "backup-age": {
        says: { critical: "AWS Backup finished no copy into the vault within $limit" },
        signals: { critical: [signal] },
      },
    },
  };
}
