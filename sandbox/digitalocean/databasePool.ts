import { z } from "zod";
import { postgresLimits } from "../../prices/digitalocean";
import { CloudError, type Cloud, type Kind, type Operation } from "../cloud/kind";
import type { World } from "../contracts";
import { connectionLimitOf } from "./catalogue";
import { databaseClusterType, uriOf, type ClusterInputs } from "./databaseCluster";
import { builtIn, databaseDbType, databaseUserType } from "./databaseParts";
import { filled } from "./shapes";

const inputs = z.object({
  name: z.string().min(3).max(63).optional(),
  clusterId: filled,
  mode: z.enum(["session", "transaction", "statement"]),
  size: z.int().min(1),
  dbName: filled,
  user: filled.optional(),
});
type Inputs = z.infer<typeof inputs>;

const poolType = "digitalocean:index/databaseConnectionPool:DatabaseConnectionPool";

/** PgBouncer before a managed Postgres: clients ask for the pool by its name, as a database. */
export const databasePool: Kind = {
  type: poolType,
  inputs,
  immutable: ["name", "clusterId", "mode", "size", "dbName", "user"],
  autoName: "name",
  unique: [["clusterId", "name"]],
  conflict: () => "pool name is not available",
  references: [{ input: "clusterId", type: databaseClusterType, onDelete: "cascade" }],
  idStyle: ({ clusterId, name }) => `${String(clusterId)}/${String(name)}`,
  recorded:
    "connections pass through to the server, none is shared: its size and mode are on paper",
  refuse,
  create: async ({ cloud, inputs: given }) => {
    const { clusterId, name = "", dbName } = given as Inputs;
    const { port } = await cloud.services.postgres.ensurePool(clusterId, {
      ...{ name, database: dbName },
    });
    const host = String(cloud.world.get(databaseClusterType, clusterId)?.outputs["host"]);
    const { user, password } = loginOf(cloud, given as Inputs);
    const uri = uriOf("postgresql", { host, port, user, password }, `/${name}?sslmode=require`);
    return { outputs: { host, privateHost: host, port, password, uri, privateUri: uri } };
  },
  delete: async ({ cloud, inputs: given }) => {
    const { clusterId, name = "" } = given as Inputs;
    // With the cluster it goes by itself.
    if (!cloud.world.get(databaseClusterType, clusterId)) return;
    await cloud.services.postgres.removePool(clusterId, name);
  },
};

function refuse({ cloud: { world }, inputs: given, id }: Operation): void {
  const { clusterId, name = "", size, dbName, user } = given as Inputs;
  const { engine, size: plan } = world.get(databaseClusterType, clusterId)?.inputs as ClusterInputs;
  if (engine === "valkey") {
    throw new CloudError(
      412,
      "connection pools are not supported for this cluster: its engine is valkey",
    );
  }
  if (!/^[a-zA-Z0-9_]([a-zA-Z0-9_-]*)$/.test(name)) {
    throw new CloudError(422, `invalid pool name "${name}": letters, digits, hyphens, underscores`);
  }
  const others = world
    .all(poolType)
    .filter((pool) => pool.id !== id && pool.inputs["clusterId"] === clusterId);
  if (others.length >= postgresLimits.maxPools) {
    throw new CloudError(422, `a cluster has at most ${postgresLimits.maxPools} connection pools`);
  }
  const limit = connectionLimitOf(plan);
  const taken = others.reduce((sum, pool) => sum + Number(pool.inputs["size"]), 0);
  if (taken + size > limit) {
    throw new CloudError(
      422,
      `pools of ${taken + size} connections together are more than the ${limit} of size ${plan}`,
    );
  }
  if (!has(world, databaseDbType, clusterId, dbName, builtIn.database)) {
    throw new CloudError(404, `the cluster has no database "${dbName}"`);
  }
  if (user !== undefined && !has(world, databaseUserType, clusterId, user, builtIn.user)) {
    throw new CloudError(404, `the cluster has no user "${user}"`);
  }
}

function has(world: World, type: string, clusterId: string, name: string, always: string): boolean {
  return (
    name === always ||
    world
      .all(type)
      .some((one) => one.inputs["clusterId"] === clusterId && one.inputs["name"] === name)
  );
}

/** Without a user of its own it is for all of them; the API shows the administrator's then. */
function loginOf({ world }: Cloud, { clusterId, user = builtIn.user }: Inputs) {
  const holder =
    user === builtIn.user
      ? world.get(databaseClusterType, clusterId)
      : world
          .all(databaseUserType)
          .find((one) => one.inputs["clusterId"] === clusterId && one.inputs["name"] === user);
  return { user, password: String(holder?.outputs["password"]) };
}
