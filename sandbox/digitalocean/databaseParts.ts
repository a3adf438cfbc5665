import { z } from "zod";
import { CloudError, type Kind, type Operation } from "../cloud/kind";
import { databaseClusterType } from "./databaseCluster";
import { filled } from "./shapes";

/** Names that each cluster has from its first day. */
export const builtIn = { database: "defaultdb", user: "doadmin" };

const inCluster = {
  input: "clusterId",
  type: databaseClusterType,
  onDelete: "cascade",
} as const;

const databaseInputs = z.object({ name: filled.optional(), clusterId: filled });

export const databaseDbType = "digitalocean:index/databaseDb:DatabaseDb";

export const databaseDb: Kind = {
  type: databaseDbType,
  inputs: databaseInputs,
  immutable: ["name", "clusterId"],
  autoName: "name",
  unique: [["clusterId", "name"]],
  conflict: () => "database name is not available",
  references: [inCluster],
  idStyle: ({ clusterId, name }) => `${String(clusterId)}/database/${String(name)}`,
  refuse: (operation) => {
    requirePostgres(operation, "databases");
    requireName(operation, builtIn.database, "database");
  },
  create: async ({ cloud, inputs }) => {
    const { clusterId, name = "" } = inputs as z.infer<typeof databaseInputs>;
    await cloud.services.postgres.createDatabase(clusterId, name);
    return {};
  },
  delete: async ({ cloud, inputs }) => {
    const { clusterId, name = "" } = inputs as z.infer<typeof databaseInputs>;
    await cloud.services.postgres.dropDatabase(clusterId, name);
  },
};

const userInputs = z.object({
  name: filled.optional(),
  clusterId: filled,
  mysqlAuthPlugin: z.enum(["mysql_native_password", "caching_sha2_password"]).optional(),
  settings: z
    .array(
      z.strictObject({
        acls: z
          .array(
            z.strictObject({
              id: z.string().optional(),
              topic: filled,
              permission: z.enum(["admin", "consume", "produce", "produceconsume"]),
            }),
          )
          .optional(),
        opensearchAcls: z
          .array(
            z.strictObject({
              index: filled,
              permission: z.enum(["admin", "deny", "read", "readwrite", "write"]),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
});

export const databaseUserType = "digitalocean:index/databaseUser:DatabaseUser";

export const databaseUser: Kind = {
  type: databaseUserType,
  inputs: userInputs,
  immutable: ["name", "clusterId"],
  autoName: "name",
  unique: [["clusterId", "name"]],
  conflict: () => "user name is not available",
  references: [inCluster],
  idStyle: ({ clusterId, name }) => `${String(clusterId)}/user/${String(name)}`,
  refuse: (operation) => {
    requirePostgres(operation, "users");
    requireName(operation, builtIn.user, "user");
    const { mysqlAuthPlugin, settings } = operation.inputs;
    if (mysqlAuthPlugin !== undefined || settings !== undefined) {
      throw new CloudError(422, "user settings are for MySQL, Kafka and OpenSearch clusters");
    }
  },
  create: async ({ cloud, inputs }) => {
    const { clusterId, name = "" } = inputs as z.infer<typeof userInputs>;
    const password = cloud.newPassword();
    await cloud.services.postgres.createRole(clusterId, name, password);
    return { outputs: { password, role: "normal" } };
  },
  delete: async ({ cloud, inputs }) => {
    const { clusterId, name = "" } = inputs as z.infer<typeof userInputs>;
    await cloud.services.postgres.dropRole(clusterId, name);
  },
};

function requirePostgres({ cloud: { world }, inputs }: Operation, what: string): void {
  const cluster = world.get(databaseClusterType, String(inputs["clusterId"]));
  if (cluster?.inputs["engine"] !== "valkey") return;
  throw new CloudError(412, `${what} are not supported for this cluster: its engine is valkey`);
}

function requireName({ inputs: { name } }: Operation, taken: string, what: string): void {
  if (name === taken) throw new CloudError(409, `${what} name is not available`);
  // As long as Postgres keeps apart.
  if (typeof name === "string" && Buffer.byteLength(name) <= 63) return;
  throw new CloudError(422, `invalid ${what} name: at most 63 bytes`);
}
