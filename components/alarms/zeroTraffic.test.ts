import { describe, expect, it } from "vitest";
import type { PlannedMetricAlarm } from "./cloudwatchPlan";
import { metricsIn, type CloudWatchMetric } from "./cloudwatchSignal";
import { periodsRead, state, type Samples, type State } from "./testing/evaluation";
import { planned } from "./testing/large";
import type { Point } from "./testing/metricMath";

const alarms = new Map(planned().metricAlarms.map((alarm) => [alarm.id, alarm]));

function alarm(id: string): PlannedMetricAlarm {
  const found = alarms.get(id);
  if (!found) throw new Error(`no alarm ${id}`);
  return found;
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

  it("at the CDN is told though its numbers come minutes late", () => {
    const late = { requests: [9_000, 9_000, undefined], share: [undefined, 40, undefined] };
    expect(state(alarm("error-rate-critical-web-edge"), late)).toBe("ALARM");
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

  const gap = undefined;
  it.each<[string, Point[], State]>([
    ["there", [1, 1, 1, 1, 1, 1, 1, 1], "OK"],
    ["the newest two points are late", [1, 1, 1, 1, 1, 1, gap, gap], "OK"],
    ["one is late, and two are missing", [1, 1, 1, gap, 1, gap, 1, gap], "OK"],
    ["away for three minutes", [1, 1, 1, 1, 1, gap, gap, gap], "OK"],
    ["away for four", [1, 1, 1, 1, gap, gap, gap, gap], "ALARM"],
    ["away for longer than it looks back", Array<Point>(8).fill(gap), "ALARM"],
  ])("of minutes: %s", (_, up, expected) => {
    for (const id of ["worker", "postgres-writer", "redis-0001-001"]) {
      const present = alarm(`uptime-critical-${id}`);
      expect(up).toHaveLength(periodsRead(present));
      expect(state(present, { up })).toBe(expected);
    }
    expect(state(alarm("uptime-critical-web-tasks"), { up })).toBe(expected);
  });

  it("would be minutes late if gaps stayed gaps: older points stand in for them", () => {
    const filled = alarm("uptime-critical-worker");
    const bare = {
      ...filled,
      signal: {
        ...filled.signal,
        reading: { metric: Object.values(metricsIn(filled.signal.reading))[0] as CloudWatchMetric },
      },
    };
    const value = [1, 1, 1, 1, gap, gap, gap, gap];
    expect(state(bare, { value })).toBe("OK");
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
