import type { Operation } from "../../cloud/kind";
import type { CloudResource, World } from "../../contracts";
import { balancersOf } from "../balancer/targets";
import { targetGroupType } from "../balancer/words";
import { requireGroups } from "../network/securityGroups";
import { subnetType } from "../network/words";
import { AwsError } from "../refusal";
import { regionOf, textOf } from "../shapes";
import { clusterArnOf } from "./cluster";
import type { ServiceInputs } from "./service";
import { findTaskDefinition, taskSpecOf } from "./taskDefinition";

const wrong = (message: string): AwsError => new AwsError("InvalidParameterException", message);

/** What ECS refuses of a service. */
export function requireService({ cloud, inputs }: Operation): void {
  const { world } = cloud;
  const wanted = inputs as ServiceInputs;
  const region = regionOf(inputs);
  clusterArnOf(world, region, wanted.cluster ?? "default");
  if (wanted.launchType !== undefined && wanted.capacityProviderStrategies !== undefined) {
    throw wrong(
      "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    );
  }
  if (wanted.launchType !== "FARGATE" && wanted.capacityProviderStrategies === undefined) {
    throw wrong("the embedded cloud runs services on Fargate alone: launchType must be FARGATE");
  }
  if (wanted.schedulingStrategy === "DAEMON") {
    throw wrong("The daemon scheduling strategy is not supported for FARGATE tasks.");
  }
  if ((wanted.deploymentController?.type ?? "ECS") !== "ECS") {
    throw wrong("the embedded cloud has the deployment controller ECS alone");
  }
  const task = requireTask(world, region, wanted);
  const vpcId = requireNetwork(world, wanted);
  requireTargets(world, wanted, task, vpcId);
  const most = wanted.deploymentMaximumPercent ?? 200;
  const least = wanted.deploymentMinimumHealthyPercent ?? 100;
  if (most <= 100 && least >= 100) {
    throw wrong(
      "A deployment must be able to stop a task or to start one more: minimumHealthyPercent below 100 or maximumPercent above it.",
    );
  }
}

function requireTask(world: World, region: string, wanted: ServiceInputs): CloudResource {
  if (wanted.taskDefinition === undefined) {
    throw wrong("Task definition can not be blank.");
  }
  const found = findTaskDefinition(world, region, wanted.taskDefinition);
  if (!found) throw new AwsError("ClientException", "Unable to describe task definition.");
  return found;
}

/** All of it in one VPC. */
function requireNetwork(world: World, { networkConfiguration }: ServiceInputs): string {
  if (!networkConfiguration) {
    throw wrong("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  const { subnets, securityGroups = [] } = networkConfiguration;
  const networks = new Set(subnets.map((id) => String(world.get(subnetType, id)?.inputs["vpcId"])));
  const [vpcId = "", second] = networks;
  if (second !== undefined) throw wrong("The provided subnets are not in the same VPC.");
  requireGroups(world, securityGroups);
  const strange = securityGroups.find((id) => {
    const group = world.get("aws:ec2/securityGroup:SecurityGroup", id);
    return group && group.inputs["vpcId"] !== vpcId;
  });
  if (strange !== undefined) {
    throw wrong(
      `Security group ${strange} does not appear to belong to the same VPC as the input subnets.`,
    );
  }
  return vpcId;
}

function requireTargets(
  world: World,
  { loadBalancers = [], healthCheckGracePeriodSeconds = 0 }: ServiceInputs,
  definition: CloudResource,
  vpcId: string,
): void {
  if (loadBalancers.length === 0 && healthCheckGracePeriodSeconds > 0) {
    throw wrong(
      "Health check grace period is only valid for services configured to use load balancers",
    );
  }
  const task = taskSpecOf(definition);
  for (const { targetGroupArn = "", containerName, containerPort } of loadBalancers) {
    const container = task.containers.find(({ name }) => name === containerName);
    if (!container) {
      throw wrong(`The container ${containerName} does not exist in the task definition.`);
    }
    const ports = (container.portMappings ?? []).map((one) => one.containerPort);
    if (!ports.includes(containerPort)) {
      throw wrong(
        `The container ${containerName} did not have a container port ${containerPort} defined.`,
      );
    }
    const group = world.get(targetGroupType, targetGroupArn);
    if (!group) {
      throw wrong(`The specified target group does not exist. (${targetGroupArn})`);
    }
    if (group.inputs["targetType"] !== "ip") {
      throw wrong(
        `The provided target group ${targetGroupArn} has target type ${textOf(group.inputs["targetType"], "instance")}, which is incompatible with the awsvpc network mode specified in the task definition.`,
      );
    }
    if (group.inputs["vpcId"] !== vpcId) {
      throw wrong(`The target group ${targetGroupArn} is in another VPC than the subnets.`);
    }
    if (balancersOf(world, targetGroupArn).length === 0) {
      throw wrong(
        `The target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer.`,
      );
    }
  }
}
