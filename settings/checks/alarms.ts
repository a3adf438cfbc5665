import { problem, setCommand, shown, type Problem } from "../problems";
import type { SmallConfig } from "../schema";

/** Outbound mail ports that DigitalOcean blocks on every droplet. */
const blockedSmtpPorts: readonly number[] = [25, 465, 587];

/** Whether somebody hears of the alarms, those of the provider and those of the server. */
export function alertProblems(config: Pick<SmallConfig, "alerts">): Problem[] {
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
