import type * as pulumi from "@pulumi/pulumi";
import type { ContainerVariables } from "../components/compute/containerDefinitions";
import type { AppEnvironment, Postgres, Redis } from "../components/contracts";
import { StoredSecret, type SecretReference } from "../components/secrets/storedSecret";
import { appName } from "../settings/names";
import type { LargeConfig } from "../settings/schema";
import { tiers } from "../tiers";
import { appRoleOf } from "./appRole";
import { endingWithin } from "./processEnding";

const tier = tiers.large;

/** Milliseconds: as often as CloudWatch keeps a point of it. */
const METRICS_INTERVAL_MS = 60_000;

/** Seconds that the app keeps an idle connection beyond the balancer's own limit. */
const keepAliveMarginSeconds = 5;

/** Days for which a deleted secret can be brought back; none where nothing is guarded. */
const recoveryDays = { on: 7, off: 0 } as const;

/** What tells the app who its visitor is. */
export interface VisitorPath {
  /** Header in which Cloudflare says it; nobody but Cloudflare reaches what is behind it. */
  readonly header: string | undefined;
  /** Proxies that add to X-Forwarded-For between a visitor and a task. */
  readonly hops: number;
}

/** Secrets of the tasks; the words end their logical names. */
type SecretName =
  | "database-admin-url"
  | "database-owner-url"
  | "database-url"
  | "database-pooler-url"
  | "database-reader-url"
  | "redis-url"
  | "origin-secret";

/** What the app keeps its data in. */
export interface AppData {
  readonly postgres: Postgres;
  /** Secret URL of the app's role at the readers, where there are some. */
  readonly readerUrl: pulumi.Output<string> | undefined;
  readonly redis: Redis | undefined;
}

/** What only those know who may speak to the app, beside its data. */
export interface AppKeys extends AppData {
  /** Secret that the edge's snippet sends; undefined where none stands in front. */
  readonly originSecret: pulumi.Output<string> | undefined;
}

/** What the app's variables are made of. */
export interface LargeAppParts extends AppData {
  readonly stack: string;
  readonly config: LargeConfig;
  /** Where users reach the app; empty where only a deploy will tell. */
  readonly publicUrl: string;
  readonly visitor: VisitorPath;
  readonly secrets: AppSecrets;
}

export type AppSecrets = Partial<Readonly<Record<SecretName, SecretReference>>>;

/** One secret in Secrets Manager for each value, so that each task's role reads its own alone. */
export function storeSecrets(
  stack: string,
  { protection }: Pick<LargeConfig, "protection">,
  { postgres, readerUrl, redis, originSecret }: AppKeys,
  opts: pulumi.ComponentResourceOptions,
): AppSecrets {
  const values: Readonly<Record<SecretName, [pulumi.Output<string> | undefined, string]>> = {
    "database-admin-url": [postgres.adminUrl, "The database as its administrator"],
    "database-owner-url": [postgres.ownerUrl, "The database as the owner of the schema"],
    "database-url": [postgres.appUrl, "The database as the app"],
    "database-pooler-url": [postgres.pooledUrl, "The database's proxy as the app"],
    "database-reader-url": [readerUrl, "The database's readers as the app"],
    "redis-url": [redis?.url, "The cache"],
    "origin-secret": [originSecret, "What shows that a request came through the edge"],
  };
  const stored = Object.entries(values).flatMap(([name, [value, description]]) =>
    value === undefined
      ? []
      : [
          [
            name,
            new StoredSecret(
              name,
              {
                spec: {
                  name: `${appName(stack)}-${name}`,
                  description,
                  recoveryDays: recoveryDays[protection],
                },
                value,
              },
              opts,
            ),
          ] as const,
        ],
  );
  return Object.fromEntries(stored);
}

/** What every container of the app is told. */
function common({ stack, postgres }: LargeAppParts) {
  return {
    NODE_ENV: "production",
    DROPS_TIER: tier.kind,
    DROPS_STACK: stack,
    // A certificate's authority is no secret.
    DATABASE_CA: postgres.caCertificate,
  } as const;
}

// The log's lines become metrics on their way to CloudWatch.
const metrics = { METRICS: "emf", METRICS_INTERVAL_MS: String(METRICS_INTERVAL_MS) } as const;

/** Of the service that answers users. */
export function webVariables(parts: LargeAppParts): ContainerVariables {
  const { config, secrets, redis, visitor } = parts;
  const { app, worker } = config;
  const plain: AppEnvironment & ContainerVariables["plain"] = {
    ...common(parts),
    ...metrics,
    PORT: String(tier.web.port),
    PUBLIC_URL: parts.publicUrl,
    DATABASE_POOL_MAX: String(app.poolPerProcess),
    REDIS_MODE: redis?.mode ?? "none",
    BACKGROUND_WORK: worker.minTasks > 0 ? "off" : "on",
    TRUST_PROXY: visitor.header === undefined ? String(visitor.hops) : "false",
    VISITOR_IP_HEADER: visitor.header?.toLowerCase(),
    // Shorter than the balancer's, and a request would meet a closing connection.
    KEEP_ALIVE_TIMEOUT_MS: String((app.idleTimeoutSeconds + keepAliveMarginSeconds) * 1_000),
    ...endingWithin(app.stopSeconds),
  };
  return {
    plain,
    secret: {
      DATABASE_URL: secrets["database-url"],
      DATABASE_POOLER_URL: secrets["database-pooler-url"],
      DATABASE_REPLICA_URL: secrets["database-reader-url"],
      REDIS_URL: secrets["redis-url"],
      ORIGIN_SECRET: secrets["origin-secret"],
    },
  };
}

/** Of the worker, which needs no Redis. */
export function workerVariables(
  parts: LargeAppParts,
  { poolPerProcess }: Pick<LargeConfig["worker"], "poolPerProcess">,
): ContainerVariables {
  const { config, secrets } = parts;
  return {
    plain: {
      ...common(parts),
      ...metrics,
      DATABASE_POOL_MAX: String(poolPerProcess),
      SHUTDOWN_TIMEOUT_MS: endingWithin(config.app.stopSeconds).SHUTDOWN_TIMEOUT_MS,
    },
    secret: {
      DATABASE_URL: secrets["database-url"],
      DATABASE_POOLER_URL: secrets["database-pooler-url"],
    },
  };
}

/**
 * Of a further service, about which nothing is known: the worker's, and Redis. It prints no metrics: of
 * the same image, it would bear the worker's name in them and hide one that is dead.
 */
export function serviceVariables(
  parts: LargeAppParts,
  service: Pick<LargeConfig["worker"], "poolPerProcess">,
): ContainerVariables {
  const { plain, secret } = workerVariables(parts, service);
  return {
    plain: { ...plain, METRICS: "none", REDIS_MODE: parts.redis?.mode ?? "none" },
    secret: { ...secret, REDIS_URL: parts.secrets["redis-url"] },
  };
}

/** Of what makes the database's roles. */
export function rolesVariables(parts: LargeAppParts): ContainerVariables {
  const { secrets } = parts;
  return {
    plain: common(parts),
    secret: {
      ADMIN_DATABASE_URL: secrets["database-admin-url"],
      MIGRATION_DATABASE_URL: secrets["database-owner-url"],
      DATABASE_URL: secrets["database-url"],
    },
  };
}

/** Of the migration. */
export function migrateVariables(parts: LargeAppParts): ContainerVariables {
  return {
    plain: { ...common(parts), APP_ROLE: appRoleOf(parts.config.postgres) },
    secret: { MIGRATION_DATABASE_URL: parts.secrets["database-owner-url"] },
  };
}
