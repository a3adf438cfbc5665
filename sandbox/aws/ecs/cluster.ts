import { z } from "zod";
import { ecsLimits } from "../../../prices/aws";
import type { World } from "../../contracts";
import { ecsName } from "../../containers/taskSpec";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { arnOf, filled, regionOf } from "../shapes";
import { clusterType, ecs, lastOf, serviceType } from "./words";

export const cluster = regional({
  type: clusterType,
  api: ecs("ECS Cluster", "CreateCluster"),
  inputs: z.object({
    name: ecsName,
    settings: z
      .array(
        z.strictObject({
          name: z.literal("containerInsights"),
          value: z.enum(ecsLimits.containerInsights),
        }),
      )
      .optional(),
    configuration: z
      .strictObject({
        executeCommandConfiguration: z
          .strictObject({
            kmsKeyId: filled.optional(),
            logging: z.enum(["NONE", "DEFAULT", "OVERRIDE"]).optional(),
          })
          .optional(),
      })
      .optional(),
  }),
  immutable: ["name"],
  autoName: "name",
  unique: [["region", "name"]],
  conflict: ({ name }) => `there is a cluster ${String(name)} already`,
  idStyle: (inputs) => arnOf("ecs", regionOf(inputs), `cluster/${String(inputs["name"])}`),
  recorded: "its tasks run as processes of this machine; Container Insights measures nothing",
  create: ({ id }) => ({ outputs: { arn: id } }),
  delete: ({ cloud: { world, services }, id }) => {
    const inside = servicesIn(world, id).map(({ inputs }) => String(inputs["name"]));
    if (inside.length > 0) {
      throw new AwsError(
        "ClusterContainsServicesException",
        `The Cluster cannot be deleted while Services are active. (${inside.join(", ")})`,
      );
    }
    const running = services.containers
      .listTasks(id)
      .filter(({ lastStatus }) => lastStatus !== "STOPPED");
    if (running.length > 0) {
      throw new AwsError(
        "ClusterContainsTasksException",
        "The Cluster cannot be deleted while Tasks are active.",
      );
    }
  },
});

/** Services of a cluster, which name it by its ARN or its name. */
function servicesIn(world: World, clusterArn: string) {
  return world
    .all(serviceType)
    .filter(({ inputs }) => lastOf(String(inputs["cluster"])) === lastOf(clusterArn));
}

/** @throws AwsError where there is no such cluster in the region. */
export function clusterArnOf(world: World, region: string, arnOrName: unknown): string {
  const found = world
    .all(clusterType)
    .find(
      ({ id, inputs }) =>
        inputs["region"] === region && (id === arnOrName || inputs["name"] === arnOrName),
    );
  if (!found) throw new AwsError("ClusterNotFoundException", "Cluster not found.");
  return found.id;
}

const strategy = z.strictObject({
  capacityProvider: z.enum(["FARGATE", "FARGATE_SPOT"]),
  base: z.int().min(0).max(100_000).optional(),
  weight: z.int().min(0).max(1_000).optional(),
});

export const capacityProviderStrategies = z
  .array(strategy)
  .max(ecsLimits.capacityProvidersPerStrategy)
  .optional();

export const clusterCapacityProviders = regional({
  type: "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
  tagged: false,
  api: ecs("ECS Cluster Capacity Providers", "PutClusterCapacityProviders", {
    ...{ update: "PutClusterCapacityProviders", delete: "PutClusterCapacityProviders" },
    named: ({ clusterName }) => String(clusterName),
  }),
  inputs: z.object({
    clusterName: filled,
    capacityProviders: z.array(z.enum(["FARGATE", "FARGATE_SPOT"])).optional(),
    defaultCapacityProviderStrategies: capacityProviderStrategies,
  }),
  immutable: ["clusterName"],
  references: [{ input: "clusterName", type: clusterType, property: "name", onDelete: "cascade" }],
  unique: [["region", "clusterName"]],
  idStyle: (inputs) => String(inputs["clusterName"]),
  recorded: "every task runs on this machine",
  refuse: ({ inputs }) => {
    const known = (inputs["capacityProviders"] ?? []) as readonly string[];
    const used = (inputs["defaultCapacityProviderStrategies"] ?? []) as readonly z.infer<
      typeof strategy
    >[];
    const missing = used.find(({ capacityProvider }) => !known.includes(capacityProvider));
    if (missing) {
      throw new AwsError(
        "InvalidParameterException",
        `The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. (${missing.capacityProvider})`,
      );
    }
  },
});
