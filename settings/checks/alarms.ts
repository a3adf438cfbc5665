import { uptimeLatencyMaxMilliseconds } from "../../prices/digitalocean";
import { rules, ruleIds, type ThresholdEdits } from "../../tiers/thresholds";
import { problem, setCommand, shown, type Problem } from "../problems";
import type { SmallConfig } from "../schema";

/** Outbound mail ports that DigitalOcean blocks on every droplet. */
const blockedSmtpPorts: readonly number[] = [25, 465, 587];

/** Whether somebody hears of the alarms, those of the provider and those of the server. */
export function alertProblems(config: SmallConfig): Problem[] {
  const { emails, slack, webhook, smtp } = config.alerts;
  const problems: Problem[] = [];
  if (emails.length === 0 && slack === undefined) {
    problems.push(
      problem(
        ["alerts", "emails"],
        "nobody who gets DigitalOcean's alarms",
        "at least one address, or drops:alerts.slack",
        setCommand(["alerts", "emails[0]"], "ops@example.com"),
      ),
    );
  }
  if (slack === undefined && webhook === undefined && smtp === undefined) {
    problems.push(
      problem(
        ["alerts"],
        "nobody who gets the alarms that the server evaluates",
        "drops:alerts.slack, drops:alerts.webhook or drops:alerts.smtp",
        `${setCommand(["alerts", "slack", "channel"], "#drops-alerts")} and ${setCommand(["alerts", "slack", "url"], "", true)}`,
      ),
    );
  }
  if (smtp !== undefined && blockedSmtpPorts.includes(smtp.port)) {
    problems.push(
      problem(
        ["alerts", "smtp", "port"],
        shown(smtp.port),
        `a port other than ${blockedSmtpPorts.join(", ")}: DigitalOcean blocks those on droplets`,
        setCommand(["alerts", "smtp", "port"], "2525"),
      ),
    );
  }
  if (smtp !== undefined && emails.length === 0) {
    problems.push(
      problem(
        ["alerts", "emails"],
        "nobody to mail to, with drops:alerts.smtp set",
        "at least one address",
        setCommand(["alerts", "emails[0]"], "ops@example.com"),
      ),
    );
  }
  return problems;
}

/** The thresholds against each other, their unit, and what the emitters can express. */
export function thresholdProblems(edits: ThresholdEdits): Problem[] {
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
          setCommand(["thresholds", id, "warning"], String(rule.warning?.value)),
        ),
      );
    }
    if (
      id === "response-time" &&
      critical !== undefined &&
      (critical > uptimeLatencyMaxMilliseconds || !Number.isInteger(critical))
    ) {
      problems.push(
        problem(
          ["thresholds", id, "critical"],
          `${critical} milliseconds`,
          `a whole number up to ${uptimeLatencyMaxMilliseconds}: DigitalOcean's latency alarm knows no more`,
          setCommand(["thresholds", id, "critical"], "2000"),
        ),
      );
    }
    return problems;
  });
}
