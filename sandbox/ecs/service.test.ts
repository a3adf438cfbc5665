import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, programs } from "../apps/testing/sampleApps";
import { SampleEcs } from "./testing/sampleEcs";

let sample: SampleEcs;
beforeEach(async () => {
  sample = await SampleEcs.open();
  await sample.base();
});
afterEach(async () => {
  await sample.close();
});

/** A definition of a version of the app, as a service runs it. */
const version = async (name: string, image = sample.image()) =>
  await sample.define(name, [sample.container(image, name)]);

/** Visits all the while; the statuses that came, and the versions that answered. */
function visitor() {
  const seen = {
    statuses: new Set<number>(),
    versions: new Set<string>(),
    errors: [] as unknown[],
  };
  const end = new AbortController();
  const visits = (async () => {
    while (!end.signal.aborted) {
      const answer = await sample.visit().catch((error: unknown) => {
        seen.errors.push(error);
        return undefined;
      });
      if (answer) {
        seen.statuses.add(answer.status);
        seen.versions.add(answer.seen.version);
      }
      await sleep(10);
    }
  })();
  return async () => {
    end.abort();
    await visits;
    return seen;
  };
}

describe("a service", () => {
  it("runs in all zones, with what was wired and no more", async () => {
    const definition = await version("1");
    await sample.make("Service", "service", sample.service(definition, { desiredCount: 3 }));
    const zones = sample
      .statuses("web task")
      .map(({ detail }) => /in (\S+);/.exec(detail ?? "")?.[1]);
    expect(zones.sort()).toEqual(["eu-central-1a", "eu-central-1b", "eu-central-1c"]);
    const { seen } = await sample.visit("/", { headers: { "x-forwarded-for": "203.0.113.9" } });
    expect(seen.env).toEqual({
      ...{ NODE_ENV: "production", VERSION: "1", MARK: sample.mark },
      DATABASE_URL: "postgresql://app:hunter%2F2@db/drops",
      ...{ AWS_REGION: "eu-central-1", AWS_DEFAULT_REGION: "eu-central-1" },
      AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
      ...{ HOST: "127.0.0.1", PORT: seen.env["PORT"], PATH: seen.env["PATH"] },
      NODE_EXTRA_CA_CERTS: seen.env["NODE_EXTRA_CA_CERTS"],
    });
    expect(seen.headers).toMatchObject({
      ...{ "x-forwarded-for": "203.0.113.9, 127.0.0.1", "x-forwarded-proto": "http" },
      "x-forwarded-port": "80",
    });
    expect(sample.statuses("service web")[0]).toMatchObject({ state: "running" });
  });

  it("is deployed anew without an error, and the old tasks go", async () => {
    const service = await sample.make("Service", "service", sample.service(await version("1")));
    const before = sample.pids();
    const stop = visitor();
    await sample.cloud.update(service, { taskDefinition: (await version("2")).id });
    const { statuses, versions, errors } = await stop();
    expect([...statuses]).toEqual([200]);
    expect([...versions]).toEqual(["1", "2"]);
    expect(errors).toEqual([]);
    expect(sample.pids()).toHaveLength(2);
    expect(sample.pids().some((pid) => before.includes(pid))).toBe(false);
  });

  it("goes back where new tasks crash, says why, and serves all the while", async () => {
    const service = await sample.make("Service", "service", sample.service(await version("1")));
    const before = sample.pids();
    const bad = await version("2", sample.image({ "index.js": programs.crashing }));
    const stop = visitor();
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
    const sick = await version("1", sample.image({ "index.js": programs.neverHealthy }));
    const failed = sample.make("Service", "service", sample.service(sick));
    await expect(failed).rejects.toThrow(
      /create: No rollback candidate was found[\s\S]*Task failed ELB health checks in \(target-group arn/,
    );
    expect(sample.pids()).toEqual([]);
    const [half] = sample.cloud.world.all("aws:ecs/service:Service");
    expect(half).toMatchObject({ ready: false, told: true });
    await sample.cloud.update(half!, { taskDefinition: (await version("2")).id });
    expect((await sample.visit()).seen.version).toBe("2");
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
    const definition = await version("1");
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
    const definition = await version("1");
    await sample.cloud.delete(sample.made[gone]!);
    await expect(sample.make("Service", "service", sample.service(definition))).rejects.toThrow(
      message,
    );
  });

  it("reaches AWS through endpoints where its subnet has no way out", async () => {
    const image = sample.image({}, "123456789012.dkr.ecr.eu-central-1.amazonaws.com/drops");
    await sample.make("Repository", "repository", { name: "drops" });
    await sample.make("RolePolicyAttachment", "pull", {
      role: sample.made["execution"]?.id,
      policyArn: "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    });
    const definition = await version("1", image);
    await sample.cloud.delete(sample.made["route"]!);
    const { id: vpcId } = await sample.cloud.update(sample.made["vpc"]!, {
      enableDnsHostnames: true,
    });
    for (const service of ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]) {
      await sample.make("VpcEndpoint", service, {
        ...{ vpcId, serviceName: `com.amazonaws.eu-central-1.${service}` },
        ...{ vpcEndpointType: "Interface", privateDnsEnabled: true },
      });
    }
    const failed = sample.make("Service", "service", sample.service(definition));
    await expect(failed).rejects.toThrow(
      /CannotPullContainerError.*connection issue between the task and s3/,
    );
    await sample.make("VpcEndpoint", "s3", {
      ...{ vpcId, serviceName: "com.amazonaws.eu-central-1.s3" },
      routeTableIds: [sample.made["table"]?.id],
    });
    const [half] = sample.cloud.world.all("aws:ecs/service:Service");
    await sample.cloud.update(half!, {});
    expect((await sample.visit()).status).toBe(200);
  });

  it("replaces a task that ends, and one that gets sick", async () => {
    await sample.make("Service", "service", sample.service(await version("1")));
    const [first, second] = sample.pids();
    await sample.visit("/crash").catch(() => undefined);
    await eventually(
      () => sample.pids(),
      (pids) => pids.length === 2 && !(pids.includes(first) && pids.includes(second)),
    );
    await eventually(
      () => sample.statuses("service web")[0]?.state,
      (state) => state === "running",
    );
    const { pid } = (await sample.visit("/")).seen;
    await eventually(
      async () => (await sample.visit("/sick")).status === 200 && sample.pids(),
      (pids) => pids !== false && !pids.includes(pid),
      15,
    );
    expect(sample.lines.some((line) => line.includes("Task failed ELB health checks"))).toBe(true);
  });

  it("changes its number of tasks in place", async () => {
    const definition = await version("1");
    const service = await sample.make("Service", "service", sample.service(definition));
    const before = sample.pids();
    await sample.cloud.update(service, { desiredCount: 3 });
    expect(sample.pids()).toEqual([...before, expect.any(Number)]);
    await sample.cloud.update(service, { desiredCount: 1 });
    await eventually(
      () => sample.pids(),
      (pids) => pids.length === 1,
    );
    expect(sample.pids()).toEqual(before.slice(0, 1));
  });

  it("keeps to the bounds of its scaling", async () => {
    await sample.make("Service", "service", sample.service(await version("1")));
    await sample.make("Target", "scaling", {
      ...{ serviceNamespace: "ecs", scalableDimension: "ecs:service:DesiredCount" },
      ...{ resourceId: "service/drops-large/web", minCapacity: 3, maxCapacity: 4 },
    });
    await eventually(
      () => sample.pids(),
      (pids) => pids.length === 3,
    );
  });

  it("is brought back by the next cloud, also without its definition, on the same ports", async () => {
    const definition = await version("1");
    const service = await sample.make("Service", "service", sample.service(definition));
    await sample.cloud.delete(definition);
    const target = sample.containers.balancerTarget(String(sample.made["balancer"]?.id));
    await sample.containers.stopAll();
    expect(sample.containers.statuses()).toEqual([]);
    await sample.reopen().startAll();
    expect(sample.containers.balancerTarget(String(sample.made["balancer"]?.id))).toEqual(target);
    expect((await sample.visit()).seen.version).toBe("1");
    await sample.cloud.delete(service);
    expect(sample.containers.statuses().map(({ what }) => what)).toEqual([
      expect.stringContaining("balancer"),
    ]);
    await expect(sample.visit()).resolves.toMatchObject({ status: 503 });
  });

  it("keeps its cluster and its subnets from being deleted", async () => {
    const service = await sample.make("Service", "service", sample.service(await version("1")));
    await expect(sample.cloud.delete(sample.made["cluster"]!)).rejects.toThrow(/service/);
    await expect(sample.cloud.delete(sample.made["private-a"]!)).rejects.toThrow("dependencies");
    await sample.cloud.delete(service);
    await sample.cloud.delete(sample.made["cluster"]!);
  });
});
