import {
  documentRuleIds,
  severities,
  type RuleId,
  type Severity,
  type ThresholdLevel,
  type ThresholdRule,
} from "../../tiers/thresholds";
import type { AlarmPlan, AlarmTarget, Recipients, Signal, Uncovered } from "./types";

export interface PlanArgs {
  /** The rules with the stack's own numbers in them. */
  readonly rules: Readonly<Record<RuleId, ThresholdRule>>;
  readonly targets: readonly AlarmTarget[];
  readonly recipients: Recipients;
  /** Where the project's files can be read in a browser; without it an alarm names the file's path. */
  readonly runbookBaseUrl?: string | undefined;
}

export interface AlarmPlanning {
  readonly alarms: readonly AlarmPlan[];
  /** Rules that a target cannot be watched for, each with its reason; empty in a complete tier. */
  readonly uncovered: readonly Uncovered[];
}

/**
 * Turns rules and targets into the alarms of a stack. Each of the document's rules must be watched
 * on each target of its kinds, at each severity; a target adds the extras that it can tell.
 *
 * @throws Error where a target says nothing of a rule that holds for it: silence would go unnoticed.
 */
export function planAlarms(args: PlanArgs): AlarmPlanning {
  const { rules, targets, recipients } = args;
  const alarms: AlarmPlan[] = [];
  const uncovered: Uncovered[] = [];
  for (const target of targets) {
    for (const rule of rulesOf(target, rules)) {
      for (const severity of severities) {
        const level = rules[rule][severity];
        if (level === undefined) continue;
        const found = signalsFor(target, rule, severity);
        const heard = typeof found === "string" ? found : unheard(found, recipients);
        if (heard !== undefined) {
          uncovered.push({ rule, severity, target: target.id, reason: heard });
        } else if (typeof found !== "string") {
          const says = saidOf(target, rule, severity);
          const plan = alarmOf(target, rule, rules[rule], severity, level, {
            signals: found,
            says,
          });
          alarms.push(linked(plan, args.runbookBaseUrl));
        }
      }
    }
  }
  return { alarms, uncovered };
}

/** The document's rules that hold for the target's kind, then the extras that the target offers. */
function rulesOf(target: AlarmTarget, rules: PlanArgs["rules"]): RuleId[] {
  const required = documentRuleIds.filter((id) => rules[id].appliesTo.includes(target.kind));
  const offered = (Object.keys(target.watches) as RuleId[]).filter(
    (id) => !(required as RuleId[]).includes(id),
  );
  return [...required, ...offered];
}

/** The target's signals for a rule, or the reason why it has none. */
function signalsFor(
  target: AlarmTarget,
  rule: RuleId,
  severity: Severity,
): readonly Signal[] | string {
  const watch = target.watches[rule];
  if (watch !== undefined && "unwatched" in watch) return watch.unwatched;
  const signals = watch?.signals[severity];
  if (signals === undefined || signals.length === 0) {
    throw new Error(
      `alarms: rule ${rule} (${severity}) has nowhere to go on target ${target.id}: ` +
        "give the target a signal, or the reason why it cannot be watched",
    );
  }
  return signals;
}

/** The target's own words for a rule, where it has some. */
function saidOf(target: AlarmTarget, rule: RuleId, severity: Severity): string | undefined {
  const watch = target.watches[rule];
  return watch !== undefined && "signals" in watch ? watch.says?.[severity] : undefined;
}

/** Why nobody would hear of these signals; undefined when somebody does. */
function unheard(signals: readonly Signal[], recipients: Recipients): string | undefined {
  const { emails, slackChannel, webhook, smtp } = recipients;
  const provider = emails.length > 0 || slackChannel !== undefined;
  const host = slackChannel !== undefined || webhook || smtp !== undefined;
  // SNS delivers to a webhook too; a relay is the host's alone.
  const topic = provider || webhook;
  const somebody = signals.some(({ emitter }) =>
    emitter === "prometheus" ? host : emitter === "cloudwatch" ? topic : provider,
  );
  return somebody ? undefined : "nobody is named who would get it";
}

function alarmOf(
  target: AlarmTarget,
  id: RuleId,
  rule: ThresholdRule,
  severity: Severity,
  level: ThresholdLevel,
  { signals, says }: { readonly signals: readonly Signal[]; readonly says: string | undefined },
): AlarmPlan {
  const runbook = `docs/runbooks/${id}.md`;
  const direction = rule.comparison === ">" ? "above" : "below";
  const limit = `${level.value} ${unitWords[rule.unit]}`.trim();
  const window = duration(level.windowSeconds);
  const words =
    says?.replaceAll("$limit", limit).replaceAll("$window", window) ??
    `${rule.metric} ${direction} ${limit} for ${window}`;
  const text = `${rule.title} of ${target.title}: ${words}.`;
  return {
    id: `${id}-${severity}-${target.id}`,
    rule: id,
    severity,
    target: target.id,
    title: `${rule.title} of ${target.title}`,
    metric: rule.metric,
    comparison: rule.comparison,
    threshold: level.value,
    unit: rule.unit,
    windowSeconds: level.windowSeconds,
    missingData: rule.missingData,
    description: `[${severity}] ${text}`,
    runbook,
    signals,
  };
}

/** The alarm with the runbook's address in its text. */
function linked(alarm: AlarmPlan, base: string | undefined): AlarmPlan {
  const runbook =
    base === undefined ? alarm.runbook : `${base.replace(/\/+$/, "")}/${alarm.runbook}`;
  return { ...alarm, runbook, description: `${alarm.description} Runbook: ${runbook}` };
}

const unitWords: Readonly<Record<ThresholdRule["unit"], string>> = {
  milliseconds: "ms",
  seconds: "s",
  percent: "%",
  days: "days",
  hours: "hours",
  count: "",
  "per-second": "a second",
};

/** Seconds in the largest unit that divides them: "5 minutes", "30 days". */
export function duration(seconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const;
  const unit = units.find(([, size]) => seconds % size === 0 && seconds >= size);
  const [word, size] = unit ?? (["second", 1] as const);
  const count = seconds / size;
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
