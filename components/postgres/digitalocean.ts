import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { managedPostgresTarget } from "../alarms/databaseSignals";
import type { AlarmTarget } from "../alarms/types";
import type { Postgres } from "../contracts";
import { trustedDroplets } from "../network/trustedDroplets";
import { withOverride, type Override } from "../overrides";

export interface DigitalOceanPostgresSpec {
  readonly region: string;
  /** Size slug of each node, e.g. "db-s-1vcpu-1gb". It can grow, never shrink. */
  readonly size: string;
  readonly nodeCount: number;
  /** Major version. An upgrade happens in place. */
  readonly major: number;
  /** Connections that this size allows, the provider's own not counted. */
  readonly connectionLimit: number;
  readonly maintenance: { readonly day: string; readonly hourUtc: number };
  /** Guards the cluster against deletion. */
  readonly protect: boolean;
}

export interface DigitalOceanPostgresArgs {
  readonly spec: DigitalOceanPostgresSpec;
  readonly vpcId: pulumi.Input<string>;
  /** Droplets that may connect: nobody else can, the operator included. */
  readonly trustedDropletIds: readonly pulumi.Input<number>[];
  readonly overrides?: {
    readonly cluster?: Override<digitalocean.DatabaseClusterArgs>;
    readonly database?: Override<digitalocean.DatabaseDbArgs>;
    readonly owner?: Override<digitalocean.DatabaseUserArgs>;
    readonly app?: Override<digitalocean.DatabaseUserArgs>;
    readonly firewall?: Override<digitalocean.DatabaseFirewallArgs>;
  };
}

/** Names inside the cluster; the host's grants refer to the roles. */
export const databaseName = "drops";
export const ownerRole = "drops_owner";
export const appRole = "drops_app";

/** A managed Postgres (Standard edition) with the app's database, an owner role and an app role. */
export class DigitalOceanPostgres extends pulumi.ComponentResource implements Postgres {
  readonly connectionLimit: number;
  readonly ownerUrl: pulumi.Output<string>;
  readonly appUrl: pulumi.Output<string>;
  readonly adminUrl: pulumi.Output<string>;
  readonly caCertificate: pulumi.Output<string>;
  readonly replicaUrl = undefined;
  /** Id in the form that monitor alerts want. */
  readonly entity: pulumi.Output<string>;
  readonly alarmTargets: readonly AlarmTarget[];
  readonly ready: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: DigitalOceanPostgresArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("drops:postgres:DigitalOceanPostgres", name, {}, opts);
    const { spec, overrides = {} } = args;
    const parent = { parent: this };
    const guarded = { parent: this, protect: spec.protect };

    const cluster = new digitalocean.DatabaseCluster(
      `${name}-cluster`,
      withOverride(clusterArgs(spec, args.vpcId), overrides.cluster),
      guarded,
    );
    const clusterId = cluster.id;
    // They go with the cluster, so deleting it need not delete them one by one.
    const inside = { ...guarded, deletedWith: cluster };
    const database = new digitalocean.DatabaseDb(
      `${name}-database`,
      withOverride<digitalocean.DatabaseDbArgs>(
        { clusterId, name: databaseName },
        overrides.database,
      ),
      inside,
    );
    const owner = new digitalocean.DatabaseUser(
      `${name}-owner`,
      withOverride<digitalocean.DatabaseUserArgs>({ clusterId, name: ownerRole }, overrides.owner),
      inside,
    );
    const app = new digitalocean.DatabaseUser(
      `${name}-app`,
      withOverride<digitalocean.DatabaseUserArgs>({ clusterId, name: appRole }, overrides.app),
      inside,
    );
    const firewall = new digitalocean.DatabaseFirewall(
      `${name}-firewall`,
      withOverride<digitalocean.DatabaseFirewallArgs>(
        {
          clusterId,
          rules: trustedDroplets(args.trustedDropletIds),
        },
        overrides.firewall,
      ),
      parent,
    );

    const url = (user: pulumi.Input<string>, password: pulumi.Input<string>) =>
      postgresUrl(user, password, cluster.privateHost, cluster.port);
    this.connectionLimit = spec.connectionLimit;
    this.ownerUrl = url(owner.name, owner.password);
    this.appUrl = url(app.name, app.password);
    this.adminUrl = url(cluster.user, cluster.password);
    this.caCertificate = digitalocean.getDatabaseCaOutput({ clusterId }, parent).certificate;
    this.entity = clusterId;
    this.alarmTargets = [managedPostgresTarget(spec.connectionLimit)];
    this.ready = [database, owner, app, firewall];
    this.registerOutputs({ entity: this.entity });
  }
}

function clusterArgs(
  spec: DigitalOceanPostgresSpec,
  privateNetworkUuid: pulumi.Input<string>,
): digitalocean.DatabaseClusterArgs {
  const hour = String(spec.maintenance.hourUtc).padStart(2, "0");
  return {
    engine: "pg",
    version: String(spec.major),
    region: spec.region,
    size: spec.size,
    nodeCount: spec.nodeCount,
    privateNetworkUuid,
    // With the seconds, as the API returns it: without them each preview shows a change.
    maintenanceWindows: [{ day: spec.maintenance.day, hour: `${hour}:00:00` }],
  };
}

/** A connection URL over TLS with the server's name verified; secret. */
function postgresUrl(
  user: pulumi.Input<string>,
  password: pulumi.Input<string>,
  host: pulumi.Input<string>,
  port: pulumi.Input<number>,
): pulumi.Output<string> {
  const encoded = pulumi.output(password).apply(encodeURIComponent);
  return pulumi.secret(
    pulumi.interpolate`postgresql://${user}:${encoded}@${host}:${port}/${databaseName}?sslmode=verify-full`,
  );
}
