import { budgetPrices, canaryRunsMonthly, cloudwatchFree, cloudwatchPrices } from "../aws";
import { roundQuantity } from "../money";
import type { ComposedResource } from "../types";
import { free, knownText, ofType, regional, sharedName, textOf, useOf } from "./awsInputs";
import {
  fields,
  fromBoth,
  isFirst,
  line,
  list,
  numberInput,
  priced,
  together,
  unpriced,
  type Pricer,
} from "./pricer";

const logGroupToken = "aws:cloudwatch/logGroup:LogGroup";
const canaryToken = "aws:synthetics/canary:Canary";

/** Metrics that a dashboard's body shows; undefined where it is not known before a deploy. */
export function dashboardMetrics(body: string): number | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const rows = list(fields(parsed).widgets).flatMap(({ properties }) => {
    const { metrics } = fields(properties);
    return Array.isArray(metrics) ? (metrics as readonly unknown[]) : [];
  });
  return rows.filter((row) => Array.isArray(row) && typeof row[0] === "string").length;
}

/** The account's first dashboards are free, each with so many metrics at most. */
const dashboard: Pricer = (resource, { siblings }) => {
  const isSmall = (one: ComposedResource) =>
    (dashboardMetrics(knownText(one, "dashboardBody") ?? "") ?? 0) <=
    cloudwatchFree.metricsPerDashboard;
  const place = siblings.filter(isSmall).indexOf(resource);
  const isFree = place !== -1 && place < cloudwatchFree.dashboards;
  return priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "monitoring",
      sku: isFree
        ? `CloudWatch dashboard, one of the account's free ${cloudwatchFree.dashboards}`
        : "CloudWatch dashboard",
      quantity: 1,
      unit: "month",
      unitPrice: isFree ? 0 : cloudwatchPrices.dashboardUsdMonth,
      dated: isFree ? cloudwatchFree.dated : cloudwatchPrices.dated,
    }),
  );
};

/** Log groups are free; what is written to all of them, and kept, is on the first. */
const logGroup: Pricer = (resource, context) => {
  if (!isFirst(resource, context)) return free;
  const { load, dated } = useOf(context);
  const shared = {
    resource: sharedName(resource, context, "logs"),
    kind: "usage",
    category: "monitoring",
  } as const;
  const cheap = context.siblings.every(
    (one) => knownText(one, "logGroupClass") === "INFREQUENT_ACCESS",
  );
  const prices = cloudwatchPrices.logs;
  const metrics = ofType(context, "aws:cloudwatch/logMetricFilter:LogMetricFilter").length;
  const custom = load.customMetrics + metrics;
  const days = context.siblings.map((one) => numberInput(one, "retentionInDays") ?? 0);
  return together(
    priced(
      line({
        ...shared,
        sku: `CloudWatch Logs written beyond the account's free ${cloudwatchFree.logsGb} GB`,
        quantity: roundQuantity(Math.max(0, load.logsGb - cloudwatchFree.logsGb)),
        unit: "GB",
        unitPrice: prices.usdIngestGb[cheap ? "INFREQUENT_ACCESS" : "STANDARD"],
        dated: dated(fromBoth(cloudwatchPrices.dated, cloudwatchFree.dated), "logsGb"),
      }),
    ),
    days.includes(0)
      ? unpriced(resource, "stored logs: a log group keeps them without an end")
      : priced(
          line({
            ...shared,
            sku: `CloudWatch Logs stored for ${Math.max(...days)} days`,
            quantity: roundQuantity((load.logsGb * Math.max(...days)) / 30),
            unit: "GB-month",
            unitPrice: prices.usdStoreGbMonth,
            dated: dated(cloudwatchPrices.dated, "logsGb"),
          }),
        ),
    priced(
      line({
        ...shared,
        resource: "custom-metrics",
        sku: `Custom metrics beyond the account's free ${cloudwatchFree.customMetrics}, of ${custom}`,
        quantity: Math.max(0, custom - cloudwatchFree.customMetrics),
        unit: "metric-month",
        unitPrice: cloudwatchPrices.customMetricUsdMonth,
        dated: dated(fromBoth(cloudwatchPrices.dated, cloudwatchFree.dated), "customMetrics"),
      }),
    ),
  );
};

/** Runs of a canary; the account's first ones go to the first. */
const canary: Pricer = (resource, { siblings }) => {
  const runs = canaryRunsMonthly(textOf(fields(resource.inputs.schedule).expression) ?? "");
  const others = unpriced(resource, "the Lambda time and the stored results of a canary's runs");
  if (runs === undefined) {
    return together(unpriced(resource, "how often the canary runs is not known"), others);
  }
  const freeRuns = siblings[0] === resource ? Math.min(runs, cloudwatchFree.canaryRuns) : 0;
  return together(
    priced(
      line({
        resource: resource.name,
        kind: "base",
        category: "monitoring",
        sku:
          freeRuns > 0
            ? `Canary runs beyond the account's free ${cloudwatchFree.canaryRuns}`
            : "Canary runs",
        quantity: runs - freeRuns,
        unit: "run",
        unitPrice: cloudwatchPrices.canaryUsdRun,
        dated: cloudwatchPrices.quotedDated,
      }),
    ),
    others,
  );
};

const budget: Pricer = (resource, { siblings }) =>
  siblings.indexOf(resource) < budgetPrices.free
    ? priced(
        line({
          resource: resource.name,
          kind: "base",
          category: "monitoring",
          sku: `Budget, one of the account's free ${budgetPrices.free}`,
          quantity: 1,
          unit: "month",
          unitPrice: 0,
          dated: budgetPrices.dated,
        }),
      )
    : unpriced(resource, `what a budget beyond ${budgetPrices.free} costs: the sources disagree`);

/** Dashboards, logs, canaries and budgets, by type token. */
export const awsMonitoringPricers: Readonly<Record<string, Pricer>> = {
  "aws:cloudwatch/dashboard:Dashboard": dashboard,
  [logGroupToken]: regional(logGroup),
  [canaryToken]: regional(canary),
  "aws:budgets/budget:Budget": budget,
};
