import { z } from "zod";
import { logGroupClasses, logRetentionDays } from "../../../prices/aws";
import { regional, type AwsKind } from "../awsKind";
import { AwsError } from "../refusal";
import { arnOf, filled, flag, nameOrPrefix, regionOf } from "../shapes";

export const logGroupType = "aws:cloudwatch/logGroup:LogGroup";

/** 0: for ever. */
const allowed: readonly number[] = [0, ...logRetentionDays];

const logGroup = regional({
  type: logGroupType,
  api: {
    ...{ noun: "CloudWatch Logs Log Group", sdk: "CloudWatch Logs", create: "CreateLogGroup" },
    update: "PutRetentionPolicy",
    codes: { 409: "ResourceAlreadyExistsException" },
  },
  inputs: z.object({
    name: z
      .string()
      .min(1)
      .max(512)
      .regex(/^[.\-_/#A-Za-z0-9]+$/, "letters, digits and .-_/# alone")
      .optional(),
    namePrefix: z.string().min(1).max(483).optional(),
    retentionInDays: z
      .int()
      .refine(
        (days) => allowed.includes(days),
        `expected retentionInDays to be one of ${allowed.join(", ")}`,
      )
      .optional(),
    logGroupClass: z.enum(logGroupClasses).optional(),
    ...{ kmsKeyId: filled.optional(), skipDestroy: flag, deletionProtectionEnabled: flag },
  }),
  immutable: ["name", "namePrefix", "logGroupClass"],
  autoName: "name",
  unique: [["region", "name"]],
  conflict: () => "The specified log group already exists",
  idStyle: nameOrPrefix,
  recorded: "what is written to it is in the tasks' log files; nothing of it expires",
  create: ({ id, inputs }) => ({
    outputs: {
      ...{ arn: arnOf("logs", regionOf(inputs), `log-group:${id}`), name: id },
      retentionInDays: inputs["retentionInDays"] ?? 0,
      logGroupClass: inputs["logGroupClass"] ?? "STANDARD",
    },
  }),
  update: ({ inputs }) => ({ outputs: { retentionInDays: inputs["retentionInDays"] ?? 0 } }),
  delete: ({ inputs, id }) => {
    if (inputs["deletionProtectionEnabled"] !== true) return;
    throw new AwsError(
      "ValidationException",
      `Log group ${id} has deletion protection: it cannot be deleted before that is switched off`,
    );
  },
});

export const logKinds: readonly AwsKind[] = [logGroup];
