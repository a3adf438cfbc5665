import { z } from "zod";
import { auroraQuotas, auroraStorageTypes, databaseInsights, zonesOf } from "../../../prices/aws";
import { type Made, type Operation, type Values } from "../../cloud/kind";
import { regional } from "../awsKind";
import { AwsProviderError } from "../refusal";
import { arn, arnOf, filled, flag, regionOf, texts } from "../shapes";
import { securityGroupType } from "../network/words";
import { refuseCluster } from "./auroraClusterRules";
import { ensureServer, instancesOf } from "./auroraServer";
import { leaveSnapshot } from "./snapshots";
import { dailyWindow, weeklyWindow } from "./windows";
import {
  clusterParameterGroupType,
  clusterType,
  invalidCombination,
  keyOf,
  namedBy,
  rds,
  roleType,
  subnetGroupType,
} from "./words";

/** Of a cluster, an instance or a proxy. */
export const identifier = z
  .string()
  .max(63)
  .regex(
    /^[a-z](-?[0-9a-z])*$/,
    "only lowercase alphanumeric characters and single hyphens allowed, a letter first and no hyphen last",
  );

const inputs = z.object({
  clusterIdentifier: identifier.optional(),
  engine: z.enum(["aurora-postgresql", "aurora-mysql", "mysql", "postgres"]),
  engineMode: z.enum(["", "provisioned", "serverless", "global", "parallelquery"]).optional(),
  engineVersion: filled.optional(),
  engineLifecycleSupport: z
    .enum([
      ...([
        "open-source-rds-extended-support",
        "open-source-rds-extended-support-disabled",
      ] as const),
    ])
    .optional(),
  ...{ allowMajorVersionUpgrade: flag, autoMinorVersionUpgrade: flag, applyImmediately: flag },
  availabilityZones: texts.optional(),
  databaseName: filled.optional(),
  masterUsername: filled.optional(),
  ...{ masterPassword: filled.optional(), masterPasswordWo: filled.optional() },
  masterPasswordWoVersion: z.int().optional(),
  ...{ manageMasterUserPassword: flag, masterUserSecretKmsKeyId: filled.optional() },
  iamDatabaseAuthenticationEnabled: flag,
  port: z.int().optional(),
  networkType: z.enum(["IPV4", "DUAL"]).optional(),
  ...{ dbSubnetGroupName: filled.optional(), vpcSecurityGroupIds: texts.optional() },
  ...{ dbClusterParameterGroupName: filled.optional() },
  dbInstanceParameterGroupName: filled.optional(),
  ...{ storageEncrypted: flag, kmsKeyId: arn("kms").optional() },
  storageType: z.enum(["", ...auroraStorageTypes]).optional(),
  serverlessv2ScalingConfiguration: z
    .strictObject({
      minCapacity: z.number().min(0).max(256),
      maxCapacity: z.number().min(1).max(256),
      secondsUntilAutoPause: z.int().min(300).max(86_400).optional(),
    })
    .optional(),
  backupRetentionPeriod: z.int().max(35).optional(),
  preferredBackupWindow: dailyWindow.optional(),
  preferredMaintenanceWindow: weeklyWindow.optional(),
  ...{ copyTagsToSnapshot: flag, deletionProtection: flag, skipFinalSnapshot: flag },
  ...{ deleteAutomatedBackups: flag, enableHttpEndpoint: flag },
  finalSnapshotIdentifier: z
    .string()
    .regex(
      /^[0-9A-Za-z](-?[0-9A-Za-z])*$/,
      "only alphanumeric characters and single hyphens allowed, and no hyphen last",
    )
    .optional(),
  snapshotIdentifier: filled.optional(),
  restoreToPointInTime: z.looseObject({}).optional(),
  databaseInsightsMode: z.enum(databaseInsights.modes).optional(),
  performanceInsightsEnabled: flag,
  performanceInsightsRetentionPeriod: z.int().optional(),
  performanceInsightsKmsKeyId: arn("kms").optional(),
  enabledCloudwatchLogsExports: z
    .array(
      z.enum([
        ...(["audit", "error", "general", "iam-db-auth-error", "instance"] as const),
        ...(["postgresql", "slowquery", "upgrade"] as const),
      ]),
    )
    .optional(),
  ...{ monitoringInterval: z.int().optional(), monitoringRoleArn: arn("iam").optional() },
  caCertificateIdentifier: filled.optional(),
});
export type ClusterInputs = z.infer<typeof inputs> & { readonly region: string };

/** Zones that a cluster's storage is in, whatever its instances are. */
const STORAGE_ZONES = 3;

export const cluster = regional({
  type: clusterType,
  api: rds("RDS Cluster", "CreateDBCluster", {
    named: namedBy("clusterIdentifier"),
    ...{ taken: "DBClusterAlreadyExistsFault", missing: "InvalidParameterValue" },
    quota: "DBClusterQuotaExceededFault",
  }),
  inputs,
  sensitive: ["masterPassword", "masterPasswordWo"],
  immutable: [
    ...["availabilityZones", "clusterIdentifier", "databaseName"],
    ...["dbSubnetGroupName", "engine", "engineMode", "kmsKeyId", "masterUsername"],
    ...["restoreToPointInTime", "snapshotIdentifier", "storageEncrypted"],
  ],
  // Where fewer than three are given, AWS adds to them, and each preview replaces the cluster.
  told: ["availabilityZones"],
  autoName: "clusterIdentifier",
  unique: [["clusterIdentifier"]],
  conflict: ({ clusterIdentifier }) => `DB Cluster already exists: ${String(clusterIdentifier)}`,
  quota: { most: auroraQuotas.clusters, dated: auroraQuotas.dated },
  references: [
    { input: "dbSubnetGroupName", type: subnetGroupType, property: "name" },
    { input: "vpcSecurityGroupIds[]", type: securityGroupType },
    {
      ...{ input: "dbClusterParameterGroupName", type: clusterParameterGroupType },
      property: "name",
      when: ({ dbClusterParameterGroupName: name }) => !String(name).startsWith("default."),
    },
    keyOf("kmsKeyId"),
    { input: "monitoringRoleArn", type: roleType, property: "arn" },
  ],
  inUse: (names) =>
    `Cluster cannot be deleted, it still contains DB instances in non-deleting state (${names.join(", ")}).`,
  idStyle: (given) => String(given["clusterIdentifier"]),
  recorded:
    "one server answers for the writer and for all readers: what is read there is never late",
  check: ({ masterPassword, masterPasswordWo, manageMasterUserPassword }) =>
    [masterPassword, masterPasswordWo, manageMasterUserPassword].filter(
      (one) => one !== undefined && one !== false,
    ).length > 1
      ? [
          {
            property: "masterPassword",
            reason:
              "conflicts with the others of master_password, master_password_wo and manage_master_user_password",
          },
        ]
      : [],
  refuse: refuseCluster,
  create: async (operation) => {
    const { cloud, id, inputs: given, before } = operation;
    const server = await ensureServer(cloud, id);
    return {
      outputs: {
        ...told(operation),
        ...{ endpoint: server.host, readerEndpoint: server.host, port: server.port },
        arn: arnOf("rds", regionOf(given), `cluster:${id}`),
        clusterResourceId:
          before?.outputs["clusterResourceId"] ??
          `cluster-${cloud.newId("hex").slice(-26).toUpperCase()}`,
        hostedZoneId: "Z1RLNUO7B9Q6NB",
        ...{ clusterMembers: [], masterUserSecrets: [], iamRoles: [] },
      },
    };
  },
  update: async (operation): Promise<Made> => {
    const { cloud, id, inputs: values } = operation;
    const server = await ensureServer(cloud, id, { inputs: { type: clusterType, id, values } });
    return { outputs: { ...told(operation), port: server.port } };
  },
  delete: async ({ cloud, id, inputs: given, before }) => {
    const { skipFinalSnapshot, finalSnapshotIdentifier, deletionProtection } =
      given as ClusterInputs;
    // What never came to be, or is on its way already, is only cleared away.
    if (before.ready) {
      if (skipFinalSnapshot !== true && finalSnapshotIdentifier === undefined) {
        throw new AwsProviderError(
          "RDS Cluster final_snapshot_identifier is required when skip_final_snapshot is false",
        );
      }
      if (deletionProtection === true) {
        throw invalidCombination(
          "Cannot delete protected Cluster, please disable deletion protection and try again.",
        );
      }
      if (skipFinalSnapshot !== true) {
        leaveSnapshot(cloud, "aurora", before, String(finalSnapshotIdentifier));
      }
    }
    await cloud.services.postgres.remove(id);
  },
});

/** What AWS makes of what was given, or adds. */
function told({ cloud, id, inputs: given }: Operation): Values {
  const cluster = given as ClusterInputs;
  const { availabilityZones = [], engineVersion = "17.9" } = cluster;
  const others = (zonesOf(regionOf(given)) ?? []).filter(
    (zone) => !availabilityZones.includes(zone),
  );
  return {
    availabilityZones: [
      ...availabilityZones,
      ...others.slice(0, Math.max(0, STORAGE_ZONES - availabilityZones.length)),
    ],
    ...{ engineVersion, engineVersionActual: engineVersion, engineMode: "provisioned" },
    backupRetentionPeriod: cluster.backupRetentionPeriod ?? 1,
    dbClusterParameterGroupName:
      cluster.dbClusterParameterGroupName ??
      `default.aurora-postgresql${engineVersion.split(".", 1)[0] ?? ""}`,
    dbSubnetGroupName: cluster.dbSubnetGroupName ?? "default",
    preferredBackupWindow: cluster.preferredBackupWindow ?? "03:00-03:30",
    preferredMaintenanceWindow: (
      cluster.preferredMaintenanceWindow ?? "sun:05:00-sun:05:30"
    ).toLowerCase(),
    databaseInsightsMode: cluster.databaseInsightsMode ?? "standard",
    storageEncrypted: cluster.storageEncrypted ?? false,
    clusterMembers: instancesOf(cloud.world, id).map((instance) => instance.id),
  };
}
