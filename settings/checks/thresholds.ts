import { alertValueIsExact, uptimeLatencyMaxMilliseconds } from "../../prices/digitalocean";
import { rules, ruleIds, type RuleId, type ThresholdEdits } from "../../tiers/thresholds";
import { problem, setCommand, shown, type Problem } from "../problems";

/** Rules that DigitalOcean's own alerts evaluate, by tier: their value must come back as it went. */
export const smallExactRules: readonly RuleId[] = ["memory", "cpu", "disk"];
export const mediumExactRules: readonly RuleId[] = [...smallExactRules, "restarts"];

/**
 * The thresholds of a tier that DigitalOcean watches.
 *
 * @param exact Rules whose values DigitalOcean keeps as 32-bit floats.
 */
export function digitalOceanThresholdProblems(
  edits: ThresholdEdits,
  exact: readonly RuleId[],
): Problem[] {
  return [...thresholdProblems(edits, exact), ...latencyProblems(edits)];
}

/** The thresholds against each other, their unit, and what the emitters can express. */
export function thresholdProblems(edits: ThresholdEdits, exact: readonly RuleId[] = []): Problem[] {
  return ruleIds.flatMap((id) => {
    const rule = rules[id];
    const critical = edits[id]?.critical ?? rule.critical?.value;
    const warning = edits[id]?.warning ?? rule.warning?.value;
    const problems: Problem[] = [];
    for (const [severity, value, level] of [
      ["critical", critical, rule.critical],
      ["warning", warning, rule.warning],
    ] as const) {
      if (value !== undefined && level && rule.unit === "percent" && value > 100) {
        problems.push(
          problem(
            ["thresholds", id, severity],
            `${value} %`,
            "0 to 100 %",
            setCommand(["thresholds", id, severity], String(level.value)),
          ),
        );
      } else if (value !== undefined && exact.includes(id) && !alertValueIsExact(value)) {
        problems.push(
          problem(
            ["thresholds", id, severity],
            shown(value),
            "a whole number: DigitalOcean would give this one back as another, and every preview would show a change",
            setCommand(["thresholds", id, severity], String(Math.round(value))),
          ),
        );
      }
    }
    if (
      critical !== undefined &&
      warning !== undefined &&
      (rule.comparison === ">" ? warning > critical : warning < critical)
    ) {
      problems.push(
        problem(
          ["thresholds", id, "warning"],
          `${warning}, which comes after critical ${critical}`,
          `a warning ${rule.comparison === ">" ? "at or below" : "at or above"} the critical value ${critical}`,
          setCommand(["thresholds", id, "warning"], String(critical)),
        ),
      );
    }
    return problems;
  });
}

/** DigitalOcean's latency alarm knows whole milliseconds up to a limit. */
function latencyProblems(edits: ThresholdEdits): Problem[] {
  const id = "response-time" satisfies RuleId;
  const critical = edits[id]?.critical ?? rules[id].critical?.value ?? 0;
  if (critical <= uptimeLatencyMaxMilliseconds && Number.isInteger(critical)) return [];
  return [
    problem(
      ["thresholds", id, "critical"],
      `${critical} milliseconds`,
      `a whole number up to ${uptimeLatencyMaxMilliseconds}: DigitalOcean's latency alarm knows no more`,
      setCommand(["thresholds", id, "critical"], String(rules[id].critical?.value)),
    ),
  ];
}
