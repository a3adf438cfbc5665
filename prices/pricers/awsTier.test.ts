import { describe, expect, it } from "vitest";
import { tiers } from "../../tiers";
import { sumUsd } from "../money";
import { resource } from "../testResources";
import { awsPricers } from "./aws";
import { awsFreeTypes } from "./awsFree";
import { awsLines, awsReasons, awsTotal, priceAws } from "./awsTestResources";
import { isFree } from "./free";

const numbered = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** The parts of tier_cost_checks.json's arithmetic for one region. */
const parts = (instanceClass: string) => [
  resource("aws:ecs/taskDefinition:TaskDefinition", "web-task", {
    family: "web",
    cpu: "1024",
    memory: "2048",
    requiresCompatibilities: ["FARGATE"],
  }),
  resource("aws:ecs/service:Service", "web-service", {
    launchType: "FARGATE",
    desiredCount: 4,
    taskDefinition: "[unknown]",
  }),
  resource("aws:lb/loadBalancer:LoadBalancer", "balancer", { internal: true }),
  ...numbered(2).map((n) => resource("aws:ec2/natGateway:NatGateway", `nat-${n}`)),
  resource("aws:rds/cluster:Cluster", "postgres-cluster", { engine: "aurora-postgresql" }),
  ...["writer", "reader"].map((role) =>
    resource("aws:rds/clusterInstance:ClusterInstance", `postgres-${role}`, { instanceClass }),
  ),
  resource("aws:elasticache/replicationGroup:ReplicationGroup", "cache", {
    engine: "valkey",
    nodeType: "cache.t4g.medium",
    numNodeGroups: 1,
    replicasPerNodeGroup: 1,
  }),
  ...numbered(15).map((n) =>
    resource("aws:cloudwatch/metricAlarm:MetricAlarm", `alarm-${n}`, { period: 60 }),
  ),
  resource("aws:cloudfront/distribution:Distribution", "cdn"),
  resource("aws:route53/healthCheck:HealthCheck", "site", { type: "HTTPS" }),
];

/** One capacity unit of the balancer, and nothing of what that arithmetic leaves out. */
const load = {
  requestsMillions: 0,
  egressGb: 0,
  openConnections: 3_000,
  auroraIoMillions: 0,
  databaseStorageGib: 0,
  natGb: 0,
};

describe("the facts' own arithmetic", () => {
  // It counts 15 alarms at 0.10 USD; ten of them are free.
  const freeAlarms = 1;

  it.each([
    ["db.r7g.large", 402.96, 714.01],
    ["db.t4g.medium", 106.58, 417.63],
  ])("with two %s", (instanceClass, aurora, total) => {
    const resources = parts(instanceClass);
    const of = (words: RegExp) =>
      sumUsd(
        priceAws(resources, load)
          .lines.filter(({ sku }) => words.test(sku))
          .map(({ monthly }) => monthly),
      );
    expect(of(/^Fargate/)).toBe(144.16);
    expect(of(/[Bb]alancer/)).toBe(22.27);
    expect(of(/^NAT gateway/)).toBe(65.7);
    expect(of(/^Aurora PostgreSQL/)).toBe(aurora);
    expect(of(/^ElastiCache/)).toBe(75.92);
    expect(of(/alarm/)).toBe(1.5 - freeAlarms);
    expect(of(/^Route 53/)).toBe(1.5);
    expect(awsTotal(resources, load)).toBe(total - freeAlarms);
    expect(awsReasons(resources, load)).toEqual([]);
  });
});

/** A whole tier in one region: what the design asks for, at its smallest scale. */
const tier = [
  resource("aws:ec2/vpc:Vpc", "network-vpc"),
  ...numbered(2).map((n) => resource("aws:ec2/eip:Eip", `network-nat-address-${n}`)),
  ...numbered(2).map((n) => resource("aws:ec2/natGateway:NatGateway", `network-nat-${n}`)),
  resource("aws:ec2/vpcEndpoint:VpcEndpoint", "network-s3", { vpcEndpointType: "Gateway" }),
  resource("aws:ecr/repository:Repository", "registry"),
  ...["web", "worker", "migrate"].map((name) =>
    resource("aws:ecs/taskDefinition:TaskDefinition", `${name}-task`, {
      cpu: name === "web" ? "1024" : "512",
      memory: name === "web" ? "2048" : "1024",
      requiresCompatibilities: ["FARGATE"],
      runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "ARM64" },
    }),
  ),
  ...["web", "worker"].flatMap((name) => [
    resource("aws:ecs/service:Service", `${name}-service`, { launchType: "FARGATE" }),
    resource("aws:appautoscaling/target:Target", `${name}-scaling`, {
      serviceNamespace: "ecs",
      minCapacity: name === "web" ? 3 : 2,
      maxCapacity: name === "web" ? 12 : 4,
    }),
  ]),
  ...numbered(4).map((n) =>
    resource("aws:appautoscaling/policy:Policy", `scaling-${n}`, {
      policyType: "TargetTrackingScaling",
    }),
  ),
  resource("aws:lb/loadBalancer:LoadBalancer", "balancer", { internal: true }),
  resource("aws:rds/cluster:Cluster", "postgres-cluster", {
    engine: "aurora-postgresql",
    backupRetentionPeriod: 35,
    databaseInsightsMode: "standard",
  }),
  ...["writer", "reader"].map((role) =>
    resource("aws:rds/clusterInstance:ClusterInstance", `postgres-${role}`, {
      instanceClass: "db.r7g.large",
    }),
  ),
  resource("aws:elasticache/replicationGroup:ReplicationGroup", "cache", {
    engine: "valkey",
    nodeType: "cache.t4g.small",
    numNodeGroups: 2,
    replicasPerNodeGroup: 1,
  }),
  ...numbered(3).map((n) => resource("aws:secretsmanager/secret:Secret", `secret-${n}`)),
  resource("aws:kms/key:Key", "key"),
  resource("aws:s3/bucket:Bucket", "backups"),
  resource("aws:cloudfront/distribution:Distribution", "cdn"),
  resource("aws:wafv2/webAcl:WebAcl", "waf", { scope: "CLOUDFRONT", rules: [{}, {}, {}] }),
  ...numbered(60).map((n) =>
    resource("aws:cloudwatch/metricAlarm:MetricAlarm", `alarm-${n}`, { period: 60 }),
  ),
  resource("aws:cloudwatch/compositeAlarm:CompositeAlarm", "hot"),
  resource("aws:cloudwatch/dashboard:Dashboard", "dashboard", { dashboardBody: "{}" }),
  resource("aws:cloudwatch/logGroup:LogGroup", "logs", { retentionInDays: 30 }),
  resource("aws:route53/healthCheck:HealthCheck", "site", { type: "HTTPS" }),
  resource("aws:sns/topic:Topic", "alarms"),
  resource("aws:budgets/budget:Budget", "budget"),
];

describe("a whole tier at the stated load", () => {
  it("stays within the target, with everything priced", () => {
    expect(awsReasons(tier)).toEqual([]);
    expect(awsTotal(tier)).toBe(885.1);
    expect(awsTotal(tier)).toBeLessThanOrEqual(tiers.large.numbers.costUsdTarget);
  });
});

describe("lines", () => {
  const resources = [...parts("db.r7g.large"), resource("aws:ec2/vpc:Vpc", "network")];
  const { lines } = priceAws(resources);

  it("multiply, and are dated", () => {
    for (const { quantity, unitPrice, monthly, asOf, source } of lines) {
      expect(Math.abs(monthly - quantity * unitPrice)).toBeLessThanOrEqual(0.005 + 1e-9);
      expect(asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(source).toMatch(/AWS|aws/);
    }
  });

  it("appear for a use even where it is nothing", () => {
    const nothing = awsLines(resources, { ...load, interZoneGb: 0 }).filter(
      ([, , quantity]) => quantity === 0,
    );
    expect(nothing.map(([name, sku]) => `${name}: ${sku}`)).toEqual([
      "nat-gateways: Traffic through NAT gateways",
      "postgres-cluster: Aurora storage",
      "postgres-cluster: Aurora I/O",
      "postgres-cluster: Aurora backups, 1 day, beyond the free size of the volume",
      "cdn: CloudFront transfer beyond the account's free 1000 GB",
      "cdn: CloudFront HTTPS requests beyond the account's free 10 million, at United States prices",
      "network: Transfer to the internet beyond the account's free 100 GB",
      "network: Transfer between zones, each way",
    ]);
  });

  it("are unverified where the use is assumed, and name the assumption", () => {
    const traffic = lines.find(({ sku }) => sku === "Traffic through NAT gateways");
    expect(traffic).toMatchObject({ verified: false, quantity: 100 });
    expect(traffic?.source).toMatch(/; AWS use assumed by this project$/);
    const io = lines.find(({ sku }) => sku === "Aurora I/O");
    expect(io).toMatchObject({ quantity: 30, monthly: 6 });
    expect(io?.source).not.toMatch(/assumed/);
  });

  it("do not change what they are made from", () => {
    const frozen = Object.freeze(resources.map((one) => Object.freeze({ ...one })));
    expect(priceAws(frozen)).toEqual(priceAws(frozen));
  });
});

describe("regions", () => {
  const nat = resource("aws:ec2/natGateway:NatGateway", "nat");
  const subnet = (availabilityZone: string) =>
    resource("aws:ec2/subnet:Subnet", "subnet", { availabilityZone });

  it.each([
    ["a subnet's zone", [subnet("us-east-1b")], nat],
    ["the provider", [resource("pulumi:providers:aws", "aws", { region: "us-east-1" })], nat],
    [
      "the resource, before all else",
      [subnet("eu-central-1a")],
      { ...nat, inputs: { region: "us-east-1" } },
    ],
  ])("are told by %s", (_, place, one) => {
    expect(awsLines([one], {}, place)[0]).toEqual(["nat", "NAT gateway", 1, 32.85]);
  });

  it.each([
    [
      "another region",
      [subnet("eu-central-1a")],
      "the price book has no AWS prices of eu-central-1, only of us-east-1",
    ],
    [
      "another region beside a provider for what is global",
      [resource("pulumi:providers:aws", "global", { region: "us-east-1" }), subnet("eu-west-1a")],
      "the price book has no AWS prices of eu-west-1, only of us-east-1",
    ],
    ["no region", [], "its region is not known before a deploy"],
    ["an unknown zone", [subnet("[unknown]")], "its region is not known before a deploy"],
  ])("%s has no price", (_, place, reason) => {
    expect(awsLines([nat], {}, place)).toEqual([]);
    expect(awsReasons([nat], {}, place)).toEqual([reason]);
  });

  it("do not matter to what is global", () => {
    const global = [resource("aws:cloudfront/distribution:Distribution", "cdn")];
    expect(awsLines(global, {}, [])).toHaveLength(2);
  });
});

describe("types", () => {
  it("are either priced or free, and free under one name alone", () => {
    const priced = Object.keys(awsPricers);
    expect(priced.filter((type) => awsFreeTypes.has(type))).toEqual([]);
    expect([...awsFreeTypes].filter((type) => !type.startsWith("aws:"))).toEqual([]);
    expect(priced.filter(isFree)).toEqual([]);
  });
});
