import type { CloudResource, World } from "../../contracts";
import type { End } from "../network/reach";
import { listenerRuleType, listenerType, loadBalancerType } from "./words";

/** Balancers whose listeners, or rules of these, lead to a target group. */
export function balancersOf(world: World, group: string): readonly CloudResource[] {
  const leads = ({ inputs, ready }: CloudResource): boolean =>
    ready && JSON.stringify(inputs).includes(`"${group}"`);
  const ofRules = world
    .all(listenerRuleType)
    .filter(leads)
    .map(({ inputs }) => world.get(listenerType, String(inputs["listenerArn"])));
  const listeners = [...world.all(listenerType).filter(leads), ...ofRules];
  const arns = new Set(listeners.map((one) => String(one?.inputs["loadBalancerArn"])));
  return [...arns].flatMap((arn) => world.get(loadBalancerType, arn) ?? []);
}

/** Where a balancer is in its network. */
export const endOf = ({ inputs }: CloudResource): End => ({
  groups: (inputs["securityGroups"] ?? []) as readonly string[],
  subnets: (inputs["subnets"] ?? []) as readonly string[],
});
