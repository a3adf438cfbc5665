import * as ecs from "@pulumi/aws/ecs";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

export interface EcsClusterArgs {
  readonly spec: {
    /** Physical name; a change replaces. Letters, digits, hyphens and underscores. */
    readonly name: string;
  };
  readonly overrides?: { readonly cluster?: Override<ecs.ClusterArgs> };
}

/** Where services and tasks run. Fargate has no machines of one's own: the cluster is a name. */
export class EcsCluster extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** Plain, because alarms and scaling know a cluster by it before it exists. */
  readonly name: string;

  constructor(name: string, args: EcsClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:compute:EcsCluster", name, {}, opts);
    const cluster = new ecs.Cluster(
      `${name}-cluster`,
      withOverride<ecs.ClusterArgs>(
        {
          name: args.spec.name,
          // CPU and memory of services are metrics of ECS itself and free. Said, because an account
          // may turn Container Insights on for every new cluster.
          settings: [{ name: "containerInsights", value: "disabled" }],
        },
        args.overrides?.cluster,
      ),
      { parent: this },
    );
    this.arn = cluster.arn;
    this.name = args.spec.name;
    this.registerOutputs({ arn: this.arn, name: this.name });
  }
}
