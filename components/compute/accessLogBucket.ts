import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

export interface AccessLogBucketArgs {
  readonly spec: {
    /** Stem of the names that AWS shows, e.g. "drops-large". */
    readonly name: string;
    /** How long a log is kept. */
    readonly retentionDays: number;
  };
  /** The account whose balancers write into it. */
  readonly accountId: pulumi.Input<string>;
  readonly overrides?: {
    readonly bucket?: Override<s3.BucketArgs>;
    readonly ownership?: Override<s3.BucketOwnershipControlsArgs>;
    readonly encryption?: Override<s3.BucketServerSideEncryptionConfigurationArgs>;
    readonly publicAccess?: Override<s3.BucketPublicAccessBlockArgs>;
    readonly lifecycle?: Override<s3.BucketLifecycleConfigurationArgs>;
    readonly policy?: Override<s3.BucketPolicyArgs>;
  };
}

/**
 * Who delivers the logs of a balancer in every region. AWS's guide has it take the place of the
 * accounts, one a region, that older policies name.
 */
const logDelivery = "logdelivery.elasticloadbalancing.amazonaws.com";

/** Where a balancer puts a line for each request. The logs go with the stack. */
export class AccessLogBucket extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  /** What must stand before a balancer may be told of the bucket: it tries to write there at once. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: AccessLogBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:compute:AccessLogBucket", name, {}, opts);
    const { spec, overrides = {} } = args;
    const parent = { parent: this };
    const { arn, bucket } = new s3.Bucket(
      `${name}-bucket`,
      withOverride<s3.BucketArgs>(
        { forceDestroy: true, tags: { Name: `${spec.name}-access-logs` } },
        overrides.bucket,
      ),
      parent,
    );
    new s3.BucketOwnershipControls(
      `${name}-ownership`,
      withOverride<s3.BucketOwnershipControlsArgs>(
        { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
        overrides.ownership,
      ),
      parent,
    );
    const encryption = new s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      withOverride<s3.BucketServerSideEncryptionConfigurationArgs>(
        {
          bucket,
          // With S3's own keys: a balancer writes into no bucket that is encrypted by others.
          rules: [
            {
              applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" },
              // New buckets have it so.
              blockedEncryptionTypes: ["SSE-C"],
            },
          ],
        },
        overrides.encryption,
      ),
      parent,
    );
    const publicAccess = new s3.BucketPublicAccessBlock(
      `${name}-public-access`,
      withOverride<s3.BucketPublicAccessBlockArgs>(
        {
          bucket,
          blockPublicAcls: true,
          blockPublicPolicy: true,
          ignorePublicAcls: true,
          restrictPublicBuckets: true,
        },
        overrides.publicAccess,
      ),
      parent,
    );
    new s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      withOverride<s3.BucketLifecycleConfigurationArgs>(
        {
          bucket,
          rules: [
            {
              id: "expire-logs",
              status: "Enabled",
              // All of it.
              filter: { prefix: "" },
              expiration: { days: spec.retentionDays },
              abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
            },
          ],
        },
        overrides.lifecycle,
      ),
      parent,
    );
    const policy = new s3.BucketPolicy(
      `${name}-policy`,
      withOverride<s3.BucketPolicyArgs>(
        {
          bucket,
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
              {
                Sid: "BalancersOfThisAccount",
                Effect: "Allow",
                Principal: { Service: logDelivery },
                Action: "s3:PutObject",
                Resource: pulumi.interpolate`${arn}/AWSLogs/${args.accountId}/*`,
              },
              {
                Sid: "NothingInPlain",
                Effect: "Deny",
                Principal: "*",
                Action: "s3:*",
                Resource: [arn, pulumi.interpolate`${arn}/*`],
                Condition: { Bool: { "aws:SecureTransport": "false" } },
              },
            ],
          }),
        },
        overrides.policy,
      ),
      // S3 takes one change of who may do what with a bucket at a time.
      { ...parent, dependsOn: [publicAccess] },
    );
    this.bucketName = bucket;
    this.ready = [encryption, policy];
    this.registerOutputs({ bucketName: this.bucketName });
  }
}
