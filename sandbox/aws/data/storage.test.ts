import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import { AwsTestCloud } from "../testing/testCloud";

let cloud: AwsTestCloud;
beforeEach(() => {
  cloud = new AwsTestCloud();
});
afterEach(() => {
  cloud.close();
});

const policy = (statement: Values, resource: string | readonly string[] = "arn:aws:s3:::dumps/*") =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Principal: "*", Action: "s3:*", Resource: resource, ...statement }],
  });

describe("a bucket", () => {
  it("has the names that AWS gives it, and one in the world", async () => {
    const bucket = await cloud.create("s3/bucket:Bucket", "backup-bucket", {});
    expect(bucket.id).toMatch(/^backup-bucket-[0-9a-f]{7}$/);
    expect(bucket.outputs).toMatchObject({
      arn: `arn:aws:s3:::${bucket.id}`,
      bucketRegionalDomainName: `${bucket.id}.s3.eu-central-1.amazonaws.com`,
    });
    await expect(
      cloud.create("s3/bucket:Bucket", "other", { bucket: bucket.id, region: "us-east-1" }),
    ).rejects.toThrow("you already own it");
  });

  it.each([
    ["Dumps", "bucket: only lowercase"],
    ["a", "bucket: Too small"],
    ["a..b", "bucket: only lowercase"],
  ])("is not called %s", (bucket, message) => {
    expect(cloud.preview("s3/bucket:Bucket", { bucket }).join()).toContain(message);
  });

  it("has no part of its own that a type of its own sets", () => {
    expect(cloud.preview("s3/bucket:Bucket", { versioning: { enabled: true } })).toEqual([
      "versioning: aws:s3/bucket:Bucket has no such property",
    ]);
  });

  it("takes what is put upon it along", async () => {
    const bucket = await cloud.create("s3/bucket:Bucket", "dumps", { bucket: "dumps" });
    await cloud.create("BucketOwnershipControls", "ownership", {
      ...{ bucket: "dumps", rule: { objectOwnership: "BucketOwnerEnforced" } },
    });
    await expect(
      cloud.create("BucketVersioning", "versioning", {
        ...{ bucket: "none", versioningConfiguration: { status: "Enabled" } },
      }),
    ).rejects.toThrow('there is no Bucket "none"');
    await cloud.delete(bucket);
    expect(cloud.world.everything()).toEqual([]);
  });

  it("keeps versions once it has had them", async () => {
    await cloud.create("s3/bucket:Bucket", "dumps", { bucket: "dumps" });
    const on = { versioningConfiguration: { status: "Enabled" } };
    const versioning = await cloud.create("BucketVersioning", "versioning", {
      ...{ bucket: "dumps", ...on },
    });
    await expect(
      cloud.update(versioning, { versioningConfiguration: { status: "Disabled" } }),
    ).rejects.toThrow("cannot be updated from 'Enabled' to 'Disabled'");
    await cloud.update(versioning, { versioningConfiguration: { status: "Suspended" } });
  });

  it("is encrypted with a key that there is", async () => {
    await cloud.create("s3/bucket:Bucket", "dumps", { bucket: "dumps" });
    const key = await cloud.create("Key", "key", { enableKeyRotation: true });
    const encrypt = (by: Values) =>
      cloud.create("BucketServerSideEncryptionConfiguration", "encryption", {
        ...{ bucket: "dumps", rules: [{ applyServerSideEncryptionByDefault: by }] },
      });
    const arn = key.outputs["arn"];
    await expect(encrypt({ sseAlgorithm: "AES256", kmsMasterKeyId: arn })).rejects.toThrow(
      "not applicable",
    );
    await expect(encrypt({ sseAlgorithm: "aws:kms", kmsMasterKeyId: "none" })).rejects.toThrow(
      "Invalid keyId 'none'",
    );
    await encrypt({ sseAlgorithm: "aws:kms", kmsMasterKeyId: arn });
  });

  it("is opened to nobody by its policy, unless somebody lets it be", async () => {
    await cloud.create("s3/bucket:Bucket", "dumps", { bucket: "dumps" });
    const put = (text: string) =>
      cloud.create("BucketPolicy", "policy", { bucket: "dumps", policy: text });
    await expect(put(policy({ Effect: "Allow" }))).rejects.toThrow("BlockPublicPolicy");
    await expect(put(policy({ Effect: "Deny" }, "arn:aws:s3:::other/*"))).rejects.toThrow(
      "Policy has invalid resource (arn:aws:s3:::other/*)",
    );
    await expect(put(policy({ Effect: "Deny", Principal: undefined }))).rejects.toThrow(
      "Missing required field Principal",
    );
    const block = await cloud.create("BucketPublicAccessBlock", "block", {
      ...{ bucket: "dumps", blockPublicPolicy: true },
    });
    await expect(put(policy({ Effect: "Allow" }))).rejects.toThrow("BlockPublicPolicy");
    await cloud.update(block, { blockPublicPolicy: false });
    const made = await put(policy({ Effect: "Allow" }));
    await cloud.delete(made);
    await put(
      policy({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }, [
        "arn:aws:s3:::dumps",
        "arn:aws:s3:::dumps/*",
      ]),
    );
    expect(cloud.preview("BucketPolicy", { bucket: "dumps", policy: "{" })).toEqual([
      expect.stringContaining("invalid JSON policy"),
    ]);
  });
});

describe("a bucket's lifecycle", () => {
  const put = (...rules: readonly Values[]) =>
    cloud.create("BucketLifecycleConfiguration", "lifecycle", { bucket: "dumps", rules });
  const rule = { id: "expire", status: "Enabled", filter: { prefix: "" } };
  beforeEach(async () => {
    await cloud.create("s3/bucket:Bucket", "dumps", { bucket: "dumps" });
  });

  it("is taken as the component writes it", async () => {
    const made = await put({
      ...{ ...rule, expiration: { days: 37 }, noncurrentVersionExpiration: { noncurrentDays: 30 } },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
    });
    expect(made).toMatchObject({ id: "dumps", ready: true });
  });

  it.each<readonly [string, readonly Values[], string]>([
    ["nothing to do", [rule], "At least one action"],
    ["no day", [{ ...rule, expiration: { days: 0 } }], "must be a positive integer"],
    ["no expiry", [{ ...rule, expiration: {} }], "not well-formed"],
    [
      "two filters",
      [{ ...rule, filter: { prefix: "a", objectSizeLessThan: 1 }, expiration: { days: 1 } }],
      "not well-formed",
    ],
    [
      "an id twice",
      [
        { ...rule, expiration: { days: 1 } },
        { ...rule, expiration: { days: 2 } },
      ],
      "Rule ID must be unique",
    ],
    [
      "cheaper too soon",
      [{ ...rule, transitions: [{ days: 10, storageClass: "STANDARD_IA" }] }],
      "greater than or equal to 30 for storageClass 'STANDARD_IA'",
    ],
    [
      "gone before it is moved",
      [
        {
          ...{ ...rule, expiration: { days: 40 } },
          transitions: [{ days: 40, storageClass: "GLACIER" }],
        },
      ],
      "must be greater than 'Days' in the Transition action",
    ],
  ])("is refused: %s", async (_, rules, message) => {
    await expect(put(...rules)).rejects.toThrow(message);
  });
});

describe("a key", () => {
  it("has an alias that leads to it", async () => {
    const key = await cloud.create("Key", "key", { deletionWindowInDays: 7 });
    expect(key.outputs).toMatchObject({
      arn: `arn:aws:kms:eu-central-1:123456789012:key/${key.id}`,
      keyId: key.id,
    });
    const alias = await cloud.create("Alias", "alias", {
      ...{ name: "alias/drops", targetKeyId: key.outputs["arn"] },
    });
    expect(alias.outputs).toMatchObject({ targetKeyId: key.id });
    await expect(
      cloud.create("Alias", "again", { name: "alias/drops", targetKeyId: key.id }),
    ).rejects.toThrow("already exists");
    await cloud.delete(key);
    expect(cloud.world.everything()).toEqual([]);
  });

  it("is refused what would lock its owner out, and windows that there are not", async () => {
    const locked = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          ...{ Effect: "Allow", Principal: { Service: "rds.amazonaws.com" } },
          ...{ Action: "kms:*", Resource: "*" },
        },
      ],
    });
    await expect(cloud.create("Key", "key", { policy: locked })).rejects.toThrow(
      "will not allow you to update the key policy",
    );
    expect(cloud.preview("Key", { deletionWindowInDays: 6 }).join()).toContain("Too small");
    expect(cloud.preview("Key", { rotationPeriodInDays: 90 }).join()).toContain(
      "all of `enable_key_rotation,rotation_period_in_days` must be specified",
    );
    expect(cloud.preview("Alias", { name: "alias/aws/s3", targetKeyId: "a" }).join()).toContain(
      "must not begin with alias/aws/",
    );
  });
});
