import {
  cloudwatchFree,
  cloudwatchPrices,
  isHighResolution,
  pricedRegion,
  snsPrices,
  targetTrackingAlarms,
} from "../aws";
import type { ComposedResource } from "../types";
import { awsTokens, free, ofType, regional, regionOf, sharedName, useOf } from "./awsInputs";
import {
  fields,
  fromBoth,
  isFirst,
  line,
  list,
  priced,
  unpriced,
  type Fields,
  type Priced,
  type Pricer,
  type PricingContext,
} from "./pricer";

/** Metrics that an alarm is billed for. */
interface AlarmMetrics {
  readonly count: number;
  readonly highResolution: boolean;
}

/** What an alarm is billed for, or why that is not known. */
export function alarmMetrics(inputs: Fields): AlarmMetrics | string {
  if (inputs.evaluationCriteria !== undefined) return "no price for an alarm on a PromQL query";
  const queries = list(inputs.metricQueries);
  const expressions = queries.map(({ expression }) => expression);
  if (expressions.some((one) => typeof one === "string" && /^\s*SELECT\b/i.test(one))) {
    return "an alarm on a Metrics Insights query is billed by the metrics that it finds";
  }
  const periods = [inputs, ...queries, ...queries.map(({ metric }) => fields(metric))].map(
    ({ period }) => Number(period),
  );
  const metrics =
    queries.length === 0 ? 1 : queries.filter(({ metric }) => metric !== undefined).length;
  const anomaly = inputs.thresholdMetricId !== undefined;
  return {
    count: metrics * (anomaly ? cloudwatchPrices.metricsPerAnomaly : 1),
    highResolution: periods.some(isHighResolution),
  };
}

const isTracking = ({ inputs }: ComposedResource): boolean =>
  inputs.policyType === "TargetTrackingScaling";

const isBilledAlarm = ({ inputs }: ComposedResource): boolean =>
  typeof alarmMetrics(inputs) !== "string";

/** Does this resource carry the lines of all alarms? The first alarm does, else the first policy. */
function carriesAlarms(resource: ComposedResource, context: PricingContext): boolean {
  const first = (token: string, counts: (one: ComposedResource) => boolean) =>
    ofType(context, token).find((one) => counts(one) && regionOf(one, context) === pricedRegion);
  const carrier =
    first(awsTokens.metricAlarm, isBilledAlarm) ?? first(awsTokens.scalingPolicy, isTracking);
  return carrier === resource;
}

/**
 * An account's first metrics are free, whichever alarms look at them: one line for what is free and
 * one for the rest, on the first alarm.
 */
function alarmLines(resource: ComposedResource, context: PricingContext): Priced {
  const here = (token: string) =>
    ofType(context, token).filter((one) => regionOf(one, context) === pricedRegion);
  const metrics = here(awsTokens.metricAlarm)
    .map(({ inputs }) => alarmMetrics(inputs))
    .filter((one) => typeof one !== "string");
  const policies = here(awsTokens.scalingPolicy).filter(isTracking).length;
  const sum = (ones: readonly AlarmMetrics[]) => ones.reduce((total, one) => total + one.count, 0);
  const scaling = policies * targetTrackingAlarms.perPolicy;
  const standard = sum(metrics.filter((one) => !one.highResolution)) + scaling;
  const high = sum(metrics.filter((one) => one.highResolution));
  const freeCount = Math.min(standard, cloudwatchFree.alarmMetrics);
  const { dated, alarmMetric } = cloudwatchPrices;
  const shared = {
    resource: metrics.length + policies === 1 ? resource.name : "alarms",
    kind: "base",
    category: "monitoring",
    unit: "metric-month",
  } as const;
  return priced(
    line({
      ...shared,
      sku: `CloudWatch alarm metrics, the account's free ${cloudwatchFree.alarmMetrics}`,
      quantity: freeCount,
      unitPrice: 0,
      dated: cloudwatchFree.dated,
    }),
    line({
      ...shared,
      sku:
        `CloudWatch alarm metrics beyond the free ones, of ${standard}` +
        (scaling > 0 ? `, ${scaling} of them by autoscaling` : ""),
      quantity: standard - freeCount,
      unitPrice: alarmMetric.standardUsdMonth,
      dated: scaling > 0 ? fromBoth(dated, targetTrackingAlarms.dated) : dated,
    }),
    ...(high === 0
      ? []
      : [
          line({
            ...shared,
            sku: "CloudWatch alarm metrics, high resolution",
            quantity: high,
            unitPrice: alarmMetric.highResolutionUsdMonth,
            dated,
          }),
        ]),
  );
}

/** An alarm: the first carries the lines of all; one whose price is not known is named. */
const metricAlarm: Pricer = (resource, context) => {
  const metrics = alarmMetrics(resource.inputs);
  if (typeof metrics === "string") return unpriced(resource, metrics);
  return carriesAlarms(resource, context) ? alarmLines(resource, context) : free;
};

/** A policy of autoscaling is free; the alarms that it makes are not. */
const scalingPolicy: Pricer = (resource, context) =>
  carriesAlarms(resource, context) ? alarmLines(resource, context) : free;

const compositeAlarm: Pricer = (resource) =>
  priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "monitoring",
      sku: "CloudWatch composite alarm",
      quantity: 1,
      unit: "month",
      unitPrice: cloudwatchPrices.compositeAlarmUsdMonth,
      dated: cloudwatchPrices.quotedDated,
    }),
  );

/** Topics are free; what all of them send by mail is on the first. Webhooks are within the free million. */
const topic: Pricer = (resource, context) => {
  if (!isFirst(resource, context)) return free;
  const { load, dated } = useOf(context);
  return priced(
    line({
      resource: sharedName(resource, context, "topics"),
      kind: "usage",
      category: "monitoring",
      sku: `SNS mails beyond the account's free ${snsPrices.freeEmails}`,
      quantity: Math.max(0, load.alarmMails - snsPrices.freeEmails),
      unit: "mail",
      unitPrice: snsPrices.usdThousandEmails / 1_000,
      dated: dated(snsPrices.dated, "alarmMails"),
    }),
  );
};

/** Alarms and who is told of them, by type token. */
export const awsAlarmPricers: Readonly<Record<string, Pricer>> = {
  [awsTokens.metricAlarm]: regional(metricAlarm),
  [awsTokens.scalingPolicy]: regional(scalingPolicy),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": regional(compositeAlarm),
  "aws:sns/topic:Topic": regional(topic),
};
