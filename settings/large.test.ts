import { describe, expect, it } from "vitest";
import { checkSettings } from "../config";
import { exampleCertificate, examplePrefixList } from "./examples";
import { largeSchema } from "./schema";
import { settableLeaves } from "./testLeaves";
import { checkedStack, expectMended, largeRemove, largeSet, problemsOfStack } from "./testStacks";

const external = ["postgres.provider=external", "postgres.url=encrypted-here"];

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
      backups: { retentionDays: 35 },
      rateLimit: { requestsPerPeriod: 2_000, periodSeconds: 300 },
      hsts: { maxAgeSeconds: 31_536_000 },
    });
  });
});

describe("the fix of a key", () => {
  it.each(settableLeaves(largeSchema))("of %s mends it with %s", (key, example) => {
    const got = problemsOfStack("large", [`${key}=${example}`])
      .filter((problem) => problem.key === `drops:${key}`)
      .map((problem) => problem.got);
    expect(got.filter((one) => one === JSON.stringify(example))).toEqual([]);
  });
});

/** Keys of a large stack that a check lists as values to replace. */
function toReplace(settings: Readonly<Record<string, unknown>>): string[] {
  const image = `ghcr.io/shop/drops@sha256:${"1".repeat(64)}`;
  const all = { image, alerts: { emails: ["ops@shop.io"] }, ...settings };
  return checkSettings("large", all, new Set()).toReplace.map(({ key }) => key);
}

describe("a value that a fix proposed", () => {
  const zone = { zoneId: "0".repeat(32), zone: "shop.io" };
  it.each([
    ["nothing", {}, []],
    [
      "a prefix list",
      { network: { cloudfrontPrefixList: examplePrefixList } },
      ["drops:network.cloudfrontPrefixList"],
    ],
    ["a list of AWS's", { network: { cloudfrontPrefixList: "pl-3b927c52" } }, []],
    [
      "certificates",
      {
        domain: "drops.shop.io",
        certificates: {
          edgeArn: exampleCertificate("us-east-1"),
          balancerArn: exampleCertificate("us-east-1").replace("123456789012", "210987654321"),
        },
      },
      ["drops:certificates.edgeArn"],
    ],
    ["a zone", { domain: "drops.shop.io", cloudflare: zone }, ["drops:cloudflare.zoneId"]],
    [
      "a Slack channel",
      { alerts: { slack: { teamId: "T0123ABCDEF", channelId: "C9876FEDCBA" } } },
      ["drops:alerts.slack.teamId"],
    ],
    ["the digest of no image", { image: `sha256:${"0".repeat(64)}` }, ["drops:image"]],
  ])("is to be replaced before a deploy: %s", (_, settings, keys) => {
    expect(toReplace(settings)).toEqual(keys);
  });
});

describe("the rest", () => {
  it.each([
    ["rateLimit.periodSeconds=90", "rateLimit.periodSeconds", "60, 120, 300, 600"],
    ["logs.retentionDays=31", "logs.retentionDays", undefined],
    ["alerts.emails=[]", "alerts.emails", undefined],
    ["image=ghcr.io/octocat/drops:latest", "image", undefined],
    ["postgres.url=encrypted", "postgres.url", undefined],
  ])("refuses %s", (setting, key, allowed) => {
    const problems = problemsOfStack("large", [setting]);
    expect(problems.map((one) => one.key)).toEqual([`drops:${key}`]);
    if (allowed !== undefined) expect(problems[0]?.allowed).toBe(allowed);
  });

  it("says everything at once, each key once", () => {
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

  it("needs no secret where the registry is AWS's", () => {
    const settings = [`image=sha256:${"1".repeat(64)}`, "registryCredentials=octocat:hunter2"];
    expectMended([
      "credentials",
      settings,
      "registryCredentials",
      "[secret], with an image in a registry of AWS, which the tasks' role reads",
      "nothing",
      largeRemove("registryCredentials"),
    ]);
  });

  it("knows what each tier's network may be", () => {
    expect(problemsOfStack("large", ["vpcCidr=nowhere"])).toEqual([
      {
        key: "drops:vpcCidr",
        got: '"nowhere"',
        allowed: "a private IPv4 range from /16 to /23",
        fix: largeSet("vpcCidr", "10.130.0.0/16"),
      },
    ]);
    expect(problemsOfStack("medium", ["vpcCidr=nowhere"])[0]?.allowed).toBe(
      "a private IPv4 range from /16 to /24",
    );
  });
});
