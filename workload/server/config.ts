import {
  readCertificates,
  readHeaderName,
  readHost,
  readTrustProxy,
  requireOrder,
  type TrustProxy,
} from "./configChecks";
import { ConfigError, EnvReader } from "./env";
import { postgresTarget, type PostgresTarget } from "./postgresUrl";
import { complete, MINUTE_MS, type ProcessConfig, readProcess, secretsOf } from "./processConfig";

export interface RedisConfig {
  readonly mode: "single" | "cluster";
  readonly url: URL;
}

/** Everything that the server is told, read from the environment once. */
export interface Config extends ProcessConfig {
  /** 0: any free one; the log says which. */
  readonly port: number;
  /** Address to listen on; undefined: every one. */
  readonly host: string | undefined;
  /** Proxies that may say who the visitor is. */
  readonly trustProxy: TrustProxy;
  /** Header in which whoever stands in front says who the visitor is, in lower case. */
  readonly visitorHeader: string | undefined;
  /** What the CDN sends as `X-Origin-Secret`; who comes without it went round the CDN (403). */
  readonly originSecret: string | undefined;
  readonly redis: RedisConfig | undefined;
  readonly cacheTtlSeconds: number;
  /** Whether this process sweeps too; else a worker does. */
  readonly backgroundWork: boolean;
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
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment or throws a `ConfigError` that names every problem. */
export function readConfig(source: Environment): Config {
  const env = new EnvReader(source);
  const common = readProcess(env, { poolMax: 10, replica: true });
  const config = {
    port: env.integer("PORT", 3000, 0, 65_535),
    host: readHost(env, "HOST"),
    trustProxy: readTrustProxy(env, "TRUST_PROXY", "loopback"),
    visitorHeader: readHeaderName(env, "VISITOR_IP_HEADER"),
    originSecret: env.text("ORIGIN_SECRET"),
    redis: readRedis(env),
    cacheTtlSeconds: env.integer("CACHE_TTL_SECONDS", 30, 1, 3_600),
    backgroundWork: env.choice("BACKGROUND_WORK", "on", ["on", "off"]) === "on",
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
      ...common.shutdown,
      delayMs: env.integer("SHUTDOWN_DELAY_MS", 2_000, 0, 5 * MINUTE_MS),
    },
  };
  requireSensibleTimes(env, config);
  return { ...complete(env, common), ...config };
}

/** What `worker` is told: it serves nobody, and so needs no more. One connection works at a time. */
export function readWorkerConfig(source: Environment): ProcessConfig {
  const env = new EnvReader(source);
  return complete(env, readProcess(env, { poolMax: 2, replica: false }));
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

export function readMigrateConfig(source: Environment): MigrateConfig {
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
