import { describe, expect, it } from "vitest";
import { checkedStack, problemsOfStack, type Refusal } from "./testStacks";

const set = (key: string, value: string): string =>
  `pulumi config set --stack large${key.includes(".") || key.includes("[") ? " --path" : ""} 'drops:${key}' ${value}`;
const remove = (key: string): string =>
  `pulumi config rm --stack large${key.includes(".") ? " --path" : ""} 'drops:${key}'`;

const external = ["postgres.provider=external", "postgres.url=encrypted-here"];

function expectRefusal([, settings, key, got, allowed, fix]: Refusal): void {
  expect(problemsOfStack("large", settings)).toEqual([{ key: `drops:${key}`, got, allowed, fix }]);
}

describe("the committed stack", () => {
  it("is in order, and lists what must be replaced", () => {
    expect(problemsOfStack("large")).toEqual([]);
    expect(checkedStack("large")).toMatchObject({
      tier: "large",
      region: "us-east-1",
      edge: "cloudfront",
      network: { natGateways: 2, interfaceEndpoints: "off", flowLogs: "off" },
      app: { cpuUnits: 1_024, memoryMib: 2_048, minTasks: 3, maxTasks: 12, poolPerProcess: 10 },
      worker: { cpuUnits: 512, memoryMib: 1_024, minTasks: 2, maxTasks: 4 },
      services: [],
      postgres: {
        engineVersion: "17.9",
        mode: "provisioned",
        instanceClass: "db.r7g.large",
        readers: 1,
        backupDays: 35,
        proxy: "off",
      },
      redis: { provider: "elasticache", shards: 2, replicasPerShard: 1 },
    });
  });
});

const tasks: readonly Refusal[] = [
  [
    "a pair that Fargate does not sell",
    ["app.memoryMib=1024"],
    "app.memoryMib",
    "1024, with cpuUnits 1024",
    "Fargate has no task of 1024 CPU units with 1024 MiB; 1024 units take 2048, 3072 … 8192 MiB, 1024 MiB go with 256, 512 units",
    set("app.memoryMib", "2048"),
  ],
  [
    "CPU units that nobody sells",
    ["worker.cpuUnits=1000"],
    "worker.cpuUnits",
    "1000",
    "Fargate has no task of 1000 CPU units; it has 256, 512, 1024, 2048, 4096, 8192, 16384",
    set("worker.cpuUnits", "1024"),
  ],
  [
    "fewer at the most than always",
    ["app.minTasks=6", "app.maxTasks=4"],
    "app.maxTasks",
    "4, with minTasks 6",
    "minTasks or more",
    set("app.maxTasks", "6"),
  ],
  [
    "a service's name that is taken",
    ['services=[{"name":"worker","command":["node"]}]'],
    "services[0].name",
    '"worker"',
    "another name than web, worker, migrate, roles, which the stack has already",
    set("services[0].name", "worker-1"),
  ],
  [
    "more connections than the database allows",
    ["app.maxTasks=100"],
    "app.poolPerProcess",
    "10: 100 tasks x 2 during a deploy x 10 + 16 of workers and services + 6 reserved = 2022 connections",
    "at most 1439, 80 % of the database's 1799",
    set("app.poolPerProcess", "7"),
  ],
];

const places: readonly Refusal[] = [
  [
    "a region with two zones",
    ["region=us-west-1"],
    "region",
    '"us-west-1"',
    "a region with 3 availability zones: us-west-1 shows an account 2 availability zones (us-west-1a, us-west-1b), not 3",
    set("region", "us-east-1"),
  ],
  [
    "a network too small for nine subnets",
    ["vpcCidr=10.130.0.0/24"],
    "vpcCidr",
    '"10.130.0.0/24"',
    "nine subnets with room for a balancer need /23 at the least, not /24",
    set("vpcCidr", "10.130.0.0/16"),
  ],
  [
    "a network with public addresses",
    ["vpcCidr=203.0.0.0/16"],
    "vpcCidr",
    '"203.0.0.0/16"',
    "a private range (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16)",
    set("vpcCidr", "10.130.0.0/16"),
  ],
  [
    "a network that another will be joined with",
    ["network.otherCidrs[0]=10.130.128.0/20", "network.otherCidrs[1]=10.9.0.0/16"],
    "vpcCidr",
    '"10.130.0.0/16", which overlaps 10.130.128.0/20',
    "a range apart from drops:network.otherCidrs",
    set("vpcCidr", "10.130.0.0/16"),
  ],
  [
    "a network with too few addresses for its tasks",
    ["vpcCidr=10.130.0.0/23", "app.maxTasks=62", "app.poolPerProcess=5"],
    "vpcCidr",
    '"10.130.0.0/23", whose private subnets have 177 addresses',
    "at least 180: one for each task at maximum scale during a deploy",
    set("vpcCidr", "10.130.0.0/16"),
  ],
  [
    "a network without any way out",
    ["network.natGateways=0"],
    "network.natGateways",
    "0, with drops:network.interfaceEndpoints off",
    "1 to 3, or interface endpoints: tasks fetch their image, secrets and logs by one of them",
    `${set("network.interfaceEndpoints", "on")}, or ${set("network.natGateways", "2")}`,
  ],
  [
    "an image outside AWS without a way out",
    ["network.natGateways=0", "network.interfaceEndpoints=on"],
    "network.natGateways",
    "0, with an image outside AWS",
    "1 to 3: without one nothing outside AWS is reached",
    set("network.natGateways", "2"),
  ],
  [
    "zones of another region",
    ['network.zones=["us-east-1a","us-east-1b","us-west-2a"]'],
    "network.zones",
    "us-east-1a, us-east-1b, us-west-2a",
    "3 different zones of us-east-1",
    remove("network.zones"),
  ],
  [
    "a region whose list of CloudFront's addresses is not known",
    ["region=eu-south-1"],
    "network.cloudfrontPrefixList",
    "nothing, in eu-south-1, whose list is not in the price book",
    "the id of the managed prefix list com.amazonaws.global.cloudfront.origin-facing (aws ec2 describe-managed-prefix-lists)",
    set("network.cloudfrontPrefixList", "pl-0123abcd"),
  ],
  [
    "a copy where the stack is",
    ["backups.copyRegion=us-east-1"],
    "backups.copyRegion",
    "us-east-1, where the stack is",
    "another region",
    remove("backups.copyRegion"),
  ],
];

const databases: readonly Refusal[] = [
  [
    "a class that Aurora does not offer",
    ["region=eu-south-1", "edge=cloudflare", "postgres.instanceClass=db.r8g.large"],
    "postgres.instanceClass",
    "db.r8g.large",
    "db.r8g.large has no price in eu-south-1: Aurora PostgreSQL has no db.r8g there",
    set("postgres.instanceClass", "db.r7g.large"),
  ],
  [
    "capacities the wrong way round",
    ["postgres.mode=serverless", "postgres.minAcu=8", "postgres.maxAcu=4"],
    "postgres.minAcu",
    "8 to 4",
    "the smallest capacity, 8, is more than the largest, 4",
    set("postgres.minAcu", "2"),
  ],
  [
    "readers that scale from nothing",
    ["postgres.readers=0", "postgres.readerScaling.maxReaders=3"],
    "postgres.readers",
    "0, with drops:postgres.readerScaling",
    "1 or more: a new reader is made like those that are there",
    set("postgres.readers", "1"),
  ],
  [
    "a node that the region does not have",
    ["region=me-central-1", "edge=cloudflare"],
    "redis.nodeType",
    "cache.t4g.small",
    "cache.t4g.small has no price in me-central-1: ElastiCache has no cache.t4g there",
    set("redis.nodeType", "cache.t4g.small"),
  ],
  [
    "more nodes than an account may have",
    ["redis.shards=45", "redis.replicasPerShard=2"],
    "redis.shards",
    "45, each with 2 replicas",
    "45 shards of 3 nodes are 135; an account may have 90 in a cluster unless AWS raises its quota",
    set("redis.shards", "2"),
  ],
];

const certificate = (region: string): string =>
  `arn:aws:acm:${region}:123456789012:certificate/12345678-1234-1234-1234-123456789012`;

describe.each([
  ["tasks", tasks],
  ["places", places],
  ["databases", databases],
])("%s", (_, refusals) => {
  it.each(refusals)("%s", (...refusal) => {
    expectRefusal(refusal);
  });
});

describe("names and certificates", () => {
  it("refuses CloudFront where it has no way into a network, and takes Cloudflare there", () => {
    const at = (...more: string[]) =>
      problemsOfStack("large", ["region=ap-east-2", ...more]).map(({ allowed }) => allowed);
    expect(at()).toContain("CloudFront has no VPC origins in ap-east-2");
    expect(at("edge=cloudflare").join()).not.toContain("CloudFront");
  });

  it("refuses a domain that nothing proves", () => {
    expect(problemsOfStack("large", [], ["drops:cloudflare"])).toEqual([
      {
        key: "drops:certificates.edgeArn",
        got: "nothing, with drops:domain and no drops:cloudflare",
        allowed:
          "a certificate of ACM in us-east-1 for the domain, or the zone at Cloudflare that proves it",
        fix: set("certificates.edgeArn", certificate("us-east-1")),
      },
    ]);
  });

  it("refuses a certificate in the wrong region, each by its own", () => {
    const problems = problemsOfStack(
      "large",
      [
        "region=eu-west-1",
        `certificates.edgeArn=${certificate("eu-west-1")}`,
        `certificates.balancerArn=${certificate("us-east-1")}`,
      ],
      ["drops:cloudflare"],
    );
    expect(problems.map(({ key, allowed }) => [key, allowed])).toEqual([
      ["drops:certificates.edgeArn", "it is a certificate of eu-west-1, not of us-east-1"],
      ["drops:certificates.balancerArn", "it is a certificate of us-east-1, not of eu-west-1"],
    ]);
  });

  it("takes a domain with certificates of its own, and none at all", () => {
    const own = [`certificates.edgeArn=${certificate("us-east-1")}`];
    expect(problemsOfStack("large", own, ["drops:cloudflare"])).toEqual([]);
    expect(problemsOfStack("large", [], ["drops:cloudflare", "drops:domain"])).toEqual([]);
  });

  it("refuses certificates that nothing would use", () => {
    const own = [`certificates.edgeArn=${certificate("us-east-1")}`];
    expect(problemsOfStack("large", own).map(({ key }) => key)).toEqual([
      "drops:certificates.edgeArn",
    ]);
    expect(
      problemsOfStack("large", own, ["drops:cloudflare", "drops:domain"]).map(({ key }) => key),
    ).toEqual(["drops:certificates.edgeArn"]);
  });

  it("refuses Cloudflare as the edge without a zone", () => {
    const problems = problemsOfStack(
      "large",
      ["edge=cloudflare"],
      ["drops:cloudflare", "drops:domain"],
    );
    expect(problems.map(({ key }) => key)).toEqual(["drops:cloudflare"]);
  });
});

describe("the rest", () => {
  it.each([
    ["rateLimit.periodSeconds=90", "rateLimit.periodSeconds", "60, 120, 300, 600"],
    ["logs.retentionDays=31", "logs.retentionDays", undefined],
    ["alerts.emails=[]", "alerts.emails", undefined],
    ["thresholds.uptime.warning=90", "thresholds.uptime.warning", undefined],
    ["thresholds.uptime.warning=100", "thresholds.uptime.warning", undefined],
    ["thresholds.cpu.warning=120", "thresholds.cpu.warning", "0 to 100 %"],
    ["image=ghcr.io/octocat/drops:latest", "image", undefined],
    ["postgres.url=encrypted", "postgres.url", undefined],
  ])("refuses %s", (setting, key, allowed) => {
    const problems = problemsOfStack("large", [setting]);
    expect(problems.map((one) => one.key)).toEqual([`drops:${key}`]);
    if (allowed !== undefined) expect(problems[0]?.allowed).toBe(allowed);
  });

  it("takes a latency that DigitalOcean would refuse", () => {
    expect(problemsOfStack("large", ["thresholds.response-time.critical=90000.5"])).toEqual([]);
  });

  it.each(["a-stack-of-a-very-long-name", "two--hyphens", "ends-"])(
    "refuses the stack's name %s",
    (name) => {
      expect(problemsOfStack("large", ["tier=large"], [], name).map(({ key }) => key)).toEqual([
        "the stack's name",
      ]);
    },
  );

  it("says everything at once", () => {
    const problems = problemsOfStack("large", [
      "region=us-west-1",
      "app.memoryMib=1024",
      "vpcCidr=10.130.0.0/24",
      "network.natGateways=0",
      ...external,
    ]);
    expect(problems.map(({ key }) => key).sort()).toEqual([
      "drops:app.memoryMib",
      "drops:network.natGateways",
      "drops:postgres.connectionLimit",
      "drops:postgres.ownerUrl",
      "drops:postgres.url",
      "drops:region",
      "drops:vpcCidr",
    ]);
  });
});
