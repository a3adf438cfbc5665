import { z } from "zod";
import { kmsPrices } from "../../../prices/aws";
import type { Operation } from "../../cloud/kind";
import { regional } from "../awsKind";
import { policyText, requirePolicy } from "../iam/policy";
import { AwsError } from "../refusal";
import { accountId, arnOf, filled, flag, regionOf } from "../shapes";
import { keyType, kms } from "./words";

const inputs = z.object({
  description: z.string().max(8_192).optional(),
  keyUsage: z
    .enum(["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"])
    .optional(),
  customerMasterKeySpec: z
    .enum([
      ...(["SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096"] as const),
      ...(["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"] as const),
      ...(["HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "SM2"] as const),
    ])
    .optional(),
  policy: policyText.optional(),
  deletionWindowInDays: z
    .int()
    .min(kmsPrices.deletionDays.low)
    .max(kmsPrices.deletionDays.high)
    .optional(),
  ...{ enableKeyRotation: flag, isEnabled: flag, multiRegion: flag },
  rotationPeriodInDays: z.int().min(90).max(2_560).optional(),
  bypassPolicyLockoutSafetyCheck: flag,
});

export const key = regional({
  type: keyType,
  api: kms("KMS Key", "CreateKey", {
    ...{ named: () => undefined, update: "UpdateKeyDescription", delete: "ScheduleKeyDeletion" },
  }),
  inputs,
  immutable: ["customerMasterKeySpec", "keyUsage", "multiRegion"],
  idStyle: "uuid",
  inUse: (names) => `the embedded cloud keeps the key while ${names.join(", ")} have it`,
  recorded: "nothing is encrypted with it",
  check: ({ rotationPeriodInDays, enableKeyRotation }) =>
    rotationPeriodInDays !== undefined && enableKeyRotation === undefined
      ? [
          {
            property: "rotationPeriodInDays",
            reason: "all of `enable_key_rotation,rotation_period_in_days` must be specified",
          },
        ]
      : [],
  refuse: ({ inputs: given }) => {
    const {
      policy,
      enableKeyRotation,
      customerMasterKeySpec = "SYMMETRIC_DEFAULT",
    } = given as z.infer<typeof inputs>;
    if (policy !== undefined) {
      requirePolicy(policy, "resource", "MalformedPolicyDocumentException");
      if (given["bypassPolicyLockoutSafetyCheck"] !== true && !policy.includes(accountId)) {
        throw new AwsError(
          "MalformedPolicyDocumentException",
          "The new key policy will not allow you to update the key policy in the future.",
        );
      }
    }
    if (enableKeyRotation === true && customerMasterKeySpec !== "SYMMETRIC_DEFAULT") {
      throw new AwsError(
        "UnsupportedOperationException",
        `Automatic rotation is not supported for keys of ${customerMasterKeySpec}`,
      );
    }
  },
  create: (operation) => ({ outputs: { ...told(operation), keyId: operation.id } }),
  update: (operation) => ({ outputs: told(operation) }),
});

function told({ id, inputs: given }: Operation) {
  return {
    arn: arnOf("kms", regionOf(given), `key/${id}`),
    policy: given["policy"] ?? ownersPolicy,
    ...{
      keyUsage: given["keyUsage"] ?? "ENCRYPT_DECRYPT",
      multiRegion: given["multiRegion"] ?? false,
    },
  };
}

/** What AWS gives a key of whose policy nothing is said. */
const ownersPolicy = JSON.stringify({
  Version: "2012-10-17",
  Id: "key-default-1",
  Statement: [
    {
      Sid: "Enable IAM User Permissions",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: "kms:*",
      Resource: "*",
    },
  ],
});

const aliasInputs = z.object({
  name: z
    .string()
    .max(256)
    .regex(
      /^alias\/(?!aws\/)[0-9A-Za-z_/-]+$/,
      "name must begin with 'alias/' and be comprised of only [a-zA-Z0-9/_-], and must not begin with alias/aws/",
    ),
  targetKeyId: filled,
});

export const alias = regional({
  type: "aws:kms/alias:Alias",
  tagged: false,
  api: kms("KMS Alias", "CreateAlias", {
    ...{ update: "UpdateAlias", taken: "AlreadyExistsException", missing: "NotFoundException" },
  }),
  inputs: aliasInputs,
  immutable: ["name"],
  unique: [["name", "region"]],
  conflict: ({ name }) => `An alias with the name ${String(name)} already exists`,
  references: [
    {
      ...{ input: "targetKeyId", type: keyType, onDelete: "cascade" },
      or: { type: keyType, property: "arn" },
    },
  ],
  idStyle: ({ name }) => String(name),
  recorded: "nothing is encrypted with its key",
  create: (operation) => ({ outputs: aliasOf(operation) }),
  update: (operation) => ({ outputs: aliasOf(operation) }),
});

function aliasOf({ id, inputs: given, cloud: { world } }: Operation) {
  const { targetKeyId } = given as z.infer<typeof aliasInputs>;
  const target = world.get(keyType, targetKeyId) ?? keyByArn(world, targetKeyId);
  return {
    arn: arnOf("kms", regionOf(given), id),
    targetKeyArn: target?.outputs["arn"],
    targetKeyId: target?.id,
  };
}

const keyByArn = (world: Operation["cloud"]["world"], arn: string) =>
  world.all(keyType).find(({ outputs }) => outputs["arn"] === arn);
