import { appMetrics, appServices, poolDimension, type Pool } from "../../prices/aws";
import {
  asItIs,
  both,
  critical,
  DAY,
  nothingHappened,
  onMetric,
  presence,
  toldByUptime,
  warning,
} from "./awsSignals";
import type { CloudWatchMetric, DimensionValue } from "./cloudwatchSignal";
import type { AlarmTarget, Watch } from "./types";

const GIB = 2 ** 30;

/** What alarms have to know of a cluster of Aurora PostgreSQL. */
export interface AuroraFacts {
  readonly stack: string;
  /** `DBInstanceIdentifier` of each instance; the first one is made to write. */
  readonly instanceIdentifiers: readonly string[];
  /** Memory of an instance, at its largest where it scales; undefined where it is not known. */
  readonly memoryGib: number | undefined;
  /** The instance's own disk; undefined where it is not known, or scales. */
  readonly localStorageGib: number | undefined;
  /** Connections that clients may open to an instance. */
  readonly maxConnections: number;
  /** Whether the instances' capacity follows the load. */
  readonly serverless: boolean;
}

/** Alarm target of an instance by its place in the list: one writes, whichever it is by now. */
export function auroraTargetId(index: number): string {
  return index === 0 ? "postgres-writer" : `postgres-reader-${index}`;
}

/** Each instance of the cluster. A failover changes who writes, so all are watched for everything. */
export function auroraInstanceTargets(facts: AuroraFacts): AlarmTarget[] {
  return facts.instanceIdentifiers.map((instance, index) => {
    const id = auroraTargetId(index);
    return {
      id,
      kind: "database",
      title: `Aurora instance ${instance}`,
      watches: {
        ...instanceWatches(facts, instance),
        "db-query-time": queryTime(facts, id, index === 0 ? "primary" : "replica"),
      },
    };
  });
}

function instanceWatches(facts: AuroraFacts, instance: string): AlarmTarget["watches"] {
  const read = (name: string, statistic = "Average"): CloudWatchMetric => ({
    namespace: "AWS/RDS",
    name,
    dimensions: { DBInstanceIdentifier: instance },
    statistic,
  });
  const free = (name: string, total: number): Watch =>
    both(
      onMetric(read(name), {
        compared: { as: "free-of", total },
        missing: toldByUptime,
      }),
    );
  const { memoryGib, localStorageGib, maxConnections, serverless } = facts;
  return {
    memory:
      memoryGib === undefined
        ? { unwatched: "nobody said how much memory the instance's class has" }
        : // Of a serverless instance this metric counts from its largest capacity on.
          free("FreeableMemory", memoryGib * GIB),
    "db-connections": both(
      onMetric(read("DatabaseConnections"), {
        compared: { as: "share-of", total: maxConnections },
        missing: toldByUptime,
      }),
    ),
    cpu: warning(onMetric(read("CPUUtilization"), { compared: asItIs, missing: toldByUptime })),
    uptime: presence(read("CPUUtilization", "SampleCount")),
    ...(localStorageGib !== undefined &&
      !serverless && { disk: free("FreeLocalStorage", localStorageGib * GIB) }),
    ...(facts.instanceIdentifiers.length > 1 && {
      "replica-lag": both(
        onMetric(read("AuroraReplicaLag"), {
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
      "at-max-scale": warning(
        onMetric(read("ACUUtilization"), { compared: asItIs, missing: toldByUptime }),
      ),
    }),
  };
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

/** A target that AWS Backup copies every day is also watched for the age of its newest copy. */
export function withVaultBackupAge(target: AlarmTarget, vault: DimensionValue): AlarmTarget {
  const warmUpMinutes = 2 * (DAY / 60);
  return {
    ...target,
    watches: {
      ...target.watches,
      "backup-age": critical({
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
        // A new vault has none for up to a day.
        warmUp: { minutes: warmUpMinutes, whole: true },
      }),
    },
  };
}
