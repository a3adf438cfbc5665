import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import type { AwsTestCloud, RefusedCase } from "../testing/testCloud";
import { newPlace, type Place } from "./testing/place";

const token = "a-token-of-sixteen-letters";
const groupType = "aws:elasticache/replicationGroup:ReplicationGroup";

let place: Place;
let cloud: AwsTestCloud;
let inputs: Values;
beforeEach(async () => {
  place = await newPlace();
  ({ cloud } = place);
  const { subnetIds } = place;
  const subnets = await cloud.create("elasticache/subnetGroup:SubnetGroup", "subnets", {
    subnetIds,
  });
  const parameters = await parameterGroup([
    { name: "cluster-enabled", value: "yes" },
    { name: "maxmemory-policy", value: "allkeys-lru" },
  ]);
  inputs = {
    ...{ replicationGroupId: "drops-large", description: "Cache of drops-large" },
    ...{ engine: "valkey", engineVersion: "8.2", autoMinorVersionUpgrade: false },
    ...{ nodeType: "cache.t4g.small", port: 6_379, clusterMode: "enabled" },
    ...{ numNodeGroups: 2, replicasPerNodeGroup: 1 },
    ...{ automaticFailoverEnabled: true, multiAzEnabled: true, networkType: "ipv4" },
    ...{ subnetGroupName: subnets.inputs["name"], parameterGroupName: parameters.inputs["name"] },
    securityGroupIds: [place.securityGroupId],
    ...{ atRestEncryptionEnabled: true, transitEncryptionEnabled: true },
    ...{ transitEncryptionMode: "required", authToken: token, authTokenUpdateStrategy: "ROTATE" },
    ...{ maintenanceWindow: "sun:03:00-sun:04:00", snapshotWindow: "01:00-02:00" },
    ...{ snapshotRetentionLimit: 1, applyImmediately: true },
  };
});
afterEach(() => {
  cloud.close();
});

const parameterGroup = (parameters: readonly Values[], family = "valkey8", name = "parameters") =>
  cloud.create("elasticache/parameterGroup:ParameterGroup", name, { family, parameters });
const make = (change: Values = {}) =>
  cloud.create("ReplicationGroup", "redis-group", { ...inputs, ...change });
const lastServer = (): Values =>
  cloud.calls.filter(([name]) => name === "valkey.ensure").at(-1)?.[2] as Values;

describe("a replication group", () => {
  it("is a cluster of real servers, with the token that is given", async () => {
    const group = await make();
    expect(cloud.calls.at(-1)).toEqual([
      ...["valkey.ensure", "drops-large"],
      { shards: 2, evictionPolicy: "allkeys-lru", passwords: [token] },
    ]);
    expect(group.outputs).toMatchObject({
      ...{ configurationEndpointAddress: "localhost", port: 25_060, clusterEnabled: true },
      ...{ numNodeGroups: 2, replicasPerNodeGroup: 1, numCacheClusters: 4 },
      memberClusters: [
        ...["drops-large-0001-001", "drops-large-0001-002"],
        ...["drops-large-0002-001", "drops-large-0002-002"],
      ],
      arn: "arn:aws:elasticache:eu-central-1:123456789012:replicationgroup:drops-large",
    });
    expect(group.outputs).not.toHaveProperty("primaryEndpointAddress");
    expect(cloud.recorded("ReplicationGroup", inputs)).toContain("its replicas are recorded");
    expect(cloud.recorded("ReplicationGroup", { replicasPerNodeGroup: 0 })).toBeUndefined();
  });

  it("takes a new token beside the old one while it rotates, and alone when it is set", async () => {
    const group = await make();
    const second = "another-token-of-letters";
    const rotated = await cloud.update(group, { authToken: second });
    expect(lastServer()).toMatchObject({ passwords: [second, token] });
    await cloud.update(rotated, { nodeType: "cache.m7g.large" });
    expect(lastServer()).toMatchObject({ passwords: [second, token] });
    await cloud.update(rotated, { authTokenUpdateStrategy: "SET" });
    expect(lastServer()).toMatchObject({ passwords: [second] });
  });

  it("is one server without cluster mode, which everybody has an endpoint of", async () => {
    const group = await make({
      ...{ parameterGroupName: "default.valkey8", clusterMode: "disabled" },
      ...{ numNodeGroups: undefined, replicasPerNodeGroup: undefined, numCacheClusters: 2 },
      ...{ authToken: undefined, authTokenUpdateStrategy: undefined },
    });
    expect(lastServer()).toEqual({ evictionPolicy: "volatile-lru", passwords: [] });
    expect(group.outputs).toMatchObject({
      ...{ primaryEndpointAddress: "localhost", readerEndpointAddress: "localhost" },
      ...{ clusterEnabled: false, memberClusters: ["drops-large-001", "drops-large-002"] },
    });
  });

  it("has a new eviction policy from its parameter group", async () => {
    await make();
    const [group] = cloud.world.all("aws:elasticache/parameterGroup:ParameterGroup");
    await cloud.update(group!, {
      parameters: [
        { name: "cluster-enabled", value: "yes" },
        { name: "maxmemory-policy", value: "noeviction" },
      ],
    });
    expect(lastServer()).toEqual({
      ...{ shards: 2, evictionPolicy: "noeviction", passwords: [token] },
    });
    await expect(cloud.delete(group!)).rejects.toThrow("still members of this parameter group");
  });

  it("goes with a last snapshot where it is asked for one, whose name is taken then", async () => {
    await cloud.delete(await make());
    expect(cloud.calls.at(-1)).toEqual(["valkey.remove", "drops-large"]);
    expect(cloud.world.all("aws:elasticache/snapshot:Snapshot")).toEqual([]);
    const last = { finalSnapshotIdentifier: "last" };
    await cloud.delete(await make(last));
    expect(cloud.world.all("aws:elasticache/snapshot:Snapshot")).toMatchObject([{ id: "last" }]);
    await expect(cloud.delete(await make(last))).rejects.toThrow("last is already in use");
  });

  const refused: readonly RefusedCase[] = [
    { rule: "node", change: { nodeType: "cache.x9.large" }, message: "no node type" },
    { rule: "no node type", change: { nodeType: undefined }, message: "CacheNodeType" },
    { rule: "version", change: { engineVersion: "8.9" }, message: "Cannot find version 8.9" },
    { rule: "too many nodes", change: { numNodeGroups: 50 }, message: "in a cluster unless" },
    {
      ...{ rule: "no failover", message: "cannot be created with auto failover turned off" },
      change: { automaticFailoverEnabled: false, multiAzEnabled: false },
    },
    {
      ...{ rule: "zones without replicas", change: { replicasPerNodeGroup: 0 } },
      message: "at least one replica per shard",
    },
    {
      ...{ rule: "shards without cluster mode", message: "cluster mode disabled" },
      change: { parameterGroupName: "default.valkey8" },
    },
    {
      ...{ rule: "family", change: { parameterGroupName: "default.redis7.cluster.on" } },
      message: "Expected a parameter group of family valkey8 but found one of family redis7",
    },
    {
      ...{ rule: "token without TLS", message: "requires encryption-in-transit" },
      change: { transitEncryptionEnabled: false, transitEncryptionMode: undefined },
    },
    {
      ...{ rule: "no TLS", message: "speak TLS alone" },
      change: {
        ...{ transitEncryptionEnabled: false, transitEncryptionMode: undefined },
        ...{ authToken: undefined, authTokenUpdateStrategy: undefined },
      },
    },
    {
      ...{ rule: "token's signs", change: { authToken: "a-token-with-a-percent-%" } },
      message: "Invalid AuthToken",
    },
    {
      ...{ rule: "windows", change: { snapshotWindow: "03:30-04:30" } },
      message: "must not overlap",
    },
    {
      ...{ rule: "short window", change: { snapshotWindow: "01:00-01:30" } },
      message: "at least 60 minutes",
    },
    {
      ...{ rule: "users", change: { userGroupIds: ["a"], authToken: undefined } },
      message: "no users of caches",
    },
    { rule: "subnets", change: { subnetGroupName: "none" }, message: 'no SubnetGroup "none"' },
    {
      ...{ rule: "a snapshot to start from", change: { snapshotName: "old" } },
      message: "keeps no data of snapshots",
    },
    {
      ...{ rule: "a log group that is not there", message: 'no LogGroup "/none"' },
      change: {
        logDeliveryConfigurations: [
          {
            ...{ destination: "/none", destinationType: "cloudwatch-logs" },
            ...{ logFormat: "json", logType: "slow-log" },
          },
        ],
      },
    },
  ];
  it.each(refused)("is refused: $rule", async ({ change, message }) => {
    await expect(make(change)).rejects.toThrow(message);
    expect(cloud.world.all(groupType)).toEqual([]);
  });

  it("is in two zones where it is to survive one", async () => {
    const subnets = await cloud.create("elasticache/subnetGroup:SubnetGroup", "one", {
      subnetIds: place.subnetIds.slice(0, 1),
    });
    await expect(make({ subnetGroupName: subnets.inputs["name"] })).rejects.toThrow(
      "Multi-AZ takes subnets in two Availability Zones",
    );
  });

  it("keeps its shards and never goes back a version", async () => {
    const group = await make();
    await expect(cloud.update(group, { numNodeGroups: 3 })).rejects.toThrow(
      "cannot move keys from 2 shards to 3",
    );
    await expect(cloud.update(group, { engineVersion: "8.1" })).rejects.toThrow("Downgrading");
    expect((await cloud.update(group, { replicasPerNodeGroup: 2 })).outputs).toMatchObject({
      numCacheClusters: 6,
    });
  });

  it.each<readonly [string, Values, string]>([
    ["short token", { authToken: "short" }, "authToken: must contain from 16 to 128"],
    ["id", { replicationGroupId: "drops--large" }, "replicationGroupId: must contain only"],
    ["nodes twice", { numCacheClusters: 2 }, "numCacheClusters: conflicts with numNodeGroups"],
    ["zones", { automaticFailoverEnabled: false }, "automatic_failover_enabled must be true"],
    ["deleted", { authTokenUpdateStrategy: "DELETE" }, "authToken: must not be specified"],
    ["unknown", { shards: 2 }, "shards: "],
  ])("is refused in a preview: %s", (_, change, message) => {
    const said = cloud.preview("ReplicationGroup", { ...inputs, ...change }).join();
    expect(said).toContain(message);
    expect(said).not.toContain("got short");
  });
});

describe("a parameter group of caches", () => {
  it.each([
    ["maxmemory-policy", "newest", "Allowed: volatile-lru,"],
    ["maxmemory", "100", "Could not find parameter with name: maxmemory"],
    ["timeout", "soon", "Allowed: 0-2147483647"],
  ])("refuses %s = %s", async (name, value, message) => {
    await expect(parameterGroup([{ name, value }], "valkey8", "other")).rejects.toThrow(message);
  });

  it("is of a family that there is", async () => {
    await expect(parameterGroup([], "valkey5", "other")).rejects.toThrow(
      "not a valid parameter group family",
    );
  });
});
