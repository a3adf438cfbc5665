import { appMetricSeconds, appNamespace, appServices } from "../../prices/aws";
import {
  asItIs,
  both,
  nothingHappened,
  nothingThere,
  onMetric,
  presence,
  toldByUptime,
  warning,
} from "./awsSignals";
import { above, atMaxScale, ofService, type EcsServiceFacts } from "./ecsScale";
import {
  edgeErrorRate,
  errorRate,
  healthyTasks,
  ofBalancer,
  responseTime,
} from "./balancerSignals";
import type { CloudWatchMetric, CloudWatchMetricSignal } from "./cloudwatchSignal";
import { burning, deliveries, expiry, siteAlarm, type AlarmTopicFacts } from "./siteSignals";
import { eventRuleName, type ServiceEvent } from "./serviceEvents";
import type { AlarmTarget } from "./types";

/** A service behind the balancer. */
export interface EcsWebFacts extends EcsServiceFacts {
  readonly kind: "service";
  /** Requests a minute for each task that autoscaling aims at. */
  readonly requestsPerTask: number;
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

/**
 * ECS waits up to 27 minutes between two tries of a task that does not begin: in each part of so many
 * seconds there is one. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
 */
const slowLoopSeconds = 2_400;
const slowLoopParts = 3;

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
    "deploy-failed": {
      says: { critical: "ECS gave a deploy up, and went back to what ran before" },
      signals: {
        critical: [
          {
            ...counted(facts, "deploy-failed"),
            // An event's minute may come late: five are looked at, and one that has it is enough.
            windowSeconds: 300,
            datapointsToAlarm: 1,
            tellsRecovery: false,
          },
        ],
      },
    },
    restarts: {
      says: {
        warning:
          "more than $limit tasks in $window ended by themselves or could not begin, or some in " +
          `each of ${slowLoopParts} times ${slowLoopSeconds / 60} minutes`,
      },
      signals: {
        warning: [
          { ...counted(facts, "task-failed"), periodSeconds: 600 },
          {
            ...counted(facts, "task-failed"),
            suffix: "slow",
            periodSeconds: slowLoopSeconds,
            windowSeconds: slowLoopParts * slowLoopSeconds,
            compared: { as: "fixed", comparison: ">", value: 0 },
          },
        ],
      },
    },
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
      says: {
        critical: "the site does not answer from outside, or the balancer finds no healthy task",
        warning: "probes fail so often that $limit over $window cannot be kept for long",
      },
      signals: {
        critical: [
          siteAlarm("HealthCheckStatus", "Minimum", {
            suffix: "site",
            compared: { as: "fixed", comparison: "<", value: 1 },
          }),
          // A target group without any task has no points, and none that is 0.
          { ...nothingThere(healthyTasks(key, "Maximum"), "healthy tasks"), suffix: "tasks" },
        ],
        warning: [burning("hour"), burning("day")],
      },
    },
    ...(certificates.length > 0 && { "certificate-expiry": both(...certificates.map(expiry)) }),
    ...(maxTasks > minTasks && {
      "at-max-scale": atMaxScale(
        facts,
        {
          ...onMetric(healthyTasks(key, "Average"), {
            compared: { as: "share-of", total: maxTasks },
            missing: toldByUptime,
          }),
          suffix: "full",
        },
        [above("requests", ofBalancer(key, "RequestCountPerTarget", "Sum"), facts.requestsPerTask)],
      ),
    }),
    monitoring: deliveries(facts.topics),
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
    return {
      uptime: presence(ofService(facts, "CPUUtilization", "SampleCount")),
      ...(maxTasks > minTasks && {
        "at-max-scale": {
          unwatched:
            "how many of its tasks run is not to be had without Container Insights, which costs " +
            "by the metric: its CPU and memory are watched",
        },
      }),
    };
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
