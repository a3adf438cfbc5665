import {
  parseHeaders,
  readCertificates,
  readHeaders,
  readHost,
  readTrustProxy,
  requireOrder,
  type TrustProxy,
} from "./configChecks";
import { ConfigError, decoded, EnvReader } from "./env";
import { postgresTarget, type PostgresTarget } from "./postgresUrl";

export interface DatabaseConfig {
  readonly primary: PostgresTarget;
  /** Serves reads where set; what it cannot answer goes to the primary. */
  readonly replica: PostgresTarget | undefined;
  /** Connections to the primary that this process may hold, the control connection included. */
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
  /** How long a request waits for a connection, and a connection for the server. */
  readonly connectTimeoutMs: number;
}

export interface RedisConfig {
  readonly mode: "single" | "cluster";
  readonly url: URL;
}

export interface MetricsConfig {
  readonly mode: "none" | "prometheus" | "otlp" | "emf";
  /** Where Prometheus scrapes: `host:port + worker`, one port a process. */
  readonly host: string;
  readonly port: number;
  /** Milliseconds between two pushes or prints. */
  readonly intervalMs: number;
  readonly otlpUrl: string | undefined;
  /** Secret headers of the push, such as an API key. */
  readonly otlpHeaders: Readonly<Record<string, string>>;
  readonly emfNamespace: string;
}

/** Everything that the server is told, read from the environment once. */
export interface Config {
  /** 0: any free one; the log says which. */
  readonly port: number;
  /** Address to listen on; undefined: every one. */
  readonly host: string | undefined;
  readonly tier: string;
  readonly stack: string;
  /** Number of this process among its siblings (PM2), 0 where it is alone. */
  readonly worker: number;
  readonly logLevel: string;
  /** Proxies that may say who the visitor is. */
  readonly trustProxy: TrustProxy;
  /** What the CDN sends as `X-Origin-Secret`; who comes without it went round the CDN (403). */
  readonly originSecret: string | undefined;
  readonly database: DatabaseConfig;
  readonly redis: RedisConfig | undefined;
  readonly cacheTtlSeconds: number;
  readonly metrics: MetricsConfig;
  readonly controlPollMs: number;
  readonly websockets: {
    readonly maxConnections: number;
    readonly heartbeatMs: number;
    /** Messages that one client may send in ten seconds. */
    readonly maxMessagesPer10s: number;
  };
  readonly timeouts: {
    readonly headersMs: number;
    readonly requestMs: number;
    /** Longer than the proxy's own (60 s), or it sends a request into a closing connection. */
    readonly keepAliveMs: number;
    readonly forwardMs: number;
  };
  readonly shutdown: { readonly delayMs: number; readonly timeoutMs: number };
  /** Hours after which a used idempotency key may be forgotten. */
  readonly idempotencyHours: number;
  /** Values that must never be printed. */
  readonly secrets: readonly string[];
}

const MINUTE_MS = 60_000;

/** Reads the environment or throws a `ConfigError` that names every problem. */
export function readConfig(source: Readonly<Record<string, string | undefined>>): Config {
  const env = new EnvReader(source);
  const ca = readCertificates(env, "DATABASE_CA");
  const primary = postgresTarget(env, "DATABASE_URL", ca, true);
  const config = {
    port: env.integer("PORT", 3000, 0, 65_535),
    host: readHost(env, "HOST"),
    tier: env.textOr("DROPS_TIER", "local"),
    stack: env.textOr("DROPS_STACK", "local"),
    worker: env.integer("NODE_APP_INSTANCE", 0, 0, 1_000),
    logLevel: env.choice("LOG_LEVEL", "info", [
      "fatal",
      "error",
      "warn",
      "info",
      "debug",
      "silent",
    ]),
    trustProxy: readTrustProxy(env, "TRUST_PROXY", "loopback"),
    originSecret: env.text("ORIGIN_SECRET"),
    redis: readRedis(env),
    cacheTtlSeconds: env.integer("CACHE_TTL_SECONDS", 30, 1, 3_600),
    metrics: readMetrics(env),
    controlPollMs: env.integer("CONTROL_POLL_MS", 250, 10, 10_000),
    websockets: {
      maxConnections: env.integer("WS_MAX_CONNECTIONS", 10_000, 0, 1_000_000),
      heartbeatMs: env.integer("WS_HEARTBEAT_MS", 30_000, 50, MINUTE_MS - 1),
      maxMessagesPer10s: env.integer("WS_MAX_MESSAGES_PER_10S", 50, 1, 10_000),
    },
    timeouts: {
      headersMs: env.integer("HEADERS_TIMEOUT_MS", 10_000, 100, 10 * MINUTE_MS),
      requestMs: env.integer("REQUEST_TIMEOUT_MS", 20_000, 100, 10 * MINUTE_MS),
      keepAliveMs: env.integer("KEEP_ALIVE_TIMEOUT_MS", 65_000, 0, 60 * MINUTE_MS),
      forwardMs: env.integer("FORWARD_TIMEOUT_MS", 30_000, 100, 10 * MINUTE_MS),
    },
    shutdown: {
      delayMs: env.integer("SHUTDOWN_DELAY_MS", 2_000, 0, 5 * MINUTE_MS),
      timeoutMs: env.integer("SHUTDOWN_TIMEOUT_MS", 25_000, 100, 10 * MINUTE_MS),
    },
    idempotencyHours: env.integer("IDEMPOTENCY_HOURS", 48, 1, 24 * 365),
    secrets: secretsOf(env),
  };
  requireSensibleTimes(env, config);
  const database = {
    replica: postgresTarget(env, "DATABASE_REPLICA_URL", ca, false),
    poolMax: env.integer("DATABASE_POOL_MAX", 10, 2, 1_000),
    statementTimeoutMs: env.integer("DATABASE_STATEMENT_TIMEOUT_MS", 5_000, 50, 10 * MINUTE_MS),
    connectTimeoutMs: env.integer("DATABASE_CONNECT_TIMEOUT_MS", 2_000, 50, MINUTE_MS),
  };
  if (env.problems.length > 0 || !primary) throw new ConfigError(env.problems);
  return { ...config, database: { primary, ...database } };
}

/** Each is within its own range; Node and the end of the process want some of them in order. */
function requireSensibleTimes(env: EnvReader, config: Pick<Config, "timeouts" | "shutdown">): void {
  const { timeouts, shutdown } = config;
  requireOrder(
    env,
    ["HEADERS_TIMEOUT_MS", timeouts.headersMs],
    ["REQUEST_TIMEOUT_MS", timeouts.requestMs],
    "the headers are a part of the request",
  );
  requireOrder(
    env,
    ["SHUTDOWN_DELAY_MS", shutdown.delayMs],
    ["SHUTDOWN_TIMEOUT_MS", shutdown.timeoutMs],
    "the pause is a part of the end",
  );
}

/** What `migrate` is told; `DATABASE_URL` alone is not enough, the app's role owns nothing. */
export interface MigrateConfig {
  readonly target: PostgresTarget;
  /** Role that the app connects as and gets its rights. */
  readonly appRole: string;
  /** How long to wait for another migration, or for somebody else's build of an index, to end. */
  readonly lockTimeoutMs: number;
  readonly secrets: readonly string[];
}

export function readMigrateConfig(
  source: Readonly<Record<string, string | undefined>>,
): MigrateConfig {
  const env = new EnvReader(source);
  const target = postgresTarget(
    env,
    "MIGRATION_DATABASE_URL",
    readCertificates(env, "DATABASE_CA"),
    true,
  );
  const config = {
    appRole: env.textOr("APP_ROLE", "drops_app"),
    lockTimeoutMs: env.integer("MIGRATION_LOCK_TIMEOUT_MS", 10 * MINUTE_MS, 0, 1_440 * MINUTE_MS),
    secrets: secretsOf(env),
  };
  if (env.problems.length > 0 || !target) throw new ConfigError(env.problems);
  return { target, ...config };
}

function readRedis(env: EnvReader): RedisConfig | undefined {
  const given = env.text("REDIS_URL") !== undefined;
  const mode = env.choice("REDIS_MODE", given ? "single" : "none", ["single", "cluster", "none"]);
  if (mode === "none") return undefined;
  const url = env.url("REDIS_URL", ["redis:", "rediss:"], true);
  return url && { mode, url };
}

function readMetrics(env: EnvReader): MetricsConfig {
  const mode = env.choice("METRICS", "none", ["none", "prometheus", "otlp", "emf"]);
  const otlp = env.url("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", ["http:", "https:"], mode === "otlp");
  return {
    mode,
    host: readHost(env, "METRICS_HOST") ?? "127.0.0.1",
    port: env.integer("METRICS_PORT", 9_464, 1, 64_000),
    intervalMs: env.integer("METRICS_INTERVAL_MS", MINUTE_MS, 100, 60 * MINUTE_MS),
    otlpUrl: otlp?.toString(),
    otlpHeaders: readHeaders(env, "OTEL_EXPORTER_OTLP_HEADERS"),
    emfNamespace: env.textOr("EMF_NAMESPACE", "Drops"),
  };
}

/** All of them; the log knows which are too short to be looked for. */
function secretsOf(env: EnvReader): readonly string[] {
  const urls = ["DATABASE_URL", "DATABASE_REPLICA_URL", "MIGRATION_DATABASE_URL", "REDIS_URL"];
  const passwords = urls.flatMap((name) => {
    const value = env.text(name);
    if (value === undefined || !URL.canParse(value)) return [];
    const { password, search, searchParams } = new URL(value);
    // The drivers take it from a parameter too.
    const [, asWritten = ""] = /[?&]password=([^&]*)/.exec(search) ?? [];
    return [password, decoded(password), asWritten, searchParams.get("password") ?? ""];
  });
  const headers = parseHeaders(env.text("OTEL_EXPORTER_OTLP_HEADERS")).map(([, value]) => value);
  const origin = env.text("ORIGIN_SECRET") ?? "";
  return [...new Set([...passwords, ...headers, origin])].filter((secret) => secret !== "");
}
