import * as secretsmanager from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

/** One version of a secret in Secrets Manager, as a task's definition names it. */
export interface SecretReference {
  /** ARN of the secret, whatever its version. */
  readonly arn: pulumi.Input<string>;
  readonly versionId: pulumi.Input<string>;
}

export interface StoredSecretSpec {
  /**
   * What the physical name begins with; a random suffix follows, since the name of a deleted secret
   * stays taken for `recoveryDays`. A change replaces. @default the logical name
   */
  readonly name?: string;
  readonly description: string;
  /** Days for which a deleted secret can be restored: 7-30, or 0 for none. */
  readonly recoveryDays: number;
}

export interface StoredSecretArgs {
  readonly spec: StoredSecretSpec;
  /** Becomes a Pulumi secret, whether it was one or not. */
  readonly value: pulumi.Input<string>;
  readonly overrides?: {
    readonly secret?: Override<secretsmanager.SecretArgs>;
    readonly version?: Override<secretsmanager.SecretVersionArgs>;
  };
}

/** One value in Secrets Manager, so that a role can be let at this one and at no other. */
export class StoredSecret extends pulumi.ComponentResource implements SecretReference {
  readonly arn: pulumi.Output<string>;
  /**
   * Of the value. Another value has another version: a task whose definition names it is started
   * anew, where one that names the secret alone would keep the old value.
   */
  readonly versionId: pulumi.Output<string>;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: StoredSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:secrets:StoredSecret", name, {}, opts);
    const { spec, overrides = {} } = args;
    if (spec.recoveryDays !== 0 && (spec.recoveryDays < 7 || spec.recoveryDays > 30)) {
      throw new pulumi.ResourceError(
        `${name}: spec.recoveryDays must be 0 or 7..30, got ${spec.recoveryDays}`,
        this,
      );
    }
    const secret = new secretsmanager.Secret(
      `${name}-secret`,
      withOverride<secretsmanager.SecretArgs>(
        {
          ...(spec.name !== undefined && { namePrefix: `${spec.name}-` }),
          description: spec.description,
          recoveryWindowInDays: spec.recoveryDays,
        },
        overrides.secret,
      ),
      { parent: this },
    );
    const version = new secretsmanager.SecretVersion(
      `${name}-version`,
      withOverride<secretsmanager.SecretVersionArgs>(
        { secretId: secret.id, secretString: pulumi.secret(args.value) },
        overrides.version,
      ),
      { parent: this },
    );
    this.arn = secret.arn;
    this.versionId = version.versionId;
    this.ready = [version];
    this.registerOutputs({ arn: this.arn, versionId: this.versionId });
  }
}
