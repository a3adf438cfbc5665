import * as pulumi from "@pulumi/pulumi";
import { originHeaders } from "../components/cdn/originSnippet";
import type { AppPlatformSpec, AppVariables } from "../components/compute/appPlatform";
import type { AppEnvironment, Redis } from "../components/contracts";
import { appPlatformRegion, appSizes } from "../prices/digitalocean";
import { parseImage } from "../settings/image";
import { appName } from "../settings/names";
import type { MediumConfig } from "../settings/schema";
import { tiers } from "../tiers";
import type { MediumPostgres } from "./mediumData";
import { appRoleOf } from "./appRole";
import { endingWithin } from "./processEnding";

const tier = tiers.medium;

/** Milliseconds: as often as Prometheus would ask by itself. */
const METRICS_INTERVAL_MS = 15_000;

/** Where the platform itself says who the visitor is, when no CDN of ours stands in front. */
const platformVisitorHeader = "do-connecting-ip";

/** What the app's containers are, known before a deploy. */
export function appSpecOf(stack: string, config: MediumConfig): AppPlatformSpec {
  const { app, worker } = config;
  return {
    name: appName(stack),
    stack,
    region: appPlatformRegion(config.region),
    image: parseImage(config.image),
    domain: config.edge === "direct" ? config.domain : undefined,
    web: {
      size: app.size,
      memoryGib: appSizes[app.size].memoryGib,
      vcpus: appSizes[app.size].vcpus,
      minInstances: app.minInstances,
      maxInstances: app.maxInstances,
      cpuPercent: app.cpuPercent,
      port: tier.app.port,
      livePath: "/healthz",
      readyPath: "/readyz",
      drainSeconds: app.drainSeconds,
      graceSeconds: app.graceSeconds,
    },
    worker:
      worker.instances === 0
        ? undefined
        : {
            size: worker.size,
            memoryGib: appSizes[worker.size].memoryGib,
            instances: worker.instances,
            graceSeconds: app.graceSeconds,
          },
    secretsRevision: app.secretsRevision,
    migrateSize: tier.worker.defaultSize,
  };
}

/** What the app's variables are made of. */
export interface AppParts {
  readonly stack: string;
  readonly config: MediumConfig;
  /** Where users reach the app; empty where only a deploy will tell. */
  readonly publicUrl: string;
  readonly database: MediumPostgres;
  readonly redis: Redis | undefined;
  /** Where the processes push their metrics, and the secret that they show there. */
  readonly metrics: { readonly url: pulumi.Output<string>; readonly token: pulumi.Output<string> };
  /** What the CDN adds to each request; undefined where none stands in front. */
  readonly originSecret: pulumi.Output<string> | undefined;
}

/** The variables of the app's components. */
export function environmentOf(
  parts: AppParts,
): Readonly<Record<"web" | "worker" | "migrate", AppVariables>> {
  const { config, database, redis, originSecret } = parts;
  const { postgres, replicas } = database;
  const { app, worker } = config;
  const metricsHeader = pulumi.interpolate`x-drops-token=${parts.metrics.token}`;
  const common = {
    NODE_ENV: "production",
    DROPS_TIER: tier.kind,
    DROPS_STACK: parts.stack,
    // A certificate's authority is no secret.
    DATABASE_CA: postgres.caCertificate,
  } as const;
  const metrics = {
    // Debian's Prometheus takes no OTLP.
    METRICS: "remote-write",
    METRICS_INTERVAL_MS: String(METRICS_INTERVAL_MS),
    REMOTE_WRITE_URL: parts.metrics.url,
  };
  const web: AppEnvironment & AppVariables["plain"] = {
    ...common,
    ...metrics,
    PORT: String(tier.app.port),
    PUBLIC_URL: parts.publicUrl,
    DATABASE_POOL_MAX: String(app.poolPerProcess),
    REDIS_MODE: redis?.mode ?? "none",
    BACKGROUND_WORK: worker.instances > 0 ? "off" : "on",
    // The platform's ingress writes its own address into X-Forwarded-For.
    TRUST_PROXY: "false",
    VISITOR_IP_HEADER: (originSecret ? originHeaders.visitor : platformVisitorHeader).toLowerCase(),
    ...endingWithin(app.graceSeconds),
  };
  return {
    web: {
      plain: web,
      secret: {
        DATABASE_URL: postgres.appUrl,
        DATABASE_POOLER_URL: postgres.pooledUrl,
        DATABASE_REPLICA_URL: replicas[0]?.appUrl,
        REDIS_URL: redis?.url,
        ORIGIN_SECRET: originSecret,
        REMOTE_WRITE_HEADERS: metricsHeader,
      },
    },
    worker: {
      plain: {
        ...common,
        ...metrics,
        DATABASE_POOL_MAX: String(worker.poolPerProcess),
        SHUTDOWN_TIMEOUT_MS: endingWithin(app.graceSeconds).SHUTDOWN_TIMEOUT_MS,
      },
      secret: {
        DATABASE_URL: postgres.appUrl,
        DATABASE_POOLER_URL: postgres.pooledUrl,
        REMOTE_WRITE_HEADERS: metricsHeader,
      },
    },
    migrate: {
      plain: { ...common, APP_ROLE: appRoleOf(config.postgres) },
      secret: { MIGRATION_DATABASE_URL: postgres.ownerUrl },
    },
  };
}
