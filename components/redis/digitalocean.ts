import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { managedValkeyTarget } from "../alarms/cacheSignals";
import type { AlarmTarget } from "../alarms/types";
import type { Redis } from "../contracts";
import { trustedSources, type TrustedSources } from "../network/trustedSources";
import { withOverride, type Override } from "../overrides";

export interface DigitalOceanValkeySpec {
  readonly region: string;
  /** Size slug, e.g. "db-s-1vcpu-1gb". */
  readonly size: string;
  /** 2 for a standby that takes over; sizes of 2 GiB and more. */
  readonly nodeCount: number;
  /** Guards the cluster against deletion. */
  readonly protect: boolean;
}

export interface DigitalOceanValkeyArgs {
  readonly spec: DigitalOceanValkeySpec;
  readonly vpcId: pulumi.Input<string>;
  readonly trusted: TrustedSources;
  readonly overrides?: {
    readonly cluster?: Override<digitalocean.DatabaseClusterArgs>;
    readonly firewall?: Override<digitalocean.DatabaseFirewallArgs>;
  };
}

/** A managed Valkey, which took the place of managed Redis in 2025: same protocol, TLS and password. */
export class DigitalOceanValkey extends pulumi.ComponentResource implements Redis {
  readonly mode = "single";
  readonly tls = true;
  readonly auth = true;
  readonly url: pulumi.Output<string>;
  /** Id in the form that monitor alerts want. */
  readonly entity: pulumi.Output<string>;
  readonly alarmTargets: readonly AlarmTarget[];
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: DigitalOceanValkeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:redis:DigitalOceanValkey", name, {}, opts);
    const { spec, overrides = {} } = args;
    const cluster = new digitalocean.DatabaseCluster(
      `${name}-cluster`,
      withOverride<digitalocean.DatabaseClusterArgs>(
        {
          engine: "valkey",
          version: "8",
          region: spec.region,
          size: spec.size,
          nodeCount: spec.nodeCount,
          privateNetworkUuid: args.vpcId,
          // A cache: when full, what was not used for longest goes.
          evictionPolicy: "allkeys_lru",
        },
        overrides.cluster,
      ),
      { parent: this, protect: spec.protect },
    );
    const firewall = new digitalocean.DatabaseFirewall(
      `${name}-firewall`,
      withOverride<digitalocean.DatabaseFirewallArgs>(
        {
          clusterId: cluster.id,
          rules: trustedSources(args.trusted),
        },
        overrides.firewall,
      ),
      { parent: this },
    );
    this.url = pulumi.secret(cluster.privateUri);
    this.entity = cluster.id;
    this.alarmTargets = [managedValkeyTarget()];
    this.ready = [firewall];
    this.registerOutputs({ entity: this.entity });
  }
}
