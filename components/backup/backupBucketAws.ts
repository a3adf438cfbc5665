import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

export interface AwsBackupBucketSpec {
  /** How long a dump is kept. */
  readonly retentionDays: number;
  /** Guards the bucket against deletion. */
  readonly protect: boolean;
}

export interface AwsBackupBucketArgs {
  readonly spec: AwsBackupBucketSpec;
  /** Key that objects are encrypted with. @default one that S3 keeps */
  readonly kmsKeyArn?: pulumi.Input<string> | undefined;
  readonly overrides?: {
    readonly bucket?: Override<s3.BucketArgs>;
    readonly versioning?: Override<s3.BucketVersioningArgs>;
    readonly encryption?: Override<s3.BucketServerSideEncryptionConfigurationArgs>;
    readonly publicAccess?: Override<s3.BucketPublicAccessBlockArgs>;
    readonly ownership?: Override<s3.BucketOwnershipControlsArgs>;
    readonly lifecycle?: Override<s3.BucketLifecycleConfigurationArgs>;
    readonly policy?: Override<s3.BucketPolicyArgs>;
  };
}

/**
 * Where logical dumps and the journal of a promotion go: never public, read and written over TLS
 * only. Who may open it is for the roles of those who do.
 */
export class AwsBackupBucket extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: AwsBackupBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:backup:AwsBackupBucket", name, {}, opts);
    const { spec, overrides = {} } = args;
    // The last copy of the data outlives the stack, and with it what keeps it safe.
    const kept = { parent: this, retainOnDelete: true };
    const bucket = new s3.Bucket(
      `${name}-bucket`,
      withOverride<s3.BucketArgs>({ forceDestroy: false }, overrides.bucket),
      { ...kept, protect: spec.protect },
    );
    const on = { bucket: bucket.bucket };
    const versioning = new s3.BucketVersioning(
      `${name}-versioning`,
      withOverride<s3.BucketVersioningArgs>(
        { ...on, versioningConfiguration: { status: "Enabled" } },
        overrides.versioning,
      ),
      kept,
    );
    const encryption = new s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      withOverride<s3.BucketServerSideEncryptionConfigurationArgs>(
        { ...on, rules: [encryptionRule(args.kmsKeyArn)] },
        overrides.encryption,
      ),
      kept,
    );
    const publicAccess = new s3.BucketPublicAccessBlock(
      `${name}-public-access`,
      withOverride<s3.BucketPublicAccessBlockArgs>(
        {
          ...on,
          blockPublicAcls: true,
          blockPublicPolicy: true,
          ignorePublicAcls: true,
          restrictPublicBuckets: true,
        },
        overrides.publicAccess,
      ),
      kept,
    );
    const ownership = new s3.BucketOwnershipControls(
      `${name}-ownership`,
      withOverride<s3.BucketOwnershipControlsArgs>(
        { ...on, rule: { objectOwnership: "BucketOwnerEnforced" } },
        overrides.ownership,
      ),
      kept,
    );
    const lifecycle = new s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      withOverride<s3.BucketLifecycleConfigurationArgs>(
        {
          ...on,
          // A week more than those who write dumps keep them themselves, and what was overwritten or
          // deleted stays for as long again.
          rules: [
            {
              id: "expire-dumps",
              status: "Enabled",
              filter: { prefix: "" },
              expiration: { days: spec.retentionDays + 7 },
              noncurrentVersionExpiration: { noncurrentDays: spec.retentionDays },
              abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
            },
          ],
        },
        overrides.lifecycle,
      ),
      // Rules for old versions want versions.
      { ...kept, dependsOn: [versioning] },
    );
    const policy = new s3.BucketPolicy(
      `${name}-policy`,
      withOverride<s3.BucketPolicyArgs>({ ...on, policy: tlsOnly(bucket.arn) }, overrides.policy),
      // S3 refuses two changes of who may open a bucket at the same time.
      { ...kept, dependsOn: [publicAccess] },
    );
    this.bucketName = bucket.bucket;
    this.bucketArn = bucket.arn;
    this.ready = [versioning, encryption, publicAccess, ownership, lifecycle, policy];
    this.registerOutputs({ bucketName: this.bucketName, bucketArn: this.bucketArn });
  }
}

function encryptionRule(kmsKeyArn: pulumi.Input<string> | undefined) {
  return {
    applyServerSideEncryptionByDefault:
      kmsKeyArn === undefined
        ? { sseAlgorithm: "AES256" }
        : { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn },
    bucketKeyEnabled: kmsKeyArn !== undefined,
    // Objects under a key of the writer's own could be read by nobody else. New buckets have it so.
    blockedEncryptionTypes: ["SSE-C"],
  };
}

/** Nobody, in any account, opens the bucket without TLS. */
function tlsOnly(bucketArn: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [bucketArn, pulumi.interpolate`${bucketArn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}
