import { z } from "zod";
import {
  auroraClassProblem,
  auroraLimits,
  auroraQuotas,
  serverlessClass,
} from "../../../prices/aws";
import type { Operation, Values } from "../../cloud/kind";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { arn, arnOf, filled, flag, regionOf } from "../shapes";
import { identifier, type ClusterInputs } from "./auroraCluster";
import { monitoringRole } from "./auroraClusterRules";
import { ensureServer, instancesOf } from "./auroraServer";
import { zonesOfSubnets } from "./subnetGroups";
import { dailyWindow, weeklyWindow } from "./windows";
import {
  clusterInstanceType,
  clusterType,
  invalidCombination,
  invalidValue,
  named,
  parameterGroupType,
  rds,
  roleType,
  subnetGroupType,
} from "./words";

/** Authorities of RDS; the one of 2019 has ended. */
const authorities = ["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"];

const inputs = z.object({
  identifier: identifier.optional(),
  clusterIdentifier: filled,
  engine: z.enum(["aurora-postgresql", "aurora-mysql", "mysql", "postgres"]),
  engineVersion: filled.optional(),
  instanceClass: filled,
  ...{ availabilityZone: filled.optional(), dbSubnetGroupName: filled.optional() },
  dbParameterGroupName: filled.optional(),
  promotionTier: z.int().optional(),
  ...{ publiclyAccessible: flag, autoMinorVersionUpgrade: flag, applyImmediately: flag },
  ...{ copyTagsToSnapshot: flag, forceDestroy: flag, caCertIdentifier: filled.optional() },
  ...{ monitoringInterval: z.int().optional(), monitoringRoleArn: filled.optional() },
  performanceInsightsEnabled: flag,
  performanceInsightsKmsKeyId: arn("kms").optional(),
  performanceInsightsRetentionPeriod: z
    .int()
    .refine(
      (days) => days === 7 || days === 731 || (days >= 7 && days <= 731 && days % 31 === 0),
      "expected 7, 731 or a multiple of 31 between them",
    )
    .optional(),
  preferredBackupWindow: dailyWindow.optional(),
  preferredMaintenanceWindow: weeklyWindow.optional(),
});
type Inputs = z.infer<typeof inputs>;

export const clusterInstance = regional({
  type: clusterInstanceType,
  api: rds("RDS Cluster", "CreateDBInstance", {
    named: ({ clusterIdentifier, identifier: own }) =>
      `${String(clusterIdentifier)}) Instance (${String(own)}`,
    ...{ taken: "DBInstanceAlreadyExists", missing: "DBClusterNotFoundFault" },
    quota: "InstanceQuotaExceeded",
  }),
  inputs,
  immutable: [
    ...["availabilityZone", "clusterIdentifier", "dbSubnetGroupName", "engine"],
    ...["identifier"],
  ],
  autoName: "identifier",
  unique: [["identifier"]],
  conflict: () => "DB instance already exists",
  quota: { most: auroraQuotas.instances, dated: auroraQuotas.dated },
  references: [
    { input: "clusterIdentifier", type: clusterType },
    { input: "dbSubnetGroupName", type: subnetGroupType, property: "name" },
    {
      ...{ input: "dbParameterGroupName", type: parameterGroupType, property: "name" },
      when: ({ dbParameterGroupName: name }) => !String(name).startsWith("default."),
    },
    { input: "monitoringRoleArn", type: roleType, property: "arn" },
  ],
  idStyle: (given) => String(given["identifier"]),
  recorded: "the cluster's one server stands for it; its machine is on paper",
  refuse,
  create: async (operation) => {
    const { cloud, id, inputs: given, before } = operation;
    const { clusterIdentifier } = given as Inputs;
    const others = instancesOf(cloud.world, clusterIdentifier, id);
    const server = await ensureServer(cloud, clusterIdentifier);
    return {
      outputs: {
        ...told(operation),
        ...{ endpoint: server.host, port: server.port },
        arn: arnOf("rds", regionOf(given), `db:${id}`),
        dbiResourceId:
          before?.outputs["dbiResourceId"] ?? `db-${cloud.newId("hex").slice(-26).toUpperCase()}`,
        writer: !others.some(({ outputs }) => outputs["writer"] === true),
      },
    };
  },
  update: async (operation) => {
    const { cloud, id, inputs: values, before } = operation;
    const { clusterIdentifier, instanceClass, applyImmediately } = values as Inputs;
    // Another class is another machine. Without "immediately" it comes with the next restart.
    const restart =
      applyImmediately === true &&
      before.outputs["writer"] === true &&
      instanceClass !== before.inputs["instanceClass"];
    const server = await ensureServer(cloud, clusterIdentifier, {
      ...{ inputs: { type: clusterInstanceType, id, values }, restart },
    });
    return { outputs: { ...told(operation), port: server.port } };
  },
  delete: async ({ cloud, id, inputs: given, before }) => {
    const { clusterIdentifier } = given as Inputs;
    if (!cloud.world.get(clusterType, clusterIdentifier)) return;
    const [next] = instancesOf(cloud.world, clusterIdentifier, id);
    if (next && before.outputs["writer"] === true) {
      cloud.keep({ ...next, outputs: { ...next.outputs, writer: true } });
    }
    await ensureServer(cloud, clusterIdentifier, { without: id });
  },
});

function refuse({ cloud: { world }, id, inputs: given }: Operation): void {
  const instance = given as Inputs;
  const { instanceClass, engine, clusterIdentifier, promotionTier = 0 } = instance;
  const cluster = world.get(clusterType, clusterIdentifier)?.inputs as ClusterInputs | undefined;
  if (!cluster) return;
  if (cluster.region !== regionOf(given)) {
    throw new AwsError("DBClusterNotFoundFault", `DBCluster ${clusterIdentifier} not found.`, 404);
  }
  if (engine !== cluster.engine) {
    throw invalidCombination(
      `The engine ${engine} does not match the engine of cluster ${clusterIdentifier}, ${cluster.engine}`,
    );
  }
  const problem = auroraClassProblem(instanceClass, regionOf(given));
  if (problem !== undefined) {
    throw invalidCombination(
      `RDS does not support creating a DB instance with the following combination: DBInstanceClass=${instanceClass}, Engine=${engine}. ${problem}`,
    );
  }
  if (instanceClass === serverlessClass && !cluster.serverlessv2ScalingConfiguration) {
    throw invalidCombination(
      "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance.",
    );
  }
  if (promotionTier < 0 || promotionTier > 15) {
    throw invalidValue(`Invalid promotion tier ${promotionTier}; valid are 0 to 15`);
  }
  const others = instancesOf(world, clusterIdentifier, id);
  if (others.length > auroraLimits.maxReaders) {
    throw invalidValue(
      `A cluster has at most ${auroraLimits.maxReaders} Aurora Replicas beside its writer`,
    );
  }
  requirePlace(world, instance, cluster);
  requireRest(instance);
}

function requirePlace(
  world: Operation["cloud"]["world"],
  { availabilityZone, dbSubnetGroupName, clusterIdentifier }: Inputs,
  cluster: ClusterInputs,
): void {
  const own = cluster.dbSubnetGroupName;
  if (dbSubnetGroupName !== undefined && dbSubnetGroupName !== (own ?? "default")) {
    throw invalidCombination(
      `The DB instance and the DB cluster ${clusterIdentifier} must be in the same DB subnet group, ${own ?? "default"}`,
    );
  }
  if (availabilityZone === undefined || own === undefined) return;
  const zones = zonesOfSubnets(world, named(world, subnetGroupType, own)?.inputs ?? {});
  if (zones.includes(availabilityZone)) return;
  throw new AwsError(
    "InvalidVPCNetworkStateFault",
    `DB subnet group ${own} has no subnet in ${availabilityZone}, only in ${zones.join(", ")}`,
  );
}

function requireRest({
  caCertIdentifier,
  monitoringInterval = 0,
  monitoringRoleArn,
}: Inputs): void {
  if (caCertIdentifier !== undefined && !authorities.includes(caCertIdentifier)) {
    throw new AwsError("CertificateNotFound", `Certificate not found: ${caCertIdentifier}`, 404);
  }
  const intervals: readonly number[] = auroraLimits.monitoringIntervalSeconds;
  if (!intervals.includes(monitoringInterval)) {
    throw invalidValue(
      `Invalid monitoring interval ${monitoringInterval}; valid are ${intervals.join(", ")}`,
    );
  }
  if (monitoringInterval > 0 && monitoringRoleArn === undefined) throw monitoringRole();
}

function told({ cloud: { world }, inputs: given }: Operation): Values {
  const instance = given as Inputs;
  const cluster = world.get(clusterType, instance.clusterIdentifier);
  const { engineVersionActual } = cluster?.outputs ?? {};
  const version = typeof engineVersionActual === "string" ? engineVersionActual : "17.9";
  const group = named(world, subnetGroupType, cluster?.inputs["dbSubnetGroupName"]);
  const [zone] = zonesOfSubnets(world, group?.inputs ?? {});
  return {
    availabilityZone: instance.availabilityZone ?? zone ?? `${regionOf(given)}a`,
    ...{ engineVersion: instance.engineVersion ?? version, engineVersionActual: version },
    caCertIdentifier: instance.caCertIdentifier ?? authorities[0],
    dbSubnetGroupName: cluster?.inputs["dbSubnetGroupName"] ?? "default",
    storageEncrypted: cluster?.inputs["storageEncrypted"] ?? false,
    networkType: "IPV4",
  };
}
