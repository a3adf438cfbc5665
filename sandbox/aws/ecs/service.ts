import { z } from "zod";
import { ecsLimits } from "../../../prices/aws";
import type { Made, Operation, Values } from "../../cloud/kind";
import { ServiceFailed, type ServiceOrder } from "../../containers/contract";
import { ecsName } from "../../containers/taskSpec";
import { regional } from "../awsKind";
import { roleType } from "../iam/permissions";
import { securityGroupType, subnetType } from "../network/words";
import { arn, arnOf, filled, flag, regionOf, textOf, texts } from "../shapes";
import { capacityProviderStrategies, clusterArnOf } from "./cluster";
import { requireService } from "./serviceRules";
import { findTaskDefinition, taskSpecOf } from "./taskDefinition";
import { clusterType, ecs, lastOf, serviceType, taskDefinitionType } from "./words";

const inputs = z.object({
  name: ecsName,
  cluster: filled.optional(),
  taskDefinition: filled.optional(),
  desiredCount: z.int().min(0).optional(),
  launchType: z.enum(["FARGATE", "EC2", "EXTERNAL"]).optional(),
  capacityProviderStrategies,
  platformVersion: z.enum(["LATEST", "1.4.0", "1.3.0"]).optional(),
  schedulingStrategy: z.enum(["REPLICA", "DAEMON"]).optional(),
  ...{
    deploymentMaximumPercent: z.int().min(100).max(200).optional(),
    deploymentMinimumHealthyPercent: z.int().min(0).max(100).optional(),
  },
  deploymentCircuitBreaker: z
    .strictObject({ enable: z.boolean(), rollback: z.boolean() })
    .optional(),
  deploymentController: z
    .strictObject({ type: z.enum(["ECS", "CODE_DEPLOY", "EXTERNAL"]).optional() })
    .optional(),
  deploymentConfiguration: z
    .strictObject({
      strategy: z.literal("ROLLING").optional(),
      bakeTimeInMinutes: filled.optional(),
    })
    .optional(),
  alarms: z
    .strictObject({ alarmNames: texts, enable: z.boolean(), rollback: z.boolean() })
    .optional(),
  availabilityZoneRebalancing: z.enum(["ENABLED", "DISABLED"]).optional(),
  networkConfiguration: z
    .strictObject({
      subnets: z.array(filled).min(1).max(ecsLimits.subnetsPerService),
      securityGroups: z.array(filled).max(ecsLimits.securityGroupsPerService).optional(),
      assignPublicIp: flag,
    })
    .optional(),
  loadBalancers: z
    .array(
      z.strictObject({
        targetGroupArn: arn("elasticloadbalancing").optional(),
        containerName: filled,
        containerPort: z.int().min(0).max(65_535),
      }),
    )
    .optional(),
  healthCheckGracePeriodSeconds: z.int().min(0).max(2_147_483_647).optional(),
  iamRole: filled.optional(),
  ...{ enableExecuteCommand: flag, enableEcsManagedTags: flag, forceDelete: flag },
  ...{ forceNewDeployment: flag, waitForSteadyState: flag, sigintRollback: flag },
  propagateTags: z.enum(["SERVICE", "TASK_DEFINITION", "NONE"]).optional(),
  triggers: z.record(z.string(), z.string()).optional(),
});
export type ServiceInputs = z.infer<typeof inputs>;

/** Tasks that run all the time: each change of what they are is a rolling deployment, in place. */
export const service = regional({
  type: serviceType,
  api: ecs("ECS Service", "CreateService", { update: "UpdateService", delete: "DeleteService" }),
  inputs,
  immutable: ["name", "cluster", "launchType", "iamRole", "schedulingStrategy"],
  autoName: "name",
  references: [
    {
      input: "cluster",
      type: clusterType,
      property: "arn",
      or: { type: clusterType, property: "name" },
    },
    // What is deregistered goes on running where a service has it.
    {
      input: "taskDefinition",
      type: taskDefinitionType,
      property: "arn",
      onDelete: "release",
      when: isArn,
    },
    { input: "networkConfiguration.subnets[]", type: subnetType },
    { input: "networkConfiguration.securityGroups[]", type: securityGroupType },
    { input: "iamRole", type: roleType },
  ],
  unique: [["region", "cluster", "name"]],
  conflict: () => "Creation of service was not idempotent.",
  idStyle: (given) => {
    const cluster = lastOf(textOf(given["cluster"], "default"));
    return arnOf("ecs", regionOf(given), `service/${cluster}/${String(given["name"])}`);
  },
  recorded: recordedOf,
  refuse: requireService,
  create: async (operation) => await deploy(operation, "create"),
  update: async (operation) => await deploy(operation, "update"),
  delete: async ({ cloud, id }) => {
    await cloud.services.containers.removeService(id);
  },
});

function isArn({ taskDefinition }: Values): boolean {
  return String(taskDefinition).startsWith("arn:");
}

async function deploy(operation: Operation, verb: "create" | "update"): Promise<Made> {
  const { cloud, id, inputs: given } = operation;
  const done = cloud.services.containers.deployService(id, orderOf(operation));
  try {
    await done;
  } catch (error) {
    if (!(error instanceof ServiceFailed)) throw error;
    // It is there, but not as it should be: the provider keeps it, and the next deploy goes on.
    if (given["waitForSteadyState"] === true) throw new ServiceFailed(waited(id, verb, error));
  }
  return { outputs: { arn: id, ...defaultsOf(given) } };
}

const waited = (id: string, verb: string, { message }: Error): string =>
  `1 error occurred:\n\t* waiting for ECS Service (${id}) ${verb}: ${message}`;

const defaultsOf = ({ desiredCount, propagateTags }: Values): Values => ({
  desiredCount: desiredCount ?? 1,
  propagateTags: propagateTags ?? "NONE",
});

function orderOf({ cloud: { world }, inputs: given, before }: Operation): ServiceOrder {
  const region = regionOf(given);
  const wanted = given as ServiceInputs;
  const found = findTaskDefinition(world, region, String(wanted.taskDefinition));
  if (!found) throw new Error(`no task definition ${String(wanted.taskDefinition)}`);
  const {
    subnets = [],
    securityGroups = [],
    assignPublicIp = false,
  } = wanted.networkConfiguration ?? {};
  const { maximumPercent, minimumHealthyPercent } = ecsLimits.deployment;
  return {
    clusterArn: clusterArnOf(world, region, wanted.cluster),
    ...{ name: wanted.name, task: taskSpecOf(found), desiredCount: wanted.desiredCount ?? 1 },
    ...{ subnetIds: subnets, securityGroupIds: securityGroups, publicAddress: assignPublicIp },
    balancers: (wanted.loadBalancers ?? []).flatMap(({ targetGroupArn, ...rest }) =>
      targetGroupArn === undefined ? [] : [{ targetGroupArn, ...rest }],
    ),
    healthGraceSeconds: wanted.healthCheckGracePeriodSeconds ?? 0,
    minimumHealthyPercent: wanted.deploymentMinimumHealthyPercent ?? minimumHealthyPercent,
    maximumPercent: wanted.deploymentMaximumPercent ?? maximumPercent,
    circuitBreaker: wanted.deploymentCircuitBreaker ?? { enable: false, rollback: false },
    force: wanted.forceNewDeployment === true && before !== undefined,
  };
}

/** Parts of a service that nothing here acts on. */
function recordedOf(given: Values): string {
  const parts = [
    ...(given["enableExecuteCommand"] === true ? ["shells in its tasks"] : []),
    ...(given["alarms"] === undefined ? [] : ["alarms that end a deployment"]),
    ...(given["availabilityZoneRebalancing"] === "ENABLED" ? ["moves between zones"] : []),
    "limits of memory and CPU",
  ];
  return `its tasks run as processes of this machine; nothing is behind ${parts.join(", ")}`;
}
