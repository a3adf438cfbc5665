import { z } from "zod";
import { rules, ruleIds, type RuleId, type ThresholdEdits } from "../tiers/thresholds";
import { exampleSlackChannel, exampleSlackTeam } from "./examples";
import { decimal, hostName, hostNameWords, isUrl, secretText, text, whole, word } from "./leaf";

// Without the apostrophe, which mail servers allow and configuration files do not love.
const email = z
  .email()
  .regex(/^[^']+$/)
  .meta({
    description: "Address that gets alarms; verified in the DigitalOcean account.",
    allowed: "an e-mail address",
    example: "ops@example.com",
  });

/** No metric comes near it, in whichever unit; a provider would not keep any number exactly. */
const mostOfAnything = 1_000_000_000;

const thresholdValue = (id: RuleId, severity: "critical" | "warning") => {
  const rule = rules[id];
  const level = rule[severity];
  if (level === undefined || level.fixed) return undefined;
  // Days: the provider's probe knows whole ones only.
  const number = (rule.unit === "days" ? z.int() : z.number()).min(0).max(mostOfAnything);
  return decimal(number, {
    description: `${rule.title}: ${severity} when ${rule.metric} ${rule.comparison} this.`,
    allowed:
      rule.unit === "percent"
        ? "a number from 0 to 100"
        : `a ${rule.unit === "days" ? "whole " : ""}number of ${rule.unit} from 0 to ${mostOfAnything}`,
    example: String(level.value),
  }).default(level.value);
};

/** A stack's own limits, by rule id and severity. */
export const thresholds = z
  .strictObject(
    Object.fromEntries(
      ruleIds.map((id) => {
        const levels = {
          critical: thresholdValue(id, "critical"),
          warning: thresholdValue(id, "warning"),
        };
        const present = Object.entries(levels).filter(([, schema]) => schema !== undefined);
        return [id, z.strictObject(Object.fromEntries(present)).prefault({})];
      }),
    ),
  )
  .prefault({}) as unknown as z.ZodPrefault<z.ZodType<ThresholdEdits, ThresholdEdits>>;

const runbookBaseUrl = z
  .string()
  .refine((value) => isUrl(value, ["https:"]))
  .meta({
    description: "Where docs/runbooks/ can be read in a browser; alarms then carry links.",
    allowed: "an https:// address",
    example: "https://github.com/your-org/drops/blob/main",
  })
  .optional();

/** Who hears of an alarm. */
export const alerts = z
  .strictObject({
    emails: z.array(email).default([]),
    runbookBaseUrl,
    slack: z
      .strictObject({
        channel: text(/^#[a-z0-9_-]{1,80}$/, {
          description: "Slack channel that gets every alarm.",
          allowed: "a channel name that begins with #",
          example: "#drops-alerts",
        }),
        url: secretText(
          {
            description: "Slack incoming webhook.",
            allowed: "an https://hooks.slack.com/… address",
            example: "https://hooks.slack.com/services/T…/B…/…",
          },
          (value) => isUrl(value, ["https:"]) && new URL(value).hostname === "hooks.slack.com",
        ),
      })
      .optional(),
    webhook: z
      .strictObject({
        url: secretText(
          {
            description: "Alertmanager webhook that gets the alarms evaluated on the server.",
            allowed: "an https:// address",
            example: "https://alerts.example.com/hook",
          },
          (value) => isUrl(value, ["https:"]),
        ),
      })
      .optional(),
    smtp: z
      .strictObject({
        host: text(hostName, {
          description: "Mail relay for the alarms evaluated on the server.",
          allowed: hostNameWords,
          example: "smtp.example.com",
        }),
        port: whole(1, 65_535, { description: "Port of the relay.", example: "2525" }).default(
          2525,
        ),
        username: word({
          description: "User name at the relay.",
          allowed: "a text that is not empty",
          example: "drops",
        }),
        from: email.meta({
          description: "Sender of the alarms.",
          allowed: "an e-mail address",
          example: "drops@example.com",
        }),
        password: secretText(
          {
            description: "Password at the relay.",
            allowed: "a text that is not empty",
            example: "PASSWORD",
          },
          (value) => value.length > 0,
        ),
      })
      .optional(),
  })
  .prefault({});

/** Who hears of an alarm on AWS: subscribers of a topic, each of whom has to confirm once. */
export const largeAlerts = z
  .strictObject({
    emails: z
      .array(
        email.meta({
          description:
            "Address that gets alarms, once it has confirmed the mail of AWS; the first ten also hear of the budget.",
          allowed: "an e-mail address",
          example: "ops@example.com",
        }),
      )
      .default([]),
    runbookBaseUrl,
    slack: z
      .strictObject({
        teamId: text(/^T[0-9A-Z]{6,}$/, {
          description:
            "Slack workspace, once admitted by hand in the console of Amazon Q Developer in chat applications.",
          allowed: `a workspace id, such as ${exampleSlackTeam}`,
          example: exampleSlackTeam,
        }),
        channelId: text(/^[CG][0-9A-Z]{6,}$/, {
          description: "Channel that gets every alarm.",
          allowed: `a channel id, such as ${exampleSlackChannel}`,
          example: exampleSlackChannel,
        }),
      })
      .optional(),
    webhook: z
      .strictObject({
        url: secretText(
          {
            description:
              "Address that gets every alarm as a message of SNS, and confirms the first.",
            allowed: "an https:// address",
            example: "https://alerts.example.com/hook",
          },
          (value) => isUrl(value, ["https:"]),
        ),
      })
      .optional(),
  })
  .prefault({});
