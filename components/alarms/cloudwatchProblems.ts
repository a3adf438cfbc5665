import {
  alarmLimits,
  alarmMathProblem,
  alarmWarmUpMinutes,
  alarmWindowProblem,
  globalRegion,
  metricProblems,
} from "../../prices/aws";
import type { PlannedMetricAlarm } from "./cloudwatchPlan";
import { metricsIn } from "./cloudwatchSignal";

/** Why CloudWatch would refuse the alarm, or never evaluate it. */
export function alarmProblems(planned: PlannedMetricAlarm, ownRegion: string): readonly string[] {
  const { reading } = planned.signal;
  const region = planned.region === "own" ? ownRegion : globalRegion;
  const metrics = Object.values(metricsIn(reading));
  const expressions = "metric" in reading ? [] : reading.expressions;
  const { low, high } = alarmLimits.nameLength;
  const { length } = planned.physicalName;
  return [
    ...metrics.flatMap(({ namespace, name, dimensions, statistic }) =>
      metricProblems({
        namespace,
        name,
        dimensions: Object.keys(dimensions),
        statistic,
        region,
      }),
    ),
    alarmWindowProblem(planned),
    expressions.length === 0
      ? undefined
      : alarmMathProblem(
          metrics.length,
          expressions.map(({ expression }) => expression),
        ),
    Number.isFinite(planned.threshold) ? undefined : `its limit is ${planned.threshold}`,
    length < low || length > high
      ? `a name has ${low} to ${high} characters, got ${length}`
      : undefined,
    warmUpProblem(planned.warmUp),
  ].filter((problem) => problem !== undefined);
}

function warmUpProblem(warmUp: PlannedMetricAlarm["warmUp"]): string | undefined {
  const { low, high } = alarmWarmUpMinutes;
  return warmUp === undefined || (warmUp.minutes >= low && warmUp.minutes <= high)
    ? undefined
    : `an alarm may wait ${low} to ${high} minutes for its first point, got ${warmUp.minutes}`;
}
