import { describe, expect, it } from "vitest";
import { awsMetrics, findMetric, metricProblems, statisticKind, type MetricUse } from ".";

const response: MetricUse = {
  namespace: "AWS/ApplicationELB",
  name: "TargetResponseTime",
  dimensions: ["TargetGroup", "LoadBalancer"],
  statistic: "p95",
  region: "eu-central-1",
};

describe("the table of metrics", () => {
  it("has each metric once, with dimensions, statistics and a source", () => {
    const names = awsMetrics.map(({ namespace, name }) => `${namespace} ${name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { dimensions, statistics, dated } of awsMetrics) {
      expect(dimensions.length).toBeGreaterThan(0);
      expect(statistics.length).toBeGreaterThan(0);
      expect(dated.source).toMatch(/AWS/);
    }
  });

  // The metrics of facts/aws_metrics.json that Aurora and Fargate have.
  it.each([
    ["AWS/ApplicationELB", "TargetResponseTime", "Seconds"],
    ["AWS/ApplicationELB", "RequestCount", "Count"],
    ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Count"],
    ["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "Count"],
    ["AWS/ApplicationELB", "HealthyHostCount", "Count"],
    ["AWS/ApplicationELB", "UnHealthyHostCount", "Count"],
    ["AWS/ApplicationELB", "RejectedConnectionCount", "Count"],
    ["AWS/ApplicationELB", "TargetConnectionErrorCount", "Count"],
    ["AWS/ApplicationELB", "ActiveConnectionCount", "Count"],
    ["AWS/ApplicationELB", "RequestCountPerTarget", "Count"],
    ["AWS/ApplicationELB", "ConsumedLCUs", "Count"],
    ["AWS/ECS", "CPUUtilization", "Percent"],
    ["AWS/ECS", "MemoryUtilization", "Percent"],
    ["ECS/ContainerInsights", "RunningTaskCount", "Count"],
    ["AWS/RDS", "CPUUtilization", "Percent"],
    ["AWS/RDS", "DatabaseConnections", "Count"],
    ["AWS/RDS", "FreeableMemory", "Bytes"],
    ["AWS/RDS", "AuroraReplicaLag", "Milliseconds"],
    ["AWS/RDS", "AuroraReplicaLagMaximum", "Milliseconds"],
    ["AWS/RDS", "CommitLatency", "Milliseconds"],
    ["AWS/RDS", "ReadLatency", "Seconds"],
    ["AWS/ElastiCache", "EngineCPUUtilization", "Percent"],
    ["AWS/ElastiCache", "DatabaseMemoryUsagePercentage", "Percent"],
    ["AWS/ElastiCache", "Evictions", "Count"],
    ["AWS/ElastiCache", "ReplicationLag", "Seconds"],
    ["AWS/CloudFront", "5xxErrorRate", "Percent"],
    ["AWS/Route53", "HealthCheckStatus", "None"],
    ["CloudWatchSynthetics", "SuccessPercent", "Percent"],
    ["AWS/SQS", "ApproximateAgeOfOldestMessage", "Seconds"],
  ])("%s %s is in %s", (namespace, name, unit) => {
    expect(findMetric(namespace, name)?.unit).toBe(unit);
  });

  it("has no latency of SQL statements, which Aurora PostgreSQL does not publish", () => {
    expect(findMetric("AWS/RDS", "SelectLatency")).toBeUndefined();
  });
});

describe("an alarm's metric", () => {
  it.each([
    ["p95", "percentile"],
    ["p99.9", "percentile"],
    ["p100", "percentile"],
    ["p101", undefined],
    ["Average", "Average"],
    ["average", undefined],
  ])("statistic %s is %s", (statistic, kind) => {
    expect(statisticKind(statistic)).toBe(kind);
  });

  it("passes where the table agrees, whatever the order of the dimensions", () => {
    expect(metricProblems(response)).toEqual([]);
    expect(metricProblems({ ...response, unit: "Seconds" })).toEqual([]);
  });

  it.each([
    [
      { ...response, dimensions: ["TargetGroup"] },
      "TargetResponseTime has the dimensions (LoadBalancer) or (LoadBalancer, TargetGroup), got (TargetGroup)",
    ],
    [
      { ...response, statistic: "Sum" },
      "TargetResponseTime is told by Average, percentile, got Sum",
    ],
    [{ ...response, unit: "Milliseconds" }, "TargetResponseTime is in Seconds, got Milliseconds"],
    [
      { ...response, name: "ResponseTime" },
      "AWS/ApplicationELB has no metric ResponseTime that is known here",
    ],
    [
      {
        namespace: "AWS/CloudFront",
        name: "5xxErrorRate",
        dimensions: ["DistributionId", "Region"],
        statistic: "Average",
        region: "eu-central-1",
      },
      "5xxErrorRate is in us-east-1 alone, got an alarm in eu-central-1",
    ],
  ])("is told what is wrong %#", (use, problem) => {
    expect(metricProblems(use)).toEqual([problem]);
  });
});
