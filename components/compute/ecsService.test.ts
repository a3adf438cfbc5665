import { describe, expect, it } from "vitest";
import { EcsCluster } from "./ecsCluster";
import { EcsService, type EcsServiceArgs } from "./ecsService";
import { EcsTask } from "./ecsTask";
import { deployed, migrateTask, named, refusal, webTask } from "./testing/sampleTask";

const spec: EcsServiceArgs["spec"] = {
  name: "drops-test-web",
  kind: "service",
  minTasks: 3,
  maxTasks: 12,
  cpuPercent: 60,
  memoryPercent: 75,
  requestsPerTarget: 3_000,
  healthGraceSeconds: 60,
};
const balancer = { targetGroupArn: "arn:targets", resourceLabel: "app/b/1/targetgroup/t/2" };

type Changes = Partial<Omit<EcsServiceArgs, "spec">> & { spec?: Partial<EcsServiceArgs["spec"]> };

function make({ spec: changed, ...changes }: Changes = {}, dependent = true): void {
  const cluster = new EcsCluster("cluster", { spec: { name: "drops-test" } });
  const task = new EcsTask("task", webTask);
  const before = dependent ? cluster : undefined;
  new EcsService(
    "web",
    {
      spec: { ...spec, ...changed },
      cluster,
      task,
      subnetIds: ["subnet-a", "subnet-b", "subnet-c"],
      securityGroupIds: ["sg-app"],
      balancer: { ...balancer, ready: [task] },
      ...changes,
    },
    before && { dependsOn: [before] },
  );
}
const made = async (changes: Changes = {}) =>
  await deployed(() => {
    make(changes);
  });

const workerChanges: Changes = {
  spec: { kind: "worker", requestsPerTarget: undefined },
  balancer: undefined,
};

describe("a cluster", () => {
  it("has its name, and no Container Insights to pay for", async () => {
    expect(named(await made(), "cluster-cluster").inputs).toEqual({
      name: "drops-test",
      settings: [{ name: "containerInsights", value: "disabled" }],
    });
  });
});

describe("a service behind a balancer", () => {
  it("rolls over without a gap, goes back by itself, and is waited for", async () => {
    const { inputs } = named(await made(), "web-service");
    expect(inputs).toEqual({
      name: "drops-test-web",
      cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/drops-test",
      taskDefinition: "arn:aws:ecs:us-east-1:123456789012:task-definition/drops-test-web:7",
      launchType: "FARGATE",
      desiredCount: 3,
      deploymentMaximumPercent: 200,
      deploymentMinimumHealthyPercent: 100,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      deploymentController: { type: "ECS" },
      waitForSteadyState: true,
      availabilityZoneRebalancing: "ENABLED",
      networkConfiguration: {
        subnets: ["subnet-a", "subnet-b", "subnet-c"],
        securityGroups: ["sg-app"],
        assignPublicIp: false,
      },
      loadBalancers: [
        { targetGroupArn: "arn:targets", containerName: "web", containerPort: 3_000 },
      ],
      healthCheckGracePeriodSeconds: 60,
      enableExecuteCommand: false,
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      forceNewDeployment: false,
    });
  });

  it("keeps the number of tasks that scaling chose", async () => {
    const service = named(await made(), "web-service");
    expect(service.ignoreChanges).toEqual(["desiredCount"]);
    expect(service.deleteBeforeReplace).toBe(true);
  });

  it("waits for what it is told to, and for the balancer's listeners", async () => {
    const resources = await made();
    const { dependsOn } = named(resources, "web-service");
    expect(dependsOn).toContain(named(resources, "cluster-cluster").urn);
    expect(dependsOn).toContain(named(resources, "task-log").urn);
    const alone = await deployed(() => {
      make(workerChanges, false);
    });
    expect(named(alone, "web-service").dependsOn).not.toContain(named(alone, "task-log").urn);
  });

  it("scales by CPU, memory and requests, and shrinks later than it grows", async () => {
    const resources = await made();
    const resource = {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: "service/drops-test/drops-test-web",
    };
    expect(named(resources, "web-scaling").inputs).toEqual({
      ...resource,
      minCapacity: 3,
      maxCapacity: 12,
    });
    const policy = (metric: object, targetValue: number) => ({
      ...resource,
      policyType: "TargetTrackingScaling",
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: metric,
        targetValue,
        scaleOutCooldown: 60,
        scaleInCooldown: 300,
      },
    });
    expect(
      resources
        .filter(({ type }) => type === "aws:appautoscaling/policy:Policy")
        .map(({ name, inputs }) => [name, inputs]),
    ).toEqual([
      ["web-scaling-cpu", policy({ predefinedMetricType: "ECSServiceAverageCPUUtilization" }, 60)],
      [
        "web-scaling-memory",
        policy({ predefinedMetricType: "ECSServiceAverageMemoryUtilization" }, 75),
      ],
      [
        "web-scaling-requests",
        policy(
          {
            predefinedMetricType: "ALBRequestCountPerTarget",
            resourceLabel: "app/b/1/targetgroup/t/2",
          },
          3_000,
        ),
      ],
    ]);
  });

  it("takes the caller's changes last", async () => {
    const resources = await made({
      overrides: {
        service: { tags: { ours: "1" } },
        scaling: { maxCapacity: 99 },
        policies: { cpu: { name: "ours" } },
      },
    });
    expect(named(resources, "web-service").inputs.tags).toEqual({ ours: "1" });
    expect(named(resources, "web-scaling").inputs.maxCapacity).toBe(99);
    expect(named(resources, "web-scaling-cpu").inputs.name).toBe("ours");
    expect(named(resources, "web-scaling-memory").inputs).not.toHaveProperty("name");
  });
});

describe("a worker", () => {
  it("has no balancer, no grace, and scales by CPU and memory", async () => {
    const resources = await made(workerChanges);
    const { inputs } = named(resources, "web-service");
    expect(inputs).not.toHaveProperty("loadBalancers");
    expect(inputs).not.toHaveProperty("healthCheckGracePeriodSeconds");
    expect(
      resources.map(({ name }) => name).filter((name) => name.startsWith("web-scaling")),
    ).toEqual(["web-scaling", "web-scaling-cpu", "web-scaling-memory"]);
  });

  it("of a fixed number has no policy, and its number can still be changed", async () => {
    const resources = await made({
      ...workerChanges,
      spec: { ...workerChanges.spec, maxTasks: 3 },
    });
    expect(named(resources, "web-scaling").inputs).toMatchObject({
      minCapacity: 3,
      maxCapacity: 3,
    });
    expect(resources.filter(({ type }) => type.endsWith(":Policy"))).toEqual([]);
  });
});

describe("what is refused", () => {
  it.each<[string, Changes, string]>([
    ["no task", { spec: { minTasks: 0 } }, "web: spec.minTasks must be 1 or more"],
    ["a maximum below the minimum", { spec: { maxTasks: 2 } }, "at most spec.maxTasks, got 3..2"],
    ["a service alone", { balancer: undefined }, "web: a service needs a balancer"],
    ["a worker behind a balancer", { spec: { kind: "worker" } }, "web: a worker has no balancer"],
  ])("%s", async (_, changes, words) => {
    const said = await deployedRefusal(() => {
      make(changes);
    });
    expect(said).toContain(words);
  });

  it("a task that does not listen", async () => {
    const said = await deployedRefusal(() => {
      const task = new EcsTask("deaf", migrateTask);
      make({ task });
    });
    expect(said).toContain("web: no container of the task listens on a port");
  });

  /** Cluster and task are made all the same. */
  async function deployedRefusal(body: () => void): Promise<string> {
    const said = await refusal(body);
    expect(said).not.toContain("nothing was refused");
    return said;
  }
});
