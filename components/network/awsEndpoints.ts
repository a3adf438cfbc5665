import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import { fargateEndpoints } from "../../prices/aws";
import { withOverride, type Override } from "../overrides";

export interface AwsEndpointsSpec {
  /** Stem of the names that AWS shows, e.g. "drops-large". */
  readonly name: string;
  readonly region: string;
  /** Whether operators open shells in tasks. */
  readonly exec: boolean;
}

export interface AwsEndpointsArgs {
  readonly spec: AwsEndpointsSpec;
  readonly vpcId: pulumi.Input<string>;
  /** One in each zone that tasks run in. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  readonly overrides?: { readonly endpoint?: Override<ec2.VpcEndpointArgs> };
}

/** Services that a task of a region needs an endpoint of, where it has no other way out. */
export function endpointServices({
  region,
  exec,
}: Pick<AwsEndpointsSpec, "region" | "exec">): readonly string[] {
  return [
    ...fargateEndpoints.services,
    ...(fargateEndpoints.ecsRegions.includes(region) ? fargateEndpoints.ecs : []),
    ...(exec ? fargateEndpoints.exec : []),
  ];
}

/** Private ways to the AWS services that tasks need; the one to S3 is the network's own. */
export class AwsEndpoints extends pulumi.ComponentResource {
  /** What must stand before a task that has no other way out can start. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: AwsEndpointsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:network:AwsEndpoints", name, {}, opts);
    const { spec, overrides = {} } = args;
    this.ready = endpointServices(spec).map((service) => {
      const key = service.replaceAll(".", "-");
      return new ec2.VpcEndpoint(
        `${name}-${key}`,
        withOverride<ec2.VpcEndpointArgs>(
          {
            vpcId: args.vpcId,
            vpcEndpointType: "Interface",
            serviceName: `com.amazonaws.${spec.region}.${service}`,
            subnetIds: [...args.subnetIds],
            securityGroupIds: [args.securityGroupId],
            // The service's own name leads here, so that nothing has to know of it.
            privateDnsEnabled: true,
            tags: { Name: `${spec.name}-${key}` },
          },
          overrides.endpoint,
        ),
        { parent: this },
      );
    });
    this.registerOutputs({});
  }
}
