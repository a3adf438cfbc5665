import type {
  CloudWatchMetric,
  CloudWatchMetricSignal,
  CloudWatchReading,
  MissingPoints,
} from "./cloudwatchSignal";
import type { Watch } from "./types";

const MINUTE = 60;
export const DAY = 86_400;

/** Keys of `entities` for what only a deploy tells. */
export const entityKeys = {
  /** Last part of the balancer's ARN. */
  balancer: "balancer",
  /** Id of the Route 53 health check of the site. */
  siteCheck: "site-check",
  /** Id of the CloudFront distribution. */
  distribution: "distribution",
  /** ARN of the CDN's certificate, in us-east-1. */
  edgeCertificate: "edge-certificate",
  /** ARN of the balancer's certificate, in the stack's region. */
  balancerCertificate: "balancer-certificate",
  /** Name of the vault that AWS Backup fills. */
  backupVault: "backup-vault",
} as const;

/** Key of the last part of the ARN of a service's target group. */
export function targetGroupKey(service: string): string {
  return `${service}-target-group`;
}

/** No point, no trouble: the metric has one only when something happened. */
export const nothingHappened: MissingPoints = {
  treat: "notBreaching",
  because: "the metric has a point only when something happened",
};

/** What runs has points; that it does not run is told once, by the alarm on uptime. */
export const toldByUptime: MissingPoints = {
  treat: "ignore",
  because: "all of the target's points are missing when it is down: its alarm on uptime says so",
};

/** For an expression that fills every gap: a metric that never had a point fills none. */
const absent: MissingPoints = {
  treat: "breaching",
  because: "the metric has a point every minute while the target is up",
};

type Single = Pick<CloudWatchMetricSignal, "compared" | "missing"> &
  Partial<Omit<CloudWatchMetricSignal, "emitter" | "reading">>;

/** An alarm on one metric in the stack's region, minute by minute over the rule's window. */
export function onMetric(metric: CloudWatchMetric, signal: Single): CloudWatchMetricSignal {
  return {
    emitter: "cloudwatch",
    periodSeconds: MINUTE,
    region: "own",
    ...signal,
    reading: { metric },
  };
}

/** A metric that is in the rule's own unit. */
export const asItIs = { as: "value", factor: 1 } as const;

export function both(...signals: readonly CloudWatchMetricSignal[]): Watch {
  return { signals: { critical: signals, warning: signals } };
}

export function warning(...signals: readonly CloudWatchMetricSignal[]): Watch {
  return { signals: { warning: signals } };
}

export function critical(...signals: readonly CloudWatchMetricSignal[]): Watch {
  return { signals: { critical: signals } };
}

/** How many times its budget an uptime may lose before somebody is told, by window. */
export const burnRates = {
  hour: { windowSeconds: 3_600, burnRate: 14.4 },
  day: { windowSeconds: DAY, burnRate: 3 },
} as const;

/** Seconds of the parts in which presence over a day is reckoned. */
const presencePart = 300;

/** Gaps as zeros. Without it CloudWatch compares older points in their place, for minutes. */
function filled(up: CloudWatchMetric, unit: string): CloudWatchReading {
  return { metrics: { up }, expressions: [{ id: "present", expression: "FILL(up, 0)" }], unit };
}

/**
 * Nothing is there: four of five minutes are zero or have no point. The newest two points may be late,
 * and one of the others missing, without anybody being told; told it is after two to four minutes.
 *
 * @param up A statistic that is below 1 while nothing is there.
 */
export function nothingThere(up: CloudWatchMetric, unit: string): CloudWatchMetricSignal {
  return {
    emitter: "cloudwatch",
    region: "own",
    reading: filled(up, unit),
    periodSeconds: MINUTE,
    windowSeconds: 5 * MINUTE,
    datapointsToAlarm: 4,
    compared: { as: "fixed", comparison: "<", value: 1 },
    missing: absent,
  };
}

/**
 * Uptime of what has points every minute while it is up. The warning looks for parts of five minutes
 * without one in a day: an hour's budget would be less than one part.
 *
 * @param up A statistic that is below 1 while nothing is there.
 */
export function presence(up: CloudWatchMetric): Watch {
  return {
    says: {
      critical: "no sign of life in four of the last five minutes",
      warning:
        "within a day, more parts of five minutes without a sign of life than " +
        `${burnRates.day.burnRate} times what $limit allows`,
    },
    signals: {
      critical: [nothingThere(up, "points in a minute")],
      warning: [
        {
          emitter: "cloudwatch",
          region: "own",
          reading: filled(up, "points in five minutes"),
          periodSeconds: presencePart,
          windowSeconds: burnRates.day.windowSeconds,
          compared: { as: "bad-periods", burnRate: burnRates.day.burnRate },
          missing: {
            treat: "ignore",
            because: "the expression has a value for every part of the day",
          },
          // Before its first day is over there is nothing to compare. An update begins it anew.
          warmUp: { minutes: 1_500, whole: true },
        },
      ],
    },
  };
}
