import { z } from "zod";
import { statisticKind } from "../../../prices/aws";
import type { World } from "../../contracts";
import type { Operation } from "../../cloud/kind";
import { isRecord } from "../../isRecord";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { accountId } from "../shapes";
import { jsonObject, parsed } from "./documents";
import { metricUseProblems } from "./metricUses";
import { compositeAlarmType, metricAlarmType } from "./types";

const dashboardType = "aws:cloudwatch/dashboard:Dashboard";

/** Of a dashboard: its columns, a widget's rows, and how many widgets (CloudWatch's API reference). */
const limits = { columns: 24, height: 1_000, widgets: 500, metricsOfGraph: 500, alarms: 100 };

const whole = z.int().min(0);

const widget = z.looseObject({
  type: z.enum(["metric", "text", "log", "alarm", "explorer", "custom"]),
  x: whole.max(limits.columns - 1).optional(),
  y: whole.optional(),
  width: z.int().min(1).max(limits.columns).optional(),
  height: z.int().min(1).max(limits.height).optional(),
  properties: z.record(z.string(), z.unknown()),
});
type Widget = z.infer<typeof widget>;

const body = z.looseObject({ widgets: z.array(widget).max(limits.widgets) });

/** A page of graphs; the body is read as CloudWatch reads it. */
export const dashboard = regional({
  type: dashboardType,
  tagged: false,
  inputs: z.object({
    dashboardName: z
      .string()
      .regex(/^[\w-]{1,255}$/, "1 to 255 letters, digits, hyphens and underscores"),
    dashboardBody: jsonObject,
  }),
  immutable: ["dashboardName"],
  unique: [["dashboardName"]],
  conflict: ({ dashboardName }) =>
    `the dashboard ${String(dashboardName)} is another resource's, which CloudWatch would overwrite`,
  idStyle: ({ dashboardName }) => String(dashboardName),
  recorded: "nothing draws it",
  api: {
    ...{ noun: "CloudWatch Dashboard", sdk: "CloudWatch", create: "PutDashboard" },
    ...{ update: "PutDashboard", delete: "DeleteDashboards" },
    named: ({ dashboardName }) => String(dashboardName),
  },
  refuse: (operation) => {
    const problems = problemsOf(operation);
    if (problems.length === 0) return;
    throw new AwsError(
      "InvalidParameterInput",
      `The dashboard body is invalid, there are ${problems.length} validation errors: ${problems.join("; ")}`,
    );
  },
  create: ({ id }) => ({
    outputs: { dashboardArn: `arn:aws:cloudwatch::${accountId}:dashboard/${id}` },
  }),
});

function problemsOf({ inputs, cloud: { world } }: Operation): readonly string[] {
  const shape = body.safeParse(parsed(inputs["dashboardBody"]));
  if (!shape.success) {
    return shape.error.issues.map(({ path, message }) => `/${path.join("/")}: ${message}`);
  }
  return shape.data.widgets.flatMap((one, index) =>
    problemsOfWidget(world, one).map((problem) => `/widgets/${index}: ${problem}`),
  );
}

function problemsOfWidget(world: World, given: Widget): readonly string[] {
  const { type, x = 0, width = 6, properties } = given;
  const place = x + width > limits.columns ? [`it is wider than ${limits.columns} columns`] : [];
  switch (type) {
    case "text":
      return typeof properties["markdown"] === "string" ? place : [...place, "it has no markdown"];
    case "alarm":
      return [...place, ...alarmProblems(world, properties["alarms"])];
    case "metric":
      return [...place, ...graphProblems(world, properties)];
    case "log":
      return [
        ...place,
        ...(typeof properties["query"] === "string" ? [] : ["it has no query"]),
        ...(typeof properties["region"] === "string" ? [] : ["it has no region"]),
      ];
    default:
      return place;
  }
}

function alarmProblems(world: World, alarms: unknown): readonly string[] {
  if (!Array.isArray(alarms) || alarms.length === 0 || alarms.length > limits.alarms) {
    return [`it takes 1 to ${limits.alarms} alarms`];
  }
  const known = [...world.all(metricAlarmType), ...world.all(compositeAlarmType)].map(
    ({ outputs }) => outputs["arn"],
  );
  return (alarms as readonly unknown[])
    .filter((alarm) => !known.includes(alarm))
    .map((alarm) => `there is no alarm ${String(alarm)}`);
}

type Row = readonly unknown[];

function graphProblems(
  world: World,
  properties: Readonly<Record<string, unknown>>,
): readonly string[] {
  const { metrics, annotations, region, stat = "Average" } = properties;
  if (metrics === undefined) return annotations === undefined ? ["it has no metrics"] : [];
  if (typeof region !== "string") return ["it has no region"];
  if (!Array.isArray(metrics) || metrics.length > limits.metricsOfGraph) {
    return [`it takes a list of up to ${limits.metricsOfGraph} metrics`];
  }
  const problems: string[] = [];
  let before: readonly string[] = [];
  for (const row of metrics as readonly unknown[]) {
    if (!Array.isArray(row)) return [...problems, "a metric is a list"];
    const texts = textsOf(row as Row, before);
    const options = (row as Row).find(isRecord) ?? {};
    if (texts.length === 0) {
      const isComputed = typeof options["expression"] === "string";
      if (!isComputed) problems.push("a row has neither a metric nor an expression");
      continue;
    }
    before = texts;
    const [namespace = "", name = "", ...dimensions] = texts;
    const use = {
      ...{ namespace, name, dimensions: dimensions.filter((_, index) => index % 2 === 0) },
      statistic: String(options["stat"] ?? stat),
      region: typeof options["region"] === "string" ? options["region"] : region,
    };
    if (statisticKind(use.statistic) === undefined) {
      problems.push(`${use.statistic} is no statistic`);
    } else problems.push(...metricUseProblems(world, use));
  }
  return problems;
}

/** Names of a row; `.` stands for what the row above has there, `...` for all up to the last. */
function textsOf(row: Row, before: readonly string[]): readonly string[] {
  const texts = row.filter((part) => typeof part === "string");
  if (texts[0] === "...") {
    const own = texts.slice(1);
    return [...before.slice(0, before.length - own.length), ...own];
  }
  return texts.map((text, index) => (text === "." ? (before[index] ?? "") : text));
}
