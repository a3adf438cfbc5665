import { z } from "zod";
import { cacheLimits } from "../../../prices/aws";
import type { Made, Operation, Values } from "../../cloud/kind";
import { regional } from "../awsKind";
import { securityGroupType } from "../network/words";
import { arn, arnOf, filled, flag, regionOf, texts } from "../shapes";
import { ensureCache, isClustered } from "./cacheServer";
import { checkGroup, refuseGroup } from "./replicationGroupRules";
import { leaveSnapshot } from "./snapshots";
import { dailyWindow, weeklyWindow } from "./windows";
import {
  cacheParameterGroupType,
  cacheSubnetGroupType,
  elasticache,
  keyOf,
  logGroupType,
  named,
  namedBy,
  replicationGroupType,
} from "./words";

const { authTokenLength, idLength } = cacheLimits;

/** The provider's rule; AWS itself takes fewer signs. */
const token = z
  .string()
  .min(authTokenLength.low, "must contain from 16 to 128 characters")
  .max(authTokenLength.high, "must contain from 16 to 128 characters")
  .regex(/^[^@"/]+$/, 'only alphanumeric characters or symbols (excluding @, ", and /) allowed');

const inputs = z.object({
  replicationGroupId: z
    .string()
    .min(idLength.low)
    .max(idLength.high)
    .regex(
      /^[A-Za-z](-?[0-9A-Za-z])*$/,
      "must contain only alphanumeric characters and single hyphens, begin with a letter and not end with a hyphen",
    )
    .optional(),
  description: filled,
  engine: z.enum(["redis", "valkey"]).optional(),
  engineVersion: z
    .string()
    .regex(/^([6-9]\.\d+|6\.x)$/, "For Redis v6 or higher and Valkey, use <major>.<minor>")
    .optional(),
  nodeType: filled.optional(),
  clusterMode: z.enum(["enabled", "disabled", "compatible"]).optional(),
  numNodeGroups: z.int().optional(),
  replicasPerNodeGroup: z.int().min(0).max(5).optional(),
  numCacheClusters: z.int().optional(),
  ...{ automaticFailoverEnabled: flag, multiAzEnabled: flag },
  ...{ atRestEncryptionEnabled: flag, transitEncryptionEnabled: flag },
  transitEncryptionMode: z.enum(["preferred", "required"]).optional(),
  authToken: token.optional(),
  authTokenUpdateStrategy: z.enum(["SET", "ROTATE", "DELETE"]).optional(),
  userGroupIds: texts.optional(),
  ...{ parameterGroupName: filled.optional(), subnetGroupName: filled.optional() },
  securityGroupIds: texts.optional(),
  preferredCacheClusterAzs: texts.optional(),
  nodeGroupConfigurations: z
    .array(
      z.strictObject({
        nodeGroupId: z
          .string()
          .regex(/^\d{1,4}$/, "must be 1-4 digits")
          .optional(),
        primaryAvailabilityZone: filled.optional(),
        replicaAvailabilityZones: texts.optional(),
        replicaCount: z.int().min(0).max(5).optional(),
        slots: z
          .string()
          .regex(/^[\d,-]+$/)
          .optional(),
      }),
    )
    .optional(),
  port: z.int().optional(),
  networkType: z.enum(["ipv4", "ipv6", "dual_stack"]).optional(),
  ipDiscovery: z.enum(["ipv4", "ipv6"]).optional(),
  kmsKeyId: filled.optional(),
  maintenanceWindow: weeklyWindow.optional(),
  snapshotRetentionLimit: z.int().min(0).max(35).optional(),
  snapshotWindow: dailyWindow.optional(),
  ...{ snapshotName: filled.optional(), finalSnapshotIdentifier: filled.optional() },
  notificationTopicArn: arn("sns").optional(),
  logDeliveryConfigurations: z
    .array(
      z.strictObject({
        destination: filled,
        destinationType: z.enum(["cloudwatch-logs", "kinesis-firehose"]),
        logFormat: z.enum(["json", "text"]),
        logType: z.enum(["slow-log", "engine-log"]),
      }),
    )
    .max(2)
    .optional(),
  ...{ applyImmediately: flag, autoMinorVersionUpgrade: flag, dataTieringEnabled: flag },
});
export type GroupInputs = z.infer<typeof inputs>;

export const replicationGroup = regional({
  type: replicationGroupType,
  api: elasticache("ElastiCache Replication Group", "CreateReplicationGroup", {
    named: namedBy("replicationGroupId"),
    ...{ taken: "ReplicationGroupAlreadyExists", missing: "InvalidParameterValue" },
  }),
  inputs,
  sensitive: ["authToken"],
  immutable: [
    ...["atRestEncryptionEnabled", "dataTieringEnabled", "kmsKeyId", "networkType", "port"],
    ...["nodeGroupConfigurations", "replicationGroupId", "snapshotName", "subnetGroupName"],
  ],
  autoName: "replicationGroupId",
  unique: [["replicationGroupId"]],
  conflict: ({ replicationGroupId: id }) => `Replication group ${String(id)} already exists.`,
  references: [
    { input: "subnetGroupName", type: cacheSubnetGroupType, property: "name" },
    { input: "securityGroupIds[]", type: securityGroupType },
    {
      ...{ input: "parameterGroupName", type: cacheParameterGroupType, property: "name" },
      when: ({ parameterGroupName: name }) => !String(name).startsWith("default."),
    },
    keyOf("kmsKeyId"),
    {
      ...{ input: "logDeliveryConfigurations[].destination", type: logGroupType },
      ...{ property: "name", onDelete: "release" },
      when: ({ destinationType }) => destinationType === "cloudwatch-logs",
    },
  ],
  idStyle: (given) => String(given["replicationGroupId"]).toLowerCase(),
  recorded: (given) =>
    replicasOf(given) > 0 ? "the primary of each shard runs, its replicas are recorded" : undefined,
  check: checkGroup,
  refuse: refuseGroup,
  create: async (operation) => make(operation, tokensOf(operation)),
  update: async (operation) => make(operation, tokensOf(operation)),
  delete: async ({ cloud, id, inputs: given, before }) => {
    const { finalSnapshotIdentifier: snapshot } = given as GroupInputs;
    if (before.ready && snapshot !== undefined) leaveSnapshot(cloud, "cache", before, snapshot);
    await cloud.services.valkey.remove(id);
  },
});

const replicasOf = ({ replicasPerNodeGroup, numCacheClusters }: Values): number =>
  Number(replicasPerNodeGroup ?? Number(numCacheClusters ?? 1) - 1);

/** While a token follows another one by rotation, both count. */
function tokensOf({ inputs: given, before }: Operation): readonly string[] {
  const { authToken, authTokenUpdateStrategy: strategy } = given as GroupInputs;
  if (authToken === undefined) return [];
  const [newest, ...older] = (before?.hidden["tokens"] ?? []) as readonly string[];
  if (strategy === "SET" || newest === undefined) return [authToken];
  return newest === authToken ? [newest, ...older] : [authToken, newest];
}

async function make(operation: Operation, tokens: readonly string[]): Promise<Made> {
  const { cloud, id, inputs: given } = operation;
  const group = given as GroupInputs;
  const { host, port } = await ensureCache(cloud, id, given, tokens);
  const clustered = isClustered(cloud.world, given);
  const shards = clustered ? (group.numNodeGroups ?? 1) : 1;
  const replicas = replicasOf(given);
  const version = group.engineVersion ?? "8.2";
  const zoneless = { clusterEnabled: clustered, numNodeGroups: shards };
  return {
    outputs: {
      ...zoneless,
      ...(clustered
        ? { configurationEndpointAddress: host }
        : { primaryEndpointAddress: host, readerEndpointAddress: host }),
      port,
      arn: arnOf("elasticache", regionOf(given), `replicationgroup:${id}`),
      ...{ engine: group.engine ?? "redis", engineVersionActual: `${version}.0` },
      clusterMode: group.clusterMode ?? (clustered ? "enabled" : "disabled"),
      memberClusters: membersOf(id, clustered ? shards : undefined, 1 + replicas),
      ...{ replicasPerNodeGroup: replicas, numCacheClusters: shards * (1 + replicas) },
      parameterGroupName: parameterGroupOf(cloud.world, group, clustered),
      maintenanceWindow: (group.maintenanceWindow ?? "sun:05:00-sun:06:00").toLowerCase(),
      snapshotWindow: group.snapshotWindow ?? "03:00-04:00",
      transitEncryptionMode: group.transitEncryptionMode ?? "required",
    },
    hidden: { tokens },
  };
}

/** Ids of nodes, as AWS gives them; without cluster mode none has a shard in its name. */
function membersOf(id: string, shards: number | undefined, nodes: number): readonly string[] {
  const counted = (count: number, digits: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => String(index + 1).padStart(digits, "0"));
  const stems = shards === undefined ? [id] : counted(shards, 4).map((shard) => `${id}-${shard}`);
  return stems.flatMap((stem) => counted(nodes, 3).map((node) => `${stem}-${node}`));
}

function parameterGroupOf(
  world: Operation["cloud"]["world"],
  { parameterGroupName: name, engine = "redis", engineVersion = "8.2" }: GroupInputs,
  clustered: boolean,
): string {
  const own = name === undefined ? undefined : named(world, cacheParameterGroupType, name);
  const family = `${engine}${engineVersion.split(".", 1)[0] ?? ""}`;
  return own?.id ?? name ?? `default.${family}${clustered ? ".cluster.on" : ""}`;
}
