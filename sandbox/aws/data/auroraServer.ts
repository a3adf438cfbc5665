import {
  auroraMaxConnections,
  auroraServerless,
  findAuroraClass,
  serverlessClass,
} from "../../../prices/aws";
import type { Cloud, Values } from "../../cloud/kind";
import type { CloudResource, World } from "../../contracts";
import { defaultMaxConnections, serverSettings, valueOf, type Parameter } from "./parameterRules";
import {
  clusterInstanceType,
  clusterParameterGroupType,
  clusterType,
  named,
  parameterGroupType,
} from "./words";

/** How the world differs from what it is about to become. */
interface Change {
  /** Inputs of a cluster, of an instance or of a parameter group as they are to be. */
  readonly inputs?: { readonly type: string; readonly id: string; readonly values: Values };
  /** An instance that goes. */
  readonly without?: string;
  /** Whether what waits for a restart is brought in now. */
  readonly restart?: boolean;
}

const GIB = 2 ** 30;
/** Of a class that the price book does not know, and while there is no instance. */
const UNKNOWN_GIB = 16;

/** Instances of a cluster, the writer first, then as they would take over. */
export function instancesOf(
  world: World,
  clusterId: string,
  without?: string,
): readonly CloudResource[] {
  return world
    .all(clusterInstanceType)
    .filter(({ id, inputs }) => inputs["clusterIdentifier"] === clusterId && id !== without)
    .sort((a, b) => rank(a) - rank(b));
}

function rank({ inputs, outputs }: CloudResource): number {
  return outputs["writer"] === true ? -1 : Number(inputs["promotionTier"] ?? 0);
}

/**
 * Has the real server of a cluster be as its inputs, its instances and its parameter groups say; one
 * server is writer and reader at once. @returns where it answers.
 */
export async function ensureServer(cloud: Cloud, clusterId: string, change: Change = {}) {
  const { world, services } = cloud;
  const now = inputsAs(world, change);
  const cluster = now(clusterType, clusterId) ?? {};
  const instances = instancesOf(world, clusterId, change.without);
  const [writer] = instances;
  const writerInputs = writer && now(clusterInstanceType, writer.id);
  const parameters = new Map<string, string>();
  for (const [type, name] of [
    [clusterParameterGroupType, cluster["dbClusterParameterGroupName"]],
    [parameterGroupType, writerInputs?.["dbParameterGroupName"]],
  ] as const) {
    const group = named(world, type, name);
    const list = ((group && now(type, group.id))?.["parameters"] ?? []) as readonly Parameter[];
    // What an instance's group says goes before the cluster's.
    for (const { name: key, value } of list) parameters.set(key, value);
  }
  const major = majorOf(cluster);
  const { databaseName } = cluster;
  return await services.postgres.ensure(clusterId, {
    major,
    connectionLimit: connectionsOf(parameters.get("max_connections"), cluster, writerInputs),
    aurora: {
      master: {
        user: String(cluster["masterUsername"]),
        password: String(cluster["masterPassword"] ?? cluster["masterPasswordWo"]),
      },
      ...(typeof databaseName === "string" && { database: databaseName }),
      hasInstance: instances.length > 0,
      tlsOnly: parameters.get("rds.force_ssl") !== "0",
      settings: serverSettings(parameters),
      ...(change.restart === true && { restart: true }),
    },
  });
}

/** 17 of version "17.9". */
export const majorOf = ({ engineVersion }: Values): number =>
  Number.parseInt(typeof engineVersion === "string" ? engineVersion : "17", 10);

/** Connections that an instance allows in all, its own for AWS included. */
function connectionsOf(
  parameter: string | undefined,
  cluster: Values,
  instance: Values | undefined,
): number {
  const memoryGib = memoryOf(cluster, instance);
  return (
    valueOf(parameter ?? defaultMaxConnections, memoryGib * GIB) ?? auroraMaxConnections(memoryGib)
  );
}

/** Nominal memory of an instance, GiB. */
function memoryOf(cluster: Values, instance: Values | undefined): number {
  const { instanceClass } = instance ?? {};
  if (instanceClass !== serverlessClass) {
    return findAuroraClass(String(instanceClass))?.memoryGib ?? UNKNOWN_GIB;
  }
  const scaling = cluster["serverlessv2ScalingConfiguration"] as Values | undefined;
  return Number(scaling?.["maxCapacity"] ?? 1) * auroraServerless.memoryGibPerAcu;
}

/**
 * Brings a parameter group's new values to the servers of the clusters that have it: dynamic ones at
 * once, static ones with the next restart.
 */
export async function reachServers(
  cloud: Cloud,
  type: string,
  id: string,
  values: Values,
): Promise<void> {
  const input =
    type === clusterParameterGroupType ? "dbClusterParameterGroupName" : "dbParameterGroupName";
  const users =
    type === clusterParameterGroupType
      ? cloud.world.all(clusterType).filter(({ inputs }) => inputs[input] === values["name"])
      : clustersOf(cloud.world, values["name"]);
  for (const { id: clusterId } of users.filter(({ ready }) => ready)) {
    await ensureServer(cloud, clusterId, { inputs: { type, id, values } });
  }
}

/** Clusters with an instance that has an instance's group. */
function clustersOf(world: World, groupName: unknown): readonly CloudResource[] {
  const ids = world
    .all(clusterInstanceType)
    .filter(({ inputs }) => inputs["dbParameterGroupName"] === groupName)
    .map(({ inputs }) => inputs["clusterIdentifier"]);
  return world.all(clusterType).filter(({ id }) => ids.includes(id));
}

function inputsAs(world: World, { inputs: changed }: Change) {
  return (type: string, id: string): Values | undefined =>
    changed?.type === type && changed.id === id ? changed.values : world.get(type, id)?.inputs;
}
