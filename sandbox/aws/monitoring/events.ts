import { z } from "zod";
import type { CheckFailure, Operation } from "../../cloud/kind";
import { regional } from "../awsKind";
import { logGroupType } from "../logs";
import { AwsError } from "../refusal";
import { arn, arnOf, filled, flag, partsOfArn, regionOf } from "../shapes";
import { jsonObject, parsed } from "./documents";
import { eventRuleType, topicType } from "./types";

const ruleName = z
  .string()
  .regex(/^[\w.-]{1,64}$/, "1 to 64 letters, digits, points, hyphens and underscores");

/** The bus of AWS's own events; others are not taken. */
const bus = z.literal("default").optional();

const ruleInputs = z.object({
  name: ruleName.optional(),
  description: z.string().max(512).optional(),
  eventBusName: bus,
  eventPattern: jsonObject.optional(),
  scheduleExpression: z.string().max(256).optional(),
  state: z
    .enum(["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"])
    .optional(),
  isEnabled: flag,
  roleArn: arn("iam").optional(),
  forceDestroy: flag,
});
type Rule = z.infer<typeof ruleInputs>;

const noEvents = "no service of AWS sends events on this machine";

export const eventRule = regional({
  type: eventRuleType,
  inputs: ruleInputs,
  immutable: ["name", "eventBusName"],
  autoName: "name",
  defaults: { eventBusName: "default", forceDestroy: false },
  unique: [["region", "name"]],
  conflict: ({ name }) => `The rule ${String(name)} is another resource's already.`,
  idStyle: ({ name, region }, { world }) =>
    world.get(eventRuleType, String(name)) ? `${String(region)}/${String(name)}` : String(name),
  inUse: () => "Rule can't be deleted since it has targets.",
  recorded: noEvents,
  api: {
    ...{ noun: "EventBridge Rule", sdk: "EventBridge", create: "PutRule", update: "PutRule" },
    codes: { 409: "ValidationException" },
  },
  check: (given) => ruleProblems(given),
  refuse: ({ inputs }) => {
    const { eventPattern, scheduleExpression } = inputs as Rule;
    if (eventPattern === undefined && scheduleExpression === undefined) {
      throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
    }
    const schedule = /^(rate\(([1-9]\d*) (minute|hour|day)s?\)|cron\(\S+( \S+){5}\))$/;
    if (scheduleExpression !== undefined && !schedule.test(scheduleExpression)) {
      throw invalid("Parameter ScheduleExpression is not valid.");
    }
    const problem = eventPattern === undefined ? undefined : patternProblem(parsed(eventPattern));
    if (problem !== undefined) {
      throw new AwsError(
        "InvalidEventPatternException",
        `Event pattern is not valid. Reason: ${problem}`,
      );
    }
  },
  create: ({ inputs }) => ({
    outputs: { arn: arnOf("events", regionOf(inputs), `rule/${String(inputs["name"])}`) },
  }),
});

const invalid = (message: string) => new AwsError("ValidationException", message);

function ruleProblems({ state, isEnabled }: Rule): readonly CheckFailure[] {
  return state !== undefined && isEnabled !== undefined
    ? [{ property: "isEnabled", reason: "conflicts with state" }]
    : [];
}

/** A pattern's leaves are lists of values or of conditions; only `$or` holds a list of patterns. */
function patternProblem(pattern: unknown, path = ""): string | undefined {
  if (typeof pattern !== "object" || pattern === null || Array.isArray(pattern)) {
    return `"${path}" must be an object or an array`;
  }
  const entries = Object.entries(pattern);
  if (entries.length === 0) return "Empty patterns are not allowed";
  for (const [name, value] of entries) {
    const place = path === "" ? name : `${path}.${name}`;
    if (name === "$or") {
      const parts: unknown = value;
      if (!Array.isArray(parts) || parts.length < 2)
        return `"${place}" must be a list of two or more`;
      const wrong = parts.map((one) => patternProblem(one, place)).find((one) => one !== undefined);
      if (wrong !== undefined) return wrong;
    } else if (Array.isArray(value)) {
      if (value.length === 0) return `"${place}" is an empty list`;
    } else {
      const wrong = patternProblem(value, place);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}

const targetInputs = z.object({
  rule: ruleName,
  targetId: z
    .string()
    .regex(/^[\w.-]{1,64}$/, "1 to 64 letters, digits, points, hyphens and underscores")
    .optional(),
  arn: arn(),
  eventBusName: bus,
  roleArn: arn("iam").optional(),
  input: z.string().max(8_192).optional(),
  inputPath: z.string().max(256).optional(),
  inputTransformer: z
    .strictObject({
      inputPaths: z.record(filled, filled).optional(),
      inputTemplate: z.string().min(1).max(8_192),
    })
    .optional(),
  deadLetterConfig: z.strictObject({ arn: arn("sqs").optional() }).optional(),
  retryPolicy: z
    .strictObject({
      maximumEventAgeInSeconds: z.int().min(0).max(86_400).optional(),
      maximumRetryAttempts: z.int().min(0).max(185).optional(),
    })
    .optional(),
  forceDestroy: flag,
});
type Target = z.infer<typeof targetInputs>;

/** Targets of one rule, by default. */
const MOST_TARGETS = 5;
const eventTargetType = "aws:cloudwatch/eventTarget:EventTarget";

export const eventTarget = regional({
  type: eventTargetType,
  tagged: false,
  inputs: targetInputs,
  immutable: ["rule", "targetId", "eventBusName"],
  autoName: "targetId",
  deleteBeforeReplace: false,
  defaults: { eventBusName: "default", forceDestroy: false },
  references: [{ input: "rule", type: eventRuleType, property: "name" }],
  unique: [["region", "rule", "targetId"]],
  idStyle: ({ rule, targetId, region }, { world }) => {
    const id = `${String(rule)}-${String(targetId)}`;
    return world.get(eventTargetType, id) ? `${String(region)}/${id}` : id;
  },
  recorded: noEvents,
  api: {
    ...{ noun: "EventBridge Target", sdk: "EventBridge", create: "PutTargets" },
    ...{ update: "PutTargets", delete: "RemoveTargets", named: () => undefined },
  },
  check: (given) => targetProblems(given as Target),
  refuse: (operation) => {
    const { rule, arn: target } = operation.inputs as Target;
    const { world } = operation.cloud;
    const beside = world
      .all(eventTargetType)
      .filter(({ id, inputs }) => id !== operation.id && inputs["rule"] === rule);
    if (beside.length >= MOST_TARGETS) {
      throw new AwsError("LimitExceededException", `A rule has ${MOST_TARGETS} targets at most.`);
    }
    requireTarget(operation, target);
  },
});

function targetProblems({ input, inputPath, inputTransformer }: Target): readonly CheckFailure[] {
  const given = Object.entries({ input, inputPath, inputTransformer }).filter(
    ([, value]) => value !== undefined,
  );
  const [, second] = given;
  return second ? [{ property: second[0], reason: `conflicts with ${given[0]?.[0] ?? ""}` }] : [];
}

/** Topics and log groups must be there; what else a target may be is taken as it is. */
function requireTarget({ inputs, cloud: { world } }: Operation, target: string): void {
  const { service, region } = partsOfArn(target);
  if (region !== "" && region !== regionOf(inputs)) {
    throw invalid(
      `The target ${target} is in ${region}; targets of another region are event buses`,
    );
  }
  const plain = target.replace(/:\*$/, "");
  const types = { sns: topicType, logs: logGroupType } as const;
  const type = service === "sns" || service === "logs" ? types[service] : undefined;
  if (type === undefined || world.all(type).some(({ outputs }) => outputs["arn"] === plain)) return;
  throw new AwsError("ResourceNotFoundException", `There is no ${target}.`);
}
