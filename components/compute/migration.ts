import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as iam from "@pulumi/aws/iam";
import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { trustPolicy } from "../iam/trustPolicy";
import { withOverride, type Override } from "../overrides";
import type { EcsTask } from "./ecsTask";
import { runTaskPolicy } from "./taskRoles";

export interface MigrationSpec {
  /** Physical name of the function that runs the task, at most 64 characters. */
  readonly name: string;
  /** How long to wait for the task's end: 60-840 seconds. It goes on by itself after that. */
  readonly timeoutSeconds: number;
  /** How long the function's own log is kept. */
  readonly logRetentionDays: number;
}

export interface MigrationArgs {
  readonly spec: MigrationSpec;
  readonly cluster: { readonly arn: pulumi.Input<string>; readonly name: string };
  /** It has succeeded when each of its containers ended with exit code 0. */
  readonly task: EcsTask;
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  readonly securityGroupIds: pulumi.Input<pulumi.Input<string>[]>;
  readonly overrides?: {
    readonly logGroup?: Override<cloudwatch.LogGroupArgs>;
    readonly role?: Override<iam.RoleArgs>;
    readonly policy?: Override<iam.RolePolicyArgs>;
    readonly function?: Override<lambda.FunctionArgs>;
    readonly run?: Override<lambda.InvocationArgs>;
  };
}

/** What a Lambda function may take, and what is left of it for saying that the task still runs. */
const functionSeconds = { high: 900, margin: 60 };
const waitSeconds = { low: 60, high: functionSeconds.high - functionSeconds.margin };

/** Files of the function by their names in it. */
const functionFiles = ["index.mjs", "runTask.mjs"];

/**
 * Runs a task to its end, once for each revision of its definition, before what depends on it is
 * changed. No resource of AWS runs a task: a function does, and the deploy waits for its answer. A
 * task that fails fails the deploy; the next deploy runs it again.
 */
export class Migration extends pulumi.ComponentResource {
  /** What a service of the new revision must wait for. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: MigrationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:compute:Migration", name, {}, opts);
    const { spec, cluster, task, overrides = {} } = args;
    const { low, high } = waitSeconds;
    if (spec.timeoutSeconds < low || spec.timeoutSeconds > high) {
      throw new pulumi.ResourceError(
        `${name}: spec.timeoutSeconds must be ${low}..${high}, got ${spec.timeoutSeconds}`,
        this,
      );
    }
    const log = new cloudwatch.LogGroup(
      `${name}-function-log`,
      withOverride<cloudwatch.LogGroupArgs>(
        { name: `/aws/lambda/${spec.name}`, retentionInDays: spec.logRetentionDays },
        overrides.logGroup,
      ),
      { parent: this },
    );
    const role = new iam.Role(
      `${name}-function-role`,
      withOverride<iam.RoleArgs>(
        {
          description: `Runs tasks of ${task.family}`,
          assumeRolePolicy: trustPolicy("lambda.amazonaws.com"),
        },
        overrides.role,
      ),
      { parent: this },
    );
    const policy = new iam.RolePolicy(
      `${name}-function-policy`,
      withOverride<iam.RolePolicyArgs>(
        {
          role: role.id,
          policy: runTaskPolicy({
            logGroupArn: log.arn,
            clusterArn: cluster.arn,
            family: task.family,
            roleArns: [task.executionRoleArn, task.taskRoleArn],
          }),
        },
        overrides.policy,
      ),
      { parent: this },
    );
    const runner = new lambda.Function(
      `${name}-function`,
      withOverride<lambda.FunctionArgs>(
        {
          name: spec.name,
          description: `Runs a task of ${task.family} to its end`,
          role: role.arn,
          runtime: "nodejs22.x",
          architectures: ["arm64"],
          handler: "index.handler",
          code: new pulumi.asset.AssetArchive(
            Object.fromEntries(functionFiles.map((file) => [file, textOf(file)])),
          ),
          memorySize: 256,
          timeout: spec.timeoutSeconds + functionSeconds.margin,
          loggingConfig: { logFormat: "Text", logGroup: log.name },
          environment: {
            variables: {
              PLACE: pulumi.jsonStringify({
                cluster: cluster.name,
                subnets: args.subnetIds,
                securityGroups: args.securityGroupIds,
                logGroup: task.logGroupName,
                timeoutSeconds: spec.timeoutSeconds,
              }),
            },
          },
        },
        overrides.function,
      ),
      // Two of one name cannot be.
      { parent: this, dependsOn: [policy], deleteBeforeReplace: true },
    );
    const run = new lambda.Invocation(
      `${name}-run`,
      withOverride<lambda.InvocationArgs>(
        {
          functionName: runner.name,
          // Nothing but what has to run again when it changes: another input is another invocation.
          // Its deletion invokes nothing.
          input: pulumi.jsonStringify({ taskDefinition: task.taskDefinitionArn }),
          lifecycleScope: "CREATE_ONLY",
        },
        overrides.run,
      ),
      { parent: this, dependsOn: opts?.dependsOn },
    );
    this.ready = [run];
    this.registerOutputs({});
  }
}

function textOf(file: string): pulumi.asset.Asset {
  return new pulumi.asset.StringAsset(readFileSync(join(__dirname, "functions", file), "utf8"));
}
