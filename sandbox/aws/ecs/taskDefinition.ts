import { z } from "zod";
import {
  fargateArchitectures,
  fargateLimits,
  fargateMemoryMib,
  fargateSizeProblem,
} from "../../../prices/aws";
import type { Values } from "../../cloud/kind";
import type { CloudResource, World } from "../../contracts";
import { ecsName, readContainers, type TaskSpec } from "../../containers/taskSpec";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { arn, arnOf, filled, flag, partsOfArn, regionOf, textOf } from "../shapes";
import { requireContainers } from "./containerRules";
import { ecs, taskDefinitionType } from "./words";

const { ephemeralStorageGib } = fargateLimits;

/** Each change is another revision of the family, and another resource. */
export const taskDefinition = regional({
  type: taskDefinitionType,
  api: ecs("ECS Task Definition", "RegisterTaskDefinition", {
    delete: "DeregisterTaskDefinition",
    named: ({ family }) => String(family),
  }),
  inputs: z.object({
    family: ecsName,
    containerDefinitions: filled,
    // Numbers as texts, as the API has them.
    ...{ cpu: filled.optional(), memory: filled.optional() },
    networkMode: z.enum(["awsvpc", "bridge", "host", "none"]).optional(),
    requiresCompatibilities: z.array(z.enum(["FARGATE", "EC2", "EXTERNAL"])).optional(),
    ...{ executionRoleArn: arn("iam").optional(), taskRoleArn: arn("iam").optional() },
    runtimePlatform: z
      .strictObject({
        cpuArchitecture: z.enum(fargateArchitectures).optional(),
        operatingSystemFamily: z.literal("LINUX").optional(),
      })
      .optional(),
    ephemeralStorage: z
      .strictObject({
        sizeInGib: z.int().min(ephemeralStorageGib.low).max(ephemeralStorageGib.high),
      })
      .optional(),
    volumes: z
      .array(z.strictObject({ name: filled, configureAtLaunch: flag, hostPath: filled.optional() }))
      .optional(),
    ...{ skipDestroy: flag, trackLatest: flag, enableFaultInjection: flag },
  }),
  immutable: [
    ...["family", "containerDefinitions", "cpu", "memory", "networkMode", "volumes"],
    ...["requiresCompatibilities", "executionRoleArn", "taskRoleArn", "runtimePlatform"],
    ...["ephemeralStorage", "enableFaultInjection"],
  ],
  // The provider's id is the family, of which there are two while one replaces the other.
  idStyle: (inputs, { services: { containers } }) => {
    const family = String(inputs["family"]);
    const revision = containers.nextRevision(regionOf(inputs), family);
    return arnOf("ecs", regionOf(inputs), `task-definition/${family}:${revision}`);
  },
  check: ({ containerDefinitions }) => {
    if (typeof containerDefinitions !== "string") return [];
    const { problem } = readContainers(containerDefinitions);
    if (problem === undefined) return [];
    const reason = `ECS Task Definition container_definitions is invalid: ${problem}`;
    return [{ property: "containerDefinitions", reason }];
  },
  refuse: ({ inputs }) => {
    requireFargate(inputs);
    const { containers = [] } = readContainers(String(inputs["containerDefinitions"]));
    requireContainers(containers, inputs);
  },
  create: ({ id }) => ({
    outputs: {
      arn: id,
      arnWithoutRevision: id.replace(/:\d+$/, ""),
      revision: Number(id.split(":").at(-1)),
    },
  }),
});

function requireFargate(inputs: Values): void {
  const compatibilities = (inputs["requiresCompatibilities"] ?? ["EC2"]) as readonly string[];
  if (!compatibilities.includes("FARGATE")) {
    throw new AwsError(
      "ClientException",
      'the embedded cloud runs tasks on Fargate alone: requiresCompatibilities must have "FARGATE"',
    );
  }
  if (inputs["networkMode"] !== fargateLimits.networkMode) {
    throw new AwsError(
      "ClientException",
      `When using launch type FARGATE, networkMode must be ${fargateLimits.networkMode}.`,
    );
  }
  const [cpu, memory] = [textOf(inputs["cpu"]), textOf(inputs["memory"])];
  if (cpu === "" || memory === "") {
    throw new AwsError(
      "ClientException",
      `Fargate requires that 'cpu' and 'memory' be defined at the task level.`,
    );
  }
  const problem = fargateSizeProblem(unitsOf(cpu), mibOf(memory));
  if (problem === undefined) return;
  const known = fargateMemoryMib(unitsOf(cpu)).length > 0;
  throw new AwsError(
    "ClientException",
    known
      ? `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. (${problem})`
      : `Invalid 'cpu' setting for task. (${problem})`,
  );
}

/** "1024", "1 vCPU" and ".5 vcpu" say the same thing in two ways. */
function unitsOf(cpu: string): number {
  const [, vcpus] = /^([\d.]+)\s*vcpu$/i.exec(cpu) ?? [];
  return vcpus === undefined ? Number(cpu) : Number(vcpus) * 1_024;
}

function mibOf(memory: string): number {
  const [, gib] = /^([\d.]+)\s*gb$/i.exec(memory) ?? [];
  return gib === undefined ? Number(memory) : Number(gib) * 1_024;
}

/** What a definition says of a task. */
export function taskSpecOf({ id, inputs }: CloudResource): TaskSpec {
  const { containers = [] } = readContainers(String(inputs["containerDefinitions"]));
  const { executionRoleArn, taskRoleArn } = inputs;
  return {
    ...{ arn: id, family: String(inputs["family"]), region: regionOf(inputs), containers },
    revision: Number(id.split(":").at(-1)),
    cpu: unitsOf(String(inputs["cpu"])),
    ...(typeof executionRoleArn === "string" && { executionRoleArn }),
    ...(typeof taskRoleArn === "string" && { taskRoleArn }),
  };
}

/**
 * The definition that a service or a run names: its ARN, or family and revision, or the family alone
 * for its last one.
 */
export function findTaskDefinition(
  world: World,
  region: string,
  named: string,
): CloudResource | undefined {
  const wanted = named.startsWith("arn:") ? partsOfArn(named).resource.split("/").at(-1) : named;
  const all = world
    .all(taskDefinitionType)
    .filter(({ inputs, ready }) => ready && inputs["region"] === region);
  const revisionOf = ({ id }: CloudResource): number => Number(id.split(":").at(-1));
  return (
    all.find(({ id }) => id.endsWith(`/${String(wanted)}`)) ??
    all
      .filter(({ inputs }) => inputs["family"] === wanted)
      .sort((a, b) => revisionOf(a) - revisionOf(b))
      .at(-1)
  );
}
