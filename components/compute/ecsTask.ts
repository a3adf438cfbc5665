import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ecs from "@pulumi/aws/ecs";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { fargateLimits, fargateSizeProblem } from "../../prices/aws";
import { trustPolicy } from "../iam/trustPolicy";
import { withOverride, type Override } from "../overrides";
import {
  containerDefinitions,
  containerProblems,
  secretArns,
  type ContainerSpec,
  type ContainerVariables,
} from "./containerDefinitions";
import { execPolicy, executionPolicy } from "./taskRoles";

export type { ContainerSpec, ContainerVariables } from "./containerDefinitions";

export interface EcsTaskSpec {
  /** Physical name of the definition, whose revisions are numbered. A change replaces. */
  readonly family: string;
  /** 1024 are one vCPU; only certain sizes go together with certain memory. */
  readonly cpuUnits: number;
  readonly memoryMib: number;
  readonly containers: readonly ContainerSpec[];
  /** Seconds between SIGTERM and SIGKILL, 2-120. */
  readonly stopSeconds: number;
  /** How long its log is kept; one of the spans that CloudWatch Logs knows. */
  readonly logRetentionDays: number;
  /**
   * Whether a person may run commands inside (`aws ecs execute-command`). The agent for it writes
   * files, so that the containers' root is writable then.
   */
  readonly exec: boolean;
  /** For an image that writes outside of a volume. @default false */
  readonly writableRoot?: boolean;
}

export interface EcsTaskArgs {
  readonly spec: EcsTaskSpec;
  /** Where its log goes. */
  readonly region: string;
  /** The same for all its containers; by digest, so that what runs is what was reviewed. */
  readonly image: pulumi.Input<string>;
  /** Repository of the image where it is ECR's: the task may pull from it. */
  readonly repositoryArn?: pulumi.Input<string> | undefined;
  /** Secret with `{"username","password"}` of another private registry. */
  readonly pullCredentialsArn?: pulumi.Input<string> | undefined;
  /** By container. */
  readonly environment: Readonly<Record<string, ContainerVariables>>;
  readonly overrides?: {
    readonly task?: Override<ecs.TaskDefinitionArgs>;
    readonly logGroup?: Override<cloudwatch.LogGroupArgs>;
    readonly executionRole?: Override<iam.RoleArgs>;
    readonly executionPolicy?: Override<iam.RolePolicyArgs>;
    readonly taskRole?: Override<iam.RoleArgs>;
    readonly execPolicy?: Override<iam.RolePolicyArgs>;
  };
}

/** What a task on Fargate (ARM) is: its containers, what they may do, and where they log. */
export class EcsTask extends pulumi.ComponentResource {
  /** With the revision: another one for each change. */
  readonly taskDefinitionArn: pulumi.Output<string>;
  readonly family: string;
  /** What the containers may do themselves: nothing, unless commands may be run in them. */
  readonly taskRoleArn: pulumi.Output<string>;
  /** What ECS may do to start them: pull the image, read these secrets, write the log. */
  readonly executionRoleArn: pulumi.Output<string>;
  readonly logGroupName: string;
  readonly logGroupArn: pulumi.Output<string>;
  /** The container that listens, and where; undefined where none does. */
  readonly served: { readonly container: string; readonly port: number } | undefined;
  readonly exec: boolean;

  constructor(name: string, args: EcsTaskArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:compute:EcsTask", name, {}, opts);
    const { spec, overrides = {} } = args;
    const size = fargateSizeProblem(spec.cpuUnits, spec.memoryMib);
    const problems = [...(size === undefined ? [] : [size]), ...containerProblems(spec)];
    if (problems.length > 0) {
      throw new pulumi.ResourceError(`${name}: ${problems.join("; ")}`, this);
    }
    this.family = spec.family;
    this.exec = spec.exec;
    this.logGroupName = `/ecs/${spec.family}`;
    const [served] = spec.containers.flatMap(({ name: container, port }) =>
      port === undefined ? [] : [{ container, port }],
    );
    this.served = served;
    const log = new cloudwatch.LogGroup(
      `${name}-log`,
      withOverride<cloudwatch.LogGroupArgs>(
        { name: this.logGroupName, retentionInDays: spec.logRetentionDays },
        overrides.logGroup,
      ),
      { parent: this },
    );
    const executionRole = new iam.Role(
      `${name}-execution-role`,
      withOverride<iam.RoleArgs>(
        {
          description: `Starts tasks of ${spec.family}`,
          assumeRolePolicy: trustPolicy("ecs-tasks.amazonaws.com"),
        },
        overrides.executionRole,
      ),
      { parent: this },
    );
    const rights = new iam.RolePolicy(
      `${name}-execution-policy`,
      withOverride<iam.RolePolicyArgs>(
        {
          role: executionRole.id,
          policy: executionPolicy({
            logGroupArn: log.arn,
            repositoryArn: args.repositoryArn,
            secretArns: secretArns(args),
          }),
        },
        overrides.executionPolicy,
      ),
      { parent: this },
    );
    const taskRole = new iam.Role(
      `${name}-task-role`,
      withOverride<iam.RoleArgs>(
        {
          description: `What containers of ${spec.family} may do`,
          assumeRolePolicy: trustPolicy("ecs-tasks.amazonaws.com"),
        },
        overrides.taskRole,
      ),
      { parent: this },
    );
    const commands = spec.exec
      ? [
          new iam.RolePolicy(
            `${name}-exec-policy`,
            withOverride<iam.RolePolicyArgs>(
              { role: taskRole.id, policy: execPolicy() },
              overrides.execPolicy,
            ),
            { parent: this },
          ),
        ]
      : [];
    const task = new ecs.TaskDefinition(
      `${name}-task`,
      withOverride<ecs.TaskDefinitionArgs>(
        {
          family: spec.family,
          requiresCompatibilities: ["FARGATE"],
          networkMode: fargateLimits.networkMode,
          runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
          cpu: String(spec.cpuUnits),
          memory: String(spec.memoryMib),
          executionRoleArn: executionRole.arn,
          taskRoleArn: taskRole.arn,
          containerDefinitions: containerDefinitions({
            containers: spec.containers,
            environment: args.environment,
            image: args.image,
            pullCredentialsArn: args.pullCredentialsArn,
            stopSeconds: spec.stopSeconds,
            readOnlyRoot: !spec.exec && spec.writableRoot !== true,
            log: { group: log.name, region: args.region },
          }),
        },
        overrides.task,
      ),
      // Whoever starts it finds it with its rights.
      { parent: this, dependsOn: [rights, ...commands] },
    );
    this.taskDefinitionArn = task.arn;
    this.taskRoleArn = taskRole.arn;
    this.executionRoleArn = executionRole.arn;
    this.logGroupArn = log.arn;
    this.registerOutputs({ taskDefinitionArn: this.taskDefinitionArn, family: this.family });
  }
}
