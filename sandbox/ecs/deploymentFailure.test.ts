import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { programs } from "../apps/testing/sampleApps";
import { taskSpecOf } from "../aws/ecs/taskDefinition";
import { SampleEcs } from "./testing/sampleEcs";
import { visitor } from "./testing/visitor";

let sample: SampleEcs;
beforeEach(async () => {
  sample = await SampleEcs.open();
  await sample.base();
});
afterEach(async () => {
  await sample.close();
});

describe("a deployment that fails", () => {
  it("goes back where new tasks crash, says why, and serves all the while", async () => {
    const service = await sample.make(
      "Service",
      "service",
      sample.service(await sample.version("1")),
    );
    const before = sample.pids();
    const bad = await sample.version("2", sample.image({ "index.js": programs.crashing }));
    const stop = visitor(sample);
    const failed = sample.cloud.update(service, { taskDefinition: bad.id });
    await expect(failed).rejects.toThrow(
      new RegExp(
        [
          String.raw`waiting for ECS Service \(arn:aws:ecs:eu-central-1:123456789012:service/drops-large/web\) update: Service deployment rolled back because the circuit breaker threshold was exceeded\.`,
          String.raw`\(service web\) \(deployment ecs-svc/[\w-]+\) deployment failed: tasks failed to start\.`,
          String.raw`task [0-9a-f]{32} in eu-central-1[abc]: Essential container in task exited`,
          String.raw`container web ended with exit code 7:`,
          String.raw`  no database at \[secret\]`,
        ].join(String.raw`[\s\S]*`),
      ),
    );
    await expect(failed).rejects.toThrow("drops-web:1 runs, not drops-web:2.");
    const { statuses, versions, errors } = await stop();
    expect([[...statuses], [...versions], errors]).toEqual([[200], ["1"], []]);
    expect(sample.pids()).toEqual(before);
  });

  it("that never gets healthy fails, and a good one repairs it", async () => {
    const sick = await sample.version("1", sample.image({ "index.js": programs.neverHealthy }));
    const failed = sample.make("Service", "service", sample.service(sick));
    await expect(failed).rejects.toThrow(
      /create: No rollback candidate was found[\s\S]*Task failed ELB health checks in \(target-group arn/,
    );
    expect(sample.pids()).toEqual([]);
    const [half] = sample.cloud.world.all("aws:ecs/service:Service");
    expect(half).toMatchObject({ ready: false, told: true });
    await sample.cloud.update(half!, { taskDefinition: (await sample.version("2")).id });
    expect((await sample.visit()).seen.version).toBe("2");
  });

  it("is not waited for without end where no task may begin, and goes on as it was", async () => {
    await sample.containers.stopAll();
    await sample.reopen({ steadyMs: 3_000 }).startAll();
    const inputs = sample.service(await sample.version("1"), {
      // Of one task all must run, and half of another one is none.
      ...{ desiredCount: 1, deploymentMaximumPercent: 150, deploymentMinimumHealthyPercent: 100 },
    });
    const service = await sample.make("Service", "service", inputs);
    const before = sample.pids();
    const { id: taskDefinition } = await sample.version("2");
    const failed = sample.cloud.update(service, { taskDefinition });
    await expect(failed).rejects.toThrow(
      /update: timeout while waiting for state to become 'tfSTABLE'[\s\S]*drops-web:1 runs, not drops-web:2\.$/,
    );
    expect(sample.pids()).toEqual(before);
  });

  it.each([
    [
      "a target group that there is not",
      { targetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/x/1" },
      /failed to register in \(target-group \S+\/x\/1\): One or more target groups not found/,
    ],
    [
      "a container that has no port",
      { containerName: "none" },
      /failed to register in [\s\S]*: the container none has no port 3000/,
    ],
  ])("fails with %s", async (_, change, message) => {
    const arn = "arn:aws:ecs:eu-central-1:123456789012:service/drops-large/web";
    const balancer = {
      targetGroupArn: sample.arn("web"),
      containerName: "web",
      containerPort: 3000,
      ...change,
    };
    const failed = sample.containers.deployService(arn, {
      ...{ clusterArn: sample.arn("cluster"), name: "web", desiredCount: 1, publicAddress: false },
      task: taskSpecOf(await sample.version("1")),
      subnetIds: [String(sample.subnets[0])],
      securityGroupIds: [String(sample.made["app"]?.id)],
      balancers: [balancer],
      ...{ healthGraceSeconds: 0, minimumHealthyPercent: 100, maximumPercent: 200 },
      circuitBreaker: { enable: true, rollback: true },
    });
    await expect(failed).rejects.toThrow(message);
    expect(sample.pids()).toEqual([]);
  });

  it.each([
    [
      "a secret that its role may not read",
      "execution-policy",
      /AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role\/\S+ is not authorized to perform: (secretsmanager:GetSecretValue|logs:CreateLogStream)/,
    ],
    ["a log group that is gone", "log", /The specified log group does not exist/],
    [
      "a secret's value that is gone",
      "version",
      /can't find the specified secret value for VersionId/,
    ],
  ])("does not start with %s", async (_, gone, message) => {
    const definition = await sample.version("1");
    await sample.cloud.delete(sample.made[gone]!);
    const failed = sample.make("Service", "service", sample.service(definition));
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toThrow("ResourceInitializationError: ");
  });

  it.each([
    [
      "the way out",
      "route",
      /CannotPull|ResourceInit[\s\S]*subnet subnet-\w+ has neither a way out nor an endpoint/,
    ],
    ["the rule that lets it out", "out", /no security group lets it out at port 443/],
    [
      "the rule that lets the balancer in",
      "from-front",
      /Task failed ELB health checks in \(target-group \S+\) \(Request timed out: no security group lets the balancer in at port 3000\)/,
    ],
    ["the balancer's rule", "to-app", /Request timed out/],
  ])("does not get steady without %s", async (_, gone, message) => {
    const definition = await sample.version("1");
    await sample.cloud.delete(sample.made[gone]!);
    await expect(sample.make("Service", "service", sample.service(definition))).rejects.toThrow(
      message,
    );
  });
});
