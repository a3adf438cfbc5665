import { expect, it } from "vitest";
import { readConfig, readWorkerConfig } from "../server/config";

const url = "postgresql://drops_app:p%40ss-word@db.example:25060/drops";

it("leaves background work to a worker where it is told to", () => {
  const worksWith = (work: string) =>
    readConfig({ DATABASE_URL: url, BACKGROUND_WORK: work }).backgroundWork;
  expect([worksWith("on"), worksWith("off"), worksWith(" ")]).toEqual([true, false, true]);
});

it("tells a worker no more than it needs", () => {
  const config = readWorkerConfig({
    ...{ DATABASE_URL: url, DATABASE_REPLICA_URL: "nonsense", REDIS_URL: "nonsense" },
    ...{ PORT: "nonsense", TRUST_PROXY: "nonsense", SHUTDOWN_DELAY_MS: "90000" },
    ...{ IDEMPOTENCY_HOURS: "24", SWEEP_INTERVAL_MS: "5000" },
  });
  expect(config).toMatchObject({
    ...{ idempotencyHours: 24, sweepIntervalMs: 5_000 },
    database: { poolMax: 2, replica: undefined },
    shutdown: { timeoutMs: 25_000 },
  });
  expect(Object.keys(config)).not.toContain("redis");
});

it("pushes by remote-write, with its headers as OpenTelemetry writes them", () => {
  const { metrics, secrets } = readConfig({
    ...{ DATABASE_URL: url, METRICS: "remote-write" },
    REMOTE_WRITE_URL: "http://10.120.0.5:4318/api/v1/write",
    REMOTE_WRITE_HEADERS: "x-drops-token=a-token%3D%3D",
  });
  expect(metrics).toMatchObject({
    pushUrl: "http://10.120.0.5:4318/api/v1/write",
    pushHeaders: { "x-drops-token": "a-token==" },
  });
  expect(secrets).toContain("a-token==");
});

it("keeps the header's name as Node has it", () => {
  const config = readConfig({ DATABASE_URL: url, VISITOR_IP_HEADER: "X-Drops-Visitor-IP" });
  expect(config.visitorHeader).toBe("x-drops-visitor-ip");
});
