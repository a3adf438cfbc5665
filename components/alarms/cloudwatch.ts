import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import { globalRegion, statisticKind } from "../../prices/aws";
import { withOverride, type Override } from "../overrides";
import {
  planCloudWatch,
  type AlarmRegion,
  type CloudWatchPlan,
  type CloudWatchSpec,
  type PlannedComposite,
  type PlannedMetricAlarm,
} from "./cloudwatchPlan";
import type { CloudWatchMetric, DimensionValue } from "./cloudwatchSignal";

type Queries = NonNullable<cloudwatch.MetricAlarmArgs["metricQueries"]>;

/** What only a deploy tells of dimensions, by the keys that signals use (see `entityKeys`). */
export type Entities = Readonly<Record<string, pulumi.Input<string> | undefined>>;

export interface CloudWatchAlarmsArgs {
  readonly spec: CloudWatchSpec;
  readonly entities: Entities;
  /** Topic in the stack's region. */
  readonly topicArn: pulumi.Input<string>;
  /** Topic in us-east-1; the same one where the stack is there. */
  readonly globalTopicArn: pulumi.Input<string>;
  readonly overrides?: {
    readonly metricAlarm?: Override<cloudwatch.MetricAlarmArgs>;
    readonly compositeAlarm?: Override<cloudwatch.CompositeAlarmArgs>;
  };
}

/** The planned alarms that CloudWatch evaluates; names and limits are those of `planCloudWatch`. */
export class CloudWatchAlarms extends pulumi.ComponentResource {
  /** What it is made by, as plain data. */
  readonly plan: CloudWatchPlan;
  /** ARNs of the alarms that tell somebody, by their ids; what is critical comes first. */
  readonly arns: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(
    private readonly prefix: string,
    private readonly args: CloudWatchAlarmsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("drops:alarms:CloudWatchAlarms", prefix, {}, opts);
    this.plan = planCloudWatch(args.spec);
    const made = new Map<string, cloudwatch.MetricAlarm | cloudwatch.CompositeAlarm>();
    for (const planned of this.plan.metricAlarms) made.set(planned.id, this.metricAlarm(planned));
    // What keeps others quiet is named by them.
    const helpersFirst = [...this.plan.composites].sort(
      (a, b) => Number(a.tells) - Number(b.tells),
    );
    for (const planned of helpersFirst) made.set(planned.id, this.composite(planned, made));
    const severity = ({ alarm }: PlannedMetricAlarm | PlannedComposite): number =>
      alarm?.severity === "critical" ? 0 : 1;
    const telling = [...this.plan.metricAlarms, ...this.plan.composites]
      .filter(({ tells }) => tells)
      .sort((a, b) => severity(a) - severity(b));
    this.arns = Object.fromEntries(
      telling.flatMap(({ id }) => {
        const alarm = made.get(id);
        return alarm ? [[id, alarm.arn] as const] : [];
      }),
    );
    this.registerOutputs({ arns: this.arns });
  }

  private metricAlarm(planned: PlannedMetricAlarm): cloudwatch.MetricAlarm {
    const { signal, warmUp } = planned;
    const { reading } = signal;
    return new cloudwatch.MetricAlarm(
      `${this.prefix}-${planned.id}`,
      withOverride<cloudwatch.MetricAlarmArgs>(
        {
          ...this.common(planned),
          name: planned.physicalName,
          ...("metric" in reading
            ? this.single(reading.metric, planned.periodSeconds)
            : { metricQueries: this.queries(planned) }),
          comparisonOperator:
            planned.comparison === ">" ? "GreaterThanThreshold" : "LessThanThreshold",
          threshold: planned.threshold,
          evaluationPeriods: planned.evaluationPeriods,
          datapointsToAlarm: planned.datapointsToAlarm,
          treatMissingData: signal.missing.treat,
          ...(warmUp && {
            warmUpConfiguration: {
              warmUpPeriodDurationInMinutes: warmUp.minutes,
              onlyStartEvaluatingAfterWarmUpPeriodEnds: warmUp.whole,
            },
          }),
        },
        this.args.overrides?.metricAlarm,
      ),
      { parent: this },
    );
  }

  private composite(
    planned: PlannedComposite,
    made: ReadonlyMap<string, pulumi.Resource>,
  ): cloudwatch.CompositeAlarm {
    const { suppressor } = planned;
    const needed = [...planned.children, ...(suppressor ? [suppressor.id] : [])];
    return new cloudwatch.CompositeAlarm(
      `${this.prefix}-${planned.id}`,
      withOverride<cloudwatch.CompositeAlarmArgs>(
        {
          ...this.common(planned),
          alarmName: planned.physicalName,
          alarmRule: planned.rule,
          ...(suppressor && {
            actionsSuppressor: {
              alarm: this.physicalName(suppressor.id),
              waitPeriod: suppressor.waitSeconds,
              extensionPeriod: suppressor.extensionSeconds,
            },
          }),
        },
        this.args.overrides?.compositeAlarm,
      ),
      // A rule may name only what is there.
      { parent: this, dependsOn: needed.flatMap((id) => made.get(id) ?? []) },
    );
  }

  private physicalName(id: string): string {
    const all = [...this.plan.metricAlarms, ...this.plan.composites];
    const found = all.find((one) => one.id === id);
    if (!found) throw new pulumi.ResourceError(`no alarm ${id} is planned`, this);
    return found.physicalName;
  }

  private common(planned: PlannedMetricAlarm | PlannedComposite) {
    const topic = planned.region === "own" ? this.args.topicArn : this.args.globalTopicArn;
    return {
      alarmDescription: planned.description,
      actionsEnabled: planned.tells,
      ...(planned.tells && { alarmActions: [topic] }),
      ...(planned.tellsRecovery && { okActions: [topic] }),
      ...regionOf(planned.region),
    };
  }

  private single(metric: CloudWatchMetric, period: number): Partial<cloudwatch.MetricAlarmArgs> {
    const { namespace, name, dimensions, statistic } = metric;
    return {
      namespace,
      metricName: name,
      dimensions: this.dimensions(dimensions),
      period,
      ...(statisticKind(statistic) === "percentile"
        ? // Also with few requests: five slow minutes in a row are no chance.
          { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "evaluate" }
        : { statistic }),
    };
  }

  private queries({ signal, periodSeconds: period }: PlannedMetricAlarm): Queries {
    const { reading } = signal;
    if ("metric" in reading) return [];
    const last = reading.expressions.at(-1)?.id;
    return [
      ...reading.expressions.map(({ id, expression }) => ({
        id,
        expression,
        label: id === last ? reading.unit : id,
        returnData: id === last,
      })),
      ...Object.entries(reading.metrics).map(([id, metric]) => ({
        id,
        returnData: false,
        metric: {
          namespace: metric.namespace,
          metricName: metric.name,
          dimensions: this.dimensions(metric.dimensions),
          period,
          stat: metric.statistic,
        },
      })),
    ];
  }

  private dimensions(
    dimensions: Readonly<Record<string, DimensionValue>>,
  ): Record<string, pulumi.Input<string>> {
    return Object.fromEntries(
      Object.entries(dimensions).map(([name, value]) => [
        name,
        dimensionValue(value, this.args.entities),
      ]),
    );
  }
}

/**
 * The value of a dimension.
 *
 * @throws Error where nobody gave it.
 */
export function dimensionValue(value: DimensionValue, entities: Entities): pulumi.Input<string> {
  if (typeof value === "string") return value;
  const found = entities[value.entity];
  if (found === undefined) throw new Error(`alarms: nobody said what ${value.entity} is`);
  return found;
}

function regionOf(region: AlarmRegion): { region?: string } {
  return region === "own" ? {} : { region: globalRegion };
}
