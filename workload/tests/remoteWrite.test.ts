import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { createLogger } from "../server/log";
import { RemoteWriteExporter } from "../server/remoteWrite";
import { STALE, writeRequest } from "../server/remoteWriteFormat";
import { tellFailures } from "../server/pushFailures";
import { openDrop, call, until } from "./support/client";
import { needsPrometheus, newPrometheus, prometheusMissing } from "./support/prometheus";
import { newSuite } from "./support/suite";

describe("the format", () => {
  const series = (value: number | typeof STALE, at: number) =>
    writeRequest([{ labels: [["__name__", "a"]], samples: [{ value, at }] }]).toString("hex");

  it("is Protocol Buffers in Snappy's frame, byte by byte", () => {
    // Of the frame: 30 bytes in all, one literal of 30. Then a series with a label and a sample.
    const label = "0a0d" + "0a085f5f6e616d655f5f" + "120161";
    expect(series(1, 1)).toBe(`1ef41d000a1c${label}120b09000000000000f03f1001`);
    expect(series(STALE, 1)).toContain("09020000000000f07f");
    // Larger than 32 bits.
    expect(series(1, 1_795_858_519_722)).toMatch(/10aaad898ca234$/);
  });

  it("takes more than one literal can hold", () => {
    const labels = [["__name__", "x".repeat(100_000)]] as const;
    const body = writeRequest([{ labels, samples: [] }]);
    // The length first, then 65,536 bytes and the rest, each with its own head.
    expect([...body.subarray(0, 6)]).toEqual([0xb6, 0x8d, 0x06, 61 << 2, 0xff, 0xff]);
    expect(body[6 + 65_536]).toBe(61 << 2);
    expect(body.length).toBe(3 + 100_022 + 2 * 3);
  });
});

/** A receiver that answers as it is told, and what it was asked. */
async function receiver() {
  const asked: { path: string; headers: Record<string, unknown>; bytes: number }[] = [];
  let status = 204;
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on("data", (chunk: Buffer) => (bytes += chunk.length));
    request.on("end", () => {
      asked.push({ path: request.url ?? "", headers: request.headers, bytes });
      response.writeHead(status, { location: "/elsewhere" }).end("no, never\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/api/v1/write`,
    asked,
    answer: (now: number) => (status = now),
  };
}

it("pushes with its headers, tells each change once, and keeps its key to itself", async () => {
  const suite = await newSuite("remote_write");
  const { url, asked, answer } = await receiver();
  const app = await suite.app({
    ...{ METRICS: "remote-write", METRICS_INTERVAL_MS: "200", REMOTE_WRITE_URL: url },
    REMOTE_WRITE_HEADERS: "x-drops-token=a-secret-token%3D%3D",
  });
  await until("a push", () => asked.length > 0);
  expect(asked[0]!.headers).toMatchObject({
    "x-drops-token": "a-secret-token==",
    "content-type": "application/x-protobuf",
    "content-encoding": "snappy",
    "x-prometheus-remote-write-version": "0.1.0",
  });
  expect(asked[0]!.bytes).toBeGreaterThan(500);
  const told = () => app.lines().filter(({ msg }) => msg.startsWith("metrics "));
  for (const [index, next] of [403, 204, 302].entries()) {
    answer(next);
    await until(`what ${next} changes`, () => told().length === index + 1);
    const before = asked.length;
    await until("two more pushes", () => asked.length >= before + 2);
  }
  expect(told()[0]).toMatchObject({
    level: "warn",
    err: { message: "the receiver answers 403: no, never" },
  });
  // Not followed: the key would go along.
  expect(new Set(asked.map(({ path }) => path))).toEqual(new Set(["/api/v1/write"]));
  expect(told()[2]).toMatchObject({ level: "warn", msg: told()[0]!.msg });
  expect((await openDrop(app, 1)).status).toBe(201);
  app.signal("SIGTERM");
  expect((await app.ended).code).toBe(0);
  expect(app.output()).not.toContain("a-secret-token");
});

describe.skipIf(prometheusMissing)(`a real Prometheus${needsPrometheus}`, () => {
  it("takes what web and worker push, by the names that a scrape has", async () => {
    const prometheus = await newPrometheus();
    const suite = await newSuite("real_prometheus");
    const env = {
      ...{ METRICS: "remote-write", METRICS_INTERVAL_MS: "300", DROPS_STACK: "medium" },
      REMOTE_WRITE_URL: prometheus.writeUrl,
    };
    const app = await suite.app({ ...env, BACKGROUND_WORK: "off" });
    const worker = await suite.worker({ ...env, SWEEP_INTERVAL_MS: "100" });
    await openDrop(app, 1);
    await call(app, "/api/users/x/cards");
    const jobs = async (name: string) =>
      (await prometheus.query(name)).map(({ metric }) => metric["job"]).sort();
    for (const name of ["drops_process_up", "process_memory_usage_bytes", "drops_control_mode"]) {
      await until(name, async () => (await jobs(name)).length === 2);
      expect(await jobs(name)).toEqual(["medium/drops", "medium/drops-worker"]);
    }
    expect(await jobs("process_cpu_utilization_ratio")).toHaveLength(2);
    expect(await jobs("drops_background_last_sweep_age_seconds")).toEqual(["medium/drops-worker"]);
    // A counter begins at 0, or its first rise would not be seen.
    const first = async (name: string) => {
      const [found] = await prometheus.query(`${name}[5m]`);
      return found?.values?.slice(0, 2).map(([, value]) => value);
    };
    await until("drops opened", async () => (await first("drops_opened_total"))?.length === 2);
    expect(await first("drops_opened_total")).toEqual(["0", "1"]);
    const failed = 'http_server_request_duration_seconds_count{http_response_status_class="4xx"}';
    expect(await first(failed)).toEqual(["0", "1"]);
    const quantile =
      "histogram_quantile(0.9, rate(http_server_request_duration_seconds_bucket[5m]))";
    expect(Number((await prometheus.query(quantile))[0]?.value?.[1])).toBeGreaterThan(0);
    const done = 'increase(drops_background_sweeps_total{result="done"}[5m])';
    await until("sweeps", async () => Number((await prometheus.query(done))[0]?.value?.[1]) >= 2);
    // Who ends is gone at once, and not five minutes later; who does not goes on.
    worker.signal("SIGTERM");
    expect((await worker.ended).code).toBe(0);
    await until("the worker's series end", async () => {
      const left = await jobs("drops_process_up");
      return left.length === 1 && left[0] === "medium/drops";
    });
    expect(app.lines().filter(({ level }) => level === "warn")).toEqual([]);
  });

  it("takes them again after it was away, whatever was counted meanwhile", async () => {
    const prometheus = await newPrometheus();
    const lines: string[] = [];
    const destination = { write: (line: string) => lines.push(line) };
    const log = createLogger({ level: "info", base: {}, secrets: [], destination });
    const exporter = new RemoteWriteExporter({
      ...{ url: prometheus.writeUrl, headers: {}, timeoutMs: 1_000 },
    });
    const reader = new PeriodicExportingMetricReader({
      ...{ exporter: tellFailures(exporter, log), exportIntervalMillis: 3_600_000 },
    });
    const provider = new MeterProvider({
      readers: [reader],
      resource: resourceFromAttributes({ "service.name": "x", "service.instance.id": "1" }),
    });
    onTestFinished(() => provider.shutdown().catch(() => undefined));
    const counter = provider.getMeter("test").createCounter("test.things");
    const values = async (kind: string) => {
      const [found] = await prometheus.query(`test_things_total{kind="${kind}"}[5m]`);
      return found?.values?.map(([, value]) => Number(value));
    };
    counter.add(1, { kind: "old" });
    await reader.forceFlush();
    expect(await values("old")).toEqual([0, 1]);
    await prometheus.pause();
    counter.add(2, { kind: "old" });
    counter.add(5, { kind: "new" });
    await reader.forceFlush().catch(() => undefined);
    prometheus.goOn();
    await reader.forceFlush();
    expect((await values("old"))?.at(-1)).toBe(3);
    expect((await values("new"))?.at(-1)).toBe(5);
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      "metrics cannot be delivered, trying again",
      "metrics are delivered again",
    ]);
  });
});
