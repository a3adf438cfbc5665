import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { cpuMeter } from "../server/metrics";
import { call, openDrop, until } from "./support/client";
import { freePort } from "./support/postgres";
import { needsRedis, newRedis, redisMissing } from "./support/redis";
import { scrape, sum } from "./support/scrape";
import { newSuite } from "./support/suite";

it("Prometheus: requests by status, queries, pool, memory", async () => {
  const suite = await newSuite("prometheus");
  const port = await freePort();
  const app = await suite.app({ METRICS: "prometheus", METRICS_PORT: String(port) });
  await openDrop(app, 1);
  for (let count = 0; count < 3; count += 1) await call(app, "/api/users/1/cards");
  await call(app, "/api/users/x/cards");
  const text = await until("the counts", async () => {
    const found = await scrape(port);
    return sum(found, "http_server_request_duration_seconds_count") >= 5 && found;
  });
  const requests = "http_server_request_duration_seconds_count";
  const cards = { http_route: "/api/users/:userId/cards" };
  expect(sum(text, requests, { ...cards, http_response_status_code: "200" })).toBe(3);
  expect(sum(text, requests, { ...cards, http_response_status_code: "400" })).toBe(1);
  expect(sum(text, requests, { http_response_status_code: "201" })).toBe(1);
  const buckets = "http_server_request_duration_seconds_bucket";
  for (const le of ["0.5", "2"]) expect(sum(text, buckets, { le })).toBeGreaterThan(0);
  const queries = "db_client_operation_duration_seconds_count";
  expect(sum(text, queries, { db_operation_name: "list_cards" })).toBe(3);
  expect(sum(text, queries, { db_operation_name: "open_drop" })).toBe(1);
  const pool = { db_client_connection_pool_name: "primary" };
  expect(sum(text, "db_client_connection_max", pool)).toBe(9);
  expect(
    sum(text, "db_client_connection_count", { ...pool, db_client_connection_state: "idle" }),
  ).toBeGreaterThan(0);
  expect(sum(text, "drops_opened_total")).toBe(1);
  expect(sum(text, "drops_dependency_up", { dependency: "postgres" })).toBe(1);
  expect(sum(text, "process_memory_usage_bytes")).toBeGreaterThan(20e6);
  expect(sum(text, "drops_process_up")).toBe(1);
  expect(sum(text, "process_cpu_utilization_ratio")).toBeGreaterThan(0);
  // Users and cards are no labels.
  expect(text).not.toContain("/users/1/");
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
});

it("the share of a CPU is that of the time between two readings", () => {
  const readings = [
    { spentMs: 500, atMs: 1_000 },
    { spentMs: 750, atMs: 2_000 },
    { spentMs: 3_750, atMs: 5_000 },
    { spentMs: 3_750, atMs: 65_000 },
    { spentMs: 3_750, atMs: 65_000 },
  ];
  const share = cpuMeter(() => readings.shift()!);
  expect([share(), share(), share(), share()]).toEqual([0.25, 1, 0, 0]);
});

it("reads the time that this process spent", () => {
  const share = cpuMeter();
  const until = performance.now() + 50;
  while (performance.now() < until);
  expect(share()).toBeGreaterThan(0);
});

it("Prometheus: workers of one cluster keep their counters apart", async () => {
  const suite = await newSuite("workers");
  const base = await freePort(2);
  const port = await freePort();
  // What PM2's cluster mode does: workers share the app's port, each knows its number.
  const manager = join(suite.dist, "..", "manager.cjs");
  writeFileSync(
    manager,
    `const cluster = require("node:cluster");
     cluster.setupPrimary({ exec: ${JSON.stringify(join(suite.dist, "index.js"))} });
     const fork = (worker) => cluster.fork({ NODE_APP_INSTANCE: worker });
     const [first] = ["0", "1"].map(fork);
     process.on("SIGUSR2", () => fork("0"));
     process.on("SIGHUP", () => first.process.kill("SIGKILL"));
     process.on("SIGTERM", () => process.exit());`,
  );
  const child = spawn(process.execPath, [manager], {
    env: {
      ...{ PATH: process.env["PATH"], DATABASE_URL: suite.url("drops_app"), PORT: String(port) },
      ...{ METRICS: "prometheus", METRICS_PORT: String(base), LOG_LEVEL: "warn" },
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  onTestFinished(() => void child.kill());
  const app = { url: `http://127.0.0.1:${port}` };
  const both = () => Promise.all([scrape(base), scrape(base + 1)]);
  await until("both listen", async () => {
    await both();
    return await call(app, "/healthz");
  });
  for (let count = 0; count < 30; count += 1) {
    await call(app, "/api/users/1/cards", { headers: { connection: "close" } });
  }
  const counted = { http_route: "/api/users/:userId/cards" };
  const [first, second] = await until("all are counted", async () => {
    const texts = await both();
    const counts = texts.map((text) =>
      sum(text, "http_server_request_duration_seconds_count", counted),
    );
    return counts[0]! + counts[1]! === 30 && texts;
  });
  expect(first).toContain('drops_worker="0"');
  expect(second).toContain('drops_worker="1"');
  expect(first).not.toContain('drops_worker="1"');
  // A reload: the new worker waits for the port of the old one instead of sharing it.
  const instanceOf = (text: string) => /service_instance_id="([^"]+)"/.exec(text)![1]!;
  child.kill("SIGUSR2");
  await until("the new one tries", () => output.includes("the metrics port is taken"));
  const during = await Promise.all(Array.from({ length: 10 }, () => scrape(base)));
  expect(new Set(during.map(instanceOf))).toEqual(new Set([instanceOf(first)]));
  child.kill("SIGHUP");
  await until(
    "the new one has the port",
    async () => instanceOf(await scrape(base)) !== instanceOf(first),
  );
});

it("OTLP: pushes to the endpoint with its headers", async () => {
  const suite = await newSuite("otlp");
  const bodies: Buffer[] = [];
  let authorization: string | undefined;
  let token: string | string[] | undefined;
  let status = 200;
  const receiver = createServer((request, response) => {
    authorization = request.headers.authorization;
    token = request.headers["x-drops-token"];
    request.on("data", (chunk: Buffer) => bodies.push(chunk));
    request.on("end", () => response.writeHead(status).end("{}"));
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void receiver.close());
  const { port } = receiver.address() as { port: number };
  const app = await suite.app({
    METRICS: "otlp",
    METRICS_INTERVAL_MS: "200",
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `http://127.0.0.1:${port}/v1/metrics`,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20push-secret,x-drops-token=a+push/secret==",
  });
  await openDrop(app, 1);
  const text = await until("a push", () => {
    const all = Buffer.concat(bodies).toString("latin1");
    return all.includes("drops.opened") && all;
  });
  expect(text).toContain("http.server.request.duration");
  expect(text).toContain("service.instance.id");
  expect([authorization, token]).toEqual(["Bearer push-secret", "a+push/secret=="]);
  // Refused time and again, taken again, refused again: each change is told once.
  const told = () => app.lines().filter(({ msg }) => msg.startsWith("metrics "));
  for (const [index, next] of [401, 200, 503].entries()) {
    status = next;
    await until(`what ${next} changes`, () => told().length === index + 1);
    const before = bodies.length;
    await until("two more pushes", () => bodies.length >= before + 2);
  }
  expect(told().map(({ level, msg }) => `${level}: ${msg}`)).toEqual([
    "warn: metrics cannot be delivered, trying again",
    "info: metrics are delivered again",
    "warn: metrics cannot be delivered, trying again",
  ]);
  expect(told()[0]).toMatchObject({ err: { message: expect.stringMatching(/\S/) } });
  receiver.closeAllConnections();
  receiver.close();
  // Nobody takes the metrics any more: the app goes on, and ends in time.
  expect((await openDrop(app, 1)).status).toBe(201);
  app.signal("SIGTERM");
  expect((await app.ended).code).toBe(0);
  expect(app.output()).not.toMatch(/push.secret/);
});

it("EMF: prints what CloudWatch reads, and the rest at the end", async () => {
  const suite = await newSuite("emf");
  const app = await suite.app({
    ...{ METRICS: "emf", METRICS_INTERVAL_MS: "60000", DROPS_STACK: "large" },
    ...{ DATABASE_REPLICA_URL: suite.url("drops_app"), DATABASE_POOL_MAX: "5" },
  });
  await openDrop(app, 1);
  await call(app, "/api/users/1/cards");
  await call(app, "/api/users/x/cards");
  app.signal("SIGTERM");
  await app.ended;
  const lines = app.lines().filter((line) => "_aws" in line) as any[];
  const of = (name: string) => lines.filter((line) => name in line);
  // Only what alarms and the dashboard look at becomes a metric: each costs.
  const published = lines.flatMap((line) =>
    line._aws.CloudWatchMetrics[0].Metrics.map(({ Name }: any) => Name as string),
  );
  expect([...new Set(published)].sort()).toEqual([
    "db.client.operation.duration",
    "drops.opened",
    "drops.process.up",
    "drops.websocket.connections",
  ]);
  const queries = of("db.client.operation.duration");
  expect(queries.map((line) => line["db.client.connection.pool.name"]).sort()).toEqual([
    "primary",
    "replica",
  ]);
  const [primary] = queries.filter((line) => line["db.client.connection.pool.name"] === "primary");
  expect(primary._aws).toEqual({
    Timestamp: expect.any(Number),
    CloudWatchMetrics: [
      {
        Namespace: "Drops",
        Dimensions: [["Service", "Stack", "db.client.connection.pool.name"]],
        Metrics: [{ Name: "db.client.operation.duration", Unit: "Seconds" }],
      },
    ],
  });
  expect(primary).toMatchObject({ Service: "drops", Stack: "large" });
  const { Values, Counts, Min, Max, Sum, Count } = primary["db.client.operation.duration"];
  expect(Count).toBeGreaterThan(0);
  expect(Counts.reduce((a: number, b: number) => a + b)).toBe(Count);
  expect(Values).toHaveLength(Counts.length);
  for (const value of Values) expect(value >= Min && value <= Max).toBe(true);
  expect(Sum).toBeGreaterThan(0);
  expect(of("drops.opened")[0]["drops.opened"]).toBe(1);
  expect(of("drops.opened")[0]._aws.CloudWatchMetrics[0].Dimensions).toEqual([
    ["Service", "Stack"],
  ]);
  // The rest is in one line, to be searched for.
  const all = app.lines().filter(({ msg }) => msg === "metrics") as any[];
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({ level: "info", Service: "drops", Stack: "large" });
  const { metrics } = all[0];
  const answers = "http.server.request.duration";
  expect(metrics[`${answers}{http.response.status_class=2xx}`]).toMatchObject({ count: 2 });
  expect(metrics[`${answers}{http.response.status_class=4xx}`]).toMatchObject({ count: 1 });
  expect(metrics["process.memory.usage"]).toBeGreaterThan(20e6);
  // A replica's pool is another one, with numbers of its own.
  const pool = (name: string, state: string) =>
    `db.client.connection.count{db.client.connection.pool.name=${name},db.client.connection.state=${state}}`;
  for (const name of ["primary", "replica"]) {
    for (const state of ["used", "idle"]) expect(metrics).toHaveProperty([pool(name, state)]);
  }
});

it("EMF: a worker's lines are told apart by its service", async () => {
  const suite = await newSuite("emf_worker");
  const worker = await suite.worker({
    ...{ METRICS: "emf", METRICS_INTERVAL_MS: "200", DROPS_STACK: "large" },
  });
  const told = () =>
    worker.lines().filter(({ msg }) => msg === "metrics") as { metrics?: Record<string, number> }[];
  await until("a sweep", () =>
    told().some(({ metrics }) => (metrics?.["drops.background.sweeps{result=done}"] ?? 0) > 0),
  );
  const [up] = worker.lines().filter((line) => "drops.process.up" in line) as any[];
  expect(up).toMatchObject({ "drops.process.up": 1, Service: "drops-worker", Stack: "large" });
  const [{ Dimensions, Metrics }] = up._aws.CloudWatchMetrics;
  expect(Dimensions).toEqual([["Service", "Stack"]]);
  expect(Metrics).toEqual([{ Name: "drops.process.up", Unit: "Count" }]);
});

it.skipIf(redisMissing)(`counts what the cache did${needsRedis}`, async () => {
  const suite = await newSuite("cachecounts");
  const redis = await newRedis();
  onTestFinished(() => redis.remove());
  const port = await freePort();
  const app = await suite.app({
    ...{ REDIS_URL: redis.url, METRICS: "prometheus", METRICS_PORT: String(port) },
  });
  await until("Redis is up", async () => (await call(app, "/readyz")).body.checks.redis === "up");
  for (let count = 0; count < 4; count += 1) await call(app, "/api/users/1/cards");
  const text = await scrape(port);
  expect(sum(text, "drops_cache_requests_total", { result: "miss" })).toBe(1);
  expect(sum(text, "drops_cache_requests_total", { result: "hit" })).toBe(3);
});
