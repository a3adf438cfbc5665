import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import { ServiceFailed } from "../../containers/contract";
import { newNetwork } from "../testing/network";
import { AwsTestCloud } from "../testing/testCloud";
import { scalingOf } from "./scaling";
import { task, web } from "./testing/sampleTask";

let cloud: AwsTestCloud;
beforeEach(() => {
  cloud = new AwsTestCloud();
});
afterEach(() => {
  cloud.close();
});

/** A network, a balancer and a definition for a service. */
async function withPlace(): Promise<Values> {
  const { vpc, subnetIds: subnets } = await newNetwork(cloud, ["a", "b"]);
  const group = await cloud.create("TargetGroup", "web", {
    ...{ vpcId: vpc.id, targetType: "ip", protocol: "HTTP", port: 3000 },
  });
  const balancer = await cloud.create("LoadBalancer", "balancer", { internal: true, subnets });
  await cloud.create("Listener", "http", {
    ...{ loadBalancerArn: balancer.id, port: 80, protocol: "HTTP" },
    defaultActions: [{ type: "forward", targetGroupArn: group.id }],
  });
  await cloud.create("Cluster", "cluster", { name: "drops" });
  const definition = await cloud.create(
    "TaskDefinition",
    "task",
    task([{ ...web, portMappings: [{ containerPort: 3000 }] }]),
  );
  return {
    ...{ name: "web", cluster: "drops", taskDefinition: definition.id, launchType: "FARGATE" },
    ...{ desiredCount: 2, waitForSteadyState: true, networkConfiguration: { subnets } },
    loadBalancers: [{ targetGroupArn: group.id, containerName: "web", containerPort: 3000 }],
  };
}

describe("a service", () => {
  it.each<[string, Values, string]>([
    ["no such cluster", { cluster: "other" }, "there is no Cluster"],
    ["no definition", { taskDefinition: undefined }, "Task definition can not be blank"],
    ["no such definition", { taskDefinition: "web:9" }, "Unable to describe task definition"],
    ["machines", { launchType: "EC2" }, "Fargate alone"],
    ["no network", { networkConfiguration: undefined }, "Network Configuration must be provided"],
    [
      "no such group",
      { networkConfiguration: { subnets: [], securityGroups: ["sg-1"] } },
      "refused in a preview",
    ],
    [
      "grace without a balancer",
      { loadBalancers: [], healthCheckGracePeriodSeconds: 60 },
      "Health check grace period is only valid",
    ],
    [
      "a deployment that cannot move",
      { deploymentMaximumPercent: 100 },
      "must be able to stop a task or to start one more",
    ],
    [
      "a controller of another kind",
      { deploymentController: { type: "CODE_DEPLOY" } },
      "controller ECS alone",
    ],
  ])("with %s is refused", async (_, change, message) => {
    const inputs = await withPlace();
    await expect(cloud.create("Service", "service", { ...inputs, ...change })).rejects.toThrow(
      message,
    );
  });

  it.each([
    [{ containerName: "api" }, "The container api does not exist in the task definition."],
    [{ containerPort: 80 }, "did not have a container port 80 defined"],
  ])("whose targets are %j is refused", async (change, message) => {
    const inputs = await withPlace();
    const [balancer] = inputs["loadBalancers"] as [Values];
    const wrong = { ...inputs, loadBalancers: [{ ...balancer, ...change }] };
    await expect(cloud.create("Service", "service", wrong)).rejects.toThrow(message);
  });

  it("needs a target group that a listener leads to", async () => {
    const inputs = await withPlace();
    const [listener] = cloud.world.all("aws:lb/listener:Listener");
    await cloud.delete(listener!);
    const error: unknown = await cloud
      .create("Service", "service", inputs)
      .catch((problem: unknown) => problem);
    expect(
      AwsTestCloud.worded(error, { verb: "create", type: "aws:ecs/service:Service", inputs }),
    ).toMatch(
      /^1 error occurred:\n\t\* creating ECS Service \(web\): operation error ECS: CreateService, https response error StatusCode: 400, RequestID: [0-9a-f-]{36}, InvalidParameterException: The target group with targetGroupArn \S+ does not have an associated load balancer\.$/,
    );
  });

  it("that does not get steady is half there, unless nobody waits for it", async () => {
    const inputs = await withPlace();
    cloud.failure = new ServiceFailed("tasks failed to start.");
    const arn = "arn:aws:ecs:eu-central-1:123456789012:service/drops/web";
    await expect(cloud.create("Service", "service", inputs)).rejects.toThrow(
      `waiting for ECS Service (${arn}) create: tasks failed to start.`,
    );
    const half = cloud.world.get("aws:ecs/service:Service", arn)!;
    expect(half.ready).toBe(false);
    const patient = await cloud.update(half, { waitForSteadyState: false });
    expect(patient).toMatchObject({ ready: true, outputs: { arn, desiredCount: 2 } });
  });

  it("scales within the bounds of its target, and by the CPU of its policy", async () => {
    const { id } = await cloud.create("Service", "service", await withPlace());
    const about = {
      ...{ serviceNamespace: "ecs", scalableDimension: "ecs:service:DesiredCount" },
      resourceId: "service/drops/web",
    };
    await cloud.create("Target", "scaling", { ...about, minCapacity: 2, maxCapacity: 6 });
    const policy = async (name: string, predefinedMetricType: string, more: Values = {}) =>
      await cloud.create("aws:appautoscaling/policy:Policy".slice(4), name, {
        ...{ ...about, policyType: "TargetTrackingScaling" },
        targetTrackingScalingPolicyConfiguration: {
          ...{ targetValue: 60, predefinedMetricSpecification: { predefinedMetricType, ...more } },
        },
      });
    await policy("memory", "ECSServiceAverageMemoryUtilization");
    expect(scalingOf(cloud.world, id)).toEqual({ minTasks: 2, maxTasks: 6 });
    await policy("cpu", "ECSServiceAverageCPUUtilization");
    expect(scalingOf(cloud.world, id)).toEqual({ minTasks: 2, maxTasks: 6, cpuPercent: 60 });
    await expect(policy("a", "ALBRequestCountPerTarget")).rejects.toThrow("ResourceLabel");
    await expect(
      policy("b", "ALBRequestCountPerTarget", { resourceLabel: "app/x" }),
    ).rejects.toThrow("format of the resource label");
    await expect(policy("c", "RDSReaderAverageCPUUtilization")).rejects.toThrow("is not for ecs");
    await expect(
      cloud.create("Target", "other", {
        ...{ ...about, resourceId: "service/drops/api", minCapacity: 1, maxCapacity: 2 },
      }),
    ).rejects.toThrow("ECS service doesn't exist");
  });
});
