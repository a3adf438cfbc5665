import { alarmLimitsPage, alarmWarmUpPage } from "./sources";

/** What CloudWatch accepts as an alarm. */
export const alarmLimits = {
  /** Seconds of a period below a minute: for metrics that are stored at high resolution alone. */
  highResolutionPeriods: [10, 20, 30],
  /** Every other period is a multiple of it. */
  periodStepSeconds: 60,
  /** Longest `period × evaluationPeriods` of a period below `longPeriodSeconds`, and of one from there on. */
  windowSeconds: { shortPeriods: 86_400, longPeriods: 604_800 },
  longPeriodSeconds: 3_600,
  /** Of an alarm on metric math. */
  metrics: 10,
  expressions: 10,
  expressionLength: 2_048,
  /** An alarm on a query of Metrics Insights looks back no further. */
  insightsWindowSeconds: 10_800,
  dimensions: 30,
  actionsPerState: 5,
  nameLength: { low: 1, high: 255 },
  descriptionLength: { low: 0, high: 1_024 },
  treatMissingData: ["missing", "notBreaching", "breaching", "ignore"],
  comparisons: [
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
  ],
  lowSampleCountPercentiles: ["evaluate", "ignore"],
  dated: alarmLimitsPage,
} as const;

/** Minutes after its creation in which an alarm may stay quiet, whatever its metric says. */
export const alarmWarmUpMinutes = { low: 1, high: 2_880, dated: alarmWarmUpPage } as const;

/** What CloudWatch accepts as a composite alarm. */
export const compositeAlarmLimits = {
  ruleLength: 10_240,
  /** Alarms that a rule names. */
  children: 100,
  /** Alarms, TRUE, FALSE and parentheses of a rule. */
  elements: 500,
  /** Composite alarms that one alarm may be a child of. */
  parentsPerAlarm: 150,
  states: ["ALARM", "OK", "INSUFFICIENT_DATA"],
  dated: alarmLimitsPage,
} as const;

/** How long CloudWatch keeps a metric's points, by their period in seconds. */
export const metricRetention = [
  { upToPeriodSeconds: 59, seconds: 3 * 3_600 },
  { upToPeriodSeconds: 60, seconds: 15 * 86_400 },
  { upToPeriodSeconds: 300, seconds: 63 * 86_400 },
  { upToPeriodSeconds: 3_600, seconds: 455 * 86_400 },
] as const;

/** Does an alarm of this period cost what a high-resolution alarm costs? */
export function isHighResolution(periodSeconds: number): boolean {
  return (alarmLimits.highResolutionPeriods as readonly number[]).includes(periodSeconds);
}

/** May a period have this length? */
export function isAlarmPeriod(periodSeconds: number): boolean {
  return (
    isHighResolution(periodSeconds) ||
    (Number.isInteger(periodSeconds) &&
      periodSeconds > 0 &&
      periodSeconds % alarmLimits.periodStepSeconds === 0)
  );
}

/** Seconds of the longest window that an alarm with this period may look back over. */
export function longestAlarmWindowSeconds(periodSeconds: number): number {
  const { shortPeriods, longPeriods } = alarmLimits.windowSeconds;
  return periodSeconds < alarmLimits.longPeriodSeconds ? shortPeriods : longPeriods;
}

/** When an alarm is evaluated. */
export interface AlarmWindow {
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  /** M of an "M out of N" alarm; all of the periods where it is not given. */
  readonly datapointsToAlarm?: number;
}

/** Why CloudWatch refuses to evaluate over this window, or undefined where it does not. */
export function alarmWindowProblem(window: AlarmWindow): string | undefined {
  const { periodSeconds, evaluationPeriods, datapointsToAlarm = evaluationPeriods } = window;
  if (!isAlarmPeriod(periodSeconds)) {
    return `a period is 10, 20, 30 or a multiple of 60 seconds, got ${periodSeconds}`;
  }
  if (!Number.isInteger(evaluationPeriods) || evaluationPeriods < 1) {
    return `an alarm looks at 1 period or more, got ${evaluationPeriods}`;
  }
  if (
    !Number.isInteger(datapointsToAlarm) ||
    datapointsToAlarm < 1 ||
    datapointsToAlarm > evaluationPeriods
  ) {
    return `1 to ${evaluationPeriods} of ${evaluationPeriods} periods may be asked for, got ${datapointsToAlarm}`;
  }
  const seconds = periodSeconds * evaluationPeriods;
  const longest = longestAlarmWindowSeconds(periodSeconds);
  if (seconds <= longest) return undefined;
  return longest < alarmLimits.windowSeconds.longPeriods &&
    seconds <= alarmLimits.windowSeconds.longPeriods
    ? `periods of ${periodSeconds} s may cover ${longest} s, got ${seconds} s: longer windows take periods of an hour or more`
    : `an alarm looks back over ${longest} s at most, got ${seconds} s`;
}

/** Why the queries of an alarm on metric math are refused, or undefined where they are not. */
export function alarmMathProblem(
  metrics: number,
  expressions: readonly string[],
): string | undefined {
  if (metrics > alarmLimits.metrics) {
    return `an alarm may look at ${alarmLimits.metrics} metrics, got ${metrics}`;
  }
  if (expressions.length > alarmLimits.expressions) {
    return `an alarm may have ${alarmLimits.expressions} expressions, got ${expressions.length}`;
  }
  const longest = Math.max(0, ...expressions.map(({ length }) => length));
  return longest > alarmLimits.expressionLength
    ? `an expression has ${alarmLimits.expressionLength} characters at most, got ${longest}`
    : undefined;
}

/** Alarms that a composite alarm's rule names, each once. */
export function childAlarms(rule: string): readonly string[] {
  const names = [...rule.matchAll(/\b(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*"?([^")]+?)"?\s*\)/g)];
  return [...new Set(names.map(([, name]) => name ?? ""))];
}

/** Why CloudWatch refuses a composite alarm's rule, or undefined where it does not. */
export function compositeRuleProblem(rule: string): string | undefined {
  const { ruleLength, children, elements } = compositeAlarmLimits;
  if (rule.length < 1 || rule.length > ruleLength) {
    return `a rule has 1 to ${ruleLength} characters, got ${rule.length}`;
  }
  const named = childAlarms(rule).length;
  if (named > children) return `a rule may name ${children} alarms, got ${named}`;
  const functions = [
    ...rule.matchAll(/\b(?:ALARM|OK|INSUFFICIENT_DATA)\([^)]*\)|\bTRUE\b|\bFALSE\b/g),
  ];
  const groups = rule.replace(/\b(?:ALARM|OK|INSUFFICIENT_DATA)\([^)]*\)/g, "").match(/[()]/g);
  const counted = functions.length + (groups?.length ?? 0);
  return counted > elements ? `a rule may have ${elements} elements, got ${counted}` : undefined;
}
