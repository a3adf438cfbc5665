import type { AwsKind } from "../awsKind";
import { cluster, clusterCapacityProviders } from "./cluster";
import { scalingPolicy, scalingTarget } from "./scaling";
import { service } from "./service";
import { taskDefinition } from "./taskDefinition";

export const ecsKinds: readonly AwsKind[] = [
  ...[cluster, clusterCapacityProviders, taskDefinition, service],
  ...[scalingTarget, scalingPolicy],
];
