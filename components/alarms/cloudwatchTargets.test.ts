import { describe, expect, it } from "vitest";
import { documentRuleIds, rules, severities } from "../../tiers/thresholds";
import { auroraSharedBufferBytes } from "../../prices/aws";
import { auroraAlarmFacts } from "../postgres/aurora";
import { auroraInstanceTargets } from "./auroraSignals";
import { metricsIn } from "./cloudwatchSignal";
import { ecsServiceTargets } from "./ecsSignals";
import { cacheNodeTargets, cacheTargetId } from "./elasticacheSignals";
import { aurora, auroraSpec, cache, largeTargets, planned, web, worker } from "./testing/large";
import { shown, table } from "./testing/show";
import type { AlarmTarget } from "./types";

const plan = planned();

describe("the web service", () => {
  it("is watched by these alarms", () => {
    expect(table(plan, "web")).toEqual({
      "response-time-critical-web": "TargetResponseTime p95 > 2, 5/5 x 60 s, notBreaching, silent",
      "response-time-warning-web":
        "TargetResponseTime Average > 0.5, 10/10 x 60 s, notBreaching, silent",
      "error-rate-critical-web":
        "RequestCount Sum + HTTPCode_Target_5XX_Count Sum + HTTPCode_ELB_5XX_Count Sum > 10, 1/1 x 300 s, notBreaching, silent",
      "error-rate-critical-web-edge":
        "us-east-1: Requests Sum + 5xxErrorRate Average > 10, 1/1 x 300 s, notBreaching, silent",
      "error-rate-warning-web":
        "RequestCount Sum + HTTPCode_Target_5XX_Count Sum + HTTPCode_ELB_5XX_Count Sum > 5, 2/2 x 300 s, notBreaching, silent",
      "error-rate-warning-web-edge":
        "us-east-1: Requests Sum + 5xxErrorRate Average > 5, 2/2 x 300 s, notBreaching, silent",
      "memory-critical-web": "MemoryUtilization Maximum > 90, 5/5 x 60 s, ignore",
      "memory-warning-web": "MemoryUtilization Maximum > 80, 10/10 x 60 s, ignore",
      "cpu-warning-web": "CPUUtilization Average > 70, 10/10 x 60 s, ignore",
      "uptime-critical-web-site": "us-east-1: HealthCheckStatus Minimum < 1, 2/2 x 60 s, breaching",
      "uptime-critical-web-tasks": "HealthyHostCount Maximum < 1, 4/5 x 60 s, breaching",
      // 14.4 and 3 times the budget of 0.1 %.
      "uptime-warning-web-hour":
        "us-east-1: HealthCheckPercentageHealthy Average < 98.56, 1/1 x 3600 s, breaching",
      "uptime-warning-web-day":
        "us-east-1: HealthCheckPercentageHealthy Average < 99.7, 1/1 x 86400 s, breaching",
      "certificate-expiry-critical-web-edge":
        "us-east-1: DaysToExpiry Minimum < 7, 1/1 x 86400 s, breaching",
      "certificate-expiry-critical-web-balancer":
        "DaysToExpiry Minimum < 7, 1/1 x 86400 s, breaching",
      "certificate-expiry-warning-web-edge":
        "us-east-1: DaysToExpiry Minimum < 21, 1/1 x 86400 s, breaching",
      "certificate-expiry-warning-web-balancer":
        "DaysToExpiry Minimum < 21, 1/1 x 86400 s, breaching",
      "deploy-failed-critical-web": "TriggeredRules Sum > 0, 1/5 x 60 s, notBreaching",
      "restarts-warning-web": "TriggeredRules Sum > 3, 1/1 x 600 s, notBreaching",
      "restarts-warning-web-slow": "TriggeredRules Sum > 0, 3/3 x 2400 s, notBreaching",
      "at-max-scale-warning-web-hot": "CPUUtilization Average > 60, 10/10 x 60 s, ignore, silent",
      "at-max-scale-warning-web-memory":
        "MemoryUtilization Average > 70, 10/10 x 60 s, ignore, silent",
      "at-max-scale-warning-web-requests":
        "RequestCountPerTarget Sum > 3000, 10/10 x 60 s, ignore, silent",
      "at-max-scale-warning-web-full":
        "HealthyHostCount Average > 11.88, 10/10 x 60 s, ignore, silent",
      "monitoring-critical-web-topic":
        "NumberOfNotificationsFailed Sum > 0, 1/1 x 300 s, notBreaching",
      "monitoring-critical-web-global-topic":
        "us-east-1: NumberOfNotificationsFailed Sum > 0, 1/1 x 300 s, notBreaching",
    });
  });

  it("has no alarms on what it has not", () => {
    const bare = { ...web, distribution: false, certificates: [], maxTasks: web.minTasks };
    const own = planned([...ecsServiceTargets([bare]), ...auroraInstanceTargets(aurora)]);
    const ids = Object.keys(table(own, "web"));
    expect(ids.filter((id) => /edge|certificate|at-max-scale/.test(id))).toEqual([]);
    expect(ids).toHaveLength(16);
  });
});

describe("workers", () => {
  it("are up while the app's worker says so", () => {
    expect(table(plan, "worker")).toEqual({
      "memory-critical-worker": "MemoryUtilization Maximum > 90, 5/5 x 60 s, ignore",
      "memory-warning-worker": "MemoryUtilization Maximum > 80, 10/10 x 60 s, ignore",
      "cpu-warning-worker": "CPUUtilization Average > 70, 10/10 x 60 s, ignore",
      "uptime-critical-worker": "drops.process.up SampleCount < 1, 4/5 x 60 s, breaching",
      "uptime-warning-worker": "drops.process.up SampleCount < 1, 1/288 x 300 s, ignore",
      "deploy-failed-critical-worker": "TriggeredRules Sum > 0, 1/5 x 60 s, notBreaching",
      "restarts-warning-worker": "TriggeredRules Sum > 3, 1/1 x 600 s, notBreaching",
      "restarts-warning-worker-slow": "TriggeredRules Sum > 0, 3/3 x 2400 s, notBreaching",
      "at-max-scale-warning-worker-hot":
        "CPUUtilization Average > 60, 10/10 x 60 s, ignore, silent",
      "at-max-scale-warning-worker-memory":
        "MemoryUtilization Average > 70, 10/10 x 60 s, ignore, silent",
      // 4 processes, 5 points each in five minutes: 20.
      "at-max-scale-warning-worker-full":
        "drops.process.up Sum > 19.8, 2/2 x 300 s, ignore, silent",
    });
  });

  it("of another program are up while ECS has numbers of their tasks", () => {
    const mailer = { ...worker, key: "mailer", heartbeat: false };
    const own = planned(ecsServiceTargets([{ ...mailer, maxTasks: mailer.minTasks }]));
    const found = table(own, "mailer");
    expect(found["uptime-critical-mailer"]).toBe(
      "CPUUtilization SampleCount < 1, 4/5 x 60 s, breaching",
    );
    expect(Object.keys(found)).toHaveLength(8);
    // Where it scales, nobody sees that it is at its maximum.
    expect(() => planned(ecsServiceTargets([mailer]))).toThrow("Container Insights");
  });

  it("are at their maximum when full, and one of autoscaling's numbers is above its aim", () => {
    const rules = Object.fromEntries(
      plan.composites
        .filter(({ alarm }) => alarm?.rule === "at-max-scale")
        .map(({ id, rule }) => [id, rule.replaceAll("drops-large-at-max-scale-warning-", "")]),
    );
    expect(rules).toEqual({
      "at-max-scale-warning-web":
        'ALARM("web-full") AND (ALARM("web-hot") OR ALARM("web-memory") OR ALARM("web-requests"))',
      "at-max-scale-warning-worker":
        'ALARM("worker-full") AND (ALARM("worker-hot") OR ALARM("worker-memory"))',
    });
  });
});

describe("Aurora", () => {
  it("has each instance watched, whichever writes", () => {
    expect(table(plan, "postgres-reader-1")).toEqual({
      // A tenth and a fifth of 5.5 GiB: 16 GiB without the shared buffers.
      "memory-critical-postgres-reader-1":
        "FreeableMemory Average < 589839564.8, 5/5 x 60 s, ignore",
      "memory-warning-postgres-reader-1":
        "FreeableMemory Average < 1179679129.6, 10/10 x 60 s, ignore",
      "db-connections-critical-postgres-reader-1":
        "DatabaseConnections Average > 1621.8, 5/5 x 60 s, ignore",
      "db-connections-warning-postgres-reader-1":
        "DatabaseConnections Average > 1441.6, 10/10 x 60 s, ignore",
      "cpu-warning-postgres-reader-1": "CPUUtilization Average > 70, 10/10 x 60 s, ignore",
      "uptime-critical-postgres-reader-1": "CPUUtilization SampleCount < 1, 4/5 x 60 s, breaching",
      "uptime-warning-postgres-reader-1": "CPUUtilization SampleCount < 1, 1/288 x 300 s, ignore",
      "db-query-time-warning-postgres-reader-1":
        "db.client.operation.duration Average > 0.1, 10/10 x 60 s, notBreaching, silent",
      "disk-critical-postgres-reader-1":
        "FreeLocalStorage Average < 3435973836.8, 5/5 x 60 s, ignore",
      "disk-warning-postgres-reader-1":
        "FreeLocalStorage Average < 6871947673.6, 30/30 x 60 s, ignore",
      "replica-lag-critical-postgres-reader-1":
        "AuroraReplicaLag Average > 300000, 5/5 x 60 s, notBreaching",
      "replica-lag-warning-postgres-reader-1":
        "AuroraReplicaLag Average > 30000, 10/10 x 60 s, notBreaching",
    });
    const ids = (target: string) =>
      Object.keys(table(plan, target)).map((id) => id.replace(`-${target}`, ""));
    expect(ids("postgres-writer")).toEqual([...ids("postgres-reader-1"), "backup-age-critical"]);
    expect(table(plan, "postgres-writer")["backup-age-critical-postgres-writer"]).toBe(
      // 26 hours.
      "NumberOfBackupJobsCompleted Sum < 1, 1/1 x 93600 s, breaching",
    );
  });

  it("asks the app for the time of statements, by the pool that it uses", () => {
    const pools = plan.metricAlarms
      .filter(({ alarm }) => alarm.rule === "db-query-time")
      .map(({ signal: { reading } }) => ("metric" in reading ? reading.metric.dimensions : {}));
    expect(pools).toEqual([
      { Service: "drops", Stack: "large", "db.client.connection.pool.name": "primary" },
      { Service: "drops", Stack: "large", "db.client.connection.pool.name": "replica" },
    ]);
  });

  it("has no lag alone, and a reason for its local disk where it scales, but a maximum", () => {
    const facts = auroraAlarmFacts({
      ...auroraSpec,
      mode: { kind: "serverless", minAcu: 2, maxAcu: 8 },
      readers: 0,
    });
    const [target] = auroraInstanceTargets(facts);
    const { disk, ...watches } = (target as AlarmTarget).watches;
    const own = table(planned([{ ...(target as AlarmTarget), watches }]), "postgres-writer");
    expect(disk).toEqual({ unwatched: expect.stringContaining("serverless") as unknown });
    expect(Object.keys(own).filter((id) => id.includes("lag"))).toEqual([]);
    expect(own["at-max-scale-warning-postgres-writer"]).toBe(
      "ACUUtilization Average > 99, 10/10 x 60 s, ignore",
    );
    // Free memory is reckoned as at 8 ACU, which are 16 GiB.
    expect(own["memory-critical-postgres-writer"]).toBe(
      "FreeableMemory Average < 589839564.8, 5/5 x 60 s, ignore",
    );
  });

  it("gives a reason where the class's disk is not known", () => {
    const [target] = auroraInstanceTargets({ ...aurora, localStorageGib: undefined });
    expect(target?.watches.disk).toEqual({ unwatched: expect.stringContaining("how large") });
  });

  it("is watched at its worst reader where scaling adds some that have no name here", () => {
    const readerScaling = { max: 4, cpuPercent: 60 };
    const scaling = planned(
      auroraInstanceTargets(auroraAlarmFacts({ ...auroraSpec, readerScaling })),
    );
    const any = scaling.metricAlarms.filter(({ signal }) => signal.suffix === "any-reader");
    expect(Object.fromEntries(any.map((alarm) => [alarm.id, shown(alarm)]))).toEqual({
      "memory-critical-postgres-reader-1-any-reader":
        "FreeableMemory Minimum < 589839564.8, 5/5 x 60 s, ignore",
      "memory-warning-postgres-reader-1-any-reader":
        "FreeableMemory Minimum < 1179679129.6, 10/10 x 60 s, ignore",
      "db-connections-critical-postgres-reader-1-any-reader":
        "DatabaseConnections Maximum > 1621.8, 5/5 x 60 s, ignore",
      "db-connections-warning-postgres-reader-1-any-reader":
        "DatabaseConnections Maximum > 1441.6, 10/10 x 60 s, ignore",
      "cpu-warning-postgres-reader-1-any-reader":
        "CPUUtilization Maximum > 70, 10/10 x 60 s, ignore",
      "disk-critical-postgres-reader-1-any-reader":
        "FreeLocalStorage Minimum < 3435973836.8, 5/5 x 60 s, ignore",
      "disk-warning-postgres-reader-1-any-reader":
        "FreeLocalStorage Minimum < 6871947673.6, 30/30 x 60 s, ignore",
      "replica-lag-critical-postgres-reader-1-any-reader":
        "AuroraReplicaLag Maximum > 300000, 5/5 x 60 s, notBreaching",
      "replica-lag-warning-postgres-reader-1-any-reader":
        "AuroraReplicaLag Maximum > 30000, 10/10 x 60 s, notBreaching",
    });
    for (const { signal, description } of any) {
      expect(Object.values(metricsIn(signal.reading))[0]?.dimensions).toEqual({
        DBClusterIdentifier: "drops-large",
        Role: "READER",
      });
      expect(description).toContain("those that scaling added");
    }
  });

  it("begins far from its limits on memory: shared buffers are no use that counts", () => {
    for (const memoryGib of [4, 16, 64, 512]) {
      const bytes = memoryGib * 2 ** 30;
      const buffers = auroraSharedBufferBytes(memoryGib);
      const [alarm] = planned(auroraInstanceTargets({ ...aurora, memoryGib })).metricAlarms.filter(
        ({ id }) => id === "memory-warning-postgres-writer",
      );
      // What is free of an idle instance: 10 % are the system's and the processes'.
      expect(0.9 * bytes - buffers).toBeGreaterThan(2 * (alarm?.threshold ?? Infinity));
    }
  });

  it("says why it is not watched where the class's memory is not known", () => {
    expect(() => planned(auroraInstanceTargets({ ...aurora, memoryGib: undefined }))).toThrow(
      "nobody said how much memory",
    );
  });
});

describe("Valkey", () => {
  it("has each node watched", () => {
    expect(
      largeTargets()
        .filter(({ kind }) => kind === "cache")
        .map(({ id }) => id),
    ).toEqual(["redis-0001-001", "redis-0001-002", "redis-0002-001", "redis-0002-002"]);
    expect(table(plan, "redis-0002-001")).toEqual({
      "memory-critical-redis-0002-001":
        "DatabaseMemoryUsagePercentage Average > 90, 5/5 x 60 s, ignore",
      "memory-warning-redis-0002-001":
        "DatabaseMemoryUsagePercentage Average > 80, 10/10 x 60 s, ignore",
      // One of two vCPUs does the work.
      "cpu-warning-redis-0002-001": "CPUUtilization Average > 35, 10/10 x 60 s, ignore",
      "uptime-critical-redis-0002-001": "CPUUtilization SampleCount < 1, 4/5 x 60 s, breaching",
      "uptime-warning-redis-0002-001": "CPUUtilization SampleCount < 1, 1/288 x 300 s, ignore",
      // 10 a second.
      "cache-evictions-warning-redis-0002-001": "Evictions Sum > 600, 15/15 x 60 s, notBreaching",
    });
  });

  it("is told by its engine's thread on larger nodes", () => {
    const own = table(planned(cacheNodeTargets({ ...cache, vcpus: 4 })), "redis-0001-001");
    expect(own["cpu-warning-redis-0001-001"]).toBe(
      "EngineCPUUtilization Average > 70, 10/10 x 60 s, ignore",
    );
  });

  it.each([
    ["drops-large-0001-001", "redis-0001-001"],
    ["drops-0001-0002-003", "redis-0002-003"],
    ["single", "redis-single"],
  ])("node %s is the target %s", (node, target) => {
    expect(cacheTargetId(node)).toBe(target);
  });
});

it("watches every rule of the document at each severity on each target of its kinds", () => {
  const wanted = documentRuleIds.flatMap((rule) =>
    severities
      .filter((severity) => rules[rule][severity] !== undefined)
      .flatMap((severity) =>
        largeTargets()
          .filter(({ kind }) => rules[rule].appliesTo.includes(kind))
          .map(({ id }) => `${rule}-${severity}-${id}`),
      ),
  );
  const carried = new Set(plan.metricAlarms.map(({ alarm }) => alarm.id));
  expect(wanted.filter((id) => !carried.has(id))).toEqual([]);
  expect(wanted).toHaveLength(50);
});

it("takes a stack's own numbers in every unit", () => {
  const edited = planned(largeTargets(), {
    "response-time": { critical: 3_000 },
    memory: { warning: 75 },
    uptime: { warning: 99.5 },
    "db-connections": { critical: 95 },
    "backup-age": { critical: 30 },
    "replica-lag": { warning: 10 },
  });
  const limits = Object.assign(
    {},
    ...["web", "worker", "postgres-writer"].map((target) => table(edited, target)),
  ) as Record<string, string>;
  expect(limits["response-time-critical-web"]).toContain("> 3,");
  expect(limits["memory-warning-postgres-writer"]).toContain("< 1474598912,");
  expect(limits["uptime-warning-web-hour"]).toContain("< 92.8,");
  // 3 times 0.5 % of 288 parts of a day are 4.32: the fifth is one too many.
  expect(limits["uptime-warning-worker"]).toContain("5/288 x 300 s");
  expect(limits["db-connections-critical-postgres-writer"]).toContain("> 1711.9,");
  expect(limits["backup-age-critical-postgres-writer"]).toContain("1/1 x 108000 s");
  expect(limits["replica-lag-warning-postgres-writer"]).toContain("> 10000,");
});

it("states how many alarms the tier has, which cost", () => {
  const metrics = plan.metricAlarms.reduce(
    (sum, { signal: { reading } }) =>
      sum + ("metric" in reading ? 1 : Object.keys(reading.metrics).length),
    0,
  );
  expect([plan.metricAlarms.length, metrics, plan.composites.length]).toEqual([86, 92, 11]);
});
