import type { Cloud, Values } from "../../cloud/kind";
import type { World } from "../../contracts";
import { cacheParameterGroupType, named, replicationGroupType } from "./words";

/** The value of a parameter in a group's inputs. */
function cacheParameter(given: Values | undefined, name: string): string | undefined {
  const list = (given?.["parameters"] ?? []) as readonly { name: string; value: string }[];
  return list.find((one) => one.name === name)?.value;
}

/** What ElastiCache's default groups evict. */
const DEFAULT_POLICY = "volatile-lru";

/** Whether a replication group has cluster mode: by its parameter group, or by what it asks for. */
export function isClustered(world: World, given: Values): boolean {
  const { parameterGroupName: name, numNodeGroups, clusterMode } = given;
  if (typeof name !== "string") return Number(numNodeGroups ?? 1) > 1 || clusterMode === "enabled";
  if (name.startsWith("default.")) return name.endsWith(".cluster.on");
  const group = named(world, cacheParameterGroupType, name);
  return cacheParameter(group?.inputs, "cluster-enabled") === "yes";
}

/**
 * Has the real servers of a replication group be as its inputs and its parameter group say.
 *
 * @param passwords Those that count, the newest first.
 * @param group Inputs of its parameter group, where they are about to change.
 * @returns where it answers.
 */
export async function ensureCache(
  { services, world }: Cloud,
  id: string,
  given: Values,
  passwords: readonly string[],
  group = named(world, cacheParameterGroupType, given["parameterGroupName"])?.inputs,
) {
  return await services.valkey.ensure(id, {
    ...(isClustered(world, given) && { shards: Number(given["numNodeGroups"] ?? 1) }),
    evictionPolicy: cacheParameter(group, "maxmemory-policy") ?? DEFAULT_POLICY,
    passwords,
  });
}

/** Brings a parameter group's new values to the servers of the replication groups that have it. */
export async function reachCaches(cloud: Cloud, group: Values): Promise<void> {
  const users = cloud.world
    .all(replicationGroupType)
    .filter(({ ready, inputs }) => ready && inputs["parameterGroupName"] === group["name"]);
  for (const { id, inputs, hidden } of users) {
    await ensureCache(cloud, id, inputs, hidden["tokens"] as readonly string[], group);
  }
}
