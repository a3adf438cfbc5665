import { z } from "zod";
import type { Operation, Values } from "../../cloud/kind";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { arn, arnOf, filled, flag, regionOf, texts } from "../shapes";
import { backup, keyOf, planType, roleType, vaultType } from "./words";
import { planInputs, refusePlan } from "./backupPlan";

const invalid = (message: string): AwsError =>
  new AwsError("InvalidParameterValueException", message);

export const vault = regional({
  type: vaultType,
  api: backup("Backup Vault", "CreateBackupVault", { taken: "AlreadyExistsException" }),
  inputs: z.object({
    name: z
      .string()
      .min(2)
      .max(50)
      .regex(/^[0-9A-Za-z_-]*$/, "must consist of letters, numbers, and hyphens.")
      .optional(),
    ...{ kmsKeyArn: arn("kms").optional(), forceDestroy: flag },
  }),
  immutable: ["name", "kmsKeyArn"],
  autoName: "name",
  unique: [["name", "region"]],
  conflict: ({ name }) => `Backup vault with the same name already exists (${String(name)})`,
  references: [keyOf("kmsKeyArn")],
  inUse: (names) => `Backup vault cannot be deleted: ${names.join(", ")} still name it`,
  idStyle: ({ name }) => String(name),
  recorded: "nothing is backed up here: it stays empty",
  create: ({ id, inputs }) => ({
    outputs: {
      ...{ arn: arnOf("backup", regionOf(inputs), `backup-vault:${id}`), recoveryPoints: 0 },
      kmsKeyArn: inputs["kmsKeyArn"] ?? arnOf("kms", regionOf(inputs), "key/aws-backup"),
    },
  }),
});

export const plan = regional({
  type: planType,
  api: backup("Backup Plan", "CreateBackupPlan", {
    ...{ update: "UpdateBackupPlan", missing: "InvalidParameterValueException" },
  }),
  inputs: planInputs,
  immutable: ["name"],
  autoName: "name",
  references: [
    { input: "rules[].targetVaultName", type: vaultType, property: "name" },
    {
      ...{ input: "rules[].copyActions[].destinationVaultArn", type: vaultType },
      ...{ property: "arn", onDelete: "release" },
    },
  ],
  inUse: (names) =>
    `Related backup plan selections must be deleted prior to backup plan deletion (${names.join(", ")})`,
  idStyle: "uuid",
  recorded: "nothing is backed up here: its schedules never come",
  refuse: refusePlan,
  create: (operation) => ({ outputs: planOf(operation) }),
  update: (operation) => ({ outputs: planOf(operation) }),
});

function planOf({ id, inputs, cloud }: Operation): Values {
  return {
    arn: arnOf("backup", regionOf(inputs), `backup-plan:${id}`),
    version: cloud.newId("hex"),
  };
}

const filters = z
  .array(z.strictObject({ key: z.string().regex(/^aws:ResourceTag\/.+/), value: z.string() }))
  .optional();

const selectionInputs = z.object({
  name: z
    .string()
    .min(1)
    .max(50)
    .regex(
      /^[0-9A-Za-z_.-]+$/,
      "must contain only alphanumeric, hyphen, underscore, and period characters",
    )
    .optional(),
  planId: filled,
  iamRoleArn: arn("iam"),
  ...{ resources: texts.optional(), notResources: texts.optional() },
  selectionTags: z
    .array(z.strictObject({ type: z.enum(["STRINGEQUALS"]), key: filled, value: z.string() }))
    .optional(),
  conditions: z
    .array(
      z.strictObject({
        ...{ stringEquals: filters, stringLikes: filters },
        ...{ stringNotEquals: filters, stringNotLikes: filters },
      }),
    )
    .optional(),
});

export const selection = regional({
  type: "aws:backup/selection:Selection",
  tagged: false,
  api: backup("Backup Selection", "CreateBackupSelection", {
    ...{ taken: "AlreadyExistsException", missing: "InvalidParameterValueException" },
  }),
  inputs: selectionInputs,
  immutable: [
    ...["name", "planId", "iamRoleArn", "resources", "notResources"],
    ...["selectionTags", "conditions"],
  ],
  autoName: "name",
  unique: [["planId", "name"]],
  references: [
    { input: "planId", type: planType },
    { input: "iamRoleArn", type: roleType, property: "arn" },
  ],
  idStyle: "uuid",
  recorded: "nothing is backed up here",
  refuse: ({ inputs, cloud: { world } }) => {
    const given = inputs as z.infer<typeof selectionInputs>;
    const { resources = [], notResources = [], selectionTags = [], iamRoleArn } = given;
    if (resources.length + notResources.length + selectionTags.length === 0) {
      throw invalid(
        "Invalid BackupSelection: one of Resources, NotResources and ListOfTags must be given",
      );
    }
    const wrong = [...resources, ...notResources].find(
      (one) => one !== "*" && !/^arn:aws:[a-z0-9-]+:[a-z0-9*-]*:(\d{12}|\*)?:.+$/.test(one),
    );
    if (wrong !== undefined) throw invalid(`Invalid ARN: ${wrong}`);
    const role = world.all(roleType).find(({ outputs }) => outputs["arn"] === iamRoleArn);
    if (role && !String(role.inputs["assumeRolePolicy"]).includes("backup.amazonaws.com")) {
      throw invalid(`IAM Role ${iamRoleArn} cannot be assumed by AWS Backup`);
    }
  },
});
