import { parseHeaders, readCertificates, readHeaders, readHost } from "./configChecks";
import { ConfigError, decoded, type EnvReader } from "./env";
import { postgresTarget, type PostgresTarget } from "./postgresUrl";

export interface DatabaseConfig {
  readonly primary: PostgresTarget;
  /** Where the primary's statements go instead, through a PgBouncer; the control watch goes past it. */
  readonly pooler: PostgresTarget | undefined;
  /** Serves reads where set; what it cannot answer goes to the primary. */
  readonly replica: PostgresTarget | undefined;
  /** Connections to the primary that this process may hold, the control connection included. */
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
  /** How long a request waits for a connection, and a connection for the server. */
  readonly connectTimeoutMs: number;
}

export interface MetricsConfig {
  readonly mode: "none" | "prometheus" | "remote-write" | "otlp" | "emf";
  /** Where Prometheus scrapes: `host:port + worker`, one port a process. */
  readonly host: string;
  readonly port: number;
  /** Milliseconds between two pushes or prints. */
  readonly intervalMs: number;
  /** Where they are pushed; always there in the modes `remote-write` and `otlp`. */
  readonly pushUrl: string;
  /** Secret headers of the push, such as an API key. */
  readonly pushHeaders: Readonly<Record<string, string>>;
  readonly emfNamespace: string;
}

/** What every process of the app is told, whether it serves or works in the background. */
export interface ProcessConfig {
  readonly tier: string;
  readonly stack: string;
  /** Number of this process among its siblings (PM2), 0 where it is alone. */
  readonly worker: number;
  readonly logLevel: string;
  readonly database: DatabaseConfig;
  readonly metrics: MetricsConfig;
  readonly controlPollMs: number;
  /** Hours after which a used idempotency key may be forgotten. */
  readonly idempotencyHours: number;
  /** Milliseconds between two sweeps of such keys. */
  readonly sweepIntervalMs: number;
  /** The end of the process may take this long. */
  readonly shutdown: { readonly timeoutMs: number };
  /** Values that must never be printed. */
  readonly secrets: readonly string[];
}

/** The same while its problems are gathered: the primary may be missing. */
export type ProcessReadings = Omit<ProcessConfig, "database"> & {
  readonly database: Omit<DatabaseConfig, "primary"> & {
    readonly primary: PostgresTarget | undefined;
  };
};

export const MINUTE_MS = 60_000;

/** Reads what the processes have in common; `poolMax` is what is held where nothing is said. */
export function readProcess(
  env: EnvReader,
  uses: { readonly poolMax: number; readonly replica: boolean },
): ProcessReadings {
  const ca = readCertificates(env, "DATABASE_CA");
  const levels = ["fatal", "error", "warn", "info", "debug", "silent"] as const;
  return {
    database: {
      primary: postgresTarget(env, "DATABASE_URL", ca, true),
      pooler: postgresTarget(env, "DATABASE_POOLER_URL", ca, false),
      replica: uses.replica ? postgresTarget(env, "DATABASE_REPLICA_URL", ca, false) : undefined,
      poolMax: env.integer("DATABASE_POOL_MAX", uses.poolMax, 2, 1_000),
      statementTimeoutMs: env.integer("DATABASE_STATEMENT_TIMEOUT_MS", 5_000, 50, 10 * MINUTE_MS),
      connectTimeoutMs: env.integer("DATABASE_CONNECT_TIMEOUT_MS", 2_000, 50, MINUTE_MS),
    },
    tier: env.textOr("DROPS_TIER", "local"),
    stack: env.textOr("DROPS_STACK", "local"),
    worker: env.integer("NODE_APP_INSTANCE", 0, 0, 1_000),
    logLevel: env.choice("LOG_LEVEL", "info", levels),
    metrics: readMetrics(env),
    controlPollMs: env.integer("CONTROL_POLL_MS", 250, 10, 10_000),
    idempotencyHours: env.integer("IDEMPOTENCY_HOURS", 48, 1, 24 * 365),
    sweepIntervalMs: env.integer("SWEEP_INTERVAL_MS", 10 * MINUTE_MS, 100, 1_440 * MINUTE_MS),
    shutdown: { timeoutMs: env.integer("SHUTDOWN_TIMEOUT_MS", 25_000, 100, 10 * MINUTE_MS) },
    secrets: secretsOf(env),
  };
}

/** What was read, or a `ConfigError` that names every problem. */
export function complete(env: EnvReader, readings: ProcessReadings): ProcessConfig {
  const { primary, ...database } = readings.database;
  if (env.problems.length > 0 || !primary) throw new ConfigError(env.problems);
  return { ...readings, database: { primary, ...database } };
}

function readMetrics(env: EnvReader): MetricsConfig {
  const modes = ["none", "prometheus", "remote-write", "otlp", "emf"] as const;
  const mode = env.choice("METRICS", "none", modes);
  const push = {
    otlp: readPush(env, mode === "otlp", [
      "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
      "OTEL_EXPORTER_OTLP_HEADERS",
    ]),
    "remote-write": readPush(env, mode === "remote-write", [
      "REMOTE_WRITE_URL",
      "REMOTE_WRITE_HEADERS",
    ]),
  };
  return {
    mode,
    host: readHost(env, "METRICS_HOST") ?? "127.0.0.1",
    port: env.integer("METRICS_PORT", 9_464, 1, 64_000),
    intervalMs: env.integer("METRICS_INTERVAL_MS", MINUTE_MS, 100, 60 * MINUTE_MS),
    ...push[mode === "remote-write" ? mode : "otlp"],
    emfNamespace: env.textOr("EMF_NAMESPACE", "Drops"),
  };
}

function readPush(
  env: EnvReader,
  required: boolean,
  [url, headers]: readonly [string, string],
): Pick<MetricsConfig, "pushUrl" | "pushHeaders"> {
  const target = env.url(url, ["http:", "https:"], required);
  return { pushUrl: target?.toString() ?? "", pushHeaders: readHeaders(env, headers) };
}

const urlNames = [
  ...["DATABASE_URL", "DATABASE_POOLER_URL", "DATABASE_REPLICA_URL", "MIGRATION_DATABASE_URL"],
  ...["ADMIN_DATABASE_URL", "REDIS_URL"],
];

/** All of them; the log knows which are too short to be looked for. */
export function secretsOf(env: EnvReader): readonly string[] {
  const passwords = urlNames.flatMap((name) => {
    const value = env.text(name);
    if (value === undefined || !URL.canParse(value)) return [];
    const { password, search, searchParams } = new URL(value);
    // The drivers take it from a parameter too.
    const [, asWritten = ""] = /[?&]password=([^&]*)/.exec(search) ?? [];
    return [password, decoded(password), asWritten, searchParams.get("password") ?? ""];
  });
  const headers = ["OTEL_EXPORTER_OTLP_HEADERS", "REMOTE_WRITE_HEADERS"].flatMap((name) =>
    parseHeaders(env.text(name)).map(([, value]) => value),
  );
  const origin = env.text("ORIGIN_SECRET") ?? "";
  return [...new Set([...passwords, ...headers, origin])].filter((secret) => secret !== "");
}
