import type { CloudWatchPlan, PlannedMetricAlarm } from "../cloudwatchPlan";
import { metricsIn } from "../cloudwatchSignal";

/** A planned alarm in one line: region, metrics with statistics, limit, periods, missing points. */
export function shown(alarm: PlannedMetricAlarm): string {
  const { signal, comparison, threshold, periodSeconds, evaluationPeriods } = alarm;
  const metrics = Object.values(metricsIn(signal.reading))
    .map(({ name, statistic }) => `${name} ${statistic}`)
    .join(" + ");
  return (
    `${alarm.region === "own" ? "" : "us-east-1: "}${metrics} ${comparison} ${threshold}, ` +
    `${alarm.datapointsToAlarm}/${evaluationPeriods} x ${periodSeconds} s, ${signal.missing.treat}` +
    (alarm.tells ? "" : ", silent")
  );
}

/** The metric alarms of a target, by id. */
export function table(plan: CloudWatchPlan, target: string): Record<string, string> {
  return Object.fromEntries(
    plan.metricAlarms
      .filter(({ alarm }) => alarm.target === target)
      .map((alarm) => [alarm.id, shown(alarm)]),
  );
}
