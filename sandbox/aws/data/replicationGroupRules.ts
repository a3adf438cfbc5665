import {
  cacheLimits,
  cacheNodeProblem,
  cacheShapeProblem,
  valkeyVersions,
} from "../../../prices/aws";
import type { CheckFailure, Operation, Values } from "../../cloud/kind";
import { AwsError } from "../refusal";
import { regionOf } from "../shapes";
import { isClustered } from "./cacheServer";
import type { GroupInputs } from "./replicationGroup";
import { zonesOfSubnets } from "./subnetGroups";
import { windowProblem } from "./windows";
import { cacheParameterGroupType, cacheSubnetGroupType, named } from "./words";

const value = (message: string): AwsError => new AwsError("InvalidParameterValue", message);
const combination = (message: string): AwsError =>
  new AwsError("InvalidParameterCombination", message);

/** What the provider refuses in a preview. */
export function checkGroup(given: Values): readonly CheckFailure[] {
  const conflicts: readonly (readonly [string, string])[] = [
    ["numCacheClusters", "numNodeGroups"],
    ["numCacheClusters", "replicasPerNodeGroup"],
    ["authToken", "userGroupIds"],
    ["nodeGroupConfigurations", "preferredCacheClusterAzs"],
  ];
  const failures = conflicts
    .filter(([a, b]) => given[a] !== undefined && given[b] !== undefined)
    .map(([property, other]) => ({ property, reason: `conflicts with ${other}` }));
  const fail = (property: string, reason: string): void => {
    failures.push({ property, reason });
  };
  if (given["multiAzEnabled"] === true && given["automaticFailoverEnabled"] !== true) {
    fail("multiAzEnabled", "automatic_failover_enabled must be true if multi_az_enabled is true");
  }
  const { numCacheClusters: nodes } = given;
  if (given["automaticFailoverEnabled"] === true && typeof nodes === "number" && nodes < 2) {
    fail("numCacheClusters", "must be at least 2 if automatic_failover_enabled is true");
  }
  if (given["authTokenUpdateStrategy"] === "DELETE" && given["authToken"] !== undefined) {
    fail("authToken", 'must not be specified when "auth_token_update_strategy" is "DELETE"');
  }
  return failures;
}

/** What only the API refuses about a replication group. */
export function refuseGroup(operation: Operation): void {
  const { cloud, inputs: given, before } = operation;
  const group = given as GroupInputs;
  requireEngine(group);
  requireNodes(operation, group);
  requireEncryption(group);
  requireParameterGroup(operation, group);
  const problem = windowProblem({
    ...{ daily: group.snapshotWindow, weekly: group.maintenanceWindow },
    ...{ names: ["snapshot", "maintenance"], leastMinutes: 60 },
  });
  if (problem !== undefined) throw value(problem);
  const logs = (group.logDeliveryConfigurations ?? []).map(({ logType }) => logType);
  if (new Set(logs).size < logs.length) {
    throw combination("LogDeliveryConfigurations: each log type can be delivered once");
  }
  const shards = isClustered(cloud.world, given) ? (group.numNodeGroups ?? 1) : undefined;
  if (!before?.ready) return;
  const had = isClustered(cloud.world, before.inputs)
    ? Number(before.inputs["numNodeGroups"] ?? 1)
    : undefined;
  if (shards !== had) {
    throw combination(
      `the embedded cloud cannot move keys from ${String(had ?? "no")} shards to ${String(shards ?? "none")}`,
    );
  }
  if (Number(group.engineVersion ?? 0) < Number(before.inputs["engineVersion"] ?? 0)) {
    throw combination(
      `Downgrading from ${String(before.inputs["engineVersion"])} to ${String(group.engineVersion)} requires a replacement.`,
    );
  }
}

function requireEngine({ engine, engineVersion, snapshotName, userGroupIds }: GroupInputs): void {
  const versions: readonly string[] = valkeyVersions;
  if (engine === "valkey" && engineVersion !== undefined && !versions.includes(engineVersion)) {
    throw value(
      `Cannot find version ${engineVersion} for valkey; known are ${versions.join(", ")}`,
    );
  }
  if (snapshotName !== undefined) {
    throw new AwsError(
      "SnapshotNotFoundFault",
      "the embedded cloud keeps no data of snapshots: nothing can be restored from",
      404,
    );
  }
  if (userGroupIds !== undefined) {
    throw combination("UserGroupIds: the embedded cloud has no users of caches; give an AuthToken");
  }
}

function requireNodes({ cloud: { world }, inputs: given }: Operation, group: GroupInputs): void {
  if (group.nodeType === undefined) throw value("CacheNodeType must be given");
  const problem = cacheNodeProblem(group.nodeType, regionOf(given));
  if (problem !== undefined) throw value(problem);
  const clustered = isClustered(world, given);
  const shards = group.numNodeGroups ?? 1;
  const replicas = group.replicasPerNodeGroup ?? (group.numCacheClusters ?? 1) - 1;
  const shape = cacheShapeProblem(shards, replicas);
  if (shape !== undefined) throw value(shape);
  if (!clustered && shards > 1) {
    throw combination(
      `Parameter group ${String(group.parameterGroupName)} has cluster mode disabled: it takes one shard, got ${shards}`,
    );
  }
  if (!clustered && 1 + replicas > cacheLimits.nodesWithoutClusterMode) {
    throw value(
      `A group has at most ${cacheLimits.nodesWithoutClusterMode} nodes, got ${1 + replicas}`,
    );
  }
  if (clustered && group.automaticFailoverEnabled !== true) {
    throw value("Redis with cluster mode enabled cannot be created with auto failover turned off.");
  }
  if (
    replicas === 0 &&
    (group.multiAzEnabled === true || (!clustered && group.automaticFailoverEnabled === true))
  ) {
    throw combination(
      "Must specify at least one replica per shard when Multi-AZ or automatic failover is enabled.",
    );
  }
  if (group.multiAzEnabled === true && group.subnetGroupName !== undefined) {
    const subnets = named(world, cacheSubnetGroupType, group.subnetGroupName)?.inputs ?? {};
    if (zonesOfSubnets(world, subnets).length < 2) {
      throw combination(
        `Multi-AZ takes subnets in two Availability Zones or more; ${group.subnetGroupName} has one`,
      );
    }
  }
  const { nodeGroupConfigurations: listed } = group;
  if (listed && listed.length !== shards) {
    throw value(`NodeGroupConfiguration has ${listed.length} entries for ${shards} shards`);
  }
  if (group.dataTieringEnabled === true) {
    throw combination(`Data tiering is not supported on ${group.nodeType}: it takes r6gd nodes`);
  }
}

function requireEncryption(group: GroupInputs): void {
  const { authToken, transitEncryptionEnabled, transitEncryptionMode, kmsKeyId } = group;
  if (transitEncryptionEnabled !== true) {
    if (authToken !== undefined) {
      throw combination("The AUTH token requires encryption-in-transit to be enabled.");
    }
    if (transitEncryptionMode !== undefined) {
      throw combination("TransitEncryptionMode takes TransitEncryptionEnabled");
    }
    throw combination(
      "TransitEncryptionEnabled: the embedded cloud's caches speak TLS alone; set it to true",
    );
  }
  if (authToken !== undefined && !/^[\w!&#$^<>-]+$/.test(authToken)) {
    throw value(
      "Invalid AuthToken provided: only letters, digits and the signs ! & # $ ^ < > - are allowed.",
    );
  }
  if (kmsKeyId !== undefined && group.atRestEncryptionEnabled !== true) {
    throw combination("KmsKeyId takes AtRestEncryptionEnabled");
  }
}

function requireParameterGroup({ cloud: { world } }: Operation, group: GroupInputs): void {
  const { parameterGroupName: name, engine = "redis", engineVersion } = group;
  if (name === undefined || engineVersion === undefined) return;
  const wanted = `${engine}${engineVersion.split(".", 1)[0] ?? ""}`;
  const family = name.startsWith("default.")
    ? name.replace(/^default\.|\.cluster\.on$/g, "")
    : named(world, cacheParameterGroupType, name)?.inputs["family"];
  if (family === wanted || (family === "redis6.x" && wanted === "redis6")) return;
  throw combination(
    `Expected a parameter group of family ${wanted} but found one of family ${String(family)} (${name})`,
  );
}
