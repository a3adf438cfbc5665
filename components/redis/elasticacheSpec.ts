import {
  cacheLimits,
  cacheShapeProblem,
  findCacheNode,
  type ValkeyVersion,
} from "../../prices/aws";
import { hourAfter, type Maintenance } from "../maintenanceWindow";

/** The newest 8, which the workload's client and the tests' server speak. */
export const defaultValkeyVersion: ValkeyVersion = "8.2";

export interface ElastiCacheSpec {
  /**
   * Id of the replication group, at most 37 letters, digits and single hyphens. A change replaces the
   * group, with what is cached.
   */
  readonly name: string;
  /**
   * Raised where the group has to be replaced: the new one has another id, so that it can be made
   * before the old one goes. @default 1
   */
  readonly generation?: number | undefined;
  /** Type of each node, e.g. "cache.t4g.small". It changes in place. */
  readonly nodeType: string;
  /** A change of the major one restarts the nodes. @default "8.2" */
  readonly engineVersion?: ValkeyVersion | undefined;
  /** Parts that the data is split into; changed in place, while clients go on. */
  readonly shards: number;
  /** Replicas of each shard in other zones, 0 to 5; with one or more, a replica takes over. */
  readonly replicasPerShard: number;
  readonly maintenance: Maintenance;
  /** Daily snapshots kept, 0 to 35: they start a new group warm. @default 1 */
  readonly snapshotDays?: number | undefined;
  /** Guards the group against deletion. */
  readonly protect: boolean;
}

/** The id that the replication group has. */
export function replicationGroupIdOf({ name, generation = 1 }: ElastiCacheSpec): string {
  return generation === 1 ? name : `${name}-${generation}`;
}

/** Ids of the nodes, as AWS gives them: shard by shard, the first of a shard begins as its primary. */
export function cacheNodeIdsOf(spec: ElastiCacheSpec): readonly string[] {
  const id = replicationGroupIdOf(spec);
  const counted = (count: number, digits: number): string[] =>
    Array.from({ length: count }, (_, at) => String(at + 1).padStart(digits, "0"));
  return counted(spec.shards, 4).flatMap((shard) =>
    counted(1 + spec.replicasPerShard, 3).map((node) => `${id}-${shard}-${node}`),
  );
}

/** Hour of the daily snapshot: two hours before the maintenance, which it must not meet. */
export function snapshotHourOf({ maintenance }: ElastiCacheSpec): number {
  return hourAfter(maintenance.hourUtc, -2);
}

/** What AWS would refuse of a specification, all of it at once. */
export function elastiCacheSpecProblems(spec: ElastiCacheSpec): readonly string[] {
  const { generation = 1, snapshotDays = 1 } = spec;
  const id = replicationGroupIdOf(spec);
  const { high } = cacheLimits.idLength;
  return [
    ...(/^[a-z](-?[a-z0-9])*$/i.test(id) && id.length <= high
      ? []
      : [
          `spec.name must make an id of at most ${high} letters, digits and single hyphens, a letter first, got ${id}`,
        ]),
    ...(Number.isInteger(generation) && generation >= 1
      ? []
      : [`spec.generation must be 1 or more, got ${generation}`]),
    ...(Number.isInteger(snapshotDays) && snapshotDays >= 0 && snapshotDays <= 35
      ? []
      : [`spec.snapshotDays must be 0..35, got ${snapshotDays}`]),
    ...[
      findCacheNode(spec.nodeType)
        ? undefined
        : `spec.nodeType ${spec.nodeType} is no node type of ElastiCache that is known here`,
      cacheShapeProblem(spec.shards, spec.replicasPerShard),
    ].filter((one) => one !== undefined),
  ];
}

/** vCPUs of a node; 1 of a type that is not known, which is refused before. */
export function cacheVcpusOf({ nodeType }: ElastiCacheSpec): number {
  return findCacheNode(nodeType)?.vcpus ?? 1;
}
