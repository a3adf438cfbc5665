import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

export interface BackupBucketSpec {
  /** A region that has Spaces; not necessarily the server's. */
  readonly region: string;
  /** How long a dump is kept. */
  readonly retentionDays: number;
  /** Guards the bucket against deletion. */
  readonly protect: boolean;
}

export interface BackupBucketArgs {
  readonly spec: BackupBucketSpec;
  readonly overrides?: {
    readonly bucket?: Override<digitalocean.SpacesBucketArgs>;
    readonly key?: Override<digitalocean.SpacesKeyArgs>;
  };
}

/** Host name of the S3 endpoint of a region that has Spaces. */
export function spacesEndpoint(region: string): string {
  return `${region}.digitaloceanspaces.com`;
}

/** Where logical dumps go, and a key that opens this bucket and no other. */
export class BackupBucket extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly accessKey: pulumi.Output<string>;
  /** Secret. */
  readonly secretKey: pulumi.Output<string>;

  constructor(name: string, args: BackupBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:backup:BackupBucket", name, {}, opts);
    const { spec, overrides = {} } = args;
    const bucket = new digitalocean.SpacesBucket(
      `${name}-bucket`,
      withOverride<digitalocean.SpacesBucketArgs>(
        {
          region: spec.region,
          acl: "private",
          // The host prunes by age too; this holds when the host is gone. A week more than that,
          // and what was overwritten or deleted stays for as long again.
          versioning: { enabled: true },
          lifecycleRules: [
            {
              id: "expire-dumps",
              enabled: true,
              expiration: { days: spec.retentionDays + 7 },
              noncurrentVersionExpiration: { days: spec.retentionDays },
              abortIncompleteMultipartUploadDays: 2,
            },
          ],
        },
        overrides.bucket,
      ),
      // The last copy of the data outlives the stack.
      { parent: this, protect: spec.protect, retainOnDelete: true },
    );
    const key = new digitalocean.SpacesKey(
      `${name}-key`,
      withOverride<digitalocean.SpacesKeyArgs>(
        { grants: [{ bucket: bucket.name, permission: "readwrite" }] },
        overrides.key,
      ),
      { parent: this },
    );
    this.bucketName = bucket.name;
    this.accessKey = key.accessKey;
    this.secretKey = pulumi.secret(key.secretKey);
    this.registerOutputs({ bucketName: this.bucketName });
  }
}
