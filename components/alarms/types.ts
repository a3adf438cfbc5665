import type {
  AppAlertRule,
  AppComponentAlertRule,
  MonitorAlertType,
  UptimeAlertType,
} from "../../prices/digitalocean";
import type { RuleId, Severity, TargetKind, ThresholdUnit } from "../../tiers/thresholds";
import type { CloudWatchSignal } from "./cloudwatchSignal";

/**
 * Where a rule can be read on one target. A component states its signals; the planner matches them
 * with the rules; an emitter turns the match into the provider's alarm.
 */
export type Signal =
  /** A DigitalOcean metric that a MonitorAlert compares; the value is a percentage. */
  | { readonly emitter: "digitalocean-monitor"; readonly alertType: MonitorAlertType }
  /** An alert on a DigitalOcean uptime check; `check` names the check (see UptimeChecks). */
  | {
      readonly emitter: "digitalocean-uptime";
      readonly check: string;
      readonly alertType: UptimeAlertType;
    }
  /** An alert in the specification of an App Platform app. */
  | {
      readonly emitter: "digitalocean-app";
      /** Name of the component that it watches. */
      readonly component: string;
      readonly rule: AppComponentAlertRule;
    }
  /** An event of such an app as a whole, e.g. that a deploy failed. */
  | {
      readonly emitter: "digitalocean-app";
      readonly component?: never;
      readonly rule: AppAlertRule;
    }
  /** A Prometheus expression that yields the metric in the rule's own unit. */
  | {
      readonly emitter: "prometheus";
      /** What exports the numbers, e.g. "postgres exporter". */
      readonly exporter: string;
      /** Yields a value in the rule's unit; `$window` stands for the rule's window ("5m"). */
      readonly expr: string;
      /**
       * True where `expr` already covers the rule's window (a 30-day share, a rate over the
       * window): the alert then fires at once instead of after the window a second time.
       */
      readonly windowInExpr: boolean;
    }
  /** An alarm of CloudWatch on a metric, on what is reckoned from several, or on several alarms. */
  | CloudWatchSignal;

/** What a target offers for one rule: signals by severity, or the reason why nobody here can see it. */
export type Watch =
  | {
      readonly signals: Partial<Readonly<Record<Severity, readonly Signal[]>>>;
      /**
       * What the alarm's text says, where the rule's own words would not be true of this target.
       * `$limit` stands for the rule's number with its unit, `$window` for how long it must last.
       */
      readonly says?: Partial<Readonly<Record<Severity, string>>>;
    }
  | { readonly unwatched: string };

/** Something that the rules must be watched on: a service, a worker, a database node, a cache, a host. */
export interface AlarmTarget {
  /** Stable: the last part of alarm ids and of logical names. */
  readonly id: string;
  readonly kind: TargetKind;
  /** What people call it, e.g. "the web server". */
  readonly title: string;
  readonly watches: Partial<Readonly<Record<RuleId, Watch>>>;
}

/** One alarm that will exist. `id` is `<rule>-<severity>-<target>` and never changes. */
export interface AlarmPlan {
  readonly id: string;
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly target: string;
  readonly title: string;
  readonly metric: string;
  readonly comparison: ">" | "<";
  readonly threshold: number;
  readonly unit: ThresholdUnit;
  readonly windowSeconds: number;
  /** The rule's; an emitter that can choose for each alarm says its own. */
  readonly missingData: "breaching" | "not-breaching";
  /** Plain words, with the runbook's address. */
  readonly description: string;
  /** The runbook: a link, or its path from the project's root where none is published. */
  readonly runbook: string;
  readonly signals: readonly Signal[];
}

/** A rule that nobody watches on a target, and why. */
export interface Uncovered {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly target: string;
  readonly reason: string;
}

/** Who hears of an alarm. Plain data: secrets travel apart. */
export interface Recipients {
  /** DigitalOcean mails only addresses that are verified in the account. */
  readonly emails: readonly string[];
  /** Slack channel with its "#"; the webhook's URL is a secret. */
  readonly slackChannel?: string;
  /** True where a webhook of one's own gets every host alarm; its URL is a secret. */
  readonly webhook: boolean;
  /** SMTP relay for mail from the host itself (DigitalOcean blocks ports 25, 465 and 587 outbound). */
  readonly smtp?: {
    readonly host: string;
    readonly port: number;
    readonly username: string;
    readonly from: string;
  };
}
