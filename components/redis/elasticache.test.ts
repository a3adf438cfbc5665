import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { cacheLimits } from "../../prices/aws";
import { awsLines, awsReasons } from "../../prices/pricers/awsTestResources";
import { awsAnswer, refusal, registered } from "../network/testing/registered";
import { ElastiCacheValkey, type ElastiCacheSpec, type ElastiCacheValkeyArgs } from "./elasticache";
import { cacheNodeIdsOf, elastiCacheSpecProblems } from "./elasticacheSpec";

const spec: ElastiCacheSpec = {
  name: "drops-test",
  nodeType: "cache.t4g.small",
  shards: 2,
  replicasPerShard: 1,
  maintenance: { day: "sunday", hourUtc: 3 },
  protect: true,
};
const args = (changes: Partial<ElastiCacheSpec> = {}): ElastiCacheValkeyArgs => ({
  spec: { ...spec, ...changes },
  subnetIds: ["subnet-a", "subnet-b", "subnet-c"],
  securityGroupIds: ["sg-cache"],
});
const answer = awsAnswer((type, name) => {
  switch (type) {
    case "aws:elasticache/replicationGroup:ReplicationGroup":
      return { configurationEndpointAddress: "clustercfg.example" };
    case "random:index/randomPassword:RandomPassword":
      return { result: "t0ken" };
    default:
      return { name };
  }
});

const compose = (
  changes: Partial<ElastiCacheSpec> = {},
  overrides: ElastiCacheValkeyArgs["overrides"] = {},
) =>
  registered(() => {
    const redis = new ElastiCacheValkey("redis", { ...args(changes), overrides });
    return {
      url: pulumi.unsecret(redis.url),
      asItIs: redis.url,
      contract: { mode: redis.mode, tls: redis.tls, auth: redis.auth },
      facts: redis.alarmFacts,
      targets: redis.alarmTargets.map(({ id }) => id),
      group: redis.replicationGroupId,
    };
  }, answer);

describe("ElastiCache", () => {
  it("is a replication group with a subnet group, parameters and a token", async () => {
    const { names, named } = await compose();
    expect(names).toEqual([
      "elasticache:ParameterGroup redis-parameters",
      "elasticache:ReplicationGroup redis-group",
      "elasticache:SubnetGroup redis-subnets",
      "random:index/randomPassword:RandomPassword redis-token-value",
    ]);
    expect(named("redis-subnets").inputs).toEqual({
      description: "Where drops-test is",
      subnetIds: ["subnet-a", "subnet-b", "subnet-c"],
    });
  });

  it("has a group with exactly these inputs", async () => {
    const { named } = await compose();
    expect(named("redis-group").inputs).toEqual({
      replicationGroupId: "drops-test",
      description: "Cache of drops-test",
      engine: "valkey",
      engineVersion: "8.2",
      autoMinorVersionUpgrade: false,
      nodeType: "cache.t4g.small",
      port: 6379,
      clusterMode: "enabled",
      numNodeGroups: 2,
      replicasPerNodeGroup: 1,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      subnetGroupName: "redis-subnets",
      securityGroupIds: ["sg-cache"],
      parameterGroupName: "redis-parameters",
      networkType: "ipv4",
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
      authToken: "[secret]",
      authTokenUpdateStrategy: "ROTATE",
      maintenanceWindow: "sun:03:00-sun:04:00",
      snapshotRetentionLimit: 1,
      snapshotWindow: "01:00-02:00",
      applyImmediately: true,
    });
    expect(named("redis-group").protect).toBe(true);
  });

  it("is a cluster by its parameters, and forgets what was not used for longest", async () => {
    const { named } = await compose();
    expect(named("redis-parameters").inputs).toMatchObject({
      family: "valkey8",
      parameters: [
        { name: "cluster-enabled", value: "yes" },
        { name: "maxmemory-policy", value: "allkeys-lru" },
      ],
    });
    const older = await compose({ engineVersion: "7.2" });
    expect(older.named("redis-parameters").inputs.family).toBe("valkey7");
  });

  it("has a token of a length and of signs that AWS takes", async () => {
    const { named } = await compose();
    const { length, special } = named("redis-token-value").inputs;
    expect(special).toBe(false);
    expect(length).toBe(64);
    expect(length).toBeLessThanOrEqual(cacheLimits.authTokenLength.high);
  });

  it("gives a secret URL of the endpoint that knows all shards", async () => {
    const { outputs } = await compose();
    expect(outputs.url).toBe("rediss://:t0ken@clustercfg.example:6379");
    expect(outputs.asItIs).toBe("[secret]");
    expect(outputs.contract).toEqual({ mode: "cluster", tls: true, auth: true });
  });

  it("tells the alarms its nodes before a deploy", async () => {
    const { outputs } = await compose();
    expect(outputs.facts).toEqual({
      nodeIds: [
        "drops-test-0001-001",
        "drops-test-0001-002",
        "drops-test-0002-001",
        "drops-test-0002-002",
      ],
      vcpus: 2,
    });
    expect(outputs.targets).toEqual([
      "redis-0001-001",
      "redis-0001-002",
      "redis-0002-001",
      "redis-0002-002",
    ]);
  });

  it("is made anew under another id, before the old one goes", async () => {
    const { named, outputs } = await compose({ generation: 2 });
    expect(named("redis-group").inputs.replicationGroupId).toBe("drops-test-2");
    expect(named("redis-group").deleteBeforeReplace).toBe(false);
    expect(outputs.group).toBe("drops-test-2");
    expect(cacheNodeIdsOf({ ...spec, generation: 2 })[0]).toBe("drops-test-2-0001-001");
  });

  it("is not over several zones where a shard has one node", async () => {
    const { named } = await compose({ replicasPerShard: 0, snapshotDays: 0, protect: false });
    expect(named("redis-group").inputs).toMatchObject({
      replicasPerNodeGroup: 0,
      automaticFailoverEnabled: true,
      multiAzEnabled: false,
      snapshotRetentionLimit: 0,
    });
    expect(named("redis-group").protect).toBe(false);
  });

  it("has each child changed by its override", async () => {
    const { named } = await compose(
      {},
      {
        subnetGroup: { name: "ours" },
        parameterGroup: (given) => ({ ...given, parameters: [] }),
        group: { notificationTopicArn: "arn:aws:sns:us-east-1:123456789012:ours" },
      },
    );
    expect(named("redis-subnets").inputs).toMatchObject({ name: "ours" });
    expect(named("redis-parameters").inputs.parameters).toEqual([]);
    expect(named("redis-group").inputs).toMatchObject({
      engine: "valkey",
      notificationTopicArn: "arn:aws:sns:us-east-1:123456789012:ours",
    });
  });

  it("is priced by its nodes and snapshots", async () => {
    const { resources } = await registered(() => {
      new ElastiCacheValkey("redis", args());
      return undefined;
    });
    expect(awsLines(resources)).toEqual([
      ["redis-group", "ElastiCache Valkey cache.t4g.small", 4, 74.75],
      ["redis-group", "ElastiCache snapshots of 1 day", 1, 0.09],
    ]);
    expect(awsReasons(resources)).toEqual([]);
  });
});

describe("what ElastiCache refuses", () => {
  it.each<[string, Partial<ElastiCacheSpec>, string]>([
    ["an id of 41 characters", { name: "a".repeat(41) }, "at most 40 letters"],
    ["that a generation makes too long", { name: "a".repeat(39), generation: 2 }, "at most 40"],
    ["two hyphens in a row", { name: "drops--test" }, "got drops--test"],
    ["a digit first", { name: "1drops" }, "a letter first"],
    ["generation 0", { generation: 0 }, "spec.generation must be 1 or more, got 0"],
    ["snapshots of 36 days", { snapshotDays: 36 }, "spec.snapshotDays must be 0..35, got 36"],
    ["an unknown node type", { nodeType: "cache.x1.tiny" }, "spec.nodeType cache.x1.tiny is no"],
    ["no shard", { shards: 0 }, "a cluster has at least 1 shard, got 0"],
    ["6 replicas", { replicasPerShard: 6 }, "a shard has 0 to 5 replicas, got 6"],
  ])("%s", (_, changes, message) => {
    expect(elastiCacheSpecProblems({ ...spec, ...changes }).join("; ")).toContain(message);
  });

  it("is nothing of a sound specification", () => {
    expect(elastiCacheSpecProblems(spec)).toEqual([]);
    expect(elastiCacheSpecProblems({ ...spec, name: "a".repeat(40) })).toEqual([]);
  });

  it("is refused before any resource", async () => {
    expect(await refusal(() => new ElastiCacheValkey("redis", args({ shards: 0 })))).toBe(
      "redis: a cluster has at least 1 shard, got 0",
    );
  });
});
