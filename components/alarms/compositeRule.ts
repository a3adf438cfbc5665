import type { Comparison } from "./cloudwatchCompared";

/** `ALARM("a") OR ALARM("b")`, by physical names. */
export function ruleOf(
  alarms: readonly { readonly physicalName: string }[],
  joint: string,
): string {
  return alarms.map(({ physicalName }) => `ALARM("${physicalName}")`).join(joint);
}

/** The rule in parentheses where it has several parts. */
export function inGroup(rule: string, parts: number): string {
  return parts > 1 ? `(${rule})` : rule;
}

/**
 * Seconds until a number of what is down is in CloudWatch: Route 53 takes 90 seconds to call a site
 * ill, a metric a minute or two to arrive.
 */
const detectionSeconds = 120;

/** Longest that somebody who should be told is kept waiting. */
const longestWaitSeconds = 600;

/** How long an echo waits for what it may be an echo of: until the slowest of them must be on. */
export function waitFor(
  alarms: readonly Pick<Comparison, "periodSeconds" | "evaluationPeriods">[],
): number {
  const windows = alarms.map(
    ({ periodSeconds, evaluationPeriods }) => periodSeconds * evaluationPeriods,
  );
  return Math.min(Math.max(...windows) + detectionSeconds + 60, longestWaitSeconds);
}
