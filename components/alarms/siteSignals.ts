import { asItIs, burnRates, DAY, entityKeys, nothingHappened, onMetric } from "./awsSignals";
import type { CloudWatchMetricSignal } from "./cloudwatchSignal";

/** A topic that alarms are told by. */
export interface AlarmTopicFacts {
  readonly name: string;
  readonly region: "own" | "us-east-1";
}

/** An alarm on the health check from outside, whose metrics are in us-east-1. */
export function siteAlarm(
  name: "HealthCheckStatus" | "HealthCheckPercentageHealthy",
  statistic: string,
  signal: Pick<CloudWatchMetricSignal, "compared"> & Partial<CloudWatchMetricSignal>,
): CloudWatchMetricSignal {
  return {
    ...onMetric(
      {
        namespace: "AWS/Route53",
        name,
        dimensions: { HealthCheckId: { entity: entityKeys.siteCheck } },
        statistic,
      },
      {
        missing: {
          treat: "breaching",
          because: "the check has a point every minute: without one nobody looks from outside",
        },
        ...signal,
      },
    ),
    region: "us-east-1",
  };
}

/** The budget of failing probes is used up so many times too fast. */
export function burning(window: keyof typeof burnRates): CloudWatchMetricSignal {
  const { windowSeconds, burnRate } = burnRates[window];
  return siteAlarm("HealthCheckPercentageHealthy", "Average", {
    suffix: window,
    periodSeconds: windowSeconds,
    windowSeconds,
    compared: { as: "budget", burnRate },
  });
}

export function expiry(certificate: "edge" | "balancer"): CloudWatchMetricSignal {
  return {
    ...onMetric(
      {
        namespace: "AWS/CertificateManager",
        name: "DaysToExpiry",
        dimensions: {
          CertificateArn: {
            entity:
              certificate === "edge" ? entityKeys.edgeCertificate : entityKeys.balancerCertificate,
          },
        },
        statistic: "Minimum",
      },
      {
        suffix: certificate,
        // It has a point or two a day.
        periodSeconds: DAY,
        windowSeconds: DAY,
        compared: asItIs,
        missing: { treat: "breaching", because: "the metric ends when the certificate does" },
        warmUp: { minutes: 2 * (DAY / 60), whole: false },
      },
    ),
    region: certificate === "edge" ? "us-east-1" : "own",
  };
}

/** Messages that a topic could not deliver: whoever gets the others hears of it. */
export function delivery({ name, region }: AlarmTopicFacts): CloudWatchMetricSignal {
  return {
    ...onMetric(
      {
        namespace: "AWS/SNS",
        name: "NumberOfNotificationsFailed",
        dimensions: { TopicName: name },
        statistic: "Sum",
      },
      {
        suffix: region === "own" ? "topic" : "global-topic",
        periodSeconds: 300,
        compared: { as: "fixed", comparison: ">", value: 0 },
        missing: nothingHappened,
      },
    ),
    region,
  };
}
