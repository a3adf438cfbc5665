import { createHash } from "node:crypto";
import { z } from "zod";
import { CloudError } from "../../cloud/kind";
import { regional, type ApiWords, type AwsKind } from "../awsKind";
import { isTrusted, roleAt, roleType } from "../iam/permissions";
import { securityGroupType, subnetType } from "../network/words";
import { AwsError, AwsProviderError } from "../refusal";
import { arn, arnOf, filled, flag, now, regionOf, texts } from "../shapes";
import { filesIn, isArchive } from "./archive";

export const functionType = "aws:lambda/function:Function";

const words = (noun: string, create: string, more: Partial<ApiWords> = {}): ApiWords => ({
  ...{ noun, sdk: "Lambda", create },
  ...more,
  codes: { 404: "ResourceNotFoundException", 409: "ResourceConflictException" },
});

/** Runtimes of Node that Lambda takes; here all of them are this machine's Node. */
const runtimes = ["nodejs20.x", "nodejs22.x", "nodejs24.x"] as const;

/** Ranges of Lambda's API reference. */
const lambdaFunction = regional({
  type: functionType,
  api: words("Lambda Function", "CreateFunction", { update: "UpdateFunctionConfiguration" }),
  inputs: z.object({
    name: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[a-zA-Z0-9_-]+$/, "letters, digits, - and _ alone"),
    description: z.string().max(256).optional(),
    role: arn("iam"),
    runtime: z.enum(runtimes, `the embedded cloud runs ${runtimes.join(", ")}`),
    handler: z.string().regex(/^[^\s]+\.[^\s.]+$/, "FILE.FUNCTION"),
    code: z.unknown().refine(isArchive, "expected an archive"),
    architectures: z
      .array(z.enum(["x86_64", "arm64"]))
      .length(1)
      .optional(),
    memorySize: z.int().min(128).max(10_240).optional(),
    timeout: z.int().min(1).max(900).optional(),
    environment: z
      .strictObject({ variables: z.record(z.string(), z.string()).optional() })
      .optional(),
    loggingConfig: z
      .strictObject({
        logFormat: z.enum(["Text", "JSON"]),
        logGroup: filled.optional(),
        applicationLogLevel: filled.optional(),
        systemLogLevel: filled.optional(),
      })
      .optional(),
    vpcConfig: z
      .strictObject({ subnetIds: texts, securityGroupIds: texts, ipv6AllowedForDualStack: flag })
      .optional(),
    ephemeralStorage: z.strictObject({ size: z.int().min(512).max(10_240).optional() }).optional(),
    tracingConfig: z.strictObject({ mode: z.enum(["Active", "PassThrough"]) }).optional(),
    reservedConcurrentExecutions: z.int().min(-1).optional(),
    ...{ packageType: z.literal("Zip").optional(), publish: flag, skipDestroy: flag },
    ...{ sourceCodeHash: filled.optional(), kmsKeyArn: arn("kms").optional() },
  }),
  sensitive: ["environment"],
  immutable: ["name", "packageType"],
  autoName: "name",
  references: [
    { input: "role", type: roleType, property: "arn", onDelete: "release" },
    { input: "vpcConfig.subnetIds[]", type: subnetType },
    { input: "vpcConfig.securityGroupIds[]", type: securityGroupType },
  ],
  unique: [["region", "name"]],
  conflict: ({ name }) => `Function already exist: ${String(name)}`,
  idStyle: (inputs) => String(inputs["name"]),
  recorded: "its code runs as a process of this machine, without limits of memory",
  refuse: ({ inputs, cloud: { world } }) => {
    const roleArn = String(inputs["role"]);
    if (!roleAt(world, roleArn) || !isTrusted(world, roleArn, "lambda.amazonaws.com")) {
      throw new AwsError(
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
      );
    }
    const files = filesIn(inputs["code"]);
    if (Object.keys(files).length === 0) {
      throw new AwsError("InvalidParameterValueException", "Uploaded file must be a non-empty zip");
    }
  },
  create: ({ id, inputs, before }) => ({
    outputs: {
      ...{ arn: arnOf("lambda", regionOf(inputs), `function:${id}`), version: "$LATEST" },
      qualifiedArn: arnOf("lambda", regionOf(inputs), `function:${id}:$LATEST`),
      invokeArn: `arn:aws:apigateway:${regionOf(inputs)}:lambda:path/2015-03-31/functions/${arnOf("lambda", regionOf(inputs), `function:${id}`)}/invocations`,
      ...{ timeout: inputs["timeout"] ?? 3, memorySize: inputs["memorySize"] ?? 128 },
      lastModified: before?.outputs["lastModified"] ?? now(),
      codeSha256: hashOf(filesIn(inputs["code"])),
    },
  }),
  update: ({ inputs }) => ({
    outputs: {
      ...{ timeout: inputs["timeout"] ?? 3, memorySize: inputs["memorySize"] ?? 128 },
      ...{ lastModified: now(), codeSha256: hashOf(filesIn(inputs["code"])) },
    },
  }),
});

const hashOf = (files: Readonly<Record<string, string>>): string =>
  createHash("sha256").update(JSON.stringify(files)).digest("base64");

const json = z.string().refine((text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}, "contains an invalid JSON");

/** Runs its function when it is made, and never again: another input is another one. */
const invocation = regional({
  type: "aws:lambda/invocation:Invocation",
  tagged: false,
  api: words("Lambda Invocation", "Invoke"),
  inputs: z.object({
    functionName: filled,
    input: json,
    qualifier: filled.optional(),
    triggers: z.record(z.string(), z.string()).optional(),
    lifecycleScope: z.enum(["CREATE_ONLY"]).optional(),
    terraformKey: filled.optional(),
  }),
  immutable: ["functionName", "qualifier", "triggers", "input"],
  references: [
    { input: "functionName", type: functionType, property: "name", onDelete: "release" },
  ],
  // The provider's hashes the input alone; here two may exist at once, one that replaces the other.
  idStyle: ({ functionName, input }, cloud) => {
    const hash = createHash("md5").update(String(input)).digest("hex");
    return `${String(functionName)},$LATEST,${hash},${cloud.newId("hex").slice(-8)}`;
  },
  create: async ({ inputs, cloud: { services } }) => {
    const name = String(inputs["functionName"]);
    const functionArn = arnOf("lambda", regionOf(inputs), `function:${name}`);
    const result = await services.containers
      .invoke(functionArn, String(inputs["input"]))
      .catch((error: unknown) => {
        throw error instanceof CloudError
          ? error
          : new AwsProviderError(`invoking Lambda Function (${name}): ${String(error)}`);
      });
    if (result.functionError !== undefined) {
      throw new AwsProviderError(`invoking Lambda Function (${name}): ${result.payload}`);
    }
    return { outputs: { result: result.payload, qualifier: "$LATEST" } };
  },
});

export const functionKinds: readonly AwsKind[] = [lambdaFunction, invocation];
