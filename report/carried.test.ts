import { describe, expect, it } from "vitest";
import type { CloudWatchPart } from "../components/alarms/cloudwatchSignal";
import type { AlarmPlan, Signal } from "../components/alarms/types";
import { registered } from "../policy/testing/registered";
import { composed } from "../tests/composing";
import { carried } from "./carried";

const id = "response-time-warning-web";
const alarm = registered("aws:cloudwatch/metricAlarm:MetricAlarm", {}, { name: `alarms-${id}` });

describe("a planned alarm", () => {
  const part = (
    plan: AlarmPlan,
    suffix: string,
    treat: CloudWatchPart["missing"]["treat"],
  ): CloudWatchPart => {
    const [signal] = plan.signals;
    if (signal?.emitter !== "cloudwatch" || "all" in signal) throw new Error("not a metric's");
    return { ...signal, suffix, missing: { treat, because: "the test says so" } };
  };
  const silence = (plan: AlarmPlan, signals: readonly Signal[]) =>
    carried([{ ...plan, signals }], [alarm]).alarms.map(({ missingData }) => missingData);

  it("says once each what silence means to all that evaluate it", async () => {
    const { planning } = (await composed("large")).composed;
    const plan = planning.alarms.find((one) => one.id === id);
    if (plan === undefined) throw new Error(`${id} is not planned`);
    const parts = [part(plan, "a", "ignore"), part(plan, "b", "notBreaching")];
    expect(
      silence(plan, [part(plan, "c", "breaching"), { emitter: "cloudwatch", all: parts }]),
    ).toEqual([["breaching", "ignore", "not-breaching"]]);
    expect(silence(plan, [parts[0] as Signal, parts[0] as Signal])).toEqual([["ignore"]]);
    expect(
      silence({ ...plan, missingData: "breaching" }, [
        part(plan, "d", "notBreaching"),
        { emitter: "prometheus", expr: "up", exporter: "node" } as unknown as Signal,
      ]),
    ).toEqual([["not-breaching", "breaching"]]);
  });

  it("is uncovered where no resource carries it", async () => {
    const { planning } = (await composed("large")).composed;
    const { alarms, uncovered } = carried(planning.alarms, [alarm]);
    expect(alarms.map((one) => one.id)).toEqual([id]);
    expect(uncovered).toHaveLength(planning.alarms.length - 1);
  });
});
