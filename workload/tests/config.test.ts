import { readFileSync } from "node:fs";
import { join } from "node:path";
import express from "express";
import { describe, expect, inject, it } from "vitest";
import { chances, draw, packs, rarities } from "../server/catalogue";
import { readConfig, readMigrateConfig } from "../server/config";
import { parseControl } from "../server/control";
import { type ConfigError } from "../server/env";
import { classify, HttpError, toHttpError } from "../server/errors";
import { createLogger, scrubber } from "../server/log";
import { runServer } from "./support/programs";

const url = "postgresql://drops_app:p%40ss-word@db.example:25060/drops";

/** A real one: what is none is refused. */
const certificate = [
  "-----BEGIN CERTIFICATE-----",
  "MIIBdjCCARugAwIBAgIUHvsMXEiTWN0UHztyTIM/RXyVBB4wCgYIKoZIzj0EAwIw",
  "DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjMxMDU2MzZaGA8yMTI2MTAzMDEwNTYz",
  "NlowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPGE",
  "sLGo3MxUmvnx79lLNKFyEKoSvqUI0gb5/7SIxgtaHWJzVanBOGxizJFtv2RN/huA",
  "ZDTt7HqVk6mdMMDKpqWjUzBRMB0GA1UdDgQWBBQCtZcVPliD8LyNg7TjFEW+dfXz",
  "EjAfBgNVHSMEGDAWgBQCtZcVPliD8LyNg7TjFEW+dfXzEjAPBgNVHRMBAf8EBTAD",
  "AQH/MAoGCCqGSM49BAMCA0kAMEYCIQCbE7jRSasE7KSA+cI3ZBjXXdx3MrGqnRAz",
  "uGxAWsQXHAIhAKeIrGVLPerfVHB5dHiDS3l1Jxt8XsvFG0UPTwRlSB52",
  "-----END CERTIFICATE-----",
].join("\n");

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
      ...{ backgroundWork: true, visitorHeader: undefined, sweepIntervalMs: 600_000 },
      shutdown: { delayMs: 2_000, timeoutMs: 25_000 },
    });
  });

  it("understands what every tier hands over", () => {
    const config = readConfig({
      ...{ NODE_ENV: "production", PORT: "8080" },
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
    // The log knows which are too short to be looked for.
    expect(config.secrets).toEqual(["p%40ss-word", "p@ss-word", "x"]);
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
    [{ DATABASE_URL: url, METRICS: "remote-write" }, "REMOTE_WRITE_URL: not set"],
    [
      { DATABASE_URL: url, BACKGROUND_WORK: "yes" },
      'BACKGROUND_WORK: got "yes", allowed is on, off',
    ],
    [{ DATABASE_URL: url, SWEEP_INTERVAL_MS: "50" }, "SWEEP_INTERVAL_MS: got"],
    [{ DATABASE_URL: url, DATABASE_POOLER_URL: "x" }, "DATABASE_POOLER_URL: not a URL"],
    [{ DATABASE_URL: url, PORT: "3000.5" }, 'PORT: got "3000.5", allowed is a whole number'],
    [{ DATABASE_URL: url, WS_HEARTBEAT_MS: "60000" }, "WS_HEARTBEAT_MS: got"],
    [{ DATABASE_URL: url, LOG_LEVEL: "loud" }, "LOG_LEVEL: got"],
  ])("%o", (env, message) => {
    expect(problems(env as Record<string, string>)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    [{ TRUST_PROXY: "bogus" }, /^TRUST_PROXY: got "bogus", allowed is .*; name the addresses/],
    [{ TRUST_PROXY: "loopback, 10.0.0.0/33" }, /^TRUST_PROXY: got "10\.0\.0\.0\/33"/],
    [{ TRUST_PROXY: "101" }, /^TRUST_PROXY: got "101", allowed is a number of hops from 0 to 100/],
    [{ HOST: "not a host" }, /^HOST: got "not a host", allowed is an address/],
    [{ HOST: "[::1]" }, /^HOST: got "\[::1\]"/],
    [{ HOST: "127.0.0.1:80" }, /^HOST: got "127\.0\.0\.1:80"/],
    [{ VISITOR_IP_HEADER: "a, b" }, /^VISITOR_IP_HEADER: got "a, b", allowed is the name of one/],
    [{ REMOTE_WRITE_HEADERS: "x=1,secret-key" }, /^REMOTE_WRITE_HEADERS: entry 2 is no header/],
    [{ METRICS_HOST: "a/b" }, /^METRICS_HOST: got "a\/b"/],
    [
      { HEADERS_TIMEOUT_MS: "30000" },
      /^HEADERS_TIMEOUT_MS: got 30000, allowed is at most REQUEST_TIMEOUT_MS \(20000\).*lower it or/,
    ],
    [
      { SHUTDOWN_TIMEOUT_MS: "1000" },
      /^SHUTDOWN_DELAY_MS: got 2000, allowed is at most SHUTDOWN_TIMEOUT_MS \(1000\)/,
    ],
    [{ OTEL_EXPORTER_OTLP_HEADERS: "a=1,secret-key" }, /HEADERS: entry 2 is no header \(it is not/],
    [{ OTEL_EXPORTER_OTLP_HEADERS: "bad name=secret-key" }, /entry 1 is no header/],
    [{ OTEL_EXPORTER_OTLP_HEADERS: "a=secret-key%0A" }, /entry 1 is no header/],
    [{ DATABASE_CA: "-----BEGIN CERTIFICATE-----\nx" }, /^DATABASE_CA: not a PEM certificate/],
    [{ DATABASE_CA: `${certificate}\nrest` }, /^DATABASE_CA: not a PEM certificate/],
  ])("%o is told and not left to a crash", (env, message) => {
    const found = problems({ DATABASE_URL: url, ...env });
    expect(found).toEqual([expect.stringMatching(message)]);
    expect(found.join()).not.toContain("secret-key");
  });

  it("takes authorities one after the other, on one line too", () => {
    const two = `${certificate}\n${certificate}\n`;
    for (const text of [two, two.replaceAll("\n", "\\n")]) {
      expect(problems({ DATABASE_URL: url, DATABASE_CA: text })).toEqual([]);
    }
  });

  it.each([
    ["0", 0],
    ["2", 2],
    ["true", true],
    ["false", false],
    ["loopback", "loopback"],
    ["loopback, linklocal ,uniquelocal", "loopback,linklocal,uniquelocal"],
    ["10.0.0.1,10.0.0.0/8", "10.0.0.1,10.0.0.0/8"],
    ["::1,fd00::/8,::ffff:10.0.0.1", "::1,fd00::/8,::ffff:10.0.0.1"],
    ["10.0.0.1/32,::/128", "10.0.0.1/32,::/128"],
  ] as const)("TRUST_PROXY=%s is understood by Express", (text, expected) => {
    const { trustProxy } = readConfig({ DATABASE_URL: url, TRUST_PROXY: text });
    expect(trustProxy).toBe(expected);
    expect(() => express().set("trust proxy", trustProxy)).not.toThrow();
  });

  it.each(["0.0.0.0", "::", "localhost", "web-1.internal", "10.0.0.7"])("HOST=%s", (host) => {
    expect(readConfig({ DATABASE_URL: url, HOST: host }).host).toBe(host);
  });

  it("a server that is told nonsense names all of it, without a stack, and exits 2", async () => {
    const { code, output } = await runServer(inject("dist"), {
      ...{ DATABASE_URL: url, PORT: "eighty", TRUST_PROXY: "bogus", HEADERS_TIMEOUT_MS: "30000" },
    });
    expect(code).toBe(2);
    for (const name of ["PORT", "TRUST_PROXY", "HEADERS_TIMEOUT_MS"]) {
      expect(output).toContain(`\n  ${name}: got `);
    }
    expect(output).not.toMatch(/\n\s+at /);
  });

  it("refuses an authority for a connection without TLS", () => {
    const env = { DATABASE_URL: `${url}?sslmode=disable`, DATABASE_CA: certificate };
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
  const files = ["config", "processConfig", "rolesConfig"];
  const source = files.map((name) => read(`server/${name}.ts`)).join("");
  const known = [...source.matchAll(/"([A-Z][A-Z0-9]*_[A-Z0-9_]+|PORT|HOST|METRICS)"/g)];
  const [, table] = read("README.md").split("## Environment");
  const told = table!.split("## Metrics")[0]!.matchAll(/^\| (`.*?) +\|/gm);
  const names = [...told].flatMap(([, cell]) => cell!.match(/[A-Z0-9_]+/g) ?? []);
  expect([...new Set(names)].sort()).toEqual([...new Set(known.map(([, name]) => name))].sort());
});

describe("TLS to Postgres", () => {
  const ssl = (parameters: string, more: Record<string, string> = {}, host = "db.example") =>
    readConfig({ DATABASE_URL: url.replace("db.example", host) + parameters, ...more }).database
      .primary;
  const ca = { DATABASE_CA: certificate };
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
  const clean = scrubber(["hunter2-hunter2", 'qu"ote-qu"ote']);
  it.each([
    ["plain hunter2-hunter2 text", "plain [secret] text"],
    [JSON.stringify({ a: 'qu"ote-qu"ote' }), '{"a":"[secret]"}'],
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
    [sql("42501"), "permission-denied", 503],
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
