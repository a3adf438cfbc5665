import * as pulumi from "@pulumi/pulumi";
import { RandomPassword, type RandomPasswordArgs } from "@pulumi/random";
import { withOverride, type Override } from "../overrides";

export interface GeneratedSecretArgs {
  /** Letters and digits; 40 of them are 238 bits. @default 40 */
  readonly length?: number;
  readonly overrides?: { readonly value?: Override<RandomPasswordArgs> };
}

/**
 * A secret that nobody chose: letters and digits, so that no header, URL or file has to quote it.
 * To have another, replace its child: `pulumi up --target-replace`.
 */
export class GeneratedSecret extends pulumi.ComponentResource {
  /** Secret. */
  readonly value: pulumi.Output<string>;

  constructor(name: string, args: GeneratedSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:secrets:GeneratedSecret", name, {}, opts);
    const password = new RandomPassword(
      `${name}-value`,
      withOverride<RandomPasswordArgs>(
        { length: args.length ?? 40, special: false },
        args.overrides?.value,
      ),
      { parent: this },
    );
    this.value = pulumi.secret(password.result);
    this.registerOutputs({});
  }
}
