import { execFileSync, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { buildServer } from "../build";
import { parseIndexes } from "../server/indexes";
import { defaultPlan, seed } from "../seed/generate";
import { newDatabase, newPostgres, query, urlOf, withClient } from "../tests/support/postgres";
import { type App, runMigrate, startApp } from "../tests/support/programs";
import { newRedis, redisMissing, type RedisServer } from "../tests/support/redis";
import { call, until } from "../tests/support/client";
import { type Cores, divideCores, pin } from "./cores";
import type { LoadPlan, LoadResult } from "./load";

/*
 * Measures one process of the app on one core, against Postgres and Redis on the same machine:
 * `npm run bench [-- SECONDS]`. The load and the databases share the other cores, where `taskset` is.
 */

/** 20 cards each: a million. */
const USERS = 50_000;
const HOT_USERS = 500;
const seconds = Number(process.argv[2] ?? 6);

interface Case {
  readonly name: string;
  readonly redis: boolean;
  readonly index: boolean;
  readonly load: Pick<LoadPlan, "kind" | "users" | "connections">;
}

const read = { kind: "read", users: USERS, connections: 32 } as const;
const hot = { ...read, users: HOT_USERS };
const write = { ...read, kind: "write" } as const;
const cases: readonly Case[] = [
  { name: "read, any of 50,000 users", redis: false, index: true, load: read },
  { name: "read, any of 50,000 users", redis: true, index: true, load: read },
  { name: "read, 500 busy users", redis: false, index: true, load: hot },
  { name: "read, 500 busy users", redis: true, index: true, load: hot },
  { name: "open a drop", redis: false, index: true, load: write },
  { name: "open a drop", redis: true, index: true, load: write },
  { name: "read, any of 50,000 users", redis: false, index: false, load: read },
  { name: "read, 500 busy users", redis: true, index: false, load: hot },
];

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "drops-bench-"));
  const dist = join(directory, "dist");
  await buildServer(dist);
  const cores = divideCores();
  // Before anything is started: the databases and the load inherit it.
  if (cores) pin(process.pid, cores.rest);
  const postgres = await newPostgres(["-c", "shared_buffers=512MB", "-c", "synchronous_commit=on"]);
  const redis = redisMissing ? undefined : await newRedis();
  try {
    const owner = urlOf(postgres.port, "drops", "drops_owner");
    await newDatabase(postgres.port, "drops");
    await runMigrate(dist, { MIGRATION_DATABASE_URL: owner });
    const { cards } = await withClient(urlOf(postgres.port, "drops", "drops_app"), (client) =>
      seed(client, { ...defaultPlan, users: USERS }),
    );
    await query(owner, "VACUUM ANALYZE user_cards");
    const load = `load average of this machine ${(loadavg()[0] ?? 0).toFixed(1)}`;
    print(
      `${cards} cards, ${seconds} s a case, Node ${process.version}, ${cpus().length} cores, ${load}`,
    );
    print(
      cores
        ? `the app alone on core ${cores.app}; Postgres, Redis and the load on ${cores.rest}`
        : "NOT on one core: taskset is missing, or there is one core only; everything shares all of them",
    );
    print(row("case", "Redis", "index", "req/s", "p50 ms", "p95 ms", "failed", "idle", "MiB"));
    for (const each of cases) {
      if (each.redis && !redis) continue;
      await setIndex(owner, each.index);
      print(await measure(each, dist, urlOf(postgres.port, "drops", "drops_app"), redis, cores));
    }
  } finally {
    await postgres.remove();
    await redis?.remove();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(
  each: Case,
  dist: string,
  databaseUrl: string,
  redis: RedisServer | undefined,
  cores: Cores | undefined,
): Promise<string> {
  const env = {
    ...{ DATABASE_URL: databaseUrl, LOG_LEVEL: "info", NODE_ENV: "production" },
    ...(each.redis && redis && { REDIS_URL: redis.url }),
  };
  const app = await startApp(dist, env, { keepOutput: false });
  try {
    if (cores) pin(app.pid, cores.app);
    if (each.redis) {
      await until("Redis", async () => (await call(app, "/readyz")).body.checks.redis === "up");
    }
    const idle = residentMib(app);
    await run({ ...each.load, port: app.port, seconds: 1 });
    const result = await run({ ...each.load, port: app.port, seconds });
    return row(
      ...[each.name, each.redis ? "yes" : "no", each.index ? "yes" : "no"],
      ...[result.perSecond, result.p50Ms, result.p95Ms, result.failed].map(String),
      ...[idle, residentMib(app)].map(String),
    );
  } finally {
    await app.stop();
  }
}

/** The load has a process of its own, so that its work is not the app's. */
async function run(plan: LoadPlan): Promise<LoadResult> {
  const child = fork(join(__dirname, "load.ts"), [JSON.stringify(plan)], {
    execArgv: ["--import", "tsx"],
  });
  return await new Promise((resolve, reject) => {
    child.once("message", (result) => {
      resolve(result as LoadResult);
    });
    child.once("exit", (code) => {
      reject(new Error(`the load ended with ${code ?? "a signal"}`));
    });
  });
}

async function setIndex(owner: string, wanted: boolean): Promise<void> {
  const text = readFileSync(join(__dirname, "../database-indexes.sql"), "utf8");
  const index = parseIndexes(text).find(({ name }) => name === "idx_user_cards_user_id");
  await query(owner, wanted && index ? index.sql : "DROP INDEX IF EXISTS idx_user_cards_user_id");
}

function residentMib(app: App): number {
  return Math.round(Number(execFileSync("ps", ["-o", "rss=", "-p", String(app.pid)])) / 1_024);
}

function row(name: string, ...rest: readonly string[]): string {
  return name.padEnd(28) + rest.map((text) => text.padStart(8)).join("");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main();
