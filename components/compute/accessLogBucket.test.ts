import { describe, expect, it } from "vitest";
import { awsAnswer, registered, waitsFor } from "../network/testing/registered";
import { AccessLogBucket, type AccessLogBucketArgs } from "./accessLogBucket";

const composed = (overrides: AccessLogBucketArgs["overrides"] = {}) =>
  registered(
    () => {
      const { bucketName } = new AccessLogBucket("logs", {
        spec: { name: "drops-test", retentionDays: 30 },
        accountId: "123456789012",
        overrides,
      });
      return { bucketName };
    },
    awsAnswer((type) =>
      type.endsWith(":Bucket") ? { bucket: "logs-1234567", arn: "arn:aws:s3:::logs-1234567" } : {},
    ),
  );

describe("the bucket of access logs", () => {
  it("belongs to the account alone, and goes with the stack", async () => {
    const { names, named, outputs } = await composed();
    expect(names).toEqual([
      "s3:Bucket logs-bucket",
      "s3:BucketLifecycleConfiguration logs-lifecycle",
      "s3:BucketOwnershipControls logs-ownership",
      "s3:BucketPolicy logs-policy",
      "s3:BucketPublicAccessBlock logs-public-access",
      "s3:BucketServerSideEncryptionConfiguration logs-encryption",
    ]);
    expect(named("logs-bucket")).toMatchObject({
      protect: false,
      retainOnDelete: false,
      inputs: { forceDestroy: true, tags: { Name: "drops-test-access-logs" } },
    });
    expect(named("logs-ownership").inputs).toEqual({
      bucket: "logs-1234567",
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    expect(named("logs-public-access").inputs).toEqual({
      bucket: "logs-1234567",
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(outputs).toEqual({ bucketName: "logs-1234567" });
  });

  it("is encrypted with the only keys that a balancer writes under", async () => {
    const { named } = await composed();
    expect(named("logs-encryption").inputs).toEqual({
      bucket: "logs-1234567",
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" },
          blockedEncryptionTypes: ["SSE-C"],
        },
      ],
    });
  });

  it("keeps a log for as long as is said", async () => {
    const { named } = await composed();
    expect(named("logs-lifecycle").inputs).toEqual({
      bucket: "logs-1234567",
      rules: [
        {
          id: "expire-logs",
          status: "Enabled",
          filter: { prefix: "" },
          expiration: { days: 30 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
        },
      ],
    });
  });

  it("lets the balancers of its account write, and nobody in plain", async () => {
    const { named } = await composed();
    expect(JSON.parse(String(named("logs-policy").inputs.policy))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "BalancersOfThisAccount",
          Effect: "Allow",
          Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
          Action: "s3:PutObject",
          Resource: "arn:aws:s3:::logs-1234567/AWSLogs/123456789012/*",
        },
        {
          Sid: "NothingInPlain",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: ["arn:aws:s3:::logs-1234567", "arn:aws:s3:::logs-1234567/*"],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });
    expect(waitsFor(named("logs-policy"))).toContain("logs-public-access");
  });

  it("can be overridden in each child", async () => {
    const region = { region: "eu-west-1" };
    const { resources } = await composed({
      bucket: region,
      ownership: region,
      encryption: (args) => ({ ...args, ...region }),
      publicAccess: region,
      lifecycle: region,
      policy: region,
    });
    expect(resources).toHaveLength(6);
    for (const { name, inputs } of resources) expect(inputs.region, name).toBe("eu-west-1");
  });
});
