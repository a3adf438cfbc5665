import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../apps/testing/sampleApps";
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

describe("a service", () => {
  it("runs in all zones, with what was wired and no more", async () => {
    const definition = await sample.version("1");
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
    const service = await sample.make(
      "Service",
      "service",
      sample.service(await sample.version("1")),
    );
    const before = sample.pids();
    const stop = visitor(sample);
    await sample.cloud.update(service, { taskDefinition: (await sample.version("2")).id });
    const { statuses, versions, errors } = await stop();
    expect([...statuses]).toEqual([200]);
    expect([...versions]).toEqual(["1", "2"]);
    expect(errors).toEqual([]);
    expect(sample.pids()).toHaveLength(2);
    expect(sample.pids().some((pid) => before.includes(pid))).toBe(false);
  });

  it("reaches AWS through endpoints where its subnet has no way out", async () => {
    const image = sample.image({}, "123456789012.dkr.ecr.eu-central-1.amazonaws.com/drops");
    await sample.make("Repository", "repository", { name: "drops" });
    await sample.make("RolePolicyAttachment", "pull", {
      role: sample.made["execution"]?.id,
      policyArn: "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    });
    const definition = await sample.version("1", image);
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
    await sample.make("Service", "service", sample.service(await sample.version("1")));
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
    const definition = await sample.version("1");
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
    await sample.make("Service", "service", sample.service(await sample.version("1")));
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
    const definition = await sample.version("1");
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
    const service = await sample.make(
      "Service",
      "service",
      sample.service(await sample.version("1")),
    );
    await expect(sample.cloud.delete(sample.made["cluster"]!)).rejects.toThrow(/service/);
    await expect(sample.cloud.delete(sample.made["private-a"]!)).rejects.toThrow("dependencies");
    await sample.cloud.delete(service);
    await sample.cloud.delete(sample.made["cluster"]!);
  });
});
