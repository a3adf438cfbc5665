import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { until } from "./client";
import { freePort } from "./postgres";

const found = spawnSync("redis-server", ["--version"], { encoding: "utf8" }).status === 0;
if (!found && process.env["REQUIRE_ALL"] === "1") {
  throw new Error("REQUIRE_ALL=1, but redis-server is missing: apt-get install redis-server");
}

/** Whether a real Redis is here; the tests that need one are skipped under a name that says so. */
export const redisMissing = !found;
export const needsRedis = found
  ? ""
  : " [not run: redis-server is missing; apt-get install redis-server]";

const redisPassword = "redis-p@ss";

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Starts it unless it runs. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Takes connections and answers nothing, until told to go on. */
  hang(): unknown;
  goOn(): unknown;
  remove(): Promise<void>;
}

/** A Redis of its own on loopback, with a password. */
export async function newRedis(flags: readonly string[] = [], port?: number): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), "drops-redis-"));
  const chosen = port ?? (await freePort());
  let child: ChildProcess | undefined;
  const url = `redis://:${encodeURIComponent(redisPassword)}@127.0.0.1:${chosen}`;
  const server: RedisServer = {
    url,
    port: chosen,
    start: async () => {
      // A second one would find the port taken, end, and be taken for the one that runs.
      if (!child || child.exitCode !== null || child.signalCode !== null) {
        child = spawn(
          "redis-server",
          [
            ...["--port", String(chosen), "--bind", "127.0.0.1", "--dir", directory],
            ...["--requirepass", redisPassword, "--masterauth", redisPassword],
            ...["--save", "", "--appendonly", "no", ...flags],
          ],
          { stdio: "ignore" },
        );
      }
      await until("Redis answers", async () => {
        const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
        client.on("error", () => undefined);
        try {
          await client.connect();
          await client.ping();
          return true;
        } finally {
          client.disconnect();
        }
      });
    },
    stop: async () => {
      const running = child;
      child = undefined;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      const gone = new Promise((resolve) => running.once("exit", resolve));
      running.kill("SIGKILL");
      await gone;
    },
    hang: () => child?.kill("SIGSTOP"),
    goOn: () => child?.kill("SIGCONT"),
    remove: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

export interface RedisCluster extends RedisServer {
  readonly nodes: readonly RedisServer[];
}

/** Three masters that share the slots; after the time they refuse everything where one is missed. */
export async function newRedisCluster(nodeTimeoutMs = 2_000): Promise<RedisCluster> {
  const nodes = await Promise.all(
    Array.from({ length: 3 }, async () => {
      // The bus listens 10,000 higher by default, which may be no port at all.
      const [port, bus] = [await freePort(), await freePort()];
      return await newRedis(
        [
          ...["--cluster-enabled", "yes", "--cluster-port", String(bus)],
          ...[
            "--cluster-node-timeout",
            String(nodeTimeoutMs),
            "--cluster-config-file",
            `nodes-${port}.conf`,
          ],
        ],
        port,
      );
    }),
  );
  const addresses = nodes.map((node) => `127.0.0.1:${node.port}`);
  execFileSync(
    "redis-cli",
    ["--cluster", "create", ...addresses, "--cluster-replicas", "0", "--cluster-yes"],
    { env: { ...process.env, REDISCLI_AUTH: redisPassword }, stdio: "pipe" },
  );
  const [first] = nodes;
  if (!first) throw new Error("no node");
  const each = async (run: (node: RedisServer) => Promise<void>) => {
    await Promise.all(nodes.map(run));
  };
  const settled = async () => {
    await until("the cluster is whole", async () => {
      const states = await Promise.all(nodes.map((node) => clusterState(node)));
      return states.every((state) => state.includes("cluster_state:ok"));
    });
  };
  await settled();
  return {
    url: first.url,
    port: first.port,
    start: async () => {
      await each((node) => node.start());
      await settled();
    },
    stop: () => each((node) => node.stop()),
    hang: () => {
      for (const node of nodes) node.hang();
    },
    goOn: () => {
      for (const node of nodes) node.goOn();
    },
    nodes,
    remove: () => each((node) => node.remove()),
  };
}

async function clusterState(node: RedisServer): Promise<string> {
  return await withRedis(node, async (client) => (await client.call("CLUSTER", "INFO")) as string);
}

export async function withRedis<T>(
  node: Pick<RedisServer, "url">,
  work: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = new Redis(node.url);
  client.on("error", () => undefined);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}
