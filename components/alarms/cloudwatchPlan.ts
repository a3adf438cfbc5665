import { alarmLimits, compositeRuleProblem, findMetric, globalRegion } from "../../prices/aws";
import { appName } from "../../settings/names";
import { comparisonOf, readingInWords, warmUpOf, type Comparison } from "./cloudwatchCompared";
import { alarmProblems } from "./cloudwatchProblems";
import { inGroup, ruleOf, waitFor } from "./compositeRule";
import type {
  CloudWatchAllSignal,
  CloudWatchMetricSignal,
  CloudWatchPart,
  CloudWatchSignal,
} from "./cloudwatchSignal";
import type { AlarmPlan } from "./types";

/** Where a planned alarm is: beside the stack, or where the metrics of global services are. */
export type AlarmRegion = "own" | "us-east-1";

interface PlannedAlarm {
  /** Last part of its logical and of its physical name. */
  readonly id: string;
  /** The plan that it is made for; undefined: it only helps others. */
  readonly alarm: AlarmPlan | undefined;
  readonly region: AlarmRegion;
  readonly physicalName: string;
  readonly description: string;
  /** Whether anybody is told by this one. */
  readonly tells: boolean;
  readonly tellsRecovery: boolean;
}

/** One metric alarm as it will be made. */
export interface PlannedMetricAlarm extends PlannedAlarm, Comparison {
  readonly alarm: AlarmPlan;
  readonly signal: CloudWatchMetricSignal;
  readonly warmUp: CloudWatchMetricSignal["warmUp"];
}

/** One composite alarm. */
export interface PlannedComposite extends PlannedAlarm {
  readonly rule: string;
  /** Ids of the planned alarms that the rule names, and that must be there before. */
  readonly children: readonly string[];
  /** While that alarm is on, nobody is told. */
  readonly suppressor?: {
    readonly id: string;
    readonly waitSeconds: number;
    readonly extensionSeconds: number;
  };
}

export interface CloudWatchPlan {
  readonly metricAlarms: readonly PlannedMetricAlarm[];
  readonly composites: readonly PlannedComposite[];
}

export interface CloudWatchSpec {
  readonly stack: string;
  /** The stack's region. */
  readonly region: string;
  /** The stack's plan; signals of other emitters are passed over. */
  readonly alarms: readonly AlarmPlan[];
}

/** Beginning of the physical names of a stack's alarms. */
export function alarmNamePrefix(stack: string): string {
  return `${appName(stack)}-`;
}

/**
 * The alarms of CloudWatch that carry a plan, as plain data.
 *
 * @throws Error where CloudWatch would refuse one, or would never evaluate it: a metric, a dimension
 * or a statistic that it does not have, a window that it does not look back over.
 */
export function planCloudWatch(spec: CloudWatchSpec): CloudWatchPlan {
  const planner = new Planner(spec);
  for (const alarm of spec.alarms) {
    for (const signal of alarm.signals) {
      if (signal.emitter !== "cloudwatch") continue;
      if ("all" in signal) planner.all(alarm, signal);
      else planner.metric(alarm, signal, signal.quietDuring ?? []);
    }
  }
  return planner.done();
}

/** What a signal reads, in words: namespace, metric, statistic, unit, dimensions, limit, periods. */
export function signalInWords(alarm: AlarmPlan, signal: CloudWatchSignal): string {
  const words = (parts: readonly CloudWatchMetricSignal[], joint: string) =>
    parts.map((one) => readingInWords(alarm, one, unitOf)).join(joint);
  if (!("all" in signal)) return words([signal], "");
  const { all, any = [] } = signal;
  return [words(all, ", and "), ...(any.length > 0 ? [words(any, ", or ")] : [])].join(", and ");
}

function unitOf(namespace: string, name: string): string {
  return findMetric(namespace, name)?.unit ?? "";
}

class Planner {
  private readonly metricAlarms: PlannedMetricAlarm[] = [];
  private readonly composites: PlannedComposite[] = [];
  private readonly suppressed: {
    readonly child: PlannedMetricAlarm;
    readonly failures: readonly (readonly string[])[];
  }[] = [];
  /** Rules that say whether something of which children are an echo is down, by their alarm's id. */
  private readonly downRules = new Map<string, string>();

  constructor(private readonly spec: CloudWatchSpec) {}

  metric(
    alarm: AlarmPlan,
    signal: CloudWatchMetricSignal,
    failures: readonly (readonly string[])[],
  ): void {
    const child = this.metricAlarm(alarm, signal, failures.length === 0);
    if (failures.length > 0) this.suppressed.push({ child, failures });
  }

  all(alarm: AlarmPlan, { all, any = [] }: CloudWatchAllSignal): void {
    const partsOf = (signals: readonly CloudWatchPart[]) =>
      signals.map((signal) => this.metricAlarm(alarm, signal, false));
    const needed = partsOf(all);
    const enough = partsOf(any);
    const one = inGroup(ruleOf(enough, " OR "), enough.length);
    this.composite({
      id: alarm.id,
      alarm,
      region: "own",
      description: alarm.description,
      tells: true,
      tellsRecovery: tellsRecovery(alarm, true),
      rule: [ruleOf(needed, " AND "), ...(one === "" ? [] : [one])].join(" AND "),
      children: [...needed, ...enough].map(({ id }) => id),
    });
  }

  done(): CloudWatchPlan {
    for (const { child, failures } of this.suppressed) this.told(child, failures);
    const ids = [...this.metricAlarms, ...this.composites].map(({ id }) => id);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice !== undefined) throw new Error(`${twice}: two alarms have this name`);
    return { metricAlarms: this.metricAlarms, composites: this.composites };
  }

  private metricAlarm(
    alarm: AlarmPlan,
    signal: CloudWatchMetricSignal,
    tells: boolean,
  ): PlannedMetricAlarm {
    const id = signal.suffix === undefined ? alarm.id : `${alarm.id}-${signal.suffix}`;
    const comparison = comparisonOf(alarm, signal);
    const warmUp = warmUpOf(signal);
    const note = signal.note === undefined ? "" : ` ${signal.note}`;
    const description = `${alarm.description}${note} Reads ${signalInWords(alarm, signal)}.`;
    const planned: PlannedMetricAlarm = {
      id,
      alarm,
      signal,
      warmUp,
      ...comparison,
      region: this.regionOf(signal.region),
      physicalName: this.physicalName(id),
      description: capped(description),
      tells,
      tellsRecovery: tells && tellsRecovery(alarm, signal.tellsRecovery),
    };
    const problems = alarmProblems(planned, this.spec.region);
    if (problems.length > 0) throw new Error(`${id}: ${problems.join("; ")}`);
    this.metricAlarms.push(planned);
    return planned;
  }

  /** The alarm that tells of a child, unless it is an echo. */
  private told(child: PlannedMetricAlarm, failures: readonly (readonly string[])[]): void {
    const { alarm, region, periodSeconds, evaluationPeriods, signal } = child;
    const echoes = failures.map((targets) => targets.join(" and ")).join(", or ");
    const suppressor = this.suppressorOf(child, failures);
    this.composite({
      id: `${child.id}-told`,
      alarm,
      region,
      description: `${alarm.description} Quiet while this is down: ${echoes}.`,
      tells: true,
      tellsRecovery: tellsRecovery(alarm, signal.tellsRecovery),
      rule: ruleOf([child], " OR "),
      children: [child.id],
      suppressor: {
        id: suppressor.id,
        waitSeconds: waitFor(suppressor.alarms),
        // What was down is in the child's window for as long as that is.
        extensionSeconds: periodSeconds * evaluationPeriods + 60,
      },
    });
  }

  /** What is on while one of the failures lasts; several alarms make one for their target. */
  private suppressorOf(
    child: PlannedMetricAlarm,
    failures: readonly (readonly string[])[],
  ): { readonly id: string; readonly alarms: readonly PlannedMetricAlarm[] } {
    // What is told in another region alone cannot keep this one quiet.
    const down = failures
      .map((targets) => targets.map((target) => this.uptimeAlarms(child, target)))
      .filter((targets) => targets.every((ones) => ones.length > 0));
    const alarms = down.flat(2);
    if (alarms.length === 0) {
      throw new Error(`${child.id}: no alarm in its region tells of what it would be an echo of`);
    }
    const [only] = alarms;
    if (only !== undefined && alarms.length === 1) return { id: only.id, alarms };
    const { region } = child;
    const { target } = child.alarm;
    const id = `${target}-down${region === "own" ? "" : "-global"}`;
    const rule = down
      .map((targets) => targets.map((ones) => inGroup(ruleOf(ones, " OR "), ones.length)))
      .map((targets) => inGroup(targets.join(" AND "), targets.length))
      .join(" OR ");
    const known = this.downRules.get(id);
    if (known !== undefined && known !== rule) {
      throw new Error(
        `${child.id}: the alarms of ${target} are not quiet during the same failures`,
      );
    }
    if (known === undefined) {
      this.downRules.set(id, rule);
      this.composite({
        id,
        alarm: undefined,
        region,
        description: "On while something is down whose echoes nobody needs to hear; tells nobody.",
        tells: false,
        tellsRecovery: false,
        rule,
        children: [...new Set(alarms.map((one) => one.id))],
      });
    }
    return { id, alarms };
  }

  /** The critical alarms on a target's uptime that are where the child is; none: elsewhere. */
  private uptimeAlarms(child: PlannedMetricAlarm, target: string): readonly PlannedMetricAlarm[] {
    const found = this.metricAlarms.filter(
      ({ alarm }) =>
        alarm.rule === "uptime" && alarm.severity === "critical" && alarm.target === target,
    );
    if (found.length === 0)
      throw new Error(`${child.id}: no alarm tells whether ${target} is down`);
    return found.filter(({ region }) => region === child.region);
  }

  private composite(planned: Omit<PlannedComposite, "physicalName">): void {
    const problem = compositeRuleProblem(planned.rule);
    if (problem !== undefined) throw new Error(`${planned.id}: ${problem}`);
    this.composites.push({
      ...planned,
      description: capped(planned.description),
      physicalName: this.physicalName(planned.id),
    });
  }

  private physicalName(id: string): string {
    return `${alarmNamePrefix(this.spec.stack)}${id}`;
  }

  /** In us-east-1 itself both are the same place. */
  private regionOf(region: AlarmRegion): AlarmRegion {
    return this.spec.region === globalRegion ? "own" : region;
  }
}

/** What CloudWatch takes of a description. */
function capped(description: string): string {
  return description.slice(0, alarmLimits.descriptionLength.high);
}

/** People are told that something critical is over; a warning that ends is on the dashboard. */
function tellsRecovery(alarm: AlarmPlan, wanted = true): boolean {
  return wanted && alarm.severity === "critical";
}
