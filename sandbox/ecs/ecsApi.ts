import { z } from "zod";
import { clusterArnOf } from "../aws/ecs/cluster";
import { findTaskDefinition, taskSpecOf } from "../aws/ecs/taskDefinition";
import type { Question } from "../aws/iam/evaluate";
import { accessDenied, mayRole } from "../aws/iam/permissions";
import { requireGroups } from "../aws/network/securityGroups";
import { subnetType } from "../aws/network/words";
import { AwsError } from "../aws/refusal";
import { arnOf } from "../aws/shapes";
import type { World } from "../contracts";
import { ecsTasks, requireRoles, TaskFailedToStart } from "./access";
import type { OneOffTasks } from "./tasks";
import type { TaskSpec } from "../containers/taskSpec";

/** Who asks: a role that somebody has assumed. */
export interface Caller {
  readonly roleArn: string;
  readonly session: string;
  readonly region: string;
}

interface Needs {
  readonly world: World;
  readonly tasks: OneOffTasks;
}

const strings = z.array(z.string());

const runTaskInput = z.strictObject({
  cluster: z.string().optional(),
  taskDefinition: z.string(),
  count: z.literal(1).optional(),
  launchType: z.literal("FARGATE"),
  platformVersion: z.string().optional(),
  startedBy: z
    .string()
    .max(128)
    .regex(/^[A-Za-z0-9_/-]*$/, "letters, digits and -_/ alone")
    .optional(),
  group: z.string().optional(),
  clientToken: z.string().optional(),
  propagateTags: z.string().optional(),
  enableECSManagedTags: z.boolean().optional(),
  networkConfiguration: z.strictObject({
    awsvpcConfiguration: z.strictObject({
      subnets: strings.min(1),
      securityGroups: strings.optional(),
      assignPublicIp: z.enum(["ENABLED", "DISABLED"]).optional(),
    }),
  }),
});

const listTasksInput = z.strictObject({
  cluster: z.string().optional(),
  startedBy: z.string().optional(),
  family: z.string().optional(),
  desiredStatus: z.enum(["RUNNING", "PENDING", "STOPPED"]).optional(),
  launchType: z.string().optional(),
  maxResults: z.int().optional(),
});
const describeTasksInput = z.strictObject({
  cluster: z.string().optional(),
  tasks: strings.min(1).max(100),
  include: strings.optional(),
});
const stopTaskInput = z.strictObject({
  cluster: z.string().optional(),
  task: z.string(),
  reason: z.string().optional(),
});

/**
 * What of ECS's API a program may ask as a role: running a task and seeing how it ends.
 *
 * @throws AwsError with the name of the exception as the client library has it.
 */
export async function callEcs(
  needs: Needs,
  caller: Caller,
  operation: string,
  input: unknown,
): Promise<unknown> {
  if (operation === "RunTask") return runTask(needs, caller, read(runTaskInput, input));
  if (operation === "ListTasks") return listTasks(needs, caller, read(listTasksInput, input));
  if (operation === "DescribeTasks") {
    return describeTasks(needs, caller, read(describeTasksInput, input));
  }
  if (operation === "StopTask") return await stopTask(needs, caller, read(stopTaskInput, input));
  throw new AwsError("UnsupportedFeatureException", `the embedded ECS has no ${operation}`);
}

function read<T>(shape: z.ZodType<T>, input: unknown): T {
  const result = shape.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AwsError(
    "InvalidParameterException",
    `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
  );
}

function runTask({ world, tasks }: Needs, caller: Caller, input: z.infer<typeof runTaskInput>) {
  const clusterArn = clusterArnOf(world, caller.region, input.cluster ?? "default");
  const found = findTaskDefinition(world, caller.region, input.taskDefinition);
  if (!found) throw new AwsError("ClientException", "TaskDefinition not found.");
  const context = { "ecs:cluster": clusterArn };
  requireRight(world, caller, { action: "ecs:RunTask", resource: found.id, context });
  const task = taskSpecOf(found);
  requirePassed(world, caller, task);
  const { awsvpcConfiguration: place } = input.networkConfiguration;
  const { subnets, securityGroups = [], assignPublicIp } = place;
  const strange = subnets.find((id) => !world.get(subnetType, id));
  if (strange !== undefined) {
    throw new AwsError("InvalidParameterException", `The subnet ID '${strange}' does not exist`);
  }
  requireGroups(world, securityGroups);
  try {
    requireRoles(world, task);
  } catch (error) {
    if (error instanceof TaskFailedToStart) throw new AwsError("ClientException", error.message);
    throw error;
  }
  const { startedBy } = input;
  const view = tasks.run({
    ...{ clusterArn, task, subnetIds: subnets, securityGroupIds: securityGroups },
    publicAddress: assignPublicIp === "ENABLED",
    ...(startedBy !== undefined && { startedBy }),
  });
  return { tasks: [view], failures: [] };
}

/** Whoever starts a task hands its roles to ECS, which takes a right of its own. */
function requirePassed(world: World, caller: Caller, task: TaskSpec): void {
  for (const role of [task.executionRoleArn, task.taskRoleArn]) {
    if (role === undefined) continue;
    const context = { "iam:PassedToService": ecsTasks };
    requireRight(world, caller, { action: "iam:PassRole", resource: role, context });
  }
}

function listTasks({ world, tasks }: Needs, caller: Caller, input: z.infer<typeof listTasksInput>) {
  const clusterArn = clusterArnOf(world, caller.region, input.cluster ?? "default");
  requireRight(world, caller, {
    action: "ecs:ListTasks",
    resource: arnOf("ecs", caller.region, `container-instance/${lastOf(clusterArn)}/*`),
    context: { "ecs:cluster": clusterArn },
  });
  const { startedBy, desiredStatus = "RUNNING" } = input;
  const isWanted = (status: string): boolean =>
    (status === "STOPPED") === (desiredStatus === "STOPPED");
  const found = tasks
    .all(clusterArn)
    .filter(
      (task) =>
        isWanted(task.lastStatus) && (startedBy === undefined || task.startedBy === startedBy),
    );
  return { taskArns: found.map(({ taskArn }) => taskArn) };
}

function describeTasks(
  { world, tasks }: Needs,
  caller: Caller,
  input: z.infer<typeof describeTasksInput>,
) {
  const clusterArn = clusterArnOf(world, caller.region, input.cluster ?? "default");
  const found = input.tasks.map((arn) => {
    const whole = arn.startsWith("arn:")
      ? arn
      : arnOf("ecs", caller.region, `task/${lastOf(clusterArn)}/${arn}`);
    const context = { "ecs:cluster": clusterArn };
    requireRight(world, caller, { action: "ecs:DescribeTasks", resource: whole, context });
    return { arn: whole, view: tasks.find(whole)?.view() };
  });
  return {
    tasks: found.flatMap(({ view }) => view ?? []),
    failures: found.flatMap(({ arn, view }) => (view ? [] : [{ arn, reason: "MISSING" }])),
  };
}

async function stopTask(
  { world, tasks }: Needs,
  caller: Caller,
  input: z.infer<typeof stopTaskInput>,
) {
  const clusterArn = clusterArnOf(world, caller.region, input.cluster ?? "default");
  const found = tasks.find(input.task);
  if (!found) {
    throw new AwsError("InvalidParameterException", "The referenced task was not found.");
  }
  const context = { "ecs:cluster": clusterArn };
  requireRight(world, caller, { action: "ecs:StopTask", resource: found.arn, context });
  await found.stop(input.reason ?? "Task stopped by user", "UserInitiated");
  return { task: found.view() };
}

function requireRight(world: World, { roleArn, session }: Caller, question: Question): void {
  if (mayRole(world, roleArn, question)) return;
  throw new AwsError("AccessDeniedException", accessDenied(roleArn, session, question));
}

const lastOf = (arn: string): string => arn.split("/").at(-1) ?? arn;
