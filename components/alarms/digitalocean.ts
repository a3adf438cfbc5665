import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { monitorAlertWindows, uptimeAlertPeriods } from "../../prices/digitalocean";
import { withOverride, type Override } from "../overrides";
import type { AlarmPlan, Recipients, Signal } from "./types";

type MonitorSignal = Extract<Signal, { emitter: "digitalocean-monitor" }>;
type UptimeSignal = Extract<Signal, { emitter: "digitalocean-uptime" }>;

export interface DigitalOceanAlarmsArgs {
  /** The stack's plan; signals of other emitters are passed over. */
  readonly alarms: readonly AlarmPlan[];
  readonly recipients: Recipients;
  /** Secret Slack webhook; needed where the recipients name a channel. */
  readonly slackUrl?: pulumi.Input<string>;
  /** What DigitalOcean measures, by alarm target: a droplet's id, a cluster's id. */
  readonly entities: Readonly<Record<string, pulumi.Input<string>>>;
  /** Ids of the uptime checks, by the name that the signals use. */
  readonly checks: Readonly<Record<string, pulumi.Input<string>>>;
  readonly overrides?: {
    readonly monitorAlert?: Override<digitalocean.MonitorAlertArgs>;
    readonly uptimeAlert?: Override<digitalocean.UptimeAlertArgs>;
  };
}

/** The planned alarms that DigitalOcean itself evaluates: monitor alerts and uptime alerts. */
export class DigitalOceanAlarms extends pulumi.ComponentResource {
  constructor(
    private readonly prefix: string,
    args: DigitalOceanAlarmsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("drops:alarms:DigitalOceanAlarms", prefix, {}, opts);
    for (const alarm of args.alarms) {
      for (const signal of alarm.signals) {
        if (signal.emitter === "digitalocean-monitor") this.monitor(args, alarm, signal);
        if (signal.emitter === "digitalocean-uptime") this.uptime(args, alarm, signal);
      }
    }
    this.registerOutputs({});
  }

  private monitor(args: DigitalOceanAlarmsArgs, alarm: AlarmPlan, signal: MonitorSignal): void {
    const entity = args.entities[alarm.target];
    if (entity === undefined) {
      throw new pulumi.ResourceError(`${alarm.id}: no entity for target ${alarm.target}`, this);
    }
    new digitalocean.MonitorAlert(
      `${this.prefix}-${alarm.id}`,
      withOverride<digitalocean.MonitorAlertArgs>(
        {
          type: signal.alertType,
          compare: alarm.comparison === ">" ? "GreaterThan" : "LessThan",
          value: alarm.threshold,
          window: literalFor(alarm, monitorAlertWindows),
          description: alarm.description,
          entities: [entity],
          enabled: true,
          alerts: notification(args),
        },
        args.overrides?.monitorAlert,
      ),
      { parent: this },
    );
  }

  private uptime(args: DigitalOceanAlarmsArgs, alarm: AlarmPlan, signal: UptimeSignal): void {
    const checkId = args.checks[signal.check];
    if (checkId === undefined) {
      throw new pulumi.ResourceError(`${alarm.id}: no uptime check named ${signal.check}`, this);
    }
    const compared = {
      latency: { comparison: "greater_than", threshold: alarm.threshold },
      ssl_expiry: { comparison: "less_than", threshold: alarm.threshold },
      down: { comparison: "less_than", threshold: 1 },
      down_global: { comparison: "less_than", threshold: 1 },
    }[signal.alertType];
    const several = alarm.signals.filter(({ emitter }) => emitter === "digitalocean-uptime");
    const suffix = several.length > 1 ? `-${signal.alertType.replaceAll("_", "-")}` : "";
    new digitalocean.UptimeAlert(
      `${this.prefix}-${alarm.id}${suffix}`,
      withOverride<digitalocean.UptimeAlertArgs>(
        {
          // The mail's subject: DigitalOcean has no description for these.
          name: `${alarm.title} (${alarm.severity}, ${signal.alertType}) ${alarm.runbook}`,
          checkId,
          type: signal.alertType,
          ...compared,
          period: literalFor(alarm, uptimeAlertPeriods),
          notifications: [notification(args)],
        },
        args.overrides?.uptimeAlert,
      ),
      { parent: this },
    );
  }
}

function notification(args: DigitalOceanAlarmsArgs): digitalocean.types.input.MonitorAlertAlerts {
  const { emails, slackChannel } = args.recipients;
  return {
    ...(emails.length > 0 && { emails: [...emails] }),
    ...(slackChannel !== undefined &&
      args.slackUrl !== undefined && {
        slacks: [{ channel: slackChannel, url: pulumi.secret(args.slackUrl) }],
      }),
  };
}

/** The provider's word for the alarm's window; it knows only these. */
function literalFor(alarm: AlarmPlan, windows: Readonly<Record<string, number>>): string {
  const found = Object.entries(windows).find(([, seconds]) => seconds === alarm.windowSeconds);
  if (found === undefined) {
    throw new Error(
      `${alarm.id}: DigitalOcean has no window of ${alarm.windowSeconds} s, only ${Object.keys(windows).join(", ")}`,
    );
  }
  return found[0];
}
