import * as appautoscaling from "@pulumi/aws/appautoscaling";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

export interface ReaderScalingSpec {
  /** Readers at the most, up to 15. */
  readonly max: number;
  /** Average CPU of the readers that is aimed at, in percent. */
  readonly cpuPercent: number;
}

export interface ReaderScalingArgs {
  readonly spec: ReaderScalingSpec & {
    /** Readers at the least: those that the program made. */
    readonly min: number;
  };
  readonly clusterIdentifier: pulumi.Input<string>;
  /** The instances: scaling counts the readers that are there. */
  readonly after: readonly pulumi.Resource[];
  readonly overrides?: {
    readonly target?: Override<appautoscaling.TargetArgs>;
    readonly policy?: Override<appautoscaling.PolicyArgs>;
  };
}

const readers = {
  serviceNamespace: "rds",
  scalableDimension: "rds:cluster:ReadReplicaCount",
} as const;

/**
 * Further readers while those of the program are busy. They are of the writer's class, the last to be
 * promoted, and known to AWS alone: before the cluster is destroyed they have to be removed.
 */
export class ReaderScaling extends pulumi.ComponentResource {
  constructor(name: string, args: ReaderScalingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:postgres:ReaderScaling", name, {}, opts);
    const { spec, overrides = {} } = args;
    const resourceId = pulumi.interpolate`cluster:${args.clusterIdentifier}`;
    const target = new appautoscaling.Target(
      `${name}-target`,
      withOverride<appautoscaling.TargetArgs>(
        { ...readers, resourceId, minCapacity: spec.min, maxCapacity: spec.max },
        overrides.target,
      ),
      { parent: this, dependsOn: [...args.after] },
    );
    new appautoscaling.Policy(
      `${name}-cpu`,
      withOverride<appautoscaling.PolicyArgs>(
        {
          ...readers,
          resourceId: target.resourceId,
          policyType: "TargetTrackingScaling",
          targetTrackingScalingPolicyConfiguration: {
            predefinedMetricSpecification: {
              predefinedMetricType: "RDSReaderAverageCPUUtilization",
            },
            targetValue: spec.cpuPercent,
            scaleOutCooldown: 300,
            // A reader takes minutes to come: it is not given up over a short pause.
            scaleInCooldown: 900,
          },
        },
        overrides.policy,
      ),
      { parent: this },
    );
    this.registerOutputs({});
  }
}
