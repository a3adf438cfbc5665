import { describe, expect, it } from "vitest";
import * as book from ".";

describe("Fargate", () => {
  const sizes = book.fargateCpuUnits.map((units) => book.fargateMemoryMib(units));

  it("has every pair of the documentation and no other", () => {
    expect(sizes.map((memory) => memory.length)).toEqual([3, 4, 7, 13, 23, 12, 12]);
    expect(sizes[0]).toEqual([512, 1_024, 2_048]);
    expect(sizes[1]).toEqual([1_024, 2_048, 3_072, 4_096]);
    expect(sizes.map((memory) => [memory[0], memory.at(-1)])).toEqual([
      [512, 2_048],
      [1_024, 4_096],
      [2_048, 8_192],
      [4_096, 16_384],
      [8_192, 30_720],
      [16_384, 61_440],
      [32_768, 122_880],
    ]);
    expect(book.fargateMemoryMib(8_192)).toContain(20_480);
    expect(book.fargateMemoryMib(8_192)).not.toContain(18_432);
  });

  it.each([
    [1_024, 2_048, undefined],
    [
      256,
      4_096,
      "Fargate has no task of 256 CPU units with 4096 MiB; 256 units take 512, 1024, 2048 MiB, 4096 MiB go with 512, 1024, 2048 units",
    ],
    [
      2_048,
      3_000,
      "Fargate has no task of 2048 CPU units with 3000 MiB; 2048 units take 4096, 5120 … 16384 MiB",
    ],
    [
      300,
      512,
      "Fargate has no task of 300 CPU units; it has 256, 512, 1024, 2048, 4096, 8192, 16384",
    ],
  ])("%i units with %i MiB", (cpu, memory, problem) => {
    expect(book.fargateSizeProblem(cpu, memory)).toBe(problem);
    expect(book.isFargateSize(cpu, memory)).toBe(problem === undefined);
  });

  it("costs by vCPU and GB, less on ARM", () => {
    expect(book.fargateUsdMonthly(1_024, 2_048, "X86_64")).toBeCloseTo(36.0401, 4);
    expect(book.fargateUsdMonthly(1_024, 2_048, "ARM64")).toBeCloseTo(28.835, 4);
    expect(book.fargateUsdMonthly(256, 512, "ARM64")).toBeCloseTo(7.20875, 5);
  });
});

describe("a balancer's capacity", () => {
  const month: book.AlbMonth = {
    requests: 75e6,
    requestsPerConnection: 10,
    openConnections: 10_000,
    gb: 1_000,
    rules: 3,
  };

  it("is billed by the dimension that is used most", () => {
    const use = book.albLcuUse(month);
    expect(use.newConnections).toBeCloseTo(0.1142, 4);
    expect(use.activeConnections).toBeCloseTo(3.3333, 4);
    expect(use.processedBytes).toBeCloseTo(1.3699, 4);
    expect(use.ruleEvaluations).toBe(0);
    expect(use.billed).toBe(use.activeConnections);
    expect(book.albLcuUse({ ...month, openConnections: 100 }).billed).toBe(use.processedBytes);
  });

  it("counts the rules beyond the free ten", () => {
    // 2,628,000 seconds in a month: 1,000 requests a second against ten rules too many.
    const use = book.albLcuUse({ ...month, requests: 2_628e6, rules: 20 });
    expect(use.ruleEvaluations).toBeCloseTo(10, 9);
  });
});

describe("bands", () => {
  it.each([
    [0, 0],
    [100, 9],
    [10_240, 921.6],
    [51_200, 4_403.2],
    [57_000, 4_809.2],
  ])("%i GB to the internet", (gb, usd) => {
    expect(book.bandedUsd(gb, book.transferPrices.internet)).toBeCloseTo(usd, 6);
  });
});

describe("an alarm's window", () => {
  it.each([
    [60, 5, undefined],
    [10, 3, undefined],
    [60, 1_440, undefined],
    [60, 1_441, /may cover 86400 s, got 86460 s: longer windows take periods of an hour/],
    [3_600, 24, undefined],
    [3_600, 168, undefined],
    [3_600, 169, /looks back over 604800 s at most, got 608400 s/],
    [300, 2_017, /looks back|may cover/],
    [86_400, 7, undefined],
    [45, 1, /10, 20, 30 or a multiple of 60 seconds, got 45/],
    [0, 1, /got 0/],
    [60, 0, /1 period or more, got 0/],
  ])("%i s x %i", (periodSeconds, evaluationPeriods, problem) => {
    const found = book.alarmWindowProblem({ periodSeconds, evaluationPeriods });
    if (problem) expect(found).toMatch(problem);
    else expect(found).toBeUndefined();
  });

  it("takes M out of N", () => {
    const window = { periodSeconds: 60, evaluationPeriods: 5 };
    expect(book.alarmWindowProblem({ ...window, datapointsToAlarm: 3 })).toBeUndefined();
    expect(book.alarmWindowProblem({ ...window, datapointsToAlarm: 6 })).toMatch(
      /1 to 5 of 5 periods may be asked for, got 6/,
    );
  });

  it("takes ten metrics and ten expressions", () => {
    expect(book.alarmMathProblem(10, ["a/b"])).toBeUndefined();
    expect(book.alarmMathProblem(11, ["a/b"])).toMatch(/10 metrics, got 11/);
    expect(
      book.alarmMathProblem(
        1,
        Array.from({ length: 11 }, () => "a"),
      ),
    ).toMatch(/got 11/);
    expect(book.alarmMathProblem(1, ["a".repeat(2_049)])).toMatch(/2048 characters/);
  });
});

describe("a composite alarm's rule", () => {
  const any = (count: number) =>
    Array.from({ length: count }, (_, index) => `ALARM("a-${index}")`).join(" OR ");

  it("names its children, each once", () => {
    expect(
      book.childAlarms('ALARM("hot") AND (OK(max) OR ALARM(hot)) AND NOT INSUFFICIENT_DATA(x)'),
    ).toEqual(["hot", "max", "x"]);
  });

  it.each([
    [any(100), undefined],
    [any(101), "a rule may name 100 alarms, got 101"],
    ["TRUE", undefined],
    ["", "a rule has 1 to 10240 characters, got 0"],
    [`${"(".repeat(250)}ALARM(a)${")".repeat(250)}`, "a rule may have 500 elements, got 501"],
  ])("rule %#", (rule, problem) => {
    expect(book.compositeRuleProblem(rule)).toBe(problem);
  });
});

describe("schedules", () => {
  it.each([
    ["rate(1 minute)", 43_800],
    ["rate(5 minutes)", 8_760],
    ["rate(1 hour)", 730],
    ["rate(0 minute)", undefined],
    ["cron(0 10 * * ? *)", undefined],
  ])("a canary by %s runs %s times", (expression, runs) => {
    expect(book.canaryRunsMonthly(expression)).toBe(runs);
  });

  it.each([
    ["cron(0 3 * * ? *)", 1],
    ["cron(0 3 ? * SUN *)", 7],
    ["cron(0 3 1 * ? *)", 365 / 12],
    ["cron(0 */6 * * ? *)", undefined],
    ["rate(1 day)", undefined],
  ])("a plan by %s takes one every %s days", (schedule, days) => {
    expect(book.backupIntervalDays(schedule)).toBe(days);
  });

  it("bills snapshots that outlive the cluster's own retention", () => {
    expect(book.billedSnapshots(1, 35, 35)).toBe(0);
    expect(book.billedSnapshots(7, 90, 35)).toBe(7);
    expect(book.billedSnapshots(1, 7, 35)).toBe(0);
  });
});

describe("CloudFront's plans", () => {
  it.each([
    [1, 100, "free"],
    [10, 1_000, "pro"],
    [75, 1_000, "business"],
    [501, 1, undefined],
  ])("%i million requests and %i GB", (requests, gb, plan) => {
    expect(book.cloudfrontPlanFor(requests, gb)).toBe(plan);
  });
});

describe("health checks", () => {
  it("names each feature that costs", () => {
    expect(
      book.healthCheckFeatures({
        type: "HTTPS_STR_MATCH",
        intervalSeconds: 10,
        measureLatency: true,
      }),
    ).toEqual(["HTTPS", "string matching", "10 s interval", "latency"]);
    expect(
      book.healthCheckFeatures({ type: "HTTP", intervalSeconds: 30, measureLatency: false }),
    ).toEqual([]);
  });
});
