import type { AwsKind } from "../awsKind";
import { listener, listenerRule } from "./listener";
import { loadBalancer } from "./loadBalancer";
import { targetGroup } from "./targetGroup";

export const balancerKinds: readonly AwsKind[] = [
  ...[loadBalancer, targetGroup, listener, listenerRule],
];
