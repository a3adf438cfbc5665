import * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as iam from "@pulumi/aws/iam";
import * as rds from "@pulumi/aws/rds";
import * as pulumi from "@pulumi/pulumi";
import { RandomId } from "@pulumi/random";
import { auroraLimits, auroraLocalStorageGib } from "../../prices/aws";
import { auroraInstanceTargets, type AuroraFacts } from "../alarms/auroraSignals";
import type { AlarmTarget } from "../alarms/types";
import type { Postgres } from "../contracts";
import { withOverride, type Override } from "../overrides";
import { GeneratedSecret } from "../secrets/generatedSecret";
import { adminRole, auroraClusterArgs } from "./auroraCluster";
import { auroraInstances, instanceIdentifiersOf } from "./auroraInstances";
import { auroraFamily, auroraParameters } from "./auroraParameters";
import { auroraSpecProblems, instanceClassOf, memoryGibOf, type AuroraSpec } from "./auroraSpec";
import { rdsAuthority, rdsProxyAuthorities } from "./rdsAuthority";
import { RdsProxy, type RdsProxyArgs } from "./rdsProxy";
import { ReaderScaling, type ReaderScalingArgs } from "./readerScaling";
import { appRole, ownerRole, postgresUrl } from "./urls";

export type { AuroraMode, AuroraSpec } from "./auroraSpec";

export interface AuroraPostgresArgs {
  readonly spec: AuroraSpec;
  /** Subnets in the specification's zones that reach nothing outside. */
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  readonly securityGroupIds: pulumi.Input<pulumi.Input<string>[]>;
  /** Key that the data is encrypted with; a change replaces the cluster. @default AWS's own */
  readonly kmsKeyArn?: pulumi.Input<string> | undefined;
  /** Puts RDS Proxy between the app and the writer, in these security groups. */
  readonly proxy?: { readonly securityGroupIds: pulumi.Input<pulumi.Input<string>[]> } | undefined;
  readonly overrides?: {
    readonly subnetGroup?: Override<rds.SubnetGroupArgs>;
    readonly parameterGroup?: Override<rds.ClusterParameterGroupArgs>;
    readonly logGroup?: Override<cloudwatch.LogGroupArgs>;
    readonly cluster?: Override<rds.ClusterArgs>;
    readonly instance?: Override<rds.ClusterInstanceArgs>;
    readonly monitoringRole?: Override<iam.RoleArgs>;
    readonly readerScaling?: ReaderScalingArgs["overrides"];
    readonly proxy?: RdsProxyArgs["overrides"];
  };
}

const connectionLimitOf = ({ maxConnections }: AuroraSpec): number =>
  maxConnections - auroraLimits.reservedConnections;

/** What alarms have to know of a cluster of this specification, before anything is there. */
export function auroraAlarmFacts(spec: AuroraSpec): AuroraFacts {
  return {
    stack: spec.stack,
    instanceIdentifiers: instanceIdentifiersOf(spec),
    memoryGib: memoryGibOf(spec),
    localStorageGib: auroraLocalStorageGib(instanceClassOf(spec)),
    maxConnections: connectionLimitOf(spec),
    serverless: spec.mode.kind === "serverless",
    scalingCluster: spec.readerScaling && spec.name,
  };
}

/**
 * Aurora PostgreSQL: a volume in three zones and instances in front of it. It knows the roles of the
 * app by name and password only: a task makes them in the database, as the administrator.
 */
export class AuroraPostgres extends pulumi.ComponentResource implements Postgres {
  readonly connectionLimit: number;
  readonly ownerUrl: pulumi.Output<string>;
  readonly appUrl: pulumi.Output<string>;
  readonly pooledUrl: pulumi.Output<string> | undefined;
  readonly adminUrl: pulumi.Output<string>;
  /** Secret URL of the app's role on the readers; undefined where there is none. */
  readonly readerUrl: pulumi.Output<string> | undefined;
  readonly caCertificate: pulumi.Output<string>;
  readonly clusterArn: pulumi.Output<string>;
  readonly clusterIdentifier: string;
  readonly instanceIdentifiers: readonly string[];
  /** Known before a deploy. Readers that scaling adds are in them by their cluster alone. */
  readonly alarmFacts: AuroraFacts;
  readonly alarmTargets: readonly AlarmTarget[];
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: AuroraPostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:postgres:AuroraPostgres", name, {}, opts);
    const { spec, overrides = {} } = args;
    const problems = auroraSpecProblems(spec);
    if (problems.length > 0)
      throw new pulumi.ResourceError(`${name}: ${problems.join("; ")}`, this);
    const parent = { parent: this };

    const adminPassword = new GeneratedSecret(`${name}-admin-password`, {}, parent).value;
    const ownerPassword = new GeneratedSecret(`${name}-owner-password`, {}, parent).value;
    const appPassword = new GeneratedSecret(`${name}-app-password`, {}, parent).value;
    const cluster = this.cluster(name, args, adminPassword);
    const instances = auroraInstances(name, { spec, cluster, overrides }, this);
    const readerScaling =
      spec.readerScaling &&
      new ReaderScaling(
        `${name}-reader-scaling`,
        {
          spec: { ...spec.readerScaling, min: spec.readers },
          clusterIdentifier: cluster.id,
          after: instances,
          ...(overrides.readerScaling && { overrides: overrides.readerScaling }),
        },
        parent,
      );
    const proxy =
      args.proxy &&
      new RdsProxy(
        name,
        {
          spec: {
            name: spec.name,
            recoveryDays: spec.protect ? 7 : 0,
            logRetentionDays: spec.logRetentionDays,
          },
          clusterIdentifier: cluster.id,
          after: instances,
          subnetIds: args.subnetIds,
          securityGroupIds: args.proxy.securityGroupIds,
          login: { user: appRole, password: appPassword },
          ...(overrides.proxy && { overrides: overrides.proxy }),
        },
        parent,
      );

    const { port } = cluster;
    const writer = { host: cluster.endpoint, port };
    this.connectionLimit = connectionLimitOf(spec);
    this.ownerUrl = postgresUrl(writer, ownerRole, ownerPassword);
    this.appUrl = postgresUrl(writer, appRole, appPassword);
    this.adminUrl = postgresUrl(writer, adminRole, adminPassword);
    this.pooledUrl = proxy && postgresUrl({ host: proxy.endpoint, port }, appRole, appPassword);
    this.readerUrl =
      spec.readers > 0
        ? postgresUrl({ host: cluster.readerEndpoint, port }, appRole, appPassword)
        : undefined;
    const authority = spec.authority ?? rdsAuthority(spec.region);
    this.caCertificate = pulumi.output(proxy ? authority + rdsProxyAuthorities() : authority);
    this.clusterArn = cluster.arn;
    this.clusterIdentifier = spec.name;
    this.instanceIdentifiers = instanceIdentifiersOf(spec);
    this.alarmFacts = auroraAlarmFacts(spec);
    this.alarmTargets = auroraInstanceTargets(this.alarmFacts);
    this.ready = [...instances, ...(readerScaling ? [readerScaling] : []), ...(proxy?.ready ?? [])];
    this.registerOutputs({ clusterArn: this.clusterArn });
  }

  /** The cluster with what it is made of. */
  private cluster(
    name: string,
    { spec, subnetIds, securityGroupIds, kmsKeyArn, overrides = {} }: AuroraPostgresArgs,
    adminPassword: pulumi.Output<string>,
  ): rds.Cluster {
    const parent = { parent: this };
    const subnetGroup = new rds.SubnetGroup(
      `${name}-subnets`,
      withOverride<rds.SubnetGroupArgs>(
        { description: `Where ${spec.name} is`, subnetIds },
        overrides.subnetGroup,
      ),
      parent,
    );
    const parameterGroup = new rds.ClusterParameterGroup(
      `${name}-parameters`,
      withOverride<rds.ClusterParameterGroupArgs>(
        {
          description: `Settings of ${spec.name}`,
          family: auroraFamily(spec.engineVersion),
          parameters: auroraParameters({
            maxConnections: spec.maxConnections,
            slowStatementMs: spec.slowStatementMs ?? 1_000,
          }).map((parameter) => ({ ...parameter })),
        },
        overrides.parameterGroup,
      ),
      parent,
    );
    const logGroup = new cloudwatch.LogGroup(
      `${name}-log`,
      withOverride<cloudwatch.LogGroupArgs>(
        // RDS writes to this name and would make a group that is kept for ever.
        {
          name: `/aws/rds/cluster/${spec.name}/postgresql`,
          retentionInDays: spec.logRetentionDays,
        },
        overrides.logGroup,
      ),
      parent,
    );
    const snapshot = new RandomId(
      `${name}-final-snapshot`,
      // A snapshot's name exists once, and what replaces a cluster leaves one too.
      { byteLength: 4, keepers: { cluster: spec.name, kmsKey: kmsKeyArn ?? "" } },
      parent,
    );
    return new rds.Cluster(
      `${name}-cluster`,
      withOverride<rds.ClusterArgs>(
        auroraClusterArgs(spec, {
          subnetGroupName: subnetGroup.name,
          parameterGroupName: parameterGroup.name,
          securityGroupIds,
          finalSnapshotIdentifier: pulumi.interpolate`${spec.name}-final-${snapshot.hex}`,
          adminPassword,
          kmsKeyArn,
        }),
        overrides.cluster,
      ),
      { parent: this, protect: spec.protect, dependsOn: [logGroup] },
    );
  }
}
