import { Cluster, Redis, type RedisOptions } from "ioredis";
import { isIP } from "node:net";
import type { RedisConfig } from "./config";
import { decoded } from "./env";
import type { Logger } from "./log";

export type RedisClient = Redis | Cluster;

interface Address {
  readonly host: string;
  readonly port: number;
}

/** A command that takes longer is given up: the database would have answered by then. */
export const COMMAND_TIMEOUT_MS = 250;
const CONNECT_TIMEOUT_MS = 2_000;
const backOff = (attempt: number) => Math.min(100 * attempt, 2_000);

/** For commands: fails at once while there is no connection, instead of queueing. */
export function openCommands(config: RedisConfig, log: Logger): RedisClient {
  const options: RedisOptions = {
    ...common(config, "commands"),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
  };
  const seed = seedOf(config);
  const client =
    config.mode === "cluster"
      ? new Cluster([seed], {
          enableOfflineQueue: false,
          clusterRetryStrategy: backOff,
          slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
          redisOptions: options,
        })
      : new Redis({ ...options, ...seed, db: databaseOf(config), retryStrategy: backOff });
  tellOnce(client, log, "commands");
  return client;
}

/**
 * For subscriptions, which need a connection of their own. In a cluster any node will do, for plain
 * pub/sub goes to all of them: one connection, to another node after each failure. (The cluster
 * client's own subscriber tries again without a pause while every node is away.)
 */
export function openSubscriber(
  config: RedisConfig,
  commands: RedisClient | undefined,
  log: Logger,
): Redis {
  const seed = seedOf(config);
  const client: Redis = new Redis({
    ...common(config, "subscriber"),
    ...seed,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => {
      const nodes = [seed, ...knownNodes(commands)];
      // The client reads its options anew for each connection.
      Object.assign(client.options, nodes[attempt % nodes.length]);
      return backOff(attempt);
    },
  });
  tellOnce(client, log, "subscriber");
  return client;
}

function knownNodes(commands: RedisClient | undefined): Address[] {
  if (!(commands instanceof Cluster)) return [];
  return commands.nodes("all").flatMap(({ options: { host, port } }) => {
    return host !== undefined && port !== undefined ? [{ host, port }] : [];
  });
}

function seedOf({ url }: RedisConfig): Address {
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(url.port || 6_379) };
}

function databaseOf({ url }: RedisConfig): number {
  return Number(/^\/(\d+)$/.exec(url.pathname)?.[1] ?? 0);
}

function common({ url }: RedisConfig, role: string): RedisOptions {
  const { host } = seedOf({ mode: "single", url });
  // Certificates name the endpoint, while a cluster may announce its nodes by address.
  const tls = isIP(host) === 0 ? { servername: host } : {};
  return {
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectionName: `drops-${role}`,
    username: decoded(url.username),
    password: decoded(url.password),
    ...(url.protocol === "rediss:" && { tls }),
  };
}

/** Clients try for ever, and fail each time: what is told is the change. */
function tellOnce(client: RedisClient, log: Logger, role: string): void {
  let up: boolean | undefined;
  client.on("ready", () => {
    if (up === false) log.info({ role }, "Redis answers again");
    up = true;
  });
  client.on("error", (error: Error) => {
    if (up !== false) log.warn({ err: error, role }, "Redis does not answer");
    up = false;
  });
}
