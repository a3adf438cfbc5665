import type * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { appAlertWindows } from "../../prices/digitalocean";
import type { AlarmPlan, Recipients, Signal } from "./types";

type AppSignal = Extract<Signal, { emitter: "digitalocean-app" }>;

export interface AppAlertsArgs {
  /** The stack's plan; signals of other emitters are passed over. */
  readonly alarms: readonly AlarmPlan[];
  readonly recipients: Recipients;
  /** Secret Slack webhook; needed where the recipients name a channel. */
  readonly slackUrl?: pulumi.Input<string> | undefined;
}

/** The planned alarms that App Platform evaluates for one component, ordered by their rule. */
export function componentAlerts(
  args: AppAlertsArgs,
  component: string,
): digitalocean.types.input.AppSpecServiceAlert[] {
  return of(args, component).map(({ alarm, signal }) => ({
    rule: signal.rule,
    operator: alarm.comparison === ">" ? "GREATER_THAN" : "LESS_THAN",
    value: alarm.threshold,
    window: windowOf(alarm),
    disabled: false,
    destinations: destinations(args),
  }));
}

/** Those that it evaluates for the app as a whole: an event, without a limit. */
export function appAlerts(args: AppAlertsArgs): digitalocean.types.input.AppSpecAlert[] {
  return of(args, undefined).map(({ signal }) => ({
    rule: signal.rule,
    disabled: false,
    destinations: destinations(args),
  }));
}

function of(
  { alarms }: AppAlertsArgs,
  component: string | undefined,
): { readonly alarm: AlarmPlan; readonly signal: AppSignal }[] {
  const found = alarms.flatMap((alarm) =>
    alarm.signals
      .filter((signal) => signal.emitter === "digitalocean-app")
      .filter((signal) => signal.component === component)
      .map((signal) => ({ alarm, signal })),
  );
  const rules = found.map(({ signal }) => signal.rule);
  const twice = rules.find((rule, index) => rules.indexOf(rule) !== index);
  if (twice !== undefined) {
    throw new Error(
      `alarms: component ${component ?? "(the app)"} has two alerts on ${twice}; the platform is known to take one`,
    );
  }
  return found.sort((a, b) => (a.signal.rule < b.signal.rule ? -1 : 1));
}

function destinations({
  recipients,
  slackUrl,
}: AppAlertsArgs): digitalocean.types.input.AppSpecServiceAlertDestinations {
  const { emails, slackChannel } = recipients;
  return {
    ...(emails.length > 0 && { emails: [...emails] }),
    ...(slackChannel !== undefined &&
      slackUrl !== undefined && {
        slackWebhooks: [{ channel: slackChannel, url: pulumi.secret(slackUrl) }],
      }),
  };
}

/** The platform's word for the alarm's window; it knows only these. */
function windowOf(alarm: AlarmPlan): string {
  const found = Object.entries(appAlertWindows).find(
    ([, seconds]) => seconds === alarm.windowSeconds,
  );
  if (found === undefined) {
    throw new Error(
      `${alarm.id}: App Platform has no window of ${alarm.windowSeconds} s, only ${Object.keys(appAlertWindows).join(", ")}`,
    );
  }
  return found[0];
}
