import { asItIs, entityKeys, nothingHappened, onMetric, targetGroupKey } from "./awsSignals";
import type { CloudWatchMetric, CloudWatchMetricSignal } from "./cloudwatchSignal";

const periodSeconds = 300;

/**
 * Failures in five minutes from which on their share counts. One of two requests at night is half of
 * them, and nothing that anybody must get up for; a site on which everything fails makes five soon.
 */
const fewestFailures = 5;

const valuesAtAllTimes = {
  treat: "notBreaching",
  because: "the expression has a value for each period, and no traffic is no error",
} as const;

/** A metric of the balancer, of one service where it tells them apart. */
export function ofBalancer(
  service: string,
  name: string,
  statistic: string,
  whole = false,
): CloudWatchMetric {
  return {
    namespace: "AWS/ApplicationELB",
    name,
    dimensions: {
      LoadBalancer: { entity: entityKeys.balancer },
      ...(!whole && { TargetGroup: { entity: targetGroupKey(service) } }),
    },
    statistic,
  };
}

/** Tasks of a service that the balancer finds healthy. */
export function healthyTasks(service: string, statistic: string): CloudWatchMetric {
  return ofBalancer(service, "HealthyHostCount", statistic);
}

/**
 * Share of the requests that end in a 5xx, of the app's and of the balancer's own. The balancer counts
 * a request once it has found a task for it: where it finds none, failures are all there is.
 */
export function errorRate(
  service: string,
  quietDuring: readonly (readonly string[])[],
): CloudWatchMetricSignal {
  return {
    emitter: "cloudwatch",
    region: "own",
    periodSeconds,
    reading: {
      metrics: {
        requests: ofBalancer(service, "RequestCount", "Sum"),
        app5xx: ofBalancer(service, "HTTPCode_Target_5XX_Count", "Sum"),
        balancer5xx: ofBalancer(service, "HTTPCode_ELB_5XX_Count", "Sum", true),
      },
      expressions: [
        { id: "failed", expression: "FILL(app5xx, 0) + FILL(balancer5xx, 0)" },
        { id: "taken", expression: "FILL(requests, 0)" },
        {
          id: "rate",
          expression:
            `IF(failed < ${fewestFailures}, 0, ` +
            "100 * failed / IF(taken > failed, taken, failed))",
        },
      ],
      unit: "Percent",
    },
    compared: asItIs,
    missing: valuesAtAllTimes,
    quietDuring,
  };
}

/**
 * The same as the CDN's users see it, who also get what it could not fetch. Its numbers come minutes
 * late: gaps stay gaps, so that the newest that are there are compared and not zeros in their place.
 */
export function edgeErrorRate(quietDuring: readonly (readonly string[])[]): CloudWatchMetricSignal {
  const ofDistribution = (name: string, statistic: string): CloudWatchMetric => ({
    namespace: "AWS/CloudFront",
    name,
    dimensions: { DistributionId: { entity: entityKeys.distribution }, Region: "Global" },
    statistic,
  });
  return {
    emitter: "cloudwatch",
    suffix: "edge",
    region: "us-east-1",
    periodSeconds,
    reading: {
      metrics: {
        requests: ofDistribution("Requests", "Sum"),
        share: ofDistribution("5xxErrorRate", "Average"),
      },
      expressions: [
        { id: "percent", expression: "FILL(share, 0)" },
        {
          id: "rate",
          // The last summand has a gap where requests have one, whatever IF makes of it.
          expression: `IF(requests * percent / 100 < ${fewestFailures}, 0, percent) + 0 * requests`,
        },
      ],
      unit: "Percent",
    },
    compared: asItIs,
    missing: nothingHappened,
    quietDuring,
  };
}

/** Time that the app takes to begin its answer; the rule is in milliseconds. */
export function responseTime(
  service: string,
  statistic: "p95" | "Average",
  quietDuring: readonly (readonly string[])[],
): CloudWatchMetricSignal {
  return onMetric(ofBalancer(service, "TargetResponseTime", statistic), {
    compared: { as: "value", factor: 0.001 },
    missing: nothingHappened,
    quietDuring,
  });
}
