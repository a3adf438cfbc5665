import { asItIs, burnRates, DAY, entityKeys, nothingHappened, onMetric } from "./awsSignals";
import type { CloudWatchMetricSignal } from "./cloudwatchSignal";
import type { Watch } from "./types";

/** A topic that alarms are told by. */
export interface AlarmTopicFacts {
  readonly name: string;
  readonly region: "own" | "us-east-1";
  /** Addresses, a webhook and a channel together. */
  readonly subscribers: number;
}

/** Minutes in which a new stack may not have its name yet: the edge stack gives it. */
const untilNamedMinutes = 180;

const publicName = "Asks by the public name, which leads to whichever stack is live.";

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
        note: publicName,
        // An update of the alarm begins it anew: meanwhile the balancer's healthy tasks are watched.
        warmUp: { minutes: untilNamedMinutes, whole: true },
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
    note: `Within ${window === "hour" ? "an hour" : "a day"}, ${burnRate} times the budget. ${publicName}`,
    // What failed before the stack had its name is in the first window.
    warmUp: { minutes: untilNamedMinutes + windowSeconds / 60, whole: true },
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

/** Messages that topics could not deliver: whoever gets the others hears of it. */
export function deliveries(topics: readonly AlarmTopicFacts[]): Watch {
  return {
    signals: { critical: topics.map(delivery) },
    says: { critical: "SNS could not deliver a message to a subscriber of the alarms' topic" },
  };
}

function delivery({ name, region, subscribers }: AlarmTopicFacts): CloudWatchMetricSignal {
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
        // With a dead subscriber that would be a message that fails, and so on for ever.
        tellsRecovery: false,
        ...(subscribers < 2 && {
          note: "Its one subscriber cannot be told by it: the dashboard shows it, nobody else.",
        }),
      },
    ),
    region,
  };
}
