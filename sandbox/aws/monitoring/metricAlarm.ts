import { z } from "zod";
import {
  alarmLimits,
  alarmMathProblem,
  alarmWindowProblem,
  isAlarmPeriod,
  metricStatistics,
  statisticKind,
} from "../../../prices/aws";
import type { CheckFailure, Operation } from "../../cloud/kind";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { arnOf, flag, regionOf } from "../shapes";
import { actions, alarmId, alarmNameTaken, requireActions } from "./alarmActions";
import { metricUseProblems } from "./metricUses";
import { compositeAlarmType, metricAlarmType, noMetrics } from "./types";
import { childrenOf } from "./compositeRule";

const { nameLength, descriptionLength, comparisons, treatMissingData } = alarmLimits;

/** Characters of an expression that the provider takes; CloudWatch itself takes twice as many. */
const EXPRESSION_LENGTH = 1_024;

const named = z.string().min(nameLength.low).max(nameLength.high);
const dimensions = z.record(z.string(), z.string()).optional();
const period = z.int().refine(isAlarmPeriod, "10, 20, 30 or a multiple of 60 seconds");
const statistic = z.enum(metricStatistics.filter((word) => word !== "percentile"));
const percentile = z
  .string()
  .refine((text) => statisticKind(text) === "percentile", "a percentile such as p95");

const metric = z.strictObject({
  namespace: named.optional(),
  metricName: named,
  dimensions,
  period,
  stat: z.string().refine((text) => statisticKind(text) !== undefined, "no statistic"),
  unit: z.string().optional(),
});

const query = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z]\w{0,254}$/, "begins with a lower-case letter, then letters, digits, _"),
  expression: z.string().min(1).max(EXPRESSION_LENGTH).optional(),
  label: z.string().optional(),
  metric: metric.optional(),
  period: period.optional(),
  returnData: flag,
});

const inputs = z.object({
  name: named.optional(),
  alarmDescription: z.string().max(descriptionLength.high).optional(),
  actionsEnabled: flag,
  ...{ alarmActions: actions, okActions: actions, insufficientDataActions: actions },
  comparisonOperator: z.enum(comparisons),
  evaluationPeriods: z.int().min(1),
  datapointsToAlarm: z.int().min(1).optional(),
  threshold: z.number().optional(),
  thresholdMetricId: named.optional(),
  treatMissingData: z.enum(treatMissingData).optional(),
  evaluateLowSampleCountPercentiles: z.enum(alarmLimits.lowSampleCountPercentiles).optional(),
  ...{ namespace: named.optional(), metricName: named.optional(), dimensions },
  period: period.optional(),
  statistic: statistic.optional(),
  extendedStatistic: percentile.optional(),
  unit: z.string().optional(),
  metricQueries: z.array(query).min(1).optional(),
  warmUpConfiguration: z
    .strictObject({
      warmUpPeriodDurationInMinutes: z.int().min(1),
      onlyStartEvaluatingAfterWarmUpPeriodEnds: flag,
    })
    .optional(),
});
type Inputs = z.infer<typeof inputs>;

/** An alarm on a metric or on metric math. */
export const metricAlarm = regional({
  type: metricAlarmType,
  inputs,
  immutable: ["name"],
  autoName: "name",
  defaults: { actionsEnabled: true, treatMissingData: "missing" },
  idStyle: alarmId(metricAlarmType, "name"),
  recorded: noMetrics,
  api: {
    ...{ noun: "CloudWatch Metric Alarm", sdk: "CloudWatch", create: "PutMetricAlarm" },
    ...{ update: "PutMetricAlarm", delete: "DeleteAlarms", plainErrors: true },
  },
  check: (given) => problems(given as Inputs),
  refuse: (operation) => {
    const given = operation.inputs as Inputs;
    if (!operation.before) alarmNameTaken(operation, String(given.name));
    requireActions(operation);
    requireNumbers(given);
    requireMetrics(operation, given);
  },
  create: ({ inputs: given }) => ({
    outputs: {
      arn: arnOf("cloudwatch", regionOf(given), `alarm:${String(given["name"])}`),
      // The provider names it when it is not given, too.
      evaluateLowSampleCountPercentiles: given["evaluateLowSampleCountPercentiles"] ?? "",
    },
  }),
  delete: ({ before, cloud: { world } }) => {
    const own = { name: String(before.inputs["name"]), arn: String(before.outputs["arn"]) };
    const parent = world
      .all(compositeAlarmType)
      .filter(({ inputs: other }) => other["region"] === before.inputs["region"])
      .find(({ inputs: other }) =>
        childrenOf(other).some((child) => child === own.name || child === own.arn),
      );
    if (!parent) return;
    throw new AwsError(
      "ValidationError",
      `Cannot delete ${own.name} as there are composite alarm(s) depending on it: ${String(parent.inputs["alarmName"])}`,
    );
  },
});

const invalid = (message: string) => new AwsError("ValidationError", message);

/** What the provider refuses before CloudWatch is asked. */
function problems(given: Inputs): readonly CheckFailure[] {
  const { metricName, statistic: plain, extendedStatistic: extended, metricQueries } = given;
  const failures: CheckFailure[] = [];
  const alone = [
    "metricName",
    "namespace",
    "period",
    "statistic",
    "extendedStatistic",
    "dimensions",
  ];
  for (const property of alone) {
    if (metricQueries && given[property as keyof Inputs] !== undefined) {
      failures.push({ property, reason: "conflicts with metricQueries" });
    }
  }
  if (metricName !== undefined && (plain === undefined) === (extended === undefined)) {
    failures.push({
      property: "statistic",
      reason: "One of `statistic` or `extendedStatistic` must be set for a metric alarm",
    });
  }
  for (const [index, { expression, metric: read }] of (metricQueries ?? []).entries()) {
    if (expression !== undefined && read !== undefined) {
      failures.push({
        property: `metricQueries[${index}]`,
        reason: "No query may have both an expression and a metric",
      });
    }
  }
  if (given.threshold !== undefined && given.thresholdMetricId !== undefined) {
    failures.push({ property: "thresholdMetricId", reason: "conflicts with threshold" });
  }
  return failures;
}

/** Windows, thresholds and queries, as CloudWatch checks them. */
function requireNumbers(given: Inputs): void {
  const { metricQueries, metricName, period: own, evaluationPeriods, datapointsToAlarm } = given;
  if ((metricName === undefined) === (metricQueries === undefined)) {
    throw invalid("An alarm looks at one metric or at queries");
  }
  if (given.threshold === undefined && given.thresholdMetricId === undefined) {
    throw invalid("An alarm needs a threshold");
  }
  if (metricName !== undefined && (own === undefined || given.namespace === undefined)) {
    throw invalid("An alarm on a metric needs its namespace and a period");
  }
  const periods = metricQueries
    ? metricQueries.flatMap(({ metric: read, period: other }) => read?.period ?? other ?? [])
    : [own ?? 60];
  const window = {
    evaluationPeriods,
    ...(datapointsToAlarm !== undefined && { datapointsToAlarm }),
  };
  const problem = alarmWindowProblem({ periodSeconds: Math.max(...periods, 10), ...window });
  if (problem !== undefined) throw invalid(`Metrics cannot be checked: ${problem}`);
  if (metricQueries) requireQueries(metricQueries, new Set(periods).size);
}

function requireQueries(queries: NonNullable<Inputs["metricQueries"]>, periods: number): void {
  const ids = queries.map(({ id }) => id);
  if (new Set(ids).size < ids.length) throw invalid("Two queries have the same id");
  if (periods > 1) throw invalid("All metrics of an alarm have the same period");
  const empty = queries.find(({ expression, metric: read }) => !expression && !read);
  if (empty) throw invalid(`The query ${empty.id} has neither a metric nor an expression`);
  const returned = queries.filter(({ returnData }) => returnData === true);
  if (returned.length !== 1) {
    throw invalid(
      `Exactly one element of the metrics list should return data, got ${returned.length}`,
    );
  }
  const expressions = queries.flatMap(({ expression }) => expression ?? []);
  const problem = alarmMathProblem(queries.length - expressions.length, expressions);
  if (problem !== undefined) throw invalid(problem);
  for (const { id, expression } of queries) {
    // A query of Metrics Insights names columns.
    if (expression === undefined || /^\s*SELECT\b/.test(expression)) continue;
    // What begins with a small letter and is no call names another query.
    const unquoted = expression.replaceAll(/"[^"]*"|'[^']*'/g, "");
    const words = unquoted.match(/\b[a-z]\w*\b(?!\s*\()/g) ?? [];
    const unknown = words.find((word) => !ids.includes(word) || word === id);
    if (unknown !== undefined) {
      throw invalid(`Error in expression '${id}': it names ${unknown}, which is no other query`);
    }
  }
}

function requireMetrics({ cloud: { world }, inputs: raw }: Operation, given: Inputs): void {
  const region = regionOf(raw);
  const own = {
    namespace: given.namespace,
    metricName: given.metricName ?? "",
    dimensions: given.dimensions,
    stat: given.statistic ?? given.extendedStatistic ?? "",
    unit: given.unit,
  };
  const read = given.metricQueries?.flatMap(({ metric: one }) => one ?? []) ?? [own];
  for (const { namespace = "", metricName: name, dimensions: given = {}, stat, unit } of read) {
    const use = { namespace, name, dimensions: Object.keys(given), statistic: stat, region };
    const [problem] = metricUseProblems(world, { ...use, ...(unit !== undefined && { unit }) });
    if (problem !== undefined) throw invalid(`The metric would never have a point: ${problem}`);
  }
}
