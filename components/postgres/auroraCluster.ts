import type * as rds from "@pulumi/aws/rds";
import type * as pulumi from "@pulumi/pulumi";
import { databaseInsights, performanceInsights } from "../../prices/aws";
import { dailyWindow, weeklyWindow } from "../maintenanceWindow";
import { backupHourOf, type AuroraSpec } from "./auroraSpec";
import { databaseName } from "./urls";

/** The master user: not a superuser, but a member of `rds_superuser`, who makes the other roles. */
export const adminRole = "drops_admin";

export interface AuroraClusterWiring {
  readonly subnetGroupName: pulumi.Input<string>;
  readonly parameterGroupName: pulumi.Input<string>;
  readonly securityGroupIds: pulumi.Input<pulumi.Input<string>[]>;
  readonly finalSnapshotIdentifier: pulumi.Input<string>;
  /** Secret. */
  readonly adminPassword: pulumi.Input<string>;
  readonly kmsKeyArn: pulumi.Input<string> | undefined;
}

/** The arguments of the cluster. */
export function auroraClusterArgs(spec: AuroraSpec, wiring: AuroraClusterWiring): rds.ClusterArgs {
  return {
    clusterIdentifier: spec.name,
    engine: "aurora-postgresql",
    engineMode: "provisioned",
    engineVersion: spec.engineVersion,
    allowMajorVersionUpgrade: false,
    autoMinorVersionUpgrade: false,
    databaseName,
    masterUsername: adminRole,
    // Generated here and not by RDS, which would change it every week without asking: the roles'
    // task, a drill and a promotion are given a URL that holds.
    masterPassword: wiring.adminPassword,
    iamDatabaseAuthenticationEnabled: false,
    port: 5432,
    networkType: "IPV4",
    dbSubnetGroupName: wiring.subnetGroupName,
    vpcSecurityGroupIds: wiring.securityGroupIds,
    dbClusterParameterGroupName: wiring.parameterGroupName,
    storageEncrypted: true,
    ...(wiring.kmsKeyArn !== undefined && { kmsKeyId: wiring.kmsKeyArn }),
    // In words, though AWS answers with nothing for "aurora": only so is the way back from the other.
    storageType: spec.storageType,
    ...(spec.mode.kind === "serverless" && {
      serverlessv2ScalingConfiguration: {
        minCapacity: spec.mode.minAcu,
        maxCapacity: spec.mode.maxAcu,
      },
    }),
    backupRetentionPeriod: spec.backupDays,
    preferredBackupWindow: dailyWindow(backupHourOf(spec)),
    preferredMaintenanceWindow: weeklyWindow(spec.maintenance),
    // A change is made while somebody looks on, not at night.
    applyImmediately: true,
    copyTagsToSnapshot: true,
    deletionProtection: spec.protect,
    skipFinalSnapshot: false,
    finalSnapshotIdentifier: wiring.finalSnapshotIdentifier,
    // Set for the cluster, it holds for each of its instances, those of autoscaling included.
    databaseInsightsMode: spec.insights,
    performanceInsightsEnabled: true,
    performanceInsightsRetentionPeriod:
      spec.insights === "advanced"
        ? databaseInsights.advanced.retentionDays
        : performanceInsights.freeDays,
    enabledCloudwatchLogsExports: ["postgresql"],
  };
}
