import {
  asItIs,
  both,
  nothingHappened,
  onMetric,
  presence,
  toldByUptime,
  warning,
} from "./awsSignals";
import type { CloudWatchMetric } from "./cloudwatchSignal";
import type { AlarmTarget } from "./types";

/** What alarms have to know of the nodes of a Valkey. */
export interface CacheNodeFacts {
  /** `CacheClusterId` of each node: of a replication group `<group>-0001-001` and so on. */
  readonly nodeIds: readonly string[];
  /** Of a node's type. */
  readonly vcpus: number;
}

const periodSeconds = 60;

/** From so many vCPUs on, the engine's own thread tells more than the machine. */
const engineVcpus = 4;

/** Each node of the cache. */
export function cacheNodeTargets({ nodeIds, vcpus }: CacheNodeFacts): AlarmTarget[] {
  return nodeIds.map((node) => {
    const read = (name: string, statistic = "Average"): CloudWatchMetric => ({
      namespace: "AWS/ElastiCache",
      name,
      dimensions: { CacheClusterId: node },
      statistic,
    });
    return {
      id: cacheTargetId(node),
      kind: "cache",
      title: `Valkey node ${node}`,
      watches: {
        memory: both(
          onMetric(read("DatabaseMemoryUsagePercentage"), {
            compared: asItIs,
            missing: toldByUptime,
          }),
        ),
        cpu: warning(
          vcpus >= engineVcpus
            ? onMetric(read("EngineCPUUtilization"), { compared: asItIs, missing: toldByUptime })
            : // One thread does the work: it is busy when the machine is at its share.
              onMetric(read("CPUUtilization"), {
                compared: { as: "share-of", total: 100 / vcpus },
                missing: toldByUptime,
              }),
        ),
        uptime: presence(read("CPUUtilization", "SampleCount")),
        "cache-evictions": warning(
          onMetric(read("Evictions", "Sum"), {
            periodSeconds,
            // A sum over the period.
            compared: { as: "value", factor: periodSeconds },
            missing: nothingHappened,
          }),
        ),
      },
    };
  });
}

/** Alarm target of a node by what tells it from its siblings: shard and number. */
export function cacheTargetId(node: string): string {
  const [, place = node] = /-(\d{4}-\d{3})$/.exec(node) ?? [];
  return `redis-${place}`;
}
