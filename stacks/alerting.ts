import * as pulumi from "@pulumi/pulumi";
import type { AlarmPlanning } from "../components/alarms/plan";
import type { Recipients } from "../components/alarms/types";
import type { SmallConfig } from "../settings/schema";
import type { TierOutputs } from "./outputs";

/** Who hears of alarms, as plain data; the secrets that go with it travel apart. */
export function recipientsOf({ alerts }: Pick<SmallConfig, "alerts">): Recipients {
  const { emails, slack, webhook, smtp } = alerts;
  return {
    emails,
    webhook: webhook !== undefined,
    ...(slack && { slackChannel: slack.channel }),
    ...(smtp && {
      smtp: { host: smtp.host, port: smtp.port, username: smtp.username, from: smtp.from },
    }),
  };
}

/** The secrets by which a host and the provider reach those who hear of alarms. */
export function alertSecrets({ alerts }: Pick<SmallConfig, "alerts">) {
  const { slack, webhook, smtp } = alerts;
  return {
    "slack-url": slack && pulumi.secret(slack.url),
    "webhook-url": webhook && pulumi.secret(webhook.url),
    "smtp-password": smtp && pulumi.secret(smtp.password),
  };
}

/** What a stack's outputs say of its alarms. */
export function alarmOutputs({
  alarms,
  uncovered,
}: AlarmPlanning): Pick<TierOutputs, "alarms" | "uncovered"> {
  return {
    alarms: alarms.map(({ id }) => id),
    uncovered: uncovered.map(
      ({ rule, severity, target, reason }) => `${rule}-${severity}-${target}: ${reason}`,
    ),
  };
}
