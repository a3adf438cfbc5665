import type { Values } from "../../../cloud/kind";
import { newNetwork } from "../../testing/network";
import { AwsTestCloud } from "../../testing/testCloud";

/** Where databases and caches go: subnets of one network in zones, and a security group. */
export interface Place {
  readonly cloud: AwsTestCloud;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
}

export async function newPlace(region = "eu-central-1"): Promise<Place> {
  const cloud = new AwsTestCloud({ region });
  const { vpc, subnetIds } = await newNetwork(cloud);
  const group = await cloud.create("SecurityGroup", "database", { vpcId: vpc.id });
  return { cloud, subnetIds, securityGroupId: group.id };
}

export const password = "administrators-password";

/** Inputs of a cluster as the component has them. */
export async function clusterInputs({ cloud, subnetIds, securityGroupId }: Place): Promise<Values> {
  const subnetGroup = await cloud.create("rds/subnetGroup:SubnetGroup", "subnets", { subnetIds });
  const parameterGroup = await cloud.create("ClusterParameterGroup", "parameters", {
    family: "aurora-postgresql17",
    parameters: [
      { name: "rds.logical_replication", value: "1", applyMethod: "pending-reboot" },
      { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
      {
        name: "shared_preload_libraries",
        value: "pg_stat_statements",
        applyMethod: "pending-reboot",
      },
      { name: "pg_stat_statements.track", value: "all", applyMethod: "immediate" },
      { name: "rds.force_ssl", value: "1", applyMethod: "immediate" },
      { name: "log_lock_waits", value: "1", applyMethod: "immediate" },
    ],
  });
  return {
    clusterIdentifier: "drops-large",
    ...{ engine: "aurora-postgresql", engineMode: "provisioned", engineVersion: "17.9" },
    ...{ databaseName: "drops", masterUsername: "drops_admin", masterPassword: password },
    ...{ port: 5_432, networkType: "IPV4", storageEncrypted: true, storageType: "" },
    dbSubnetGroupName: subnetGroup.inputs["name"],
    dbClusterParameterGroupName: parameterGroup.inputs["name"],
    vpcSecurityGroupIds: [securityGroupId],
    ...{ backupRetentionPeriod: 14, preferredBackupWindow: "01:00-02:00" },
    preferredMaintenanceWindow: "sun:03:00-sun:04:00",
    ...{ applyImmediately: true, copyTagsToSnapshot: true, deletionProtection: false },
    ...{ skipFinalSnapshot: false, finalSnapshotIdentifier: "drops-large-final-1a2b" },
    ...{ databaseInsightsMode: "standard", performanceInsightsEnabled: true },
    ...{ performanceInsightsRetentionPeriod: 7, enabledCloudwatchLogsExports: ["postgresql"] },
  };
}

/** Inputs of an instance as the component has them. */
export const instanceInputs = (number: number): Values => ({
  identifier: `drops-large-${number}`,
  ...{ clusterIdentifier: "drops-large", engine: "aurora-postgresql" },
  ...{ instanceClass: "db.r7g.large", availabilityZone: `eu-central-1${"abc"[number - 1] ?? "a"}` },
  ...{ promotionTier: number === 1 ? 0 : 1, publiclyAccessible: false },
  ...{ caCertIdentifier: "rds-ca-rsa2048-g1", autoMinorVersionUpgrade: false },
  ...{ applyImmediately: true, preferredMaintenanceWindow: "sun:03:00-sun:04:00" },
});
