import * as elasticache from "@pulumi/aws/elasticache";
import * as pulumi from "@pulumi/pulumi";
import { cacheNodeTargets, type CacheNodeFacts } from "../alarms/elasticacheSignals";
import type { AlarmTarget } from "../alarms/types";
import type { Redis } from "../contracts";
import { dailyWindow, weeklyWindow } from "../maintenanceWindow";
import { withOverride, type Override } from "../overrides";
import { GeneratedSecret } from "../secrets/generatedSecret";
import {
  cacheNodeIdsOf,
  cacheVcpusOf,
  defaultValkeyVersion,
  elastiCacheSpecProblems,
  replicationGroupIdOf,
  snapshotHourOf,
  type ElastiCacheSpec,
} from "./elasticacheSpec";

export type { ElastiCacheSpec } from "./elasticacheSpec";

const port = 6379;

export interface ElastiCacheValkeyArgs {
  readonly spec: ElastiCacheSpec;
  /** Subnets that reach nothing outside, in as many zones as a shard has nodes or more. */
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  readonly securityGroupIds: pulumi.Input<pulumi.Input<string>[]>;
  readonly overrides?: {
    readonly subnetGroup?: Override<elasticache.SubnetGroupArgs>;
    readonly parameterGroup?: Override<elasticache.ParameterGroupArgs>;
    readonly group?: Override<elasticache.ReplicationGroupArgs>;
  };
}

/** What alarms have to know of a cache of this specification, before anything is there. */
export function cacheAlarmFacts(spec: ElastiCacheSpec): CacheNodeFacts {
  return { nodeIds: cacheNodeIdsOf(spec), vcpus: cacheVcpusOf(spec) };
}

/** A cluster of Valkey: shards over which keys are spread, TLS and a password. */
export class ElastiCacheValkey extends pulumi.ComponentResource implements Redis {
  readonly mode = "cluster";
  readonly tls = true;
  readonly auth = true;
  readonly url: pulumi.Output<string>;
  readonly replicationGroupId: string;
  readonly nodeIds: readonly string[];
  /** Known before a deploy. */
  readonly alarmFacts: CacheNodeFacts;
  readonly alarmTargets: readonly AlarmTarget[];
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: ElastiCacheValkeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:redis:ElastiCacheValkey", name, {}, opts);
    const { spec, overrides = {} } = args;
    const problems = elastiCacheSpecProblems(spec);
    if (problems.length > 0)
      throw new pulumi.ResourceError(`${name}: ${problems.join("; ")}`, this);
    const parent = { parent: this };
    const engineVersion = spec.engineVersion ?? defaultValkeyVersion;

    const subnetGroup = new elasticache.SubnetGroup(
      `${name}-subnets`,
      withOverride<elasticache.SubnetGroupArgs>(
        { description: `Where ${spec.name} is`, subnetIds: args.subnetIds },
        overrides.subnetGroup,
      ),
      parent,
    );
    const parameterGroup = new elasticache.ParameterGroup(
      `${name}-parameters`,
      withOverride<elasticache.ParameterGroupArgs>(
        {
          description: `Settings of ${spec.name}`,
          family: `valkey${engineVersion.split(".", 1)[0] ?? ""}`,
          parameters: [
            { name: "cluster-enabled", value: "yes" },
            // A cache: when full, what was not used for longest goes.
            { name: "maxmemory-policy", value: "allkeys-lru" },
          ],
        },
        overrides.parameterGroup,
      ),
      parent,
    );
    // Letters and digits: a URL needs no quoting, and AWS refuses other signs anyway.
    const token = new GeneratedSecret(`${name}-token`, { length: 64 }, parent).value;
    const group = new elasticache.ReplicationGroup(
      `${name}-group`,
      withOverride<elasticache.ReplicationGroupArgs>(
        {
          replicationGroupId: replicationGroupIdOf(spec),
          description: `Cache of ${spec.name}`,
          engine: "valkey",
          engineVersion,
          // A version that AWS raised by itself would look like one to go back from: a replacement.
          autoMinorVersionUpgrade: false,
          nodeType: spec.nodeType,
          port,
          clusterMode: "enabled",
          numNodeGroups: spec.shards,
          replicasPerNodeGroup: spec.replicasPerShard,
          // A cluster has to have it, even where there is no replica to take over.
          automaticFailoverEnabled: true,
          multiAzEnabled: spec.replicasPerShard > 0,
          subnetGroupName: subnetGroup.name,
          securityGroupIds: args.securityGroupIds,
          parameterGroupName: parameterGroup.name,
          networkType: "ipv4",
          atRestEncryptionEnabled: true,
          transitEncryptionEnabled: true,
          transitEncryptionMode: "required",
          authToken: token,
          // The old one holds beside the new one, so that no task is locked out before it is replaced.
          authTokenUpdateStrategy: "ROTATE",
          maintenanceWindow: weeklyWindow(spec.maintenance),
          snapshotRetentionLimit: spec.snapshotDays ?? 1,
          snapshotWindow: dailyWindow(snapshotHourOf(spec)),
          applyImmediately: true,
        },
        overrides.group,
      ),
      { parent: this, protect: spec.protect },
    );

    this.url = pulumi.secret(
      pulumi.interpolate`rediss://:${token}@${group.configurationEndpointAddress}:${group.port}`,
    );
    this.replicationGroupId = replicationGroupIdOf(spec);
    this.nodeIds = cacheNodeIdsOf(spec);
    this.alarmFacts = cacheAlarmFacts(spec);
    this.alarmTargets = cacheNodeTargets(this.alarmFacts);
    this.ready = [group];
    this.registerOutputs({ replicationGroupId: this.replicationGroupId });
  }
}
