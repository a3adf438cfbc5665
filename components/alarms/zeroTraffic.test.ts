import { describe, expect, it } from "vitest";
import { metricsIn, type CloudWatchReading } from "./cloudwatchSignal";
import type { PlannedMetricAlarm } from "./cloudwatchPlan";
import { planned } from "./testing/large";
import { evaluate, type Point } from "./testing/metricMath";

type State = "OK" | "ALARM" | "unchanged";
type Samples = Readonly<Record<string, readonly Point[]>>;

const alarms = new Map(planned().metricAlarms.map((alarm) => [alarm.id, alarm]));

function alarm(id: string): PlannedMetricAlarm {
  const found = alarms.get(id);
  if (!found) throw new Error(`no alarm ${id}`);
  return found;
}

function valuesOf(reading: CloudWatchReading, samples: Samples): readonly Point[] {
  if ("metric" in reading) return samples["value"] ?? [];
  const names = Object.keys(metricsIn(reading));
  expect(Object.keys(samples).sort()).toEqual([...names].sort());
  const known: Record<string, readonly Point[]> = { ...samples };
  for (const { id, expression } of reading.expressions) known[id] = evaluate(expression, known);
  return known[reading.expressions.at(-1)?.id ?? ""] ?? [];
}

/** What CloudWatch makes of the newest periods: points beyond the limit, and missing ones as told. */
function state(planned: PlannedMetricAlarm, samples: Samples): State {
  const { signal, comparison, threshold, evaluationPeriods, datapointsToAlarm } = planned;
  const newest = valuesOf(signal.reading, samples).slice(-evaluationPeriods);
  expect(newest).toHaveLength(evaluationPeriods);
  if (newest.every((point) => point === undefined) && signal.missing.treat === "ignore") {
    return "unchanged";
  }
  const beyond = newest.filter((point) =>
    point === undefined
      ? signal.missing.treat === "breaching"
      : comparison === ">"
        ? point > threshold
        : point < threshold,
  );
  return beyond.length >= datapointsToAlarm ? "ALARM" : "OK";
}

/** Sums of five minutes; what the balancer did not count is missing, as it is with zeros there. */
const minutes = (requests: Point, app5xx: Point, balancer5xx: Point): Samples => {
  const twice = (point: Point) => [point, point];
  return {
    requests: twice(requests),
    app5xx: twice(app5xx),
    balancer5xx: twice(balancer5xx),
  };
};

describe("the error rate", () => {
  const cases: [string, Samples, State, State][] = [
    ["no traffic, no points", minutes(undefined, undefined, undefined), "OK", "OK"],
    ["no traffic, a zero", minutes(0, undefined, undefined), "OK", "OK"],
    ["all is well", minutes(9_000, undefined, undefined), "OK", "OK"],
    ["one of two fails at night", minutes(2, 1, undefined), "OK", "OK"],
    ["one of five fails", minutes(5, 1, undefined), "OK", "OK"],
    ["all of five fail", minutes(5, 5, undefined), "ALARM", "ALARM"],
    ["12 % fail", minutes(100, 12, undefined), "ALARM", "ALARM"],
    ["10 % fail", minutes(100, 10, undefined), "OK", "ALARM"],
    ["6 % fail", minutes(1_000, 60, undefined), "OK", "ALARM"],
    ["5 % fail", minutes(1_000, 50, undefined), "OK", "OK"],
    ["no task takes a request", minutes(undefined, undefined, 40), "ALARM", "ALARM"],
    ["half of it finds no task", minutes(20, undefined, 20), "ALARM", "ALARM"],
    ["both kinds add up", minutes(100, 6, 6), "ALARM", "ALARM"],
  ];

  it.each(cases)("%s", (_, samples, critical, warning) => {
    expect(state(alarm("error-rate-critical-web"), samples)).toBe(critical);
    expect(state(alarm("error-rate-warning-web"), samples)).toBe(warning);
  });

  it.each([
    ["FILL of the app's failures", "FILL(app5xx, 0)", "app5xx"],
    ["FILL of the balancer's", "FILL(balancer5xx, 0)", "balancer5xx"],
    ["FILL of the requests", "FILL(requests, 0)", "requests"],
    ["the least number of failures", "failed < 5", "failed < 0"],
    ["failures as requests", "IF(taken > failed, taken, failed)", "taken"],
  ])("is wrong without %s", (_, from, to) => {
    const original = alarm("error-rate-critical-web");
    const { reading } = original.signal;
    if ("metric" in reading) throw new Error("an expression is expected");
    const expressions = reading.expressions.map(({ id, expression }) => ({
      id,
      expression: expression.replace(from, to),
    }));
    expect(expressions).not.toEqual(reading.expressions);
    const mutated = {
      ...original,
      signal: { ...original.signal, reading: { ...reading, expressions } },
    };
    const wrong = cases.filter(([, samples, critical]) => state(mutated, samples) !== critical);
    expect(wrong).not.toEqual([]);
  });

  it.each<[string, Point, Point, State]>([
    ["no traffic", undefined, undefined, "OK"],
    ["all is well", 9_000, 0, "OK"],
    ["one of two fails at night", 2, 50, "OK"],
    ["all of five fail", 5, 100, "ALARM"],
    ["12 % fail", 1_000, 12, "ALARM"],
    ["9 % fail", 1_000, 9, "OK"],
  ])("at the CDN: %s", (_, requests, share, expected) => {
    const samples = { requests: [requests], share: [share] };
    expect(state(alarm("error-rate-critical-web-edge"), samples)).toBe(expected);
  });
});

describe("the time to answer", () => {
  const series = (...value: Point[]): Samples => ({ value });
  it.each<[string, Samples, State]>([
    ["nobody asks", series(...Array<Point>(5).fill(undefined)), "OK"],
    [
      "one slow request in five minutes",
      series(undefined, undefined, 4, undefined, undefined),
      "OK",
    ],
    ["slow for four minutes", series(0.2, 3, 3, 3, 3), "OK"],
    ["slow for five", series(3, 3, 3, 3, 3), "ALARM"],
    ["2 seconds are allowed", series(2, 2, 2, 2, 2), "OK"],
  ])("%s", (_, samples, expected) => {
    expect(state(alarm("response-time-critical-web"), samples)).toBe(expected);
  });
});

describe("presence", () => {
  const day = (away: number): Samples => ({
    up: Array.from({ length: 288 }, (_, part) => (part < away ? undefined : 5)),
  });
  it.each<[string, Samples, State]>([
    ["there all day", day(0), "OK"],
    ["away for five minutes", day(1), "ALARM"],
    ["away for an hour", day(12), "ALARM"],
  ])("of a day: %s", (_, samples, expected) => {
    expect(state(alarm("uptime-warning-postgres-writer"), samples)).toBe(expected);
    expect(state(alarm("uptime-warning-worker"), samples)).toBe(expected);
  });

  it.each<[string, Point[], State]>([
    ["there", [1, 1], "OK"],
    ["a minute without a point", [undefined, 1], "OK"],
    ["two without one", [undefined, undefined], "ALARM"],
  ])("of two minutes: %s", (_, value, expected) => {
    for (const id of ["worker", "postgres-writer", "redis-0001-001"]) {
      expect(state(alarm(`uptime-critical-${id}`), { value })).toBe(expected);
    }
  });
});

it("says that a target is down once: what else it tells stays as it was", () => {
  const own = [...alarms.values()].filter(
    ({ alarm: { target, rule } }) => target === "redis-0001-001" && rule !== "uptime",
  );
  expect(own).toHaveLength(4);
  for (const one of own) {
    const value = Array<Point>(one.evaluationPeriods).fill(undefined);
    expect(state(one, { value })).not.toBe("ALARM");
  }
});

describe("backups", () => {
  it.each<[string, Point, State]>([
    ["no copy in 26 hours", undefined, "ALARM"],
    ["one copy", 1, "OK"],
  ])("%s", (_, completed, expected) => {
    const samples = { completed: [completed] };
    expect(state(alarm("backup-age-critical-postgres-writer"), samples)).toBe(expected);
  });
});

it("keeps a failed deploy in sight for five minutes", () => {
  const value = [undefined, undefined, 1, undefined, undefined];
  expect(state(alarm("deploy-failed-critical-web"), { value })).toBe("ALARM");
  expect(
    state(alarm("deploy-failed-critical-web"), { value: Array<Point>(5).fill(undefined) }),
  ).toBe("OK");
});
