import type { CloudResource, World } from "../../contracts";
import { isAllowed, type Question } from "./evaluate";
import { managedActions } from "./managed";
import { statementsIn, type Statement } from "./policy";

export const roleType = "aws:iam/role:Role";
export const rolePolicyType = "aws:iam/rolePolicy:RolePolicy";
export const attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
export const policyType = "aws:iam/policy:Policy";

/** A role by its ARN. */
export function roleAt(world: World, roleArn: string): CloudResource | undefined {
  return world.all(roleType).find(({ outputs }) => outputs["arn"] === roleArn);
}

/** Whether a service of AWS may act as a role, e.g. "ecs-tasks.amazonaws.com". */
export function isTrusted(world: World, roleArn: string, service: string): boolean {
  const role = roleAt(world, roleArn);
  if (!role) return false;
  return statementsIn(String(role.inputs["assumeRolePolicy"])).some(
    ({ Effect, Principal, Action }) =>
      Effect === "Allow" &&
      [Action ?? []].flat().some((action) => action === "sts:AssumeRole" || action === "sts:*") &&
      typeof Principal === "object" &&
      [Principal.Service ?? []].flat().includes(service),
  );
}

/** Whether a role may do something. */
export function mayRole(world: World, roleArn: string, question: Question): boolean {
  const role = roleAt(world, roleArn);
  return role !== undefined && isAllowed(statementsOf(world, role), question);
}

/** Of all policies that a role has. */
function statementsOf(world: World, { id, inputs }: CloudResource): readonly Statement[] {
  const attached = world
    .all(attachmentType)
    .filter((one) => one.inputs["role"] === id)
    .map((one) => String(one.inputs["policyArn"]));
  const own = world
    .all(rolePolicyType)
    .filter((one) => one.inputs["role"] === id)
    .map((one) => String(one.inputs["policy"]));
  const inline = (inputs["inlinePolicies"] ?? []) as readonly { readonly policy?: string }[];
  const listed = (inputs["managedPolicyArns"] ?? []) as readonly string[];
  return [
    ...[...own, ...inline.flatMap(({ policy }) => policy ?? [])].flatMap(statementsIn),
    ...[...attached, ...listed].flatMap((arn) => statementsAt(world, arn)),
  ];
}

function statementsAt(world: World, policyArn: string): readonly Statement[] {
  const actions = managedActions(policyArn);
  if (actions) {
    const [first] = actions;
    return first === undefined ? [] : [{ Effect: "Allow", Action: [...actions], Resource: "*" }];
  }
  const own = world.all(policyType).find(({ outputs }) => outputs["arn"] === policyArn);
  return own ? statementsIn(String(own.inputs["policy"])) : [];
}

/** As AWS words a refusal. */
export function accessDenied(roleArn: string, session: string, question: Question): string {
  const role = roleArn.split("/").at(-1) ?? roleArn;
  const account = roleArn.split(":")[4] ?? "";
  return (
    `User: arn:aws:sts::${account}:assumed-role/${role}/${session} is not authorized to perform: ` +
    `${question.action} on resource: ${question.resource} because no identity-based policy allows ` +
    `the ${question.action} action`
  );
}
