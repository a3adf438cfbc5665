import type { MetricGroup } from "./metric";
import {
  cdkSource,
  cloudfrontMetricsPage,
  eventsMetricsPage,
  metricUsers,
  route53HealthPage,
} from "./sources";

/** The second dimension always has the value `Global`. */
const distribution = [["DistributionId", "Region"]];
const check = [["HealthCheckId"]];
const canary = [["CanaryName"]];
const averages = ["Average", "Minimum", "Maximum"] as const;

/** Of each metric one statistic is valid. */
export const cloudfrontMetrics = {
  namespace: "AWS/CloudFront",
  region: "us-east-1",
  dated: cloudfrontMetricsPage,
  metrics: {
    Requests: {
      dimensions: distribution,
      unit: "None",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
    "4xxErrorRate": {
      dimensions: distribution,
      unit: "Percent",
      statistics: ["Average"],
      reported: "when-nonzero",
    },
    "5xxErrorRate": {
      dimensions: distribution,
      unit: "Percent",
      statistics: ["Average"],
      reported: "when-nonzero",
    },
    TotalErrorRate: {
      dimensions: distribution,
      unit: "Percent",
      statistics: ["Average"],
      reported: "when-nonzero",
    },
    BytesDownloaded: {
      dimensions: distribution,
      unit: "None",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
    CacheHitRate: {
      dimensions: distribution,
      unit: "Percent",
      statistics: ["Average"],
      reported: "when-nonzero",
      needs: "a monitoring subscription of the distribution",
    },
    OriginLatency: {
      dimensions: distribution,
      unit: "Milliseconds",
      statistics: ["percentile"],
      reported: "when-nonzero",
      needs: "a monitoring subscription of the distribution",
    },
  },
} as const satisfies MetricGroup;

export const route53Metrics = {
  namespace: "AWS/Route53",
  region: "us-east-1",
  dated: route53HealthPage,
  metrics: {
    /** 1 healthy, 0 not. */
    HealthCheckStatus: {
      dimensions: check,
      unit: "None",
      statistics: averages,
      reported: "always",
    },
    HealthCheckPercentageHealthy: {
      dimensions: check,
      unit: "Percent",
      statistics: averages,
      reported: "always",
    },
    TimeToFirstByte: {
      dimensions: check,
      unit: "Milliseconds",
      statistics: averages,
      reported: "when-nonzero",
      needs: "latency measurement of the health check",
    },
    ConnectionTime: {
      dimensions: check,
      unit: "Milliseconds",
      statistics: averages,
      reported: "when-nonzero",
      needs: "latency measurement of the health check",
    },
    SSLHandshakeTime: {
      dimensions: check,
      unit: "Milliseconds",
      statistics: averages,
      reported: "when-nonzero",
      needs: "latency measurement of the health check",
    },
  },
} as const satisfies MetricGroup;

/** Canaries run in a region, and their metrics are there. */
export const canaryMetrics = {
  namespace: "CloudWatchSynthetics",
  region: "own",
  dated: cdkSource,
  metrics: {
    SuccessPercent: {
      dimensions: canary,
      unit: "Percent",
      statistics: averages,
      reported: "while-running",
    },
    Duration: {
      dimensions: canary,
      unit: "Milliseconds",
      statistics: [...averages, "percentile"],
      reported: "while-running",
    },
    Failed: {
      dimensions: canary,
      unit: "Count",
      statistics: ["Sum"],
      reported: "while-running",
    },
  },
} as const satisfies MetricGroup;

export const backupMetrics = {
  namespace: "AWS/Backup",
  region: "own",
  dated: metricUsers,
  metrics: {
    NumberOfBackupJobsCompleted: {
      dimensions: [[], ["BackupVaultName"], ["ResourceType"], ["BackupVaultName", "ResourceType"]],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
    NumberOfBackupJobsFailed: {
      dimensions: [[], ["BackupVaultName"], ["ResourceType"], ["BackupVaultName", "ResourceType"]],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
    NumberOfCopyJobsFailed: {
      dimensions: [[], ["BackupVaultName"], ["ResourceType"], ["BackupVaultName", "ResourceType"]],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
  },
} as const satisfies MetricGroup;

/** In the certificate's region. It ends with the certificate: silence means that it has expired. */
export const certificateMetrics = {
  namespace: "AWS/CertificateManager",
  region: "own",
  dated: cdkSource,
  metrics: {
    DaysToExpiry: {
      dimensions: [["CertificateArn"]],
      unit: "None",
      statistics: ["Minimum", "Average", "Maximum"],
      reported: "always",
    },
  },
} as const satisfies MetricGroup;

/** Rules of the default event bus. */
export const eventsMetrics = {
  namespace: "AWS/Events",
  region: "own",
  dated: eventsMetricsPage,
  metrics: {
    /** Events that a rule took. */
    TriggeredRules: {
      dimensions: [["RuleName"]],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
    FailedInvocations: {
      dimensions: [["RuleName"]],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
  },
} as const satisfies MetricGroup;
