import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { managedPostgresTarget } from "../alarms/databaseSignals";
import type { ConnectionLimit } from "../../settings/mediumConnections";
import type { AlarmTarget } from "../alarms/types";
import type { Postgres } from "../contracts";
import { trustedSources, type TrustedSources } from "../network/trustedSources";
import { withOverride, type Override } from "../overrides";
import { appRole, databaseName, ownerRole, postgresUrl } from "./urls";

export interface DigitalOceanPostgresSpec {
  /**
   * Standard (engine `pg`), or Advanced (engine `advanced_pg`), whose certificates come from a public
   * authority. A change replaces the cluster.
   */
  readonly edition: "standard" | "advanced";
  readonly region: string;
  /** Size slug of each node, e.g. "db-s-1vcpu-1gb". It can grow, never shrink. */
  readonly size: string;
  /** The primary and its standbys. */
  readonly nodeCount: number;
  /** Storage of each node, GiB; undefined: what the size includes. It can grow, never shrink. */
  readonly storageGib?: number | undefined;
  /** Major version. An upgrade happens in place. */
  readonly major: number;
  /** Connections that clients may open, the provider's own not counted. */
  readonly connectionLimit: ConnectionLimit;
  /** Read replicas that are watched from the same host. */
  readonly readReplicas: number;
  readonly maintenance: { readonly day: string; readonly hourUtc: number };
  /** A PgBouncer pool for the app; undefined: the app connects to the server itself. */
  readonly pool?:
    | {
        readonly mode: "transaction" | "session";
        /** Connections to the server that the pool shares out. */
        readonly size: number;
      }
    | undefined;
  /** Guards the cluster against deletion. */
  readonly protect: boolean;
}

export interface DigitalOceanPostgresArgs {
  readonly spec: DigitalOceanPostgresSpec;
  readonly vpcId: pulumi.Input<string>;
  readonly trusted: TrustedSources;
  readonly overrides?: {
    readonly cluster?: Override<digitalocean.DatabaseClusterArgs>;
    readonly database?: Override<digitalocean.DatabaseDbArgs>;
    readonly owner?: Override<digitalocean.DatabaseUserArgs>;
    readonly app?: Override<digitalocean.DatabaseUserArgs>;
    readonly firewall?: Override<digitalocean.DatabaseFirewallArgs>;
    readonly pool?: Override<digitalocean.DatabaseConnectionPoolArgs>;
  };
}

/** A managed Postgres with the app's database, an owner role and an app role. */
export class DigitalOceanPostgres extends pulumi.ComponentResource implements Postgres {
  readonly connectionLimit: number;
  readonly ownerUrl: pulumi.Output<string>;
  readonly appUrl: pulumi.Output<string>;
  readonly pooledUrl: pulumi.Output<string> | undefined;
  readonly adminUrl: pulumi.Output<string>;
  readonly caCertificate: pulumi.Output<string> | undefined;
  /** Name and password of the app's role, for a replica, which has the same. */
  readonly appLogin: {
    readonly user: pulumi.Output<string>;
    /** Secret. */
    readonly password: pulumi.Output<string>;
  };
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
        { clusterId, rules: trustedSources(args.trusted) },
        overrides.firewall,
      ),
      parent,
    );
    const pool =
      spec.pool &&
      new digitalocean.DatabaseConnectionPool(
        `${name}-pool`,
        withOverride<digitalocean.DatabaseConnectionPoolArgs>(
          {
            clusterId,
            name: appRole.replaceAll("_", "-"),
            mode: spec.pool.mode,
            size: spec.pool.size,
            dbName: database.name,
            user: app.name,
          },
          overrides.pool,
        ),
        // Nothing in it can change in place, and its name exists once in a cluster.
        { parent: this, deletedWith: cluster, deleteBeforeReplace: true },
      );

    const server = { host: cluster.privateHost, port: cluster.port };
    this.connectionLimit = spec.connectionLimit.limit;
    this.ownerUrl = postgresUrl(server, owner.name, owner.password);
    this.appUrl = postgresUrl(server, app.name, app.password);
    this.pooledUrl =
      pool &&
      postgresUrl(
        { host: pool.privateHost, port: pool.port, database: pool.name },
        app.name,
        app.password,
      );
    this.adminUrl = postgresUrl(server, cluster.user, cluster.password);
    this.caCertificate =
      spec.edition === "standard"
        ? digitalocean.getDatabaseCaOutput({ clusterId }, parent).certificate
        : undefined;
    this.appLogin = { user: app.name, password: app.password };
    this.entity = clusterId;
    this.alarmTargets = [
      managedPostgresTarget(spec.connectionLimit, { besideReplicas: spec.readReplicas > 0 }),
    ];
    this.ready = [database, owner, app, firewall, ...(pool ? [pool] : [])];
    this.registerOutputs({ entity: this.entity });
  }
}

function clusterArgs(
  spec: DigitalOceanPostgresSpec,
  privateNetworkUuid: pulumi.Input<string>,
): digitalocean.DatabaseClusterArgs {
  const hour = String(spec.maintenance.hourUtc).padStart(2, "0");
  return {
    engine: spec.edition === "standard" ? "pg" : "advanced_pg",
    version: String(spec.major),
    region: spec.region,
    size: spec.size,
    nodeCount: spec.nodeCount,
    privateNetworkUuid,
    // The provider takes MiB, as text.
    ...(spec.storageGib !== undefined && { storageSizeMib: String(spec.storageGib * 1_024) }),
    // With the seconds, as the API returns it: without them each preview shows a change.
    maintenanceWindows: [{ day: spec.maintenance.day, hour: `${hour}:00:00` }],
  };
}
