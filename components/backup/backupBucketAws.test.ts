import { describe, expect, it } from "vitest";
import { awsReasons } from "../../prices/pricers/awsTestResources";
import { awsAnswer, registered, waitsFor } from "../network/testing/registered";
import { AwsBackupBucket, type AwsBackupBucketArgs } from "./backupBucketAws";

const answer = awsAnswer((type) =>
  type === "aws:s3/bucket:Bucket" ? { bucket: "backup-bucket-1234567" } : {},
);
const arn = "arn:aws:test:eu-central-1:123456789012:backup-bucket";
const compose = (args: Partial<AwsBackupBucketArgs> = {}) =>
  registered(() => {
    const bucket = new AwsBackupBucket("backup", {
      spec: { retentionDays: 14, protect: true },
      ...args,
    });
    return { name: bucket.bucketName, arn: bucket.bucketArn };
  }, answer);

describe("the backup bucket", () => {
  it("is encrypted, versioned, never public, and its owner's", async () => {
    const { named, outputs } = await compose();
    const on = { bucket: "backup-bucket-1234567" };
    expect(named("backup-bucket").inputs).toEqual({ forceDestroy: false });
    expect(named("backup-versioning").inputs).toEqual({
      ...on,
      versioningConfiguration: { status: "Enabled" },
    });
    expect(named("backup-encryption").inputs).toEqual({
      ...on,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" },
          bucketKeyEnabled: false,
          blockedEncryptionTypes: ["SSE-C"],
        },
      ],
    });
    expect(named("backup-public-access").inputs).toEqual({
      ...on,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(named("backup-ownership").inputs).toEqual({
      ...on,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    expect(outputs).toEqual({ name: "backup-bucket-1234567", arn });
  });

  it("lets dumps go a week later than their makers do, and old versions after as long", async () => {
    const { named } = await compose();
    expect(named("backup-lifecycle").inputs).toEqual({
      bucket: "backup-bucket-1234567",
      rules: [
        {
          id: "expire-dumps",
          status: "Enabled",
          filter: { prefix: "" },
          expiration: { days: 21 },
          noncurrentVersionExpiration: { noncurrentDays: 14 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
        },
      ],
    });
    expect(waitsFor(named("backup-lifecycle"))).toContain("backup-versioning");
  });

  it("is closed to all who come without TLS", async () => {
    const { named } = await compose();
    expect(JSON.parse(named("backup-policy").inputs.policy as string)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "TlsOnly",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [arn, `${arn}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });
    expect(waitsFor(named("backup-policy"))).toContain("backup-public-access");
  });

  it("outlives the stack with all that keeps it safe", async () => {
    const { resources } = await compose();
    expect(resources).toHaveLength(7);
    expect(resources.filter(({ retainOnDelete }) => !retainOnDelete)).toEqual([]);
    expect(resources.filter(({ protect }) => protect).map(({ name }) => name)).toEqual([
      "backup-bucket",
    ]);
    const free = await compose({ spec: { retentionDays: 14, protect: false } });
    expect(free.resources.some(({ protect }) => protect)).toBe(false);
  });

  it("is encrypted with a key of the user's", async () => {
    const kmsKeyArn = "arn:aws:kms:us-east-1:123456789012:key/k";
    const { named } = await compose({ kmsKeyArn });
    expect(named("backup-encryption").inputs.rules).toEqual([
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn },
        bucketKeyEnabled: true,
        blockedEncryptionTypes: ["SSE-C"],
      },
    ]);
  });

  it("has each child changed by its override", async () => {
    const { named } = await compose({
      overrides: {
        bucket: { bucketPrefix: "ours-" },
        versioning: { mfa: "ours" },
        encryption: (args) => ({ ...args, rules: [] }),
        publicAccess: { skipDestroy: true },
        ownership: { rule: { objectOwnership: "BucketOwnerPreferred" } },
        lifecycle: { rules: [] },
        policy: { policy: "{}" },
      },
    });
    const changed: Record<string, object> = {
      "backup-bucket": { bucketPrefix: "ours-", forceDestroy: false },
      "backup-versioning": { mfa: "ours" },
      "backup-encryption": { rules: [] },
      "backup-public-access": { skipDestroy: true, blockPublicAcls: true },
      "backup-ownership": { rule: { objectOwnership: "BucketOwnerPreferred" } },
      "backup-lifecycle": { rules: [] },
      "backup-policy": { policy: "{}" },
    };
    for (const [name, inputs] of Object.entries(changed)) {
      expect(named(name).inputs, name).toMatchObject(inputs);
    }
  });

  it("is priced", async () => {
    const { resources } = await compose();
    expect(awsReasons(resources)).toEqual([]);
  });
});
