import type { MetricGroup } from "./metric";
import { albMetricsPage, cdkSource, ecsMetricsPage, metricUsers } from "./sources";

const balancer = ["LoadBalancer"];
const group = ["LoadBalancer", "TargetGroup"];
const service = ["ClusterName", "ServiceName"];

/** The balancer. Values of its dimensions are the suffixes of the ARNs. */
export const albMetrics = {
  namespace: "AWS/ApplicationELB",
  region: "own",
  dated: albMetricsPage,
  metrics: {
    TargetResponseTime: {
      dimensions: [balancer, group],
      unit: "Seconds",
      statistics: ["Average", "percentile"],
      reported: "when-nonzero",
    },
    RequestCount: {
      dimensions: [balancer, group],
      unit: "Count",
      statistics: ["Sum"],
      reported: "always",
    },
    HTTPCode_Target_5XX_Count: {
      dimensions: [balancer, group],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
    HTTPCode_ELB_5XX_Count: {
      dimensions: [balancer],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
    HealthyHostCount: {
      dimensions: [group],
      unit: "Count",
      statistics: ["Average", "Minimum", "Maximum"],
      reported: "always",
    },
    UnHealthyHostCount: {
      dimensions: [group],
      unit: "Count",
      statistics: ["Average", "Minimum", "Maximum"],
      reported: "always",
    },
    RequestCountPerTarget: {
      dimensions: [["TargetGroup"], group],
      unit: "Count",
      statistics: ["Sum"],
      reported: "always",
    },
    TargetConnectionErrorCount: {
      dimensions: [balancer, group],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
    RejectedConnectionCount: {
      dimensions: [balancer],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
    ActiveConnectionCount: {
      dimensions: [balancer],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
    ConsumedLCUs: {
      dimensions: [balancer],
      unit: "Count",
      statistics: ["Average", "Sum", "Minimum", "Maximum"],
      reported: "always",
    },
  },
} as const satisfies MetricGroup;

/** Services on Fargate, without a charge. */
export const ecsMetrics = {
  namespace: "AWS/ECS",
  region: "own",
  dated: ecsMetricsPage,
  metrics: {
    CPUUtilization: {
      dimensions: [service],
      unit: "Percent",
      // How many points one task makes in a minute is not documented: that there are any is.
      statistics: ["Average", "Minimum", "Maximum", "SampleCount"],
      reported: "while-running",
    },
    MemoryUtilization: {
      dimensions: [service],
      unit: "Percent",
      statistics: ["Average", "Minimum", "Maximum"],
      reported: "while-running",
    },
  },
} as const satisfies MetricGroup;

/** Only where Container Insights is on, which costs by metric. */
export const containerInsightsMetrics = {
  namespace: "ECS/ContainerInsights",
  region: "own",
  dated: metricUsers,
  metrics: {
    RunningTaskCount: {
      dimensions: [service],
      unit: "Count",
      statistics: ["Average", "Minimum", "Maximum"],
      reported: "while-running",
      needs: "Container Insights",
    },
    EphemeralStorageUtilized: {
      dimensions: [service],
      unit: "Gigabytes",
      statistics: ["Average", "Maximum"],
      reported: "while-running",
      needs: "Container Insights",
    },
  },
} as const satisfies MetricGroup;

export const natMetrics = {
  namespace: "AWS/NATGateway",
  region: "own",
  dated: cdkSource,
  metrics: {
    ErrorPortAllocation: {
      dimensions: [["NatGatewayId"]],
      unit: "Count",
      statistics: ["Sum"],
      reported: "always",
    },
    PacketsDropCount: {
      dimensions: [["NatGatewayId"]],
      unit: "Count",
      statistics: ["Sum"],
      reported: "always",
    },
    ActiveConnectionCount: {
      dimensions: [["NatGatewayId"]],
      unit: "Count",
      statistics: ["Maximum"],
      reported: "always",
    },
  },
} as const satisfies MetricGroup;

export const sqsMetrics = {
  namespace: "AWS/SQS",
  region: "own",
  dated: cdkSource,
  metrics: {
    ApproximateNumberOfMessagesVisible: {
      dimensions: [["QueueName"]],
      unit: "Count",
      statistics: ["Average", "Maximum"],
      reported: "unknown",
    },
    ApproximateAgeOfOldestMessage: {
      dimensions: [["QueueName"]],
      unit: "Seconds",
      statistics: ["Average", "Maximum"],
      reported: "unknown",
    },
  },
} as const satisfies MetricGroup;

export const snsMetrics = {
  namespace: "AWS/SNS",
  region: "own",
  dated: cdkSource,
  metrics: {
    NumberOfNotificationsFailed: {
      dimensions: [["TopicName"]],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
    NumberOfNotificationsDelivered: {
      dimensions: [["TopicName"]],
      unit: "Count",
      statistics: ["Sum"],
      reported: "when-nonzero",
    },
  },
} as const satisfies MetricGroup;
