import { stringify } from "yaml";
import type { ThresholdUnit } from "../../tiers/thresholds";
import type { AlarmPlan, Signal } from "./types";

type PrometheusSignal = Extract<Signal, { readonly emitter: "prometheus" }>;

/** Seconds that an expression which already covers its window must hold: four scrapes. */
const SETTLE_SECONDS = 60;
/** A vanished exporter alarms after the rule's own window, but within these bounds. */
const ABSENT_SECONDS = { least: 120, most: 600 };
/** Expressions that look back longer than this are evaluated every five minutes. */
const LONG_WINDOW_SECONDS = 24 * 3600;

/** The value with its unit, as a Prometheus template prints it. */
const valueTemplates: Readonly<Record<ThresholdUnit, string>> = {
  milliseconds: '{{ printf "%.0f" $value }} ms',
  seconds: '{{ printf "%.0f" $value }} s',
  percent: '{{ printf "%.2f" $value }} %',
  days: '{{ printf "%.1f" $value }} days',
  hours: '{{ printf "%.1f" $value }} hours',
  count: '{{ printf "%.0f" $value }}',
  "per-second": '{{ printf "%.2f" $value }} per second',
};

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Seconds in Prometheus' notation, in the largest unit that is exact: 300 is "5m". */
export function prometheusDuration(seconds: number): string {
  if (!Number.isInteger(seconds) || seconds <= 0) {
    throw new RangeError(`a Prometheus duration must be whole seconds above 0, got ${seconds}`);
  }
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
  ] as const) {
    if (seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}

/**
 * The rule file that Prometheus on the host loads: every alarm with a Prometheus signal becomes a
 * rule named by the alarm's id. Where silence means trouble (`missingData: "breaching"`) a second
 * rule, `<id>-absent`, fires when the expression yields nothing: an exporter that died cannot
 * compare above any threshold.
 */
export function renderHostRules(alarms: readonly AlarmPlan[]): string {
  const long: Rule[] = [];
  const short: Rule[] = [];
  const seen = new Set<string>();
  for (const alarm of alarms) {
    const signals = alarm.signals.filter(isPrometheus);
    if (signals.length === 0) continue;
    if (seen.has(alarm.id)) throw new Error(`${alarm.id}: two alarms with this id, ids are unique`);
    seen.add(alarm.id);
    for (const signal of signals) {
      const looksFarBack = signal.windowInExpr && alarm.windowSeconds > LONG_WINDOW_SECONDS;
      (looksFarBack ? long : short).push(...rulesOf(alarm, signal, signals.length > 1));
    }
  }
  const groups = [
    { name: "drops", rules: short },
    { name: "drops-long-windows", interval: "5m", rules: long },
  ].filter((group) => group.rules.length > 0);
  return stringify({ groups }, { lineWidth: 0 });
}

function isPrometheus(signal: Signal): signal is PrometheusSignal {
  return signal.emitter === "prometheus";
}

function rulesOf(alarm: AlarmPlan, signal: PrometheusSignal, several: boolean): Rule[] {
  const expr = signal.expr.replaceAll("$window", prometheusDuration(alarm.windowSeconds));
  const labels = {
    severity: alarm.severity,
    rule: alarm.rule,
    target: alarm.target,
    alarm: alarm.id,
    // Two signals of one alarm are two rules of one name: a label must tell them apart.
    ...(several && { exporter: signal.exporter }),
  };
  const texts = {
    summary: literal(alarm.title),
    description: literal(alarm.description),
    runbook: literal(alarm.runbook),
  };
  const crossing: Rule = {
    alert: alarm.id,
    expr: `(${expr}) ${alarm.comparison} ${alarm.threshold}`,
    for: prometheusDuration(signal.windowInExpr ? SETTLE_SECONDS : alarm.windowSeconds),
    labels,
    annotations: {
      ...texts,
      value: `${valueTemplates[alarm.unit]} (limit ${alarm.comparison} ${alarm.threshold})`,
    },
  };
  if (alarm.missingData !== "breaching") return [crossing];
  const absent: Rule = {
    alert: `${alarm.id}-absent`,
    expr: `absent(${expr})`,
    for: prometheusDuration(
      Math.min(Math.max(alarm.windowSeconds, ABSENT_SECONDS.least), ABSENT_SECONDS.most),
    ),
    labels,
    annotations: {
      ...texts,
      summary: `${texts.summary}: no data`,
      value: literal(`no data from ${signal.exporter}`),
    },
  };
  return [crossing, absent];
}

/** Text that Prometheus must not read as a template. */
function literal(text: string): string {
  return text.replaceAll("{{", '{{ "{{" }}');
}
