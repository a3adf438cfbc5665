import { burnRates } from "../../components/alarms/awsSignals";
import { alarmLimits } from "../../prices/aws";
import {
  ruleIds,
  rules,
  severities,
  type RuleId,
  type ThresholdEdits,
} from "../../tiers/thresholds";
import { problem, setCommand, type Problem } from "../problems";
import { thresholdProblems } from "./thresholds";

/** The thresholds of a tier that CloudWatch watches. */
export function cloudWatchThresholdProblems(edits: ThresholdEdits): Problem[] {
  return [
    ...thresholdProblems(edits),
    ...backupAgeProblems(edits),
    ...deafProblems(edits),
    ...budgetProblems(edits),
  ];
}

/** Longest period of an alarm, in hours. */
const mostHours = alarmLimits.windowSeconds.longPeriods / 3_600;

/** The hours of the rule become the alarm's period, which CloudWatch does not let be of any length. */
function backupAgeProblems(edits: ThresholdEdits): Problem[] {
  const id = "backup-age" satisfies RuleId;
  const hours = edits[id]?.critical ?? rules[id].critical?.value ?? 1;
  if (Number.isInteger(hours) && hours >= 1 && hours <= mostHours) return [];
  const possible = Math.min(Math.max(Math.round(hours), 1), mostHours);
  return [
    problem(
      ["thresholds", id, "critical"],
      `${hours} hours, over which no alarm of CloudWatch can look back`,
      `a whole number from 1 to ${mostHours}`,
      setCommand(["thresholds", id, "critical"], String(possible)),
    ),
  ];
}

/** Limits that no measure can cross: the rule would not be watched, and nobody would be told so. */
function deafProblems(edits: ThresholdEdits): Problem[] {
  return ruleIds.flatMap((id) => {
    const { comparison, unit } = rules[id];
    return severities.flatMap((severity) => {
      const level = rules[id][severity];
      const value = edits[id]?.[severity] ?? level?.value;
      if (level === undefined || level.fixed || value === undefined) return [];
      const deaf = comparison === ">" ? unit === "percent" && value === 100 : value === 0;
      if (!deaf) return [];
      return [
        problem(
          ["thresholds", id, severity],
          `${value}, and nothing is ever ${comparison === ">" ? "more" : "less"}`,
          comparison === ">" ? "0 or more, and less than 100" : "more than 0",
          setCommand(["thresholds", id, severity], String(level.value)),
        ),
      ];
    });
  });
}

/** Smallest error budget, in percent, whose burn still shows in a health check's share. */
const smallestBudget = 0.01;

/**
 * An error budget so large or so small that its burn cannot be told from a metric: CloudWatch looks
 * back over 7 days at most, so that its alarms watch how fast the budget is used up.
 */
function budgetProblems(edits: ThresholdEdits): Problem[] {
  const id = "uptime" satisfies RuleId;
  const value = edits[id]?.warning ?? rules[id].warning?.value ?? 0;
  const lowest = Math.ceil((100 - 100 / burnRates.hour.burnRate) * 10) / 10;
  const highest = 100 - smallestBudget;
  // Beyond 100 % and at 0 it is refused for that.
  if ((value >= lowest && value <= highest) || value > 100 || value === 0) return [];
  return [
    problem(
      ["thresholds", id, "warning"],
      `${value} %, of which no alarm could tell how fast the rest is used up`,
      `${lowest} to ${highest} %`,
      setCommand(["thresholds", id, "warning"], String(rules[id].warning?.value)),
    ),
  ];
}
