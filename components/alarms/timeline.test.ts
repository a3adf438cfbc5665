import { describe, expect, it } from "vitest";
import type { CloudWatchMetric } from "./cloudwatchSignal";
import type { CloudWatchPlan } from "./cloudwatchPlan";
import { largeTargets, planned } from "./testing/large";
import type { Point } from "./testing/metricMath";
import { told } from "./testing/timeline";

/** What metrics say while the site is well: numbers that no limit is near of. */
function well({ namespace, name, statistic }: CloudWatchMetric): Point {
  if (statistic === "SampleCount") return 1;
  if (namespace === "AWS/RDS") {
    const free = { FreeableMemory: 4e9, FreeLocalStorage: 3e10, DatabaseConnections: 100 };
    return (free as Record<string, number>)[name] ?? 20;
  }
  switch (name) {
    case "RequestCount":
    case "Requests":
      return 600;
    case "TargetResponseTime":
    case "db.client.operation.duration":
      return 0.05;
    case "HealthyHostCount":
    case "drops.process.up":
      return 3;
    case "HealthCheckStatus":
      return 1;
    case "HealthCheckPercentageHealthy":
      return 100;
    case "CPUUtilization":
    case "EngineCPUUtilization":
    case "MemoryUtilization":
    case "DatabaseMemoryUsagePercentage":
    case "DaysToExpiry":
      return name === "DaysToExpiry" ? 60 : 20;
    case "NumberOfBackupJobsCompleted":
      return 1;
    default:
      return undefined;
  }
}

/** The database is away from minute 0 on, for half an hour: every page that needs it fails. */
function databaseAway(metric: CloudWatchMetric, minute: number): Point {
  const { namespace, name } = metric;
  if (minute < 0 || minute >= 30) return well(metric);
  if (namespace === "AWS/RDS") return undefined;
  switch (name) {
    case "HTTPCode_Target_5XX_Count":
      return 600;
    case "5xxErrorRate":
      return 100;
    case "TargetResponseTime":
      return 5;
    case "db.client.operation.duration":
      return undefined;
    // Three probes that fail make one that counts.
    case "HealthCheckStatus":
      return minute < 2 ? 1 : 0;
    default:
      return well(metric);
  }
}

const critical = (plan: CloudWatchPlan, lateMinutes: number) =>
  Object.entries(told(plan, { pointOf: databaseAway, lateMinutes, from: -20, to: 60 })).filter(
    ([id]) => id.includes("-critical-"),
  );

describe.each(["eu-central-1", "us-east-1"])("the database is away, in %s", (region) => {
  const plan = planned(largeTargets(), {}, region);

  it.each([0, 1, 2])(
    "is told once of each that is down, and of no echo; %i minutes late",
    (late) => {
      const told = critical(plan, late);
      expect(told.map(([id]) => id).sort()).toEqual([
        "uptime-critical-postgres-reader-1",
        "uptime-critical-postgres-writer",
        "uptime-critical-web-site",
      ]);
      for (const [, minute] of told) {
        expect(minute).toBeGreaterThanOrEqual(0);
        expect(minute).toBeLessThanOrEqual(7);
      }
    },
  );

  it("would be told of errors as well, if these did not wait as long as it takes", () => {
    const hasty = {
      ...plan,
      composites: plan.composites.map((composite) => ({
        ...composite,
        ...(composite.suppressor && {
          suppressor: { ...composite.suppressor, waitSeconds: 60 },
        }),
      })),
    };
    expect(critical(hasty, 0).map(([id]) => id)).toContain("error-rate-critical-web-told");
  });
});

it("tells nobody of anything while all is well", () => {
  const story = { pointOf: well, lateMinutes: 2, from: 0, to: 30 };
  expect(told(planned(), story)).toEqual({});
});

it("tells of errors that are no echo when they have waited", () => {
  const failing = (metric: CloudWatchMetric, minute: number): Point =>
    minute >= 0 && metric.name === "HTTPCode_Target_5XX_Count" ? 300 : well(metric);
  const story = { pointOf: failing, lateMinutes: 1, from: -20, to: 30 };
  const minute = told(planned(), story)["error-rate-critical-web-told"];
  expect(minute).toBeGreaterThan(7);
  expect(minute).toBeLessThan(12);
});
