import * as ecr from "@pulumi/aws/ecr";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

export interface RegistryArgs {
  readonly spec: {
    /** Of the repository, unique in the account and region. A change replaces it, with its images. */
    readonly name: string;
    /** How many images are kept: as many versions back a release can go. */
    readonly keepImages: number;
    /** Guards the repository and its images against deletion. */
    readonly protect: boolean;
  };
  readonly overrides?: {
    readonly repository?: Override<ecr.RepositoryArgs>;
    readonly lifecycle?: Override<ecr.LifecyclePolicyArgs>;
  };
}

/** Where the app's images are pushed to, scanned and kept. */
export class Registry extends pulumi.ComponentResource {
  /** `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`. */
  readonly repositoryUrl: pulumi.Output<string>;
  readonly repositoryArn: pulumi.Output<string>;

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:compute:Registry", name, {}, opts);
    const { spec, overrides = {} } = args;
    const repository = new ecr.Repository(
      `${name}-repository`,
      withOverride<ecr.RepositoryArgs>(
        {
          name: spec.name,
          // A tag means the same image for ever, as a digest does.
          imageTagMutability: "IMMUTABLE",
          imageScanningConfiguration: { scanOnPush: true },
          encryptionConfigurations: [{ encryptionType: "AES256" }],
          forceDelete: !spec.protect,
        },
        overrides.repository,
      ),
      { parent: this, protect: spec.protect },
    );
    new ecr.LifecyclePolicy(
      `${name}-lifecycle`,
      withOverride<ecr.LifecyclePolicyArgs>(
        {
          repository: repository.name,
          policy: JSON.stringify({
            // By number and never by age: the one that runs may be old.
            rules: [
              expiry(1, "untagged", { tagStatus: "untagged" }, spec.keepImages),
              expiry(2, "tagged", { tagStatus: "tagged", tagPatternList: ["*"] }, spec.keepImages),
            ],
          }),
        },
        overrides.lifecycle,
      ),
      { parent: this },
    );
    this.repositoryUrl = repository.repositoryUrl;
    this.repositoryArn = repository.arn;
    this.registerOutputs({
      repositoryUrl: this.repositoryUrl,
      repositoryArn: this.repositoryArn,
    });
  }
}

/**
 * All but the newest of the images selected expire. Tagged and untagged are counted apart, because an
 * image of several parts is one with a tag and several without.
 */
function expiry(rulePriority: number, which: string, selection: object, countNumber: number) {
  return {
    rulePriority,
    description: `Keep the ${countNumber} newest ${which} images`,
    selection: { ...selection, countType: "imageCountMoreThan", countNumber },
    action: { type: "expire" },
  };
}
