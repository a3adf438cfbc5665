import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { managedReplicaTarget } from "../alarms/databaseSignals";
import type { ConnectionLimit } from "../../settings/mediumConnections";
import type { AlarmTarget } from "../alarms/types";
import { trustedSources, type TrustedSources } from "../network/trustedSources";
import { withOverride, type Override } from "../overrides";
import type { DigitalOceanPostgres } from "./digitalocean";
import { postgresUrl } from "./urls";

export interface DigitalOceanReplicaSpec {
  /** 1 for the first; part of the alarm target's id. */
  readonly number: number;
  readonly region: string;
  /** Size slug; at least the primary's. */
  readonly size: string;
  /** Storage, GiB; undefined: what the size includes. */
  readonly storageGib?: number | undefined;
  readonly connectionLimit: ConnectionLimit;
}

export interface DigitalOceanReplicaArgs {
  readonly spec: DigitalOceanReplicaSpec;
  readonly primary: Pick<DigitalOceanPostgres, "entity" | "appLogin">;
  readonly vpcId: pulumi.Input<string>;
  readonly trusted: TrustedSources;
  readonly overrides?: {
    readonly node?: Override<digitalocean.DatabaseReplicaArgs>;
    readonly firewall?: Override<digitalocean.DatabaseFirewallArgs>;
  };
}

/** A read-only copy of a managed Postgres. It holds no data of its own: losing it loses nothing. */
export class DigitalOceanReplica extends pulumi.ComponentResource {
  /** Secret URL of the app's role. */
  readonly appUrl: pulumi.Output<string>;
  /** Id in the form that monitor alerts want. */
  readonly entity: pulumi.Output<string>;
  readonly alarmTargets: readonly AlarmTarget[];
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: DigitalOceanReplicaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:postgres:DigitalOceanReplica", name, {}, opts);
    const { spec, primary, overrides = {} } = args;
    const node = new digitalocean.DatabaseReplica(
      `${name}-node`,
      withOverride<digitalocean.DatabaseReplicaArgs>(
        {
          clusterId: primary.entity,
          name: `replica-${spec.number}`,
          region: spec.region,
          size: spec.size,
          privateNetworkUuid: args.vpcId,
          ...(spec.storageGib !== undefined && { storageSizeMib: String(spec.storageGib * 1_024) }),
        },
        overrides.node,
      ),
      // Two of one name cannot be in a cluster.
      { parent: this, deleteBeforeReplace: true },
    );
    const firewall = new digitalocean.DatabaseFirewall(
      `${name}-firewall`,
      withOverride<digitalocean.DatabaseFirewallArgs>(
        // A replica has rules of its own, under its own id.
        { clusterId: node.uuid, rules: trustedSources(args.trusted) },
        overrides.firewall,
      ),
      { parent: this },
    );
    this.appUrl = postgresUrl(
      { host: node.privateHost, port: node.port },
      primary.appLogin.user,
      primary.appLogin.password,
    );
    this.entity = node.uuid;
    this.alarmTargets = [managedReplicaTarget(spec.number, spec.connectionLimit)];
    this.ready = [firewall];
    this.registerOutputs({ entity: this.entity });
  }
}
