import type { MetricGroup } from "./metric";
import { auroraMetricsPage, cdkSource } from "./sources";

const instance = ["DBInstanceIdentifier"];
const cluster = ["DBClusterIdentifier"];
/** A cluster's instances in one role: `WRITER` or `READER`. */
const role = ["DBClusterIdentifier", "Role"];
const database = [instance, cluster, role];
const averages = ["Average", "Minimum", "Maximum"] as const;
/** Of what has a point a minute while it runs: their number tells that it did. */
const counted = [...averages, "SampleCount"] as const;

/**
 * Aurora PostgreSQL. It publishes no latency of SQL statements: that is the app's to measure.
 * `ReadLatency` and `WriteLatency` are those of storage; their unit is that of the CDK's users, where
 * the page says milliseconds, as the console shows them.
 */
export const auroraMetrics = {
  namespace: "AWS/RDS",
  region: "own",
  dated: auroraMetricsPage,
  metrics: {
    CPUUtilization: {
      dimensions: database,
      unit: "Percent",
      statistics: counted,
      reported: "while-running",
    },
    DatabaseConnections: {
      dimensions: database,
      unit: "Count",
      statistics: [...averages, "Sum"],
      reported: "while-running",
    },
    FreeableMemory: {
      dimensions: database,
      unit: "Bytes",
      statistics: averages,
      reported: "while-running",
    },
    FreeLocalStorage: {
      dimensions: database,
      unit: "Bytes",
      statistics: averages,
      reported: "while-running",
    },
    ReadLatency: {
      dimensions: database,
      unit: "Seconds",
      statistics: averages,
      reported: "while-running",
    },
    WriteLatency: {
      dimensions: database,
      unit: "Seconds",
      statistics: averages,
      reported: "while-running",
    },
    CommitLatency: {
      dimensions: database,
      unit: "Milliseconds",
      statistics: averages,
      reported: "while-running",
    },
    AuroraReplicaLag: {
      dimensions: database,
      unit: "Milliseconds",
      statistics: averages,
      reported: "while-running",
    },
    AuroraReplicaLagMaximum: {
      dimensions: database,
      unit: "Milliseconds",
      statistics: averages,
      reported: "while-running",
    },
    AuroraGlobalDBReplicationLag: {
      dimensions: [cluster],
      unit: "Milliseconds",
      statistics: averages,
      reported: "unknown",
    },
    ServerlessDatabaseCapacity: {
      dimensions: database,
      unit: "Count",
      statistics: averages,
      reported: "while-running",
    },
    ACUUtilization: {
      dimensions: database,
      unit: "Percent",
      statistics: averages,
      reported: "while-running",
    },
    DBLoad: {
      dimensions: [instance],
      unit: "None",
      statistics: averages,
      reported: "while-running",
      needs: "Performance Insights",
    },
    DBLoadCPU: {
      dimensions: [instance],
      unit: "None",
      statistics: averages,
      reported: "while-running",
      needs: "Performance Insights",
    },
    DBLoadNonCPU: {
      dimensions: [instance],
      unit: "None",
      statistics: averages,
      reported: "while-running",
      needs: "Performance Insights",
    },
    DBLoadRelativeToNumVCPUs: {
      dimensions: [instance],
      unit: "None",
      statistics: averages,
      reported: "while-running",
      needs: "Performance Insights",
    },
    /** Age of the oldest transaction that was not vacuumed; at 2,146,483,648 the database is read-only. */
    MaximumUsedTransactionIDs: {
      dimensions: database,
      unit: "Count",
      statistics: averages,
      reported: "while-running",
    },
    /** With logical replication on; -1 without. */
    TransactionLogsDiskUsage: {
      dimensions: database,
      unit: "Bytes",
      statistics: averages,
      reported: "while-running",
    },
    ReplicationSlotDiskUsage: {
      dimensions: database,
      unit: "Bytes",
      statistics: averages,
      reported: "while-running",
    },
    VolumeBytesUsed: {
      dimensions: [cluster],
      unit: "Bytes",
      statistics: averages,
      reported: "always",
    },
    VolumeReadIOPs: {
      dimensions: [cluster],
      unit: "Count",
      statistics: ["Average", "Sum"],
      reported: "always",
    },
    VolumeWriteIOPs: {
      dimensions: [cluster],
      unit: "Count",
      statistics: ["Average", "Sum"],
      reported: "always",
    },
  },
} as const satisfies MetricGroup;

/** A node by its cluster id: of a replication group `<group>-0001-001` and so on. */
const node = [["CacheClusterId"], ["CacheClusterId", "CacheNodeId"]];

export const cacheMetrics = {
  namespace: "AWS/ElastiCache",
  region: "own",
  dated: cdkSource,
  metrics: {
    EngineCPUUtilization: {
      dimensions: node,
      unit: "Percent",
      statistics: averages,
      reported: "while-running",
    },
    CPUUtilization: {
      dimensions: node,
      unit: "Percent",
      statistics: counted,
      reported: "while-running",
    },
    DatabaseMemoryUsagePercentage: {
      dimensions: node,
      unit: "Percent",
      statistics: averages,
      reported: "while-running",
    },
    CurrConnections: {
      dimensions: node,
      unit: "Count",
      statistics: averages,
      reported: "while-running",
    },
    Evictions: {
      dimensions: node,
      unit: "Count",
      statistics: ["Sum", "Average", "Maximum"],
      reported: "while-running",
    },
    ReplicationLag: {
      dimensions: node,
      unit: "Seconds",
      statistics: averages,
      reported: "while-running",
    },
    CacheHitRate: {
      dimensions: node,
      unit: "Percent",
      statistics: averages,
      reported: "unknown",
    },
    FreeableMemory: {
      dimensions: node,
      unit: "Bytes",
      statistics: averages,
      reported: "while-running",
    },
    SwapUsage: {
      dimensions: node,
      unit: "Bytes",
      statistics: averages,
      reported: "while-running",
    },
    MasterLinkHealthStatus: {
      dimensions: node,
      unit: "None",
      statistics: averages,
      reported: "while-running",
    },
  },
} as const satisfies MetricGroup;
