import type { ApiWords } from "../awsKind";

export const clusterType = "aws:ecs/cluster:Cluster";
export const taskDefinitionType = "aws:ecs/taskDefinition:TaskDefinition";
export const serviceType = "aws:ecs/service:Service";
export const scalingTargetType = "aws:appautoscaling/target:Target";
export const scalingPolicyType = "aws:appautoscaling/policy:Policy";

export const ecs = (noun: string, create: string, more: Partial<ApiWords> = {}): ApiWords => ({
  ...{ noun, sdk: "ECS", create },
  ...more,
  codes: { 404: "ClusterNotFoundException", 409: "InvalidParameterException", ...more.codes },
});

/** The last part of an ARN, or the name that is given in its place. */
export const lastOf = (arnOrName: string): string => arnOrName.split("/").at(-1) ?? arnOrName;
