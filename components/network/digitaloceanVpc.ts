import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

export interface DigitalOceanVpcArgs {
  readonly spec: {
    readonly region: string;
    /** IPv4 range, /16 to /24, that no other VPC of the account overlaps. A change replaces. */
    readonly cidr: string;
  };
  readonly overrides?: { readonly vpc?: Override<digitalocean.VpcArgs> };
}

/** The private network of a stack's servers and databases. */
export class DigitalOceanVpc extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;

  constructor(name: string, args: DigitalOceanVpcArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:network:DigitalOceanVpc", name, {}, opts);
    const vpc = new digitalocean.Vpc(
      `${name}-vpc`,
      withOverride<digitalocean.VpcArgs>(
        { region: args.spec.region, ipRange: args.spec.cidr },
        args.overrides?.vpc,
      ),
      { parent: this },
    );
    this.vpcId = vpc.id;
    this.registerOutputs({ vpcId: this.vpcId });
  }
}
