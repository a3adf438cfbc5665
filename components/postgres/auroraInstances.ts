import * as iam from "@pulumi/aws/iam";
import * as rds from "@pulumi/aws/rds";
import type * as pulumi from "@pulumi/pulumi";
import { trustPolicy } from "../iam/trustPolicy";
import { weeklyWindow } from "../maintenanceWindow";
import { withOverride, type Override } from "../overrides";
import { instanceClassOf, type AuroraSpec } from "./auroraSpec";
import { rdsAuthorityId } from "./rdsAuthority";

export interface AuroraInstancesArgs {
  readonly spec: AuroraSpec;
  readonly cluster: rds.Cluster;
  readonly overrides?: {
    readonly instance?: Override<rds.ClusterInstanceArgs>;
    readonly monitoringRole?: Override<iam.RoleArgs>;
  };
}

/** Identifiers of a cluster's instances: by number, for any of them may come to be the writer. */
export function instanceIdentifiersOf({ name, readers }: AuroraSpec): readonly string[] {
  return Array.from({ length: 1 + readers }, (_, at) => `${name}-${at + 1}`);
}

/**
 * Makes the instances of a cluster, each in the next zone, as children of the cluster's component.
 * They are not protected: the data is the cluster's.
 */
export function auroraInstances(
  name: string,
  { spec, cluster, overrides = {} }: AuroraInstancesArgs,
  parent: pulumi.Resource,
): readonly rds.ClusterInstance[] {
  const monitoringSeconds = spec.monitoringSeconds ?? 0;
  const monitoring =
    monitoringSeconds > 0 ? monitoringRole(name, overrides.monitoringRole, parent) : undefined;
  const instances: rds.ClusterInstance[] = [];
  for (const [at, identifier] of instanceIdentifiersOf(spec).entries()) {
    const zone = at % spec.zones.length;
    instances.push(
      new rds.ClusterInstance(
        `${name}-${at + 1}`,
        withOverride<rds.ClusterInstanceArgs>(
          {
            identifier,
            clusterIdentifier: cluster.id,
            engine: "aurora-postgresql",
            instanceClass: instanceClassOf(spec),
            dbSubnetGroupName: cluster.dbSubnetGroupName,
            availabilityZone: spec.zones[zone],
            promotionTier: at === 0 ? 0 : 1,
            publiclyAccessible: false,
            caCertIdentifier: rdsAuthorityId,
            autoMinorVersionUpgrade: false,
            // In the maintenance window no one would see what it did, and until then each preview
            // would show the change again.
            applyImmediately: true,
            copyTagsToSnapshot: true,
            preferredMaintenanceWindow: weeklyWindow(spec.maintenance, zone),
            monitoringInterval: monitoringSeconds,
            ...(monitoring && { monitoringRoleArn: monitoring.role.arn }),
          },
          overrides.instance,
        ),
        // One after another: the first is the writer, and no change restarts two at once.
        {
          parent,
          dependsOn: [...instances.slice(-1), ...(monitoring ? [monitoring.attachment] : [])],
        },
      ),
    );
  }
  return instances;
}

function monitoringRole(
  name: string,
  override: Override<iam.RoleArgs> | undefined,
  parent: pulumi.Resource,
): { readonly role: iam.Role; readonly attachment: iam.RolePolicyAttachment } {
  const role = new iam.Role(
    `${name}-monitoring-role`,
    withOverride<iam.RoleArgs>(
      {
        description: "Lets RDS write what it measures of the database's machines",
        assumeRolePolicy: trustPolicy("monitoring.rds.amazonaws.com"),
      },
      override,
    ),
    { parent },
  );
  const attachment = new iam.RolePolicyAttachment(
    `${name}-monitoring-policy`,
    {
      role: role.name,
      policyArn: "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
    },
    { parent },
  );
  return { role, attachment };
}
