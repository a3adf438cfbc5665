import { appMetricSeconds, appNamespace, appServices } from "../../prices/aws";
import {
  asItIs,
  both,
  critical,
  nothingHappened,
  onMetric,
  presence,
  toldByUptime,
  warning,
} from "./awsSignals";
import { edgeErrorRate, errorRate, healthyTasks, responseTime } from "./balancerSignals";
import type {
  CloudWatchAllSignal,
  CloudWatchMetric,
  CloudWatchMetricSignal,
} from "./cloudwatchSignal";
import { burning, delivery, expiry, siteAlarm, type AlarmTopicFacts } from "./siteSignals";
import { eventRuleName, type ServiceEvent } from "./serviceEvents";
import type { AlarmTarget, Watch } from "./types";

interface EcsServiceFacts {
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
}

/** A service behind the balancer. */
export interface EcsWebFacts extends EcsServiceFacts {
  readonly kind: "service";
  /** Whether CloudFront stands before it: it then has its own numbers, in us-east-1. */
  readonly distribution: boolean;
  /** Certificates of ACM that users and the CDN see. */
  readonly certificates: readonly ("edge" | "balancer")[];
  /**
   * Failures beside its own of which errors are an echo: lists of targets, each of which is one when
   * all of them are down (the instances of a database).
   */
  readonly leansOn: readonly (readonly string[])[];
  /** The topics that alarms are told by. */
  readonly topics: readonly AlarmTopicFacts[];
}

/** A service that works in the background. */
export interface EcsWorkerFacts extends EcsServiceFacts {
  readonly kind: "worker";
  /** True where it is the app's own worker, which says every minute that it lives. */
  readonly heartbeat: boolean;
}

/** Each service on ECS: its tasks, and for those behind the balancer the site that they make. */
export function ecsServiceTargets(
  services: readonly (EcsWebFacts | EcsWorkerFacts)[],
): AlarmTarget[] {
  return services.map((facts) => {
    const { key, title, kind } = facts;
    const own = kind === "service" ? webWatches(facts) : workerWatches(facts);
    return { id: key, kind, title, watches: { ...taskWatches(facts), ...own } };
  });
}

function ofService(
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

/** What holds for every service's tasks. */
function taskWatches(facts: EcsServiceFacts): AlarmTarget["watches"] {
  return {
    memory: both(
      // Of the fullest task: it is ended alone.
      onMetric(ofService(facts, "MemoryUtilization", "Maximum"), {
        compared: asItIs,
        missing: toldByUptime,
      }),
    ),
    cpu: warning(
      onMetric(ofService(facts, "CPUUtilization", "Average"), {
        compared: asItIs,
        missing: toldByUptime,
      }),
    ),
    "deploy-failed": critical({
      ...counted(facts, "deploy-failed"),
      // An event's minute may come late: five are looked at, and one that has it is enough.
      windowSeconds: 300,
      datapointsToAlarm: 1,
      tellsRecovery: false,
    }),
    restarts: warning({ ...counted(facts, "task-failed"), periodSeconds: 600 }),
  };
}

/** Events of a service, as the rule of EventBridge counts them that takes them. */
function counted({ stack, key }: EcsServiceFacts, event: ServiceEvent): CloudWatchMetricSignal {
  return onMetric(
    {
      namespace: "AWS/Events",
      name: "TriggeredRules",
      dimensions: { RuleName: eventRuleName(stack, key, event) },
      statistic: "Sum",
    },
    { compared: asItIs, missing: nothingHappened },
  );
}

/** Hot and at the maximum: autoscaling has no more to give. */
function atMaxScale(
  facts: EcsServiceFacts,
  full: CloudWatchMetricSignal & { readonly suffix: string },
): Watch {
  const hot = onMetric(ofService(facts, "CPUUtilization", "Average"), {
    compared: { as: "fixed", comparison: ">", value: facts.cpuPercent },
    missing: toldByUptime,
  });
  const signal: CloudWatchAllSignal = {
    emitter: "cloudwatch",
    all: [{ ...hot, suffix: "hot" }, full],
  };
  return { signals: { warning: [signal] } };
}

function webWatches(facts: EcsWebFacts): AlarmTarget["watches"] {
  const { key, distribution, certificates, maxTasks, minTasks, leansOn } = facts;
  const echoes = [[key], ...leansOn];
  const errors = [errorRate(key, echoes), ...(distribution ? [edgeErrorRate(echoes)] : [])];
  return {
    "response-time": {
      signals: {
        critical: [responseTime(key, "p95", echoes)],
        warning: [responseTime(key, "Average", echoes)],
      },
    },
    "error-rate": { signals: { critical: errors, warning: errors } },
    uptime: {
      signals: {
        critical: [
          siteAlarm("HealthCheckStatus", "Minimum", {
            suffix: "site",
            compared: { as: "fixed", comparison: "<", value: 1 },
          }),
          onMetric(healthyTasks(key, "Maximum"), {
            suffix: "tasks",
            compared: { as: "fixed", comparison: "<", value: 1 },
            missing: {
              treat: "breaching",
              because: "the balancer counts healthy tasks at all times, and none is 0",
            },
          }),
        ],
        warning: [burning("hour"), burning("day")],
      },
    },
    ...(certificates.length > 0 && { "certificate-expiry": both(...certificates.map(expiry)) }),
    ...(maxTasks > minTasks && {
      "at-max-scale": atMaxScale(facts, {
        ...onMetric(healthyTasks(key, "Average"), {
          compared: { as: "share-of", total: maxTasks },
          missing: toldByUptime,
        }),
        suffix: "full",
      }),
    }),
    monitoring: critical(...facts.topics.map(delivery)),
  };
}

/** That a worker of the app lives: one point a minute of each process. */
function heartbeat({ stack }: EcsServiceFacts, statistic: "Sum" | "SampleCount"): CloudWatchMetric {
  return {
    namespace: appNamespace,
    name: "drops.process.up",
    dimensions: { Service: appServices.worker, Stack: stack },
    statistic,
  };
}

function workerWatches(facts: EcsWorkerFacts): AlarmTarget["watches"] {
  const { minTasks, maxTasks } = facts;
  if (!facts.heartbeat) {
    // How many tasks run is not to be had without Container Insights, which costs by the metric.
    return { uptime: presence(ofService(facts, "CPUUtilization", "SampleCount")) };
  }
  const periodSeconds = 300;
  return {
    uptime: presence(heartbeat(facts, "SampleCount")),
    ...(maxTasks > minTasks && {
      "at-max-scale": atMaxScale(facts, {
        ...onMetric(heartbeat(facts, "Sum"), {
          // Over five minutes, because a process does not print in every one of them.
          periodSeconds,
          compared: { as: "share-of", total: (maxTasks * periodSeconds) / appMetricSeconds },
          missing: toldByUptime,
        }),
        suffix: "full",
      }),
    }),
  };
}
