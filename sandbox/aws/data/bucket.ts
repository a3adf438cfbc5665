import { z } from "zod";
import type { Reference, Values } from "../../cloud/kind";
import type { World } from "../../contracts";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { filled, flag, regionOf } from "../shapes";
import { bucketType, keyType, namedBy, s3 } from "./words";

const bucketName = z
  .string()
  .min(3)
  .max(63)
  .regex(
    /^[a-z0-9](?!.*\.\.)[a-z0-9.-]*[a-z0-9]$/,
    "only lowercase alphanumeric characters, periods and hyphens allowed, a letter or digit first and last",
  );

/** Buckets of an account, unless AWS raises it (S3's guide, "Bucket quotas", 2024-11). */
const QUOTA = {
  most: 10_000,
  dated: { source: "AWS documentation: General purpose bucket quotas", asOf: "2024-11-14" },
};

/** What of a bucket its other resources set: they are its own, and go with it. */
export const ofBucket: Reference = { input: "bucket", type: bucketType, onDelete: "cascade" };

export const bucket = regional({
  type: bucketType,
  api: s3("S3 Bucket", "CreateBucket", {
    ...{ named: namedBy("bucket"), taken: "BucketAlreadyOwnedByYou" },
  }),
  // What the provider has taken out of it into types of their own is refused here.
  inputs: z.object({
    bucket: bucketName.optional(),
    ...{ forceDestroy: flag, objectLockEnabled: flag },
  }),
  immutable: ["bucket", "objectLockEnabled"],
  autoName: "bucket",
  unique: [["bucket"]],
  conflict: () =>
    "Your previous request to create the named bucket succeeded and you already own it.",
  quota: { most: QUOTA.most, dated: { ...QUOTA.dated, verified: false } },
  idStyle: ({ bucket: own }) => String(own),
  // Always empty, so that nothing hinders its deletion.
  recorded: "nothing stores objects here: who writes to it finds no bucket",
  create: ({ id, inputs }) => ({
    outputs: {
      ...{ arn: `arn:aws:s3:::${id}`, bucketRegion: regionOf(inputs) },
      bucketDomainName: `${id}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${id}.s3.${regionOf(inputs)}.amazonaws.com`,
      hostedZoneId: "Z3BJ6K6RIION7M",
      requestPayer: "BucketOwner",
    },
  }),
});

const versioningInputs = z.object({
  bucket: filled,
  mfa: z.string().optional(),
  expectedBucketOwner: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  versioningConfiguration: z.strictObject({
    status: z.enum(["Enabled", "Suspended", "Disabled"]),
    mfaDelete: z.enum(["Enabled", "Disabled"]).optional(),
  }),
});

export const bucketVersioning = regional({
  type: "aws:s3/bucketVersioning:BucketVersioning",
  tagged: false,
  api: s3("S3 Bucket Versioning", "PutBucketVersioning", bucketWords("PutBucketVersioning")),
  inputs: versioningInputs,
  immutable: ["bucket"],
  unique: [["bucket"]],
  references: [ofBucket],
  idStyle: ({ bucket: own }) => String(own),
  recorded: "nothing stores objects here, nor versions of them",
  refuse: ({ inputs, before }) => {
    const now = (inputs as z.infer<typeof versioningInputs>).versioningConfiguration.status;
    const was = before?.inputs["versioningConfiguration"] as Values | undefined;
    if (before?.ready && now === "Disabled" && was?.["status"] !== "Disabled") {
      throw new AwsError(
        "api error IllegalVersioningConfigurationException",
        `versioning_configuration.status cannot be updated from '${String(was?.["status"])}' to 'Disabled'`,
      );
    }
  },
});

export const bucketPublicAccessBlock = regional({
  type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  tagged: false,
  api: s3("S3 Bucket Public Access Block", "PutPublicAccessBlock", {
    ...{ update: "PutPublicAccessBlock", delete: "DeletePublicAccessBlock" },
    ...{ named: namedBy("bucket"), missing: "NoSuchBucket" },
  }),
  inputs: z.object({
    bucket: filled,
    ...{ blockPublicAcls: flag, blockPublicPolicy: flag },
    ...{ ignorePublicAcls: flag, restrictPublicBuckets: flag, skipDestroy: flag },
  }),
  immutable: ["bucket"],
  unique: [["bucket"]],
  references: [ofBucket],
  idStyle: ({ bucket: own }) => String(own),
  recorded: "nothing stores objects here that anybody could read",
});

export const bucketOwnershipControls = regional({
  type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  tagged: false,
  api: s3("S3 Bucket Ownership Controls", "PutBucketOwnershipControls", {
    ...bucketWords("PutBucketOwnershipControls"),
    delete: "DeleteBucketOwnershipControls",
  }),
  inputs: z.object({
    bucket: filled,
    rule: z.strictObject({
      objectOwnership: z.enum(["BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"]),
    }),
  }),
  immutable: ["bucket"],
  unique: [["bucket"]],
  references: [ofBucket],
  idStyle: ({ bucket: own }) => String(own),
  recorded: "nothing stores objects here that anybody could own",
});

const encryptionInputs = z.object({
  bucket: filled,
  expectedBucketOwner: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  rules: z
    .array(
      z.strictObject({
        applyServerSideEncryptionByDefault: z
          .strictObject({
            sseAlgorithm: z.enum(["AES256", "aws:fsx", "aws:kms", "aws:kms:dsse"]),
            kmsMasterKeyId: filled.optional(),
          })
          .optional(),
        blockedEncryptionTypes: z.array(z.enum(["NONE", "SSE-C"])).optional(),
        bucketKeyEnabled: flag,
      }),
    )
    .min(1),
});

export const bucketEncryption = regional({
  type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  tagged: false,
  api: s3("S3 Bucket Server-side Encryption Configuration", "PutBucketEncryption", {
    ...bucketWords("PutBucketEncryption"),
    delete: "DeleteBucketEncryption",
  }),
  inputs: encryptionInputs,
  immutable: ["bucket"],
  unique: [["bucket"]],
  references: [ofBucket],
  idStyle: ({ bucket: own }) => String(own),
  recorded: "nothing stores objects here that could be encrypted",
  refuse: ({ inputs, cloud: { world } }) => {
    const { rules } = inputs as z.infer<typeof encryptionInputs>;
    for (const { applyServerSideEncryptionByDefault: by } of rules) {
      const key = by?.kmsMasterKeyId;
      if (by?.sseAlgorithm === "AES256" && key !== undefined) {
        throw new AwsError(
          "api error InvalidArgument",
          "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
        );
      }
      if (key !== undefined && !keyExists(world, key)) {
        throw new AwsError("api error KMS.NotFoundException", `Invalid keyId '${key}'`);
      }
    }
  },
});

/** AWS's own are no resources here. */
function keyExists(world: World, key: string): boolean {
  if (key.includes("alias/")) return true;
  return world.all(keyType).some(({ id, outputs }) => id === key || outputs["arn"] === key);
}

/** How what is put upon a bucket is asked for; the same again for a change. */
export function bucketWords(put: string) {
  return { update: put, named: namedBy("bucket"), missing: "NoSuchBucket" };
}
