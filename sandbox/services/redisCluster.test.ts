import { Cluster, Redis } from "ioredis";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openAuthority } from "../certificates";
import type { CertificateAuthority } from "../contracts";
import { checkout } from "../places";
import { whoListens } from "./ports";
import { startOf } from "./processTable";
import { newValkeyService, type ValkeyService } from "./redis";
import { findRedis, redisAdvice } from "./redisProgram";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const directory = mkdtempSync(join(tmpdir(), "drops-valkey-cluster-"));
let authority: CertificateAuthority;
beforeAll(async () => {
  authority = await openAuthority(join(directory, "authority"), "Drops sandbox");
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

it("is recorded shard by shard where no redis-server is installed", async () => {
  const service = newValkeyService({
    ...{ directory: join(directory, "recorded"), authority, find: () => undefined },
    log: () => undefined,
  });
  await service.ensure("one", { shards: 3 });
  const whats = service.statuses().map(({ what, state }) => `${what}: ${state}`);
  expect(whats).toEqual([1, 2, 3].map((shard) => `Valkey, shard ${shard} of 3: recorded`));
  await service.remove("one");
});

const installed = findRedis();
const usable = installed?.hasTls === true && installed.hasClusterPort;
if (!usable && process.env["REQUIRE_ALL"] === "1") {
  it("has a redis-server for clusters", () => {
    throw new Error(`not run, there is no redis-server 7 with TLS: ${redisAdvice}`);
  });
}

describe.skipIf(!usable)(`a cluster (or not run: ${redisAdvice})`, () => {
  const keys = Array.from({ length: 60 }, (_, index) => `key:${index}`);
  const own = () =>
    newValkeyService({
      ...{ directory: join(directory, "with spaces"), authority },
      log: () => undefined,
    });
  let service: ValkeyService;
  let access: Awaited<ReturnType<ValkeyService["ensure"]>>;
  beforeAll(async () => {
    service = own();
    access = await service.ensure("one", { shards: 3 });
  });
  afterAll(async () => {
    await service.stopAll();
  });
  const redisOptions = () => ({
    ...{ username: access.user, password: access.password },
    tls: { ca: authority.certificate },
  });
  const withCluster = async <T>(work: (cluster: Cluster) => Promise<T>): Promise<T> => {
    const cluster = new Cluster([{ host: access.host, port: access.port }], {
      redisOptions: redisOptions(),
    });
    try {
      return await work(cluster);
    } finally {
      cluster.disconnect();
    }
  };
  /** Of one shard, asked alone. */
  const ask = async (port: number, name: string, ...args: string[]): Promise<unknown> => {
    const client = new Redis({ host: access.host, port, ...redisOptions() });
    try {
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  };
  const ports = () => service.statuses().flatMap((status) => status.ports ?? []);
  const clientPorts = () => service.statuses().flatMap((status) => status.ports?.[0] ?? []);
  const pids = () => service.statuses().flatMap(({ pid }) => pid ?? []);

  /** Another cloud starts what there is, and is killed. */
  const orphansOfKilledCloud = async (): Promise<readonly number[]> => {
    const script = `
      const { newValkeyService } = require("./sandbox/services/redis.ts");
      const { openAuthority } = require("./sandbox/certificates.ts");
      openAuthority(${JSON.stringify(join(directory, "authority"))}, "x").then(async (authority) => {
        const service = newValkeyService({ authority, log() {},
          directory: ${JSON.stringify(join(directory, "with spaces"))} });
        await service.startAll();
        console.log(JSON.stringify(service.statuses().map(({ pid }) => pid)));
        setInterval(() => undefined, 1000);
      });`;
    const cloud = spawn(process.execPath, ["--require", "tsx/cjs", "-e", script], {
      ...{ cwd: checkout, stdio: ["ignore", "pipe", "inherit"] },
    });
    const [text] = (await once(cloud.stdout, "data")) as [Buffer];
    cloud.kill("SIGKILL");
    await once(cloud, "exit");
    return JSON.parse(text.toString()) as number[];
  };

  it("has three shards in the status, each with its port and one for the others", async () => {
    expect(service.statuses()).toMatchObject(
      [1, 2, 3].map((shard) => ({
        ...{ resource: "one", state: "running", ports: [expect.any(Number), expect.any(Number)] },
        what: `${installed?.what ?? ""}, shard ${shard} of 3`,
      })),
    );
    expect(new Set(pids()).size).toBe(3);
    expect(access.port).toBe(clientPorts()[0]);
    const before = pids();
    expect(await service.ensure("one", { shards: 3 })).toEqual(access);
    expect(pids()).toEqual(before);
  });

  it("spreads keys over all shards, for a cluster's client", async () => {
    await withCluster(async (cluster) => {
      for (const key of keys) expect(await cluster.set(key, `${key}!`)).toBe("OK");
      expect(cluster.nodes("master")).toHaveLength(3);
    });
    const sizes = await Promise.all(clientPorts().map((port) => ask(port, "DBSIZE")));
    expect(sizes.every((size) => Number(size) > 5)).toBe(true);
    expect(sizes.reduce<number>((sum, size) => sum + Number(size), 0)).toBe(keys.length);
  });

  it("answers over TLS alone, to those who know the password, and nobody moves its slots", async () => {
    const [port = 0] = clientPorts();
    const plain = new Redis({ port, retryStrategy: () => null, lazyConnect: true });
    plain.on("error", () => undefined);
    await expect(plain.connect().then(() => plain.ping())).rejects.toThrow();
    plain.disconnect();
    for (const command of ["RESET", "FAILOVER", "FLUSHSLOTS"]) {
      await expect(ask(port, "CLUSTER", command)).rejects.toThrow(/NOPERM/);
    }
  });

  it("serves the workload's own client in cluster mode", async () => {
    const ca = join(directory, "ca.pem");
    writeFileSync(ca, authority.certificate);
    const script = `
      const { openCommands, openSubscriber } = require("./workload/server/redis.ts");
      const log = { info() {}, warn(_, text) { console.error(text); } };
      const config = { mode: "cluster", url: new URL(process.env.REDIS_URL) };
      const commands = openCommands(config, log);
      commands.once("ready", async () => {
        const values = await Promise.all(${JSON.stringify(keys)}.map((key) => commands.get(key)));
        const subscriber = openSubscriber(config, commands, log);
        await subscriber.subscribe("drops");
        const heard = new Promise((resolve) => subscriber.once("message", (_, text) => resolve(text)));
        await commands.publish("drops", "hello");
        console.log(JSON.stringify({ values, heard: await heard }));
        process.exit();
      });`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--require", "tsx/cjs", "-e", script],
      {
        cwd: checkout,
        timeout: 30_000,
        env: {
          NODE_EXTRA_CA_CERTS: ca,
          REDIS_URL: `rediss://${access.user}:${access.password}@${access.host}:${access.port}`,
        },
      },
    );
    expect(JSON.parse(stdout)).toEqual({ values: keys.map((key) => `${key}!`), heard: "hello" });
  });

  it("serves the keys of the others while a shard is away, which comes back by itself", async () => {
    const [victim = 0] = pids();
    process.kill(victim, "SIGKILL");
    await vi.waitFor(
      () => {
        expect(service.statuses().map(({ state }) => state)).toEqual([
          ...["failing", "running", "running"],
        ]);
      },
      { timeout: 3_000, interval: 20 },
    );
    expect(await ask(clientPorts()[1] ?? 0, "CLUSTER", "INFO")).toContain("cluster_state:ok");
    expect(await service.ensure("one", { shards: 3 })).toEqual(access);
    expect(pids()).toHaveLength(3);
    await withCluster(async (cluster) => {
      expect(await cluster.set("after", "yes")).toBe("OK");
    });
  });

  it("keeps its number of shards", async () => {
    await expect(service.ensure("one", {})).rejects.toThrow("has 3 shards, and keeps them");
  });

  it("takes the passwords that are given, both while one follows the other, and keeps its keys", async () => {
    const asked = async (password: string): Promise<unknown> => {
      const [port = 0] = clientPorts();
      const client = new Redis({ ...redisOptions(), port, password, retryStrategy: () => null });
      client.on("error", () => undefined);
      try {
        return await client.ping();
      } finally {
        client.disconnect();
      }
    };
    const own = access;
    const at = { host: access.host, port: access.port, user: "default" };
    for (const passwords of [["the-first-token"], ["the-second-token", "the-first-token"]]) {
      access = await service.ensure("one", { shards: 3, passwords });
      expect(access).toEqual({ ...at, password: passwords[0] });
      for (const password of passwords) expect(await asked(password)).toBe("PONG");
      await expect(asked(own.password)).rejects.toThrow(/WRONGPASS/);
    }
    await withCluster(async (cluster) => {
      expect(await cluster.get("after")).toBe("yes");
    });
    await service.ensure("one", { shards: 3, passwords: [] });
    expect(await asked("whatever")).toBe("PONG");
    access = await service.ensure("one", { shards: 3, passwords: [own.password] });
    expect(access).toEqual(own);
    await expect(asked("whatever")).rejects.toThrow(/WRONGPASS/);
  });

  it("is adopted with its data after the cloud was killed, and removed without a trace", async () => {
    await withCluster(async (cluster) => {
      for (const key of keys) await cluster.set(key, key);
    });
    await service.stopAll();
    const orphans = await orphansOfKilledCloud();
    expect(orphans.filter((pid) => startOf(pid) !== undefined)).toHaveLength(3);
    service = own();
    await service.startAll();
    expect(orphans.filter((pid) => startOf(pid) !== undefined)).toEqual([]);
    expect(await service.ensure("one", { shards: 3 })).toEqual(access);
    await withCluster(async (cluster) => {
      for (const key of keys) expect(await cluster.get(key)).toBe(key);
    });
    const listening = ports();
    expect(listening).toHaveLength(6);
    await service.remove("one");
    for (const port of listening) expect(await whoListens(port)).toBeUndefined();
    expect(existsSync(join(directory, "with spaces/one"))).toBe(false);
    expect(service.statuses()).toEqual([]);
  });
});
