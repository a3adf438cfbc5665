import { describe, expect, it } from "vitest";
import { resource } from "../testResources";
import { awsLines, awsReasons, priceAws } from "./awsTestResources";

type Inputs = Readonly<Record<string, unknown>>;

const task = (name: string, inputs: Inputs = {}) =>
  resource("aws:ecs/taskDefinition:TaskDefinition", name, {
    cpu: "512",
    memory: "1024",
    requiresCompatibilities: ["FARGATE"],
    runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "ARM64" },
    ...inputs,
  });
const service = (name: string, inputs: Inputs = {}) =>
  resource("aws:ecs/service:Service", name, {
    launchType: "FARGATE",
    desiredCount: 2,
    taskDefinition: "[unknown]",
    ...inputs,
  });
const target = (name: string, inputs: Inputs = {}) =>
  resource("aws:appautoscaling/target:Target", name, {
    serviceNamespace: "ecs",
    resourceId: "[unknown]",
    minCapacity: 3,
    maxCapacity: 12,
    ...inputs,
  });

describe("a service on Fargate", () => {
  it("costs its tasks, by the smallest scale, with the largest in words", () => {
    expect(awsLines([task("web-task"), target("web-scaling"), service("web-service")])).toEqual([
      ["web-service", "Fargate, 3 tasks of 0.5 vCPU and 1 GB, ARM (up to 12: $173.01)", 3, 43.25],
    ]);
  });

  it("costs the desired count where nothing scales it", () => {
    expect(awsLines([task("web-task"), service("web-service", { desiredCount: 1 })])).toEqual([
      ["web-service", "Fargate, 1 task of 0.5 vCPU and 1 GB, ARM", 1, 14.42],
    ]);
  });

  it("costs more on x86, which is the default", () => {
    const x86 = task("web-task", { runtimePlatform: undefined });
    expect(awsLines([x86, service("web")])).toEqual([
      ["web", "Fargate, 2 tasks of 0.5 vCPU and 1 GB, x86", 2, 36.04],
    ]);
  });

  it.each([
    ["the name", task("worker-task"), task("web-task-definition", { cpu: "256" })],
    ["the family", task("a", { family: "other" }), task("b", { family: "web", cpu: "256" })],
  ])("finds its task by %s", (_, other, own) => {
    const one = service("web-service", { taskDefinition: "web:3" });
    expect(awsLines([other, own, one])).toContainEqual([
      "web-service",
      "Fargate, 2 tasks of 0.25 vCPU and 1 GB, ARM",
      2,
      17.02,
    ]);
  });

  it("finds its companions under the same component", () => {
    const under = (parent: string, one: ReturnType<typeof task>) => ({ ...one, parent });
    expect(
      awsLines([
        under("a", task("first")),
        under("b", task("second", { cpu: "256" })),
        under("b", target("third", { minCapacity: 5, maxCapacity: 5 })),
        under("b", service("fourth")),
      ]),
    ).toContainEqual(["fourth", "Fargate, 5 tasks of 0.25 vCPU and 1 GB, ARM", 5, 42.54]);
  });

  it("is scaled by a target that names it", () => {
    const named = target("x", { resourceId: "service/main/web" });
    const one = service("web-service", { name: "web" });
    expect(awsLines([task("web-task"), named, one])[0]?.[2]).toBe(3);
  });

  it("pays for addresses where its tasks have public ones", () => {
    const one = service("web-service", { networkConfiguration: { assignPublicIp: true } });
    expect(awsLines([task("web-task"), one])[1]).toEqual([
      "web-service",
      "Public IPv4 of each task",
      2,
      7.3,
    ]);
  });

  it.each([
    [{ launchType: "EC2" }, "no price for the launch type EC2"],
    [{ launchType: undefined }, "no price for the launch type that the cluster has by default"],
    [
      { launchType: undefined, capacityProviderStrategies: [{ capacityProvider: "FARGATE_SPOT" }] },
      "the price of Fargate Spot was not found",
    ],
    [{ desiredCount: undefined }, "how many tasks it runs is not known"],
  ])("names what it cannot price: %j", (inputs, reason) => {
    expect(awsReasons([task("web-task"), service("web-service", inputs)])).toContain(reason);
  });

  it("is priced on demand by way of a capacity provider", () => {
    const strategy = [{ capacityProvider: "FARGATE", weight: 1 }];
    const one = service("web", { launchType: undefined, capacityProviderStrategies: strategy });
    expect(awsLines([task("web-task"), one])).toHaveLength(1);
  });

  it.each([
    [{ cpu: "[unknown]" }, "web-task: the size of the task is not known before a deploy"],
    [
      { memory: "512" },
      "web-task: Fargate has no task of 512 CPU units with 512 MiB; 512 units take 1024, 2048, 3072, 4096 MiB, 512 MiB go with 256 units",
    ],
    [{ requiresCompatibilities: ["EC2"] }, "web-task is not made for Fargate"],
    [
      { ephemeralStorage: { sizeInGib: 50 } },
      "web-task: the price of storage beyond 20 GiB was not found",
    ],
    [
      { runtimePlatform: { operatingSystemFamily: "WINDOWS_SERVER_2022_CORE" } },
      "web-task: no price for tasks of WINDOWS_SERVER_2022_CORE on X86_64",
    ],
  ])("names a task without a price: %j", (inputs, reason) => {
    expect(awsReasons([task("web-task", inputs), service("web-service")])).toEqual([reason]);
  });

  it("does not guess between two tasks", () => {
    expect(awsReasons([task("one"), task("two"), service("web-service")])).toEqual([
      "which task definition it runs is not known",
    ]);
  });
});

describe("a task that no service runs", () => {
  it("costs what it takes in a deploy, which is assumed", () => {
    const { lines } = priceAws([task("web-task"), task("migrate-task"), service("web-service")]);
    expect(lines[0]).toMatchObject({
      resource: "migrate-task",
      kind: "usage",
      sku: "Fargate, one task of 0.5 vCPU and 1 GB, ARM, in 30 deploys of 120 s",
      quantity: 3_600,
      monthly: 0.02,
      verified: false,
    });
    expect(lines).toHaveLength(2);
  });
});

describe("a cluster and its registry", () => {
  const cluster = (value: string) =>
    resource("aws:ecs/cluster:Cluster", "main", {
      settings: [{ name: "containerInsights", value }],
    });

  it("cost nothing and what the images take, once", () => {
    const repositories = ["web", "worker"].map((name) =>
      resource("aws:ecr/repository:Repository", name),
    );
    expect(awsLines([cluster("disabled"), ...repositories])).toEqual([
      ["repositories", "ECR storage of images", 10, 1],
    ]);
    expect(awsReasons([cluster("disabled")])).toEqual([]);
  });

  it("name Container Insights, whose metrics nobody counts", () => {
    expect(awsReasons([cluster("enhanced")])).toEqual([
      "Container Insights: 0.07 USD a metric and month; how many metrics it makes is not documented",
    ]);
  });
});

describe("the network", () => {
  it("has a line for each gateway and one for what goes through them", () => {
    const nats = [1, 2].map((n) => resource("aws:ec2/natGateway:NatGateway", `nat-${n}`));
    const addresses = [1, 2].map((n) => resource("aws:ec2/eip:Eip", `nat-address-${n}`));
    expect(awsLines([...nats, ...addresses])).toEqual([
      ["nat-1", "NAT gateway", 1, 32.85],
      ["nat-gateways", "Traffic through NAT gateways", 100, 4.5],
      ["nat-2", "NAT gateway", 1, 32.85],
      ["nat-address-1", "Public IPv4 address", 1, 3.65],
      ["nat-address-2", "Public IPv4 address", 1, 3.65],
    ]);
  });

  it("has gateway endpoints for nothing, and interface endpoints by zone", () => {
    const endpoint = (name: string, inputs: Inputs) =>
      resource("aws:ec2/vpcEndpoint:VpcEndpoint", name, inputs);
    const subnetIds = ["[unknown]", "[unknown]", "[unknown]"];
    expect(
      awsLines([
        endpoint("s3", { vpcEndpointType: "Gateway" }),
        endpoint("logs", { vpcEndpointType: "Interface", subnetIds }),
        endpoint("secrets", { vpcEndpointType: "Interface", subnetIds }),
      ]),
    ).toEqual([
      ["logs", "Interface endpoint, by zone", 3, 21.9],
      ["vpc-endpoints", "Traffic through interface endpoints", 50, 0.5],
      ["secrets", "Interface endpoint, by zone", 3, 21.9],
    ]);
  });

  const network = resource("aws:ec2/vpc:Vpc", "network");

  it("sends to the internet what no CloudFront serves, and crosses its zones", () => {
    expect(awsLines([network])).toEqual([
      ["network", "Transfer to the internet beyond the account's free 100 GB", 900, 81],
      ["network", "Transfer between zones, each way", 1_000, 10],
    ]);
    const cdn = resource("aws:cloudfront/distribution:Distribution", "cdn");
    expect(awsLines([network, cdn])[0]?.[3]).toBe(0);
  });

  it("pays less a GB for more of them", () => {
    const [line] = priceAws([network], { egressGb: 11_340 }).lines;
    expect(line?.quantity).toBe(11_240);
    expect(line?.monthly).toBe(1_006.6);
  });

  const balancer = (name: string, inputs: Inputs) =>
    resource("aws:lb/loadBalancer:LoadBalancer", name, inputs);

  it("has the load on the first balancer, and addresses where it faces the internet", () => {
    const subnets = ["[unknown]", "[unknown]", "[unknown]"];
    expect(awsLines([balancer("a", { internal: true }), balancer("b", { subnets })])).toEqual([
      ["a", "Application Load Balancer", 1, 16.43],
      ["a", "Balancer capacity, 3.333 LCU (10000 connections open, 1000 GB)", 2_433.333, 19.47],
      ["b", "Application Load Balancer", 1, 16.43],
      ["b", "Balancer capacity, no part of the load", 0, 0],
      ["b", "Public IPv4 of the balancer", 3, 10.95],
    ]);
  });

  it.each([
    [{ loadBalancerType: "network", internal: true }, "no price for a network load balancer"],
    [{ subnets: "[unknown]" }, "how many public addresses the balancer has is not known"],
  ])("names what it cannot price: %j", (inputs, reason) => {
    expect(awsReasons([balancer("a", inputs)])).toEqual([reason]);
  });
});
