import { z } from "zod";
import type { World } from "../../contracts";
import { regional, type ApiWords } from "../awsKind";
import { AwsError } from "../refusal";
import { accountId, arnOf, filled, flag, regionOf } from "../shapes";
import { lastOf, scalingPolicyType, scalingTargetType, serviceType } from "./words";

const words = (noun: string, create: string, more: Partial<ApiWords> = {}): ApiWords => ({
  ...{ noun, sdk: "Application Auto Scaling", create, update: create },
  ...more,
  codes: { 404: "ObjectNotFoundException", 409: "ValidationException" },
});

/** What scales: of ECS a service's number of tasks, of RDS a cluster's number of replicas. */
const about = {
  serviceNamespace: z.enum(["ecs", "rds"]),
  scalableDimension: z.enum(["ecs:service:DesiredCount", "rds:cluster:ReadReplicaCount"]),
  resourceId: filled,
};
const immutable = ["serviceNamespace", "scalableDimension", "resourceId"];

export const scalingTarget = regional({
  type: scalingTargetType,
  api: words("Application AutoScaling Target", "RegisterScalableTarget", {
    ...{ delete: "DeregisterScalableTarget", named: ({ resourceId }) => String(resourceId) },
  }),
  inputs: z.object({
    ...about,
    ...{ minCapacity: z.int().min(0), maxCapacity: z.int().min(0), roleArn: filled.optional() },
    suspendedState: z
      .strictObject({
        ...{ dynamicScalingInSuspended: flag, dynamicScalingOutSuspended: flag },
        scheduledScalingSuspended: flag,
      })
      .optional(),
  }),
  immutable,
  unique: [["region", "resourceId", "scalableDimension"]],
  idStyle: (inputs) => String(inputs["resourceId"]),
  deleteBeforeReplace: true,
  recorded: ({ serviceNamespace }) =>
    serviceNamespace === "ecs" ? undefined : "no replica is added or taken away",
  refuse: ({ cloud: { world }, inputs }) => {
    const { minCapacity, maxCapacity, resourceId, serviceNamespace } = inputs;
    if (Number(minCapacity) > Number(maxCapacity)) {
      throw new AwsError(
        "ValidationException",
        "Maximum capacity cannot be less than minimum capacity",
      );
    }
    const exists =
      serviceNamespace === "ecs"
        ? serviceOf(world, regionOf(inputs), String(resourceId)) !== undefined
        : /^cluster:.+/.test(String(resourceId));
    if (!exists) {
      throw new AwsError(
        "ValidationException",
        `${serviceNamespace === "ecs" ? "ECS service" : "DB cluster"} doesn't exist: ${String(resourceId)}`,
      );
    }
  },
  create: ({ inputs, cloud }) => ({
    outputs: {
      arn: arnOf(
        "application-autoscaling",
        regionOf(inputs),
        `scalable-target/${cloud.newId("hex").slice(-26)}`,
      ),
      roleArn:
        inputs["roleArn"] ??
        `arn:aws:iam::${accountId}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
    },
  }),
});

/** The service that `service/CLUSTER/NAME` names. */
function serviceOf(world: World, region: string, resourceId: string) {
  const arn = arnOf("ecs", region, resourceId);
  return resourceId.startsWith("service/") ? world.get(serviceType, arn) : undefined;
}

const metrics = [
  "ECSServiceAverageCPUUtilization",
  "ECSServiceAverageMemoryUtilization",
  "ALBRequestCountPerTarget",
  "RDSReaderAverageCPUUtilization",
  "RDSReaderAverageDatabaseConnections",
] as const;

const cooldown = z.int().min(0).optional();
const tracking = z.strictObject({
  targetValue: z.number().positive(),
  ...{ disableScaleIn: flag, scaleInCooldown: cooldown, scaleOutCooldown: cooldown },
  predefinedMetricSpecification: z.strictObject({
    predefinedMetricType: z.enum(metrics),
    resourceLabel: filled.max(1_023).optional(),
  }),
});

export const scalingPolicy = regional({
  type: scalingPolicyType,
  tagged: false,
  api: words("Application Auto Scaling Scaling Policy", "PutScalingPolicy", {
    delete: "DeleteScalingPolicy",
  }),
  inputs: z.object({
    ...about,
    name: z.string().min(1).max(255),
    policyType: z.enum(["TargetTrackingScaling"]),
    targetTrackingScalingPolicyConfiguration: tracking,
  }),
  immutable: ["name", ...immutable],
  autoName: "name",
  unique: [["region", "resourceId", "name"]],
  idStyle: (inputs) => `${String(inputs["resourceId"])}/${String(inputs["name"])}`,
  references: [{ input: "resourceId", type: scalingTargetType, onDelete: "cascade" }],
  recorded: (inputs) => {
    const metric = metricOf(inputs);
    return metric === "ECSServiceAverageCPUUtilization"
      ? undefined
      : `nothing here scales by ${metric}`;
  },
  refuse: ({ inputs }) => {
    const metric = metricOf(inputs);
    const isOfEcs = !metric.startsWith("RDS");
    if (isOfEcs !== (inputs["serviceNamespace"] === "ecs")) {
      throw new AwsError(
        "ValidationException",
        `Predefined metric type ${metric} is not for ${String(inputs["serviceNamespace"])}`,
      );
    }
    const { predefinedMetricSpecification: spec } = trackingOf(inputs);
    if ((metric === "ALBRequestCountPerTarget") !== (spec.resourceLabel !== undefined)) {
      throw new AwsError(
        "ValidationException",
        metric === "ALBRequestCountPerTarget"
          ? "You must specify a value for 'ResourceLabel' when using ALBRequestCountPerTarget"
          : `'ResourceLabel' is not for ${metric}`,
      );
    }
    const label = spec.resourceLabel ?? "app/a/b/targetgroup/c/d";
    if (!/^app\/[^/]+\/[^/]+\/targetgroup\/[^/]+\/[^/]+$/.test(label)) {
      throw new AwsError(
        "ValidationException",
        `The format of the resource label is invalid: ${label}`,
      );
    }
  },
  create: ({ id, inputs, cloud }) => ({
    outputs: {
      arn: arnOf(
        "autoscaling",
        regionOf(inputs),
        `scalingPolicy:${cloud.newId("uuid")}:resource/${String(inputs["serviceNamespace"])}/${String(inputs["resourceId"])}:policyName/${lastOf(id)}`,
      ),
      alarmArns: [],
    },
  }),
});

const trackingOf = (inputs: Readonly<Record<string, unknown>>): z.infer<typeof tracking> =>
  inputs["targetTrackingScalingPolicyConfiguration"] as z.infer<typeof tracking>;

const metricOf = (inputs: Readonly<Record<string, unknown>>): string =>
  trackingOf(inputs).predefinedMetricSpecification.predefinedMetricType;

/** Bounds of a service's tasks, and the load that its policies aim at. */
interface ServiceScaling {
  readonly minTasks: number;
  readonly maxTasks: number;
  /** Percent; absent: no policy looks at it. */
  readonly cpuPercent?: number;
}

/** Undefined: the service does not scale. */
export function scalingOf(world: World, serviceArn: string): ServiceScaling | undefined {
  const region = serviceArn.split(":")[3];
  const resourceId = serviceArn.split(":").at(-1);
  const isOf = ({ inputs }: { inputs: Readonly<Record<string, unknown>> }): boolean =>
    inputs["resourceId"] === resourceId && inputs["region"] === region;
  const target = world.all(scalingTargetType).find(isOf);
  if (!target) return undefined;
  const cpu = world
    .all(scalingPolicyType)
    .filter(isOf)
    .find(({ inputs }) => metricOf(inputs) === "ECSServiceAverageCPUUtilization");
  return {
    minTasks: Number(target.inputs["minCapacity"]),
    maxTasks: Number(target.inputs["maxCapacity"]),
    ...(cpu && { cpuPercent: trackingOf(cpu.inputs).targetValue }),
  };
}
