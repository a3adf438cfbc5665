import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chances, draw, packs, rarities } from "../server/catalogue";
import { readConfig, readMigrateConfig } from "../server/config";
import { parseControl } from "../server/control";
import { type ConfigError } from "../server/env";
import { classify, HttpError, toHttpError } from "../server/errors";
import { createLogger, scrubber } from "../server/log";

const url = "postgresql://drops_app:p%40ss-word@db.example:25060/drops";

function problems(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

describe("the environment", () => {
  it("needs a database and nothing else", () => {
    const config = readConfig({ DATABASE_URL: url });
    expect(config).toMatchObject({
      ...{ port: 3000, redis: undefined, worker: 0, trustProxy: "loopback" },
      database: { poolMax: 10, statementTimeoutMs: 5_000, replica: undefined },
      metrics: { mode: "none", port: 9_464 },
      shutdown: { delayMs: 2_000, timeoutMs: 25_000 },
    });
  });

  it("understands what every tier hands over", () => {
    const config = readConfig({
      ...{ NODE_ENV: "production", PORT: "8080", PUBLIC_URL: "https://drops.example" },
      ...{ DROPS_TIER: "large", DROPS_STACK: "large", DATABASE_POOL_MAX: "3" },
      ...{ REDIS_MODE: "cluster", REDIS_URL: "rediss://:x@cache.example:6379" },
      ...{ DATABASE_URL: url, DATABASE_REPLICA_URL: url, NODE_APP_INSTANCE: "2" },
    });
    expect(config).toMatchObject({
      port: 8080,
      tier: "large",
      worker: 2,
      redis: { mode: "cluster" },
    });
    expect(config.database.poolMax).toBe(3);
    expect(config.secrets).toEqual(["p%40ss-word", "p@ss-word"]);
  });

  it("counts empty as not set", () => {
    expect(
      readConfig({ DATABASE_URL: url, DATABASE_CA: "", REDIS_URL: " " }).redis,
    ).toBeUndefined();
  });

  it.each([
    [{}, "DATABASE_URL: not set"],
    [{ DATABASE_URL: "postgresql:///drops" }, "DATABASE_URL: not a URL"],
    [
      { DATABASE_URL: `${url}?sslmode=prefer` },
      "sslmode=prefer would fall back to plain text unseen",
    ],
    [{ DATABASE_URL: `${url}?sslmode=yes` }, 'sslmode is "yes", allowed is disable, require'],
    [{ DATABASE_URL: `${url}?sslrootcert=/ca.pem` }, "put the PEM text into DATABASE_CA"],
    [{ DATABASE_URL: url, REDIS_MODE: "single" }, "REDIS_URL: not set"],
    [
      { DATABASE_URL: url, REDIS_URL: "http://x" },
      "REDIS_URL: not a URL that starts with redis://",
    ],
    [{ DATABASE_URL: url, METRICS: "otlp" }, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: not set"],
    [{ DATABASE_URL: url, PORT: "3000.5" }, 'PORT: got "3000.5", allowed is a whole number'],
    [{ DATABASE_URL: url, WS_HEARTBEAT_MS: "60000" }, "WS_HEARTBEAT_MS: got"],
    [{ DATABASE_URL: url, LOG_LEVEL: "loud" }, "LOG_LEVEL: got"],
  ])("%o", (env, message) => {
    expect(problems(env as Record<string, string>)).toEqual([expect.stringContaining(message)]);
  });

  it("refuses an authority for a connection without TLS", () => {
    const env = {
      DATABASE_URL: `${url}?sslmode=disable`,
      DATABASE_CA: "-----BEGIN CERTIFICATE-----",
    };
    expect(problems(env)).toEqual([expect.stringContaining("contradicts DATABASE_CA")]);
  });

  it("migrations need the owner's URL", () => {
    expect(() => readMigrateConfig({ DATABASE_URL: url })).toThrow(
      "MIGRATION_DATABASE_URL: not set",
    );
    expect(readMigrateConfig({ MIGRATION_DATABASE_URL: url }).appRole).toBe("drops_app");
  });
});

it("the README names every variable that is read, and no other", () => {
  const read = (file: string) => readFileSync(join(__dirname, "..", file), "utf8");
  const source = read("server/config.ts");
  const known = [...source.matchAll(/"([A-Z][A-Z0-9]*_[A-Z0-9_]+|PORT|HOST|METRICS)"/g)];
  const [, table] = read("README.md").split("## Environment");
  const told = table!.split("## Measured")[0]!.matchAll(/^\| (`.*?) +\|/gm);
  const names = [...told].flatMap(([, cell]) => cell!.match(/[A-Z0-9_]+/g) ?? []);
  expect([...new Set(names)].sort()).toEqual([...new Set(known.map(([, name]) => name))].sort());
});

describe("TLS to Postgres", () => {
  const ssl = (parameters: string, more: Record<string, string> = {}, host = "db.example") =>
    readConfig({ DATABASE_URL: url.replace("db.example", host) + parameters, ...more }).database
      .primary;
  const ca = { DATABASE_CA: "-----BEGIN CERTIFICATE-----\nx" };
  it.each([
    ["", {}, "db.example", { servername: "db.example" }],
    ["", {}, "localhost", false],
    ["", {}, "127.0.0.1", false],
    ["", {}, "[::1]", false],
    ["?sslmode=disable", {}, "db.example", false],
    ["?sslmode=require", {}, "db.example", { servername: "db.example", rejectUnauthorized: false }],
    ["?sslmode=no-verify", {}, "10.0.0.1", { rejectUnauthorized: false }],
    ["?sslmode=verify-full", {}, "db.example", { servername: "db.example" }],
    ["?sslmode=require", ca, "db.example", { servername: "db.example", ca: ca.DATABASE_CA }],
    ["", ca, "127.0.0.1", { ca: ca.DATABASE_CA }],
  ] as const)("%s %o %s", (parameters, more, host, expected) => {
    const target = ssl(parameters, more, host);
    expect(target.ssl).toEqual(expected);
    expect(target.connectionString).not.toContain("ssl");
  });

  it("keeps other parameters", () => {
    expect(ssl("?sslmode=require&options=-csearch_path%3Dx").connectionString).toMatch(
      /drops\?options=-csearch_path%3Dx$/,
    );
  });
});

describe("secrets in logs", () => {
  const clean = scrubber(["hunter2-hunter2", 'qu"ote']);
  it.each([
    ["plain hunter2-hunter2 text", "plain [secret] text"],
    [JSON.stringify({ a: 'qu"ote' }), '{"a":"[secret]"}'],
    ["at postgres://u:other@h/d now", "at postgres://u:[secret]@h/d now"],
    ["rediss://:x@h", "rediss://:[secret]@h"],
    ["https://example.com/a:b@c", "https://example.com/a:b@c"],
    ["nothing", "nothing"],
  ])("%s", (text, expected) => {
    expect(clean(text)).toBe(expected);
  });
});

it("no line of the log shows a secret, wherever it came from", () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const log = createLogger({ level: "info", base: {}, secrets: ["hunter2-hunter2"], destination });
  const cause = new Error("postgresql://u:other-password@h/d refused hunter2-hunter2");
  log.error({ err: new Error("failed with hunter2-hunter2", { cause }) }, "hunter2-hunter2");
  log.info({ nested: { url: "redis://:third-password@h" } }, "fine");
  expect(lines).toHaveLength(2);
  expect(lines.join("")).not.toMatch(/hunter2|other-password|third-password/);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    ...{ level: "error", msg: "[secret]" },
    err: {
      message: "failed with [secret]",
      cause: { message: expect.stringContaining("refused") },
    },
  });
});

describe("errors", () => {
  const sql = (code: string) => Object.assign(new Error("x"), { code });
  it.each([
    [sql("25006"), "read-only", 503],
    [sql("57014"), "too-slow", 503],
    [sql("57P01"), "connection", 503],
    [sql("08006"), "connection", 503],
    [sql("28P01"), "connection", 503],
    [sql("ECONNREFUSED"), "connection", 503],
    [new Error("Connection terminated unexpectedly"), "connection", 503],
    [new Error("Query read timeout"), "too-slow", 503],
    [sql("40P01"), "busy", 503],
    [sql("55P03"), "busy", 503],
    [sql("23505"), "other", 500],
    [sql("EACCES"), "other", 500],
    [new HttpError(404, "x", "x"), "other", 404],
    ["text", "other", 500],
  ])("%o is %s", (error, fault, status) => {
    expect([classify(error), toHttpError(error).status]).toEqual([fault, status]);
  });
});

describe("the control row", () => {
  it.each([
    [{ mode: "open", forward_to: null }, "open"],
    [{ mode: "readonly", forward_to: "https://x" }, "readonly"],
    [{ mode: "forward", forward_to: "https://x" }, "forward"],
    [{ mode: "forward", forward_to: "https://x/" }, "forward"],
    [{ mode: "forward", forward_to: "https://x/path" }, "readonly"],
    [{ mode: "forward", forward_to: "https://u:p@x" }, "readonly"],
    [{ mode: "forward", forward_to: "ftp://x" }, "readonly"],
    [{ mode: "forward", forward_to: null }, "readonly"],
    [{ mode: "OPEN", forward_to: null }, "readonly"],
    [undefined, "readonly"],
  ])("%o is %s", (row, mode) => {
    expect(parseControl(row && { ...row, epoch: "1" }).mode).toBe(mode);
  });
});

describe("the catalogue", () => {
  it("has chances that add up, and a card for every number drawn", () => {
    expect(rarities.reduce((total, rarity) => total + chances[rarity], 0)).toBe(1_000);
    for (const [pack, size] of Object.entries(packs)) {
      expect(draw(pack as keyof typeof packs)).toHaveLength(size);
    }
    const drawn = (number: number) => draw("standard", (below) => Math.min(number, below - 1))[0]!;
    expect([0, 699, 700, 929, 930, 989, 990, 999].map((number) => drawn(number).rarity)).toEqual([
      ...["common", "common", "rare", "rare", "epic", "epic", "legendary", "legendary"],
    ]);
    expect(drawn(0).priceCents).toBeGreaterThan(0);
  });
});
