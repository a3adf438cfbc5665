import { z } from "zod";
import type { Values } from "../../cloud/kind";
import type { World } from "../../contracts";
import { global, type ApiWords, type AwsKind } from "../awsKind";
import { AwsError } from "../refusal";
import { arn, arnOf, filled, flag, now } from "../shapes";
import { managedActions, managedPolicyNames } from "./managed";
import { attachmentType, policyType, rolePolicyType, roleType } from "./permissions";
import { policyText, requirePolicy } from "./policy";

const iam = (noun: string, create: string, more: Partial<ApiWords> = {}): ApiWords => ({
  ...{ noun, sdk: "IAM", create },
  ...more,
  codes: { 404: "NoSuchEntity", 409: "EntityAlreadyExists", ...more.codes },
});

const name = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[\w+=,.@-]+$/, "letters, digits and +=,.@-_ alone");

const path = z
  .string()
  .regex(/^(\/|\/[!-~]+\/)$/, "begins and ends with a slash")
  .optional();

const role = global({
  type: roleType,
  api: iam("IAM Role", "CreateRole", { codes: { 409: "DeleteConflict" } }),
  inputs: z.object({
    name: name(64),
    assumeRolePolicy: policyText,
    description: z.string().max(1_000).optional(),
    ...{ path, forceDetachPolicies: flag, permissionsBoundary: arn("iam").optional() },
    maxSessionDuration: z.int().min(3_600).max(43_200).optional(),
    managedPolicyArns: z.array(arn("iam")).optional(),
    inlinePolicies: z
      .array(z.strictObject({ name: name(128).optional(), policy: policyText.optional() }))
      .optional(),
  }),
  immutable: ["name", "path"],
  autoName: "name",
  unique: [["name"]],
  conflict: ({ name: taken }) => `Role with name ${String(taken)} already exists.`,
  idStyle: (inputs) => String(inputs["name"]),
  inUse: (names) => `Cannot delete entity, must delete policies first. (${names.join(", ")})`,
  refuse: ({ inputs, cloud: { world } }) => {
    requirePolicy(String(inputs["assumeRolePolicy"]), "trust");
    for (const { policy } of (inputs["inlinePolicies"] ?? []) as { policy?: string }[]) {
      if (policy !== undefined) requirePolicy(policy, "identity");
    }
    for (const one of (inputs["managedPolicyArns"] ?? []) as string[])
      requireAttachable(world, one);
  },
  create: ({ inputs, id, before, cloud }) => ({
    outputs: {
      arn: arnOf("iam", "", `role${pathOf(inputs)}${id}`),
      createDate: before?.outputs["createDate"] ?? now(),
      uniqueId: before?.outputs["uniqueId"] ?? `AROA${cloud.newId("hex").slice(-17).toUpperCase()}`,
      ...{ path: pathOf(inputs), maxSessionDuration: inputs["maxSessionDuration"] ?? 3_600 },
    },
  }),
});

const pathOf = ({ path: given = "/" }: Values): string => String(given);

/** Letters of all inline policies of a role, without white space (IAM's quotas). */
const INLINE_LETTERS = 10_240;

const rolePolicy = global({
  type: rolePolicyType,
  tagged: false,
  api: iam("IAM Role Policy", "PutRolePolicy", { update: "PutRolePolicy" }),
  inputs: z.object({ name: name(128), role: filled, policy: policyText }),
  immutable: ["name", "role"],
  autoName: "name",
  references: [{ input: "role", type: roleType, onDelete: "refuse" }],
  unique: [["role", "name"]],
  idStyle: (inputs) => `${String(inputs["role"])}:${String(inputs["name"])}`,
  refuse: ({ inputs, cloud: { world }, id }) => {
    requirePolicy(String(inputs["policy"]), "identity");
    const letters = world
      .all(rolePolicyType)
      .filter((one) => one.id !== id && one.inputs["role"] === inputs["role"])
      .map((one) => String(one.inputs["policy"]))
      .concat(String(inputs["policy"]))
      .reduce((sum, policy) => sum + policy.replaceAll(/\s/g, "").length, 0);
    if (letters > INLINE_LETTERS) {
      throw new AwsError(
        "LimitExceeded",
        `Maximum policy size of ${INLINE_LETTERS} bytes exceeded for role ${String(inputs["role"])}`,
        409,
      );
    }
  },
});

const rolePolicyAttachment = global({
  type: attachmentType,
  tagged: false,
  api: iam("IAM Role Policy Attachment", "AttachRolePolicy", {
    delete: "DetachRolePolicy",
    named: ({ role: to, policyArn }) => `${String(to)}: ${String(policyArn)}`,
  }),
  inputs: z.object({ role: filled, policyArn: arn("iam") }),
  immutable: ["role", "policyArn"],
  references: [
    { input: "role", type: roleType },
    // AWS's own are no resources here.
    {
      ...{ input: "policyArn", type: policyType, property: "arn" },
      when: ({ policyArn }) => !String(policyArn).startsWith("arn:aws:iam::aws:"),
    },
  ],
  idStyle: (inputs) => `${String(inputs["role"])}/${String(inputs["policyArn"])}`,
  refuse: ({ inputs, cloud: { world } }) => {
    requireAttachable(world, String(inputs["policyArn"]));
  },
});

function requireAttachable(world: World, policyArn: string): void {
  if (managedActions(policyArn)) return;
  if (world.all(policyType).some(({ outputs }) => outputs["arn"] === policyArn)) return;
  throw new AwsError(
    "NoSuchEntity",
    `Policy ${policyArn} does not exist or is not attachable.` +
      (policyArn.startsWith("arn:aws:iam::aws:")
        ? ` (The embedded cloud knows of AWS's own: ${managedPolicyNames.join(", ")})`
        : ""),
    404,
  );
}

const policy = global({
  type: policyType,
  api: iam("IAM Policy", "CreatePolicy", {
    update: "CreatePolicyVersion",
    codes: { 409: "DeleteConflict" },
  }),
  inputs: z.object({
    name: name(128),
    ...{ path, policy: policyText, description: z.string().max(1_000).optional() },
  }),
  immutable: ["name", "path", "description"],
  autoName: "name",
  unique: [["name"]],
  conflict: ({ name: taken }) =>
    `A policy called ${String(taken)} already exists. Duplicate names are not allowed.`,
  idStyle: (inputs) => arnOf("iam", "", `policy${pathOf(inputs)}${String(inputs["name"])}`),
  refuse: ({ inputs }) => {
    requirePolicy(String(inputs["policy"]), "identity");
  },
  create: ({ id, cloud }) => ({
    outputs: { arn: id, policyId: `ANPA${cloud.newId("hex").slice(-17).toUpperCase()}` },
  }),
});

export const iamKinds: readonly AwsKind[] = [role, rolePolicy, rolePolicyAttachment, policy];
