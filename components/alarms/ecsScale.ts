import { onMetric, toldByUptime } from "./awsSignals";
import type { CloudWatchAllSignal, CloudWatchMetric, CloudWatchPart } from "./cloudwatchSignal";
import type { Watch } from "./types";

/** What alarms have to know of any service on ECS. */
export interface EcsServiceFacts {
  /** Logical name of the service, and its alarm target: "web". */
  readonly key: string;
  readonly title: string;
  readonly stack: string;
  readonly clusterName: string;
  readonly serviceName: string;
  readonly minTasks: number;
  readonly maxTasks: number;
  /** Average CPU that autoscaling aims at, in percent. */
  readonly cpuPercent: number;
  /** Average memory that it aims at, in percent. */
  readonly memoryPercent: number;
}

/** What ECS measures of a service's tasks. */
export function ofService(
  { clusterName, serviceName }: EcsServiceFacts,
  name: "CPUUtilization" | "MemoryUtilization",
  statistic: string,
): CloudWatchMetric {
  return {
    namespace: "AWS/ECS",
    name,
    dimensions: { ClusterName: clusterName, ServiceName: serviceName },
    statistic,
  };
}

/** At the maximum, and one of the numbers that autoscaling looks at is above its aim. */
export function atMaxScale(
  facts: EcsServiceFacts,
  full: CloudWatchPart,
  more: readonly CloudWatchPart[] = [],
): Watch {
  const { cpuPercent, memoryPercent } = facts;
  const signal: CloudWatchAllSignal = {
    emitter: "cloudwatch",
    all: [full],
    any: [
      above("hot", ofService(facts, "CPUUtilization", "Average"), cpuPercent),
      above("memory", ofService(facts, "MemoryUtilization", "Average"), memoryPercent),
      ...more,
    ],
  };
  return {
    says: {
      warning:
        "tasks above $limit of the most that autoscaling may start for $window, and still above " +
        "what it aims at",
    },
    signals: { warning: [signal] },
  };
}

/** A part that is on while a number is above what autoscaling aims at. */
export function above(suffix: string, metric: CloudWatchMetric, value: number): CloudWatchPart {
  const compared = { as: "fixed", comparison: ">", value } as const;
  return { ...onMetric(metric, { compared, missing: toldByUptime }), suffix };
}
