import { z } from "zod";
import type { CheckFailure } from "../../cloud/kind";
import { regional } from "../awsKind";
import { logGroupType } from "../logs";
import { AwsError } from "../refusal";
import { filled, flag, regionOf } from "../shapes";
import { jsonObject, policyProblem } from "./documents";
import { logMetricFilterType } from "./types";

/** Units of metrics (CloudWatch's service model). */
const units = [
  ...(["Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes"] as const),
  ...(["Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits"] as const),
  ...(["Percent", "Count", "Bytes/Second", "Kilobytes/Second", "Megabytes/Second"] as const),
  ...(["Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second"] as const),
  ...(["Megabits/Second", "Gigabits/Second", "Terabits/Second", "Count/Second", "None"] as const),
] as const;

const metricName = z.string().regex(/^[^:*$]{1,255}$/, "1 to 255 characters without :, * and $");

const filterInputs = z.object({
  name: z
    .string()
    .regex(/^[^:*]{1,512}$/, "1 to 512 characters without : and *")
    .optional(),
  logGroupName: filled,
  pattern: z.string().max(1_024),
  metricTransformation: z.strictObject({
    name: metricName,
    namespace: metricName,
    value: z.string().max(100),
    unit: z.enum(units).optional(),
    defaultValue: z
      .string()
      .regex(/^(|-?\d+(\.\d+)?)$/, "a number as text")
      .optional(),
    dimensions: z.record(filled, z.string()).optional(),
  }),
  applyOnTransformedLogs: flag,
});
type Filter = z.infer<typeof filterInputs>;

/** Dimensions that a filter may give its metric. */
const MOST_DIMENSIONS = 3;

/** Makes a metric of lines in a log group. */
export const logMetricFilter = regional({
  type: logMetricFilterType,
  tagged: false,
  inputs: filterInputs,
  immutable: ["name", "logGroupName"],
  autoName: "name",
  references: [
    { input: "logGroupName", type: logGroupType, property: "name", onDelete: "cascade" },
  ],
  unique: [["region", "logGroupName", "name"]],
  idStyle: ({ name, logGroupName }, { world }) =>
    world.get(logMetricFilterType, String(name))
      ? `${String(logGroupName)}/${String(name)}`
      : String(name),
  recorded: "no metric is made of what the containers write",
  api: {
    ...{ noun: "CloudWatch Logs Metric Filter", sdk: "CloudWatch Logs", create: "PutMetricFilter" },
    ...{ update: "PutMetricFilter", delete: "DeleteMetricFilter" },
  },
  check: (given) => filterProblems(given as Filter),
  refuse: ({ inputs, cloud: { world } }) => {
    const { metricTransformation: made, logGroupName, pattern } = inputs as Filter;
    const group = world
      .all(logGroupType)
      .find(
        ({ inputs: own }) => own["name"] === logGroupName && own["region"] === regionOf(inputs),
      );
    if (!group) {
      throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
    }
    const invalid = (message: string) => new AwsError("InvalidParameterException", message);
    if (!/^(-?\d+(\.\d+)?|\$[\w.[\]]+)$/.test(made.value)) {
      throw invalid(`Invalid metric transformation: ${made.value} is no number and no field`);
    }
    const dimensions = Object.keys(made.dimensions ?? {});
    if (dimensions.length > MOST_DIMENSIONS) {
      throw invalid(
        `A metric filter can have ${MOST_DIMENSIONS} dimensions, got ${dimensions.length}`,
      );
    }
    if (dimensions.length > 0 && (made.defaultValue ?? "") !== "") {
      throw invalid("Invalid metric transformation: dimensions and default value are exclusive");
    }
    const opens = pattern.startsWith("{");
    if (opens !== pattern.trimEnd().endsWith("}"))
      throw invalid("Invalid character(s) in filter pattern");
  },
});

/** A field can only be read where the pattern takes the line apart. */
function filterProblems({ pattern, metricTransformation: made }: Filter): readonly CheckFailure[] {
  if (!made.value.startsWith("$") || /^\s*[{[]/.test(pattern)) return [];
  return [{ property: "metricTransformation.value", reason: "the pattern names no fields" }];
}

/** Lets services write to log groups. */
export const logResourcePolicy = regional({
  type: "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
  tagged: false,
  inputs: z.object({
    policyName: filled.optional(),
    resourceArn: filled.optional(),
    policyDocument: z.union([jsonObject, z.record(z.string(), z.unknown())]),
  }),
  immutable: ["policyName", "resourceArn"],
  unique: [["region", "policyName"]],
  // What an account may have of them in a region.
  idStyle: ({ policyName, resourceArn, region }, { world }) => {
    const name = String(policyName ?? resourceArn);
    const type = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy";
    return world.get(type, name) ? `${String(region)}/${name}` : name;
  },
  recorded: "nobody writes events to log groups here",
  api: {
    ...{ noun: "CloudWatch Logs Resource Policy", sdk: "CloudWatch Logs" },
    ...{ create: "PutResourcePolicy", update: "PutResourcePolicy", delete: "DeleteResourcePolicy" },
    named: ({ policyName }) => String(policyName),
  },
  refuse: ({ inputs, cloud: { world }, before }) => {
    const policies = world
      .all("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
      .filter(({ inputs: own }) => own["region"] === regionOf(inputs));
    if (!before && policies.length >= MOST_POLICIES) {
      throw new AwsError(
        "LimitExceededException",
        `Resource limit exceeded: a region has ${MOST_POLICIES} of them at most.`,
      );
    }
    const problem = policyProblem(inputs["policyDocument"]);
    if (problem !== undefined) {
      throw new AwsError("InvalidParameterException", `Unparsable policy document: ${problem}`);
    }
  },
});

/** Resource policies of an account in a region (quotas of CloudWatch Logs). */
const MOST_POLICIES = 10;
