import * as appautoscaling from "@pulumi/aws/appautoscaling";
import * as ecs from "@pulumi/aws/ecs";
import * as pulumi from "@pulumi/pulumi";
import { ecsLimits } from "../../prices/aws";
import { withOverride, type Override } from "../overrides";
import type { EcsTask } from "./ecsTask";

export interface EcsServiceSpec {
  /** Physical name of the service, unique in its cluster. A change replaces. */
  readonly name: string;
  /** A service stands behind a balancer, a worker does not. */
  readonly kind: "service" | "worker";
  readonly minTasks: number;
  /** The same as `minTasks`: it does not scale. */
  readonly maxTasks: number;
  /** Average CPU of all tasks that scaling aims at, 1-100. */
  readonly cpuPercent: number;
  /** Average memory of all tasks that scaling aims at, 1-100. */
  readonly memoryPercent: number;
  /** Requests of one task in a minute that scaling aims at. @default by CPU and memory alone */
  readonly requestsPerTarget?: number | undefined;
  /** Seconds from a task's start in which the balancer's health checks do not count. */
  readonly healthGraceSeconds: number;
}

/** What a service needs to know of the balancer in front of it. */
export interface ServiceBalancer {
  readonly targetGroupArn: pulumi.Input<string>;
  /** Balancer and target group, as scaling by requests names them. */
  readonly resourceLabel: pulumi.Input<string>;
  /** Its listeners: a service cannot be made before they are. */
  readonly ready: readonly pulumi.Resource[];
}

type PolicyRole = "cpu" | "memory" | "requests";

export interface EcsServiceArgs {
  readonly spec: EcsServiceSpec;
  readonly cluster: { readonly arn: pulumi.Input<string>; readonly name: string };
  readonly task: EcsTask;
  /** Private ones: tasks get no public address. */
  readonly subnetIds: pulumi.Input<string>[] | pulumi.Input<pulumi.Input<string>[]>;
  readonly securityGroupIds: pulumi.Input<string>[];
  readonly balancer?: ServiceBalancer | undefined;
  readonly overrides?: {
    readonly service?: Override<ecs.ServiceArgs>;
    readonly scaling?: Override<appautoscaling.TargetArgs>;
    readonly policies?: { readonly [role in PolicyRole]?: Override<appautoscaling.PolicyArgs> };
  };
}

/** Seconds. Growing is urgent, shrinking is not: each waits that long for its own last step. */
const cooldowns = { scaleOutCooldown: 60, scaleInCooldown: 300 };

/**
 * Tasks that always run, spread over zones, as many as the load wants. A deploy starts all new tasks
 * beside the old ones, waits until they are healthy, and goes back by itself where they do not get so.
 */
export class EcsService extends pulumi.ComponentResource {
  /** Plain, because alarms know a service by it before it exists. */
  readonly serviceName: string;
  readonly clusterName: string;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: EcsServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:compute:EcsService", name, {}, opts);
    const { spec, cluster, overrides = {} } = args;
    const problem = problemOf(args);
    if (problem !== undefined) throw new pulumi.ResourceError(`${name}: ${problem}`, this);
    this.serviceName = spec.name;
    this.clusterName = cluster.name;
    const service = new ecs.Service(
      `${name}-service`,
      withOverride<ecs.ServiceArgs>(serviceArgs(args), overrides.service),
      {
        parent: this,
        dependsOn: pulumi
          .output(opts?.dependsOn ?? [])
          .apply((first) => [...[first].flat(), ...(args.balancer?.ready ?? [])]),
        // Where scaling decides, a deploy must not take tasks away.
        ignoreChanges: spec.maxTasks > spec.minTasks ? ["desiredCount"] : [],
        // Two of one name cannot be.
        deleteBeforeReplace: true,
        // Starting all tasks anew, and going back where they do not get healthy.
        customTimeouts: { create: "30m", update: "30m", delete: "30m" },
      },
    );
    const scaling = new appautoscaling.Target(
      `${name}-scaling`,
      withOverride<appautoscaling.TargetArgs>(
        {
          serviceNamespace: "ecs",
          scalableDimension: "ecs:service:DesiredCount",
          resourceId: pulumi.interpolate`service/${cluster.name}/${service.name}`,
          minCapacity: spec.minTasks,
          maxCapacity: spec.maxTasks,
        },
        overrides.scaling,
      ),
      { parent: this },
    );
    for (const [role, metric, targetValue] of spec.maxTasks > spec.minTasks ? aims(args) : []) {
      new appautoscaling.Policy(
        `${name}-scaling-${role}`,
        withOverride<appautoscaling.PolicyArgs>(
          {
            policyType: "TargetTrackingScaling",
            serviceNamespace: scaling.serviceNamespace,
            scalableDimension: scaling.scalableDimension,
            resourceId: scaling.resourceId,
            targetTrackingScalingPolicyConfiguration: {
              predefinedMetricSpecification: metric,
              targetValue,
              ...cooldowns,
            },
          },
          overrides.policies?.[role],
        ),
        { parent: this },
      );
    }
    this.ready = [service];
    this.registerOutputs({ serviceName: this.serviceName, clusterName: this.clusterName });
  }
}

function problemOf({ spec, task, balancer }: EcsServiceArgs): string | undefined {
  if (spec.minTasks < 1 || spec.maxTasks < spec.minTasks) {
    return `spec.minTasks must be 1 or more and at most spec.maxTasks, got ${spec.minTasks}..${spec.maxTasks}`;
  }
  if ((spec.kind === "service") !== (balancer !== undefined)) {
    return spec.kind === "service" ? "a service needs a balancer" : "a worker has no balancer";
  }
  if (balancer && !task.served) return "no container of the task listens on a port";
  return undefined;
}

function serviceArgs(args: EcsServiceArgs): ecs.ServiceArgs {
  const { spec, task, balancer } = args;
  const { maximumPercent, minimumHealthyPercent } = ecsLimits.deployment;
  return {
    name: spec.name,
    cluster: args.cluster.arn,
    taskDefinition: task.taskDefinitionArn,
    launchType: "FARGATE",
    desiredCount: spec.minTasks,
    deploymentMaximumPercent: maximumPercent,
    deploymentMinimumHealthyPercent: minimumHealthyPercent,
    deploymentCircuitBreaker: { enable: true, rollback: true },
    // Said, because only where it is does the provider tell a deploy that went back from one that went on.
    deploymentController: { type: "ECS" },
    waitForSteadyState: true,
    availabilityZoneRebalancing: "ENABLED",
    networkConfiguration: {
      subnets: args.subnetIds,
      securityGroups: args.securityGroupIds,
      assignPublicIp: false,
    },
    ...(balancer &&
      task.served && {
        loadBalancers: [
          {
            targetGroupArn: balancer.targetGroupArn,
            containerName: task.served.container,
            containerPort: task.served.port,
          },
        ],
        healthCheckGracePeriodSeconds: spec.healthGraceSeconds,
      }),
    enableExecuteCommand: task.exec,
    enableEcsManagedTags: true,
    propagateTags: "SERVICE",
    forceNewDeployment: false,
  };
}

type Aim = readonly [
  role: PolicyRole,
  metric: { predefinedMetricType: string; resourceLabel?: pulumi.Input<string> },
  target: number,
];

/** What scaling keeps at a value: it grows for any of them, and shrinks when all agree. */
function aims({ spec, balancer }: EcsServiceArgs): readonly Aim[] {
  return [
    ["cpu", { predefinedMetricType: "ECSServiceAverageCPUUtilization" }, spec.cpuPercent],
    ["memory", { predefinedMetricType: "ECSServiceAverageMemoryUtilization" }, spec.memoryPercent],
    ...(balancer && spec.requestsPerTarget !== undefined
      ? ([
          [
            "requests",
            {
              predefinedMetricType: "ALBRequestCountPerTarget",
              resourceLabel: balancer.resourceLabel,
            },
            spec.requestsPerTarget,
          ],
        ] as const)
      : []),
  ];
}
