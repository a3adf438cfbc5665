import { z } from "zod";
import { findPostgresSize } from "../../prices/digitalocean";
import type { Kind, Made, Operation, Values } from "../cloud/kind";
import { connectionLimitOf } from "./catalogue";
import { refuseCluster, type Clock } from "./databaseClusterRules";
import { quotas } from "./quotas";
import { filled, tags } from "./shapes";
import { vpcType } from "./vpc";

const inputs = z.object({
  name: filled.optional(),
  engine: filled,
  version: z
    .string({ error: 'The argument "version" is required, but no definition was found.' })
    .min(1),
  size: filled,
  region: filled,
  nodeCount: z.int().min(1),
  privateNetworkUuid: filled.optional(),
  projectId: filled.optional(),
  storageSizeMib: z.string().regex(/^\d+$/, "expected a whole number of MiB, as text").optional(),
  storageAutoscale: z
    .strictObject({
      enabled: z.boolean(),
      incrementGib: z.int().min(10).optional(),
      thresholdPercent: z.int().min(15).max(95).optional(),
    })
    .optional(),
  maintenanceWindows: z
    .array(
      z.strictObject({
        day: z
          .string()
          .regex(/^(mon|tues|wednes|thurs|fri|satur|sun)day$/i, "expected a day, such as sunday"),
        hour: z
          .string()
          .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, "expected a time in UTC, such as 02:00"),
      }),
    )
    .min(1)
    .optional(),
  evictionPolicy: filled.optional(),
  sqlMode: z.string().optional(),
  tags,
  backupRestore: z
    .strictObject({ databaseName: z.string(), backupCreatedAt: z.string().optional() })
    .optional(),
});
export type ClusterInputs = z.infer<typeof inputs>;

export const databaseClusterType = "digitalocean:index/databaseCluster:DatabaseCluster";

/** @param now What decides whether a plan can still be bought. */
export function databaseClusterKind(now: Clock): Kind {
  return {
    type: databaseClusterType,
    inputs,
    // Size, nodes, storage, version and region change in place.
    immutable: ["name", "engine", "privateNetworkUuid", "projectId"],
    autoName: "name",
    unique: [["name"]],
    conflict: () => "cluster name is not available",
    references: [{ input: "privateNetworkUuid", type: vpcType }],
    quota: quotas.databaseClusters,
    idStyle: "uuid",
    recorded: ({ nodeCount }) =>
      Number(nodeCount) > 1
        ? `of its ${Number(nodeCount)} nodes the first runs, the others are recorded`
        : undefined,
    check: ({ engine = "valkey", evictionPolicy, sqlMode }) => [
      ...(evictionPolicy !== undefined && engine !== "valkey" && engine !== "redis"
        ? [
            {
              property: "evictionPolicy",
              reason: "eviction_policy is only supported for Redis and Valkey Database Clusters",
            },
          ]
        : []),
      ...(sqlMode !== undefined && engine !== "mysql"
        ? [
            {
              property: "sqlMode",
              reason: "sql_mode is only supported for MySQL Database Clusters",
            },
          ]
        : []),
    ],
    refuse: (operation) => {
      refuseCluster(operation, now());
    },
    create: (operation) => ensure(operation, now()),
    update: (operation) => ensure(operation, now()),
    delete: async ({ cloud: { services }, id, inputs: given }) => {
      if (given["engine"] === "valkey") await services.valkey.remove(id);
      else await services.postgres.remove(id);
    },
  };
}

async function ensure(operation: Operation, today: Date): Promise<Made> {
  const given = operation.inputs as ClusterInputs;
  const made =
    given.engine === "valkey" ? await valkey(operation) : await postgres(operation, today);
  const minStorageGib = findPostgresSize(given.size)?.minStorageGib;
  const storageSizeMib =
    given.storageSizeMib ?? (minStorageGib ? String(minStorageGib * 1_024) : undefined);
  return {
    outputs: {
      clusterUrn: `do:dbaas:${operation.id}`,
      ...(storageSizeMib !== undefined && { storageSizeMib }),
      metricsEndpoints: [],
      ...made.outputs,
    },
    hidden: made.hidden ?? {},
  };
}

async function postgres(
  { cloud, id, inputs: given, before }: Operation,
  today: Date,
): Promise<Made> {
  const { version, size, engine } = given as ClusterInputs;
  const advanced = engine === "advanced_pg";
  const { caCertificate, ...access } = await cloud.services.postgres.ensure(id, {
    major: Number(version),
    connectionLimit: connectionLimitOf(size),
    ...(advanced && { advanced }),
  });
  const uri = uriOf("postgresql", access, `/${access.database}?sslmode=require`);
  return {
    outputs: { ...accessOf(access, uri), database: access.database },
    hidden: {
      // Clients of the Advanced edition trust a public authority.
      ...(!advanced && { caCertificate }),
      // What an existing cluster may, a new one may not.
      createdOn: before?.hidden["createdOn"] ?? today.toISOString().slice(0, 10),
    },
  };
}

async function valkey({ cloud: { services }, id, inputs: given }: Operation): Promise<Made> {
  const { evictionPolicy } = given as ClusterInputs;
  const access = await services.valkey.ensure(id, {
    ...(evictionPolicy !== undefined && { evictionPolicy }),
  });
  return { outputs: accessOf(access, uriOf("rediss", access, "")) };
}

interface Access {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export function uriOf(
  scheme: string,
  { host, port, user, password }: Access,
  rest: string,
): string {
  return `${scheme}://${user}:${encodeURIComponent(password)}@${host}:${port}${rest}`;
}

/** Inside and outside are the same on one machine. */
export function accessOf({ host, port, user, password }: Access, uri: string): Values {
  return { host, privateHost: host, port, user, password, uri, privateUri: uri };
}
