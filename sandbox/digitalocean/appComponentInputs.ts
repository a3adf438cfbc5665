import { z } from "zod";
import { appLimits } from "../../prices/digitalocean";
import { filled } from "./shapes";

/*
 * Inputs of an app as the provider takes them (terraform-provider-digitalocean, digitalocean/app/
 * app_spec.go, read 2026-11-28). What only the API refuses is in appRules.ts.
 */

const count = z.int().min(0);
const within = ({ low, high }: { readonly low: number; readonly high: number }) =>
  z.int().min(low).max(high);

export const alertDestinations = z.strictObject({
  emails: z.array(z.string().min(3).max(100)).optional(),
  slackWebhooks: z.array(z.strictObject({ channel: filled, url: filled })).optional(),
});

const windows = [
  ...(["FIVE_MINUTES", "TEN_MINUTES", "THIRTY_MINUTES", "ONE_HOUR"] as const),
  "UNSPECIFIED_WINDOW",
] as const;

const componentAlerts = z
  .array(
    z.strictObject({
      rule: z.enum(["UNSPECIFIED_RULE", "CPU_UTILIZATION", "MEM_UTILIZATION", "RESTART_COUNT"]),
      operator: z.enum(["GREATER_THAN", "LESS_THAN", "UNSPECIFIED_OPERATOR"]),
      value: z.number().min(0),
      window: z.enum(windows),
      disabled: z.boolean().optional(),
      destinations: alertDestinations.optional(),
    }),
  )
  .optional();

export const envs = z
  .array(
    z.strictObject({
      key: z.string().optional(),
      value: z.string().optional(),
      scope: z.enum(["UNSET", "RUN_TIME", "BUILD_TIME", "RUN_AND_BUILD_TIME"]).optional(),
      type: z.enum(["GENERAL", "SECRET"]).optional(),
    }),
  )
  .optional();

const hosted = z
  .strictObject({
    branch: z.string().optional(),
    deployOnPush: z.boolean().optional(),
    repo: z.string().optional(),
  })
  .optional();
const sources = {
  git: z
    .strictObject({ branch: z.string().optional(), repoCloneUrl: z.string().optional() })
    .optional(),
  github: hosted,
  gitlab: hosted,
  bitbucket: hosted,
  sourceDir: z.string().optional(),
};
const built = {
  buildCommand: z.string().optional(),
  dockerfilePath: z.string().optional(),
  environmentSlug: z.string().optional(),
};

const image = z
  .strictObject({
    registryType: z.enum(["UNSPECIFIED", "DOCKER_HUB", "DOCR", "GHCR"]),
    registry: z.string().optional(),
    repository: z.string(),
    tag: z.string().optional(),
    digest: z.string().optional(),
    registryCredentials: z.string().optional(),
    deployOnPushes: z
      .array(z.strictObject({ enabled: z.boolean().optional() }))
      .max(1)
      .optional(),
  })
  .optional();

const logDestinations = z
  .array(
    z.strictObject({
      name: z.string(),
      datadog: z.strictObject({ apiKey: z.string(), endpoint: z.string().optional() }).optional(),
      logtail: z.strictObject({ token: z.string() }).optional(),
      papertrail: z.strictObject({ endpoint: z.string() }).optional(),
      openSearch: z
        .strictObject({
          basicAuth: z.strictObject({
            user: z.string().optional(),
            password: z.string().optional(),
          }),
          clusterName: z.string().optional(),
          endpoint: z.string().optional(),
          indexName: z.string().optional(),
        })
        .optional(),
    }),
  )
  .optional();

const healthCheck = z
  .strictObject({
    httpPath: z.string().optional(),
    port: z.int().min(1).max(65_535).optional(),
    initialDelaySeconds: count.optional(),
    periodSeconds: count.optional(),
    timeoutSeconds: count.optional(),
    successThreshold: count.optional(),
    failureThreshold: count.optional(),
  })
  .optional();

const autoscaling = z
  .strictObject({
    minInstanceCount: z.int().min(1),
    maxInstanceCount: z.int().min(1),
    metrics: z.strictObject({
      cpu: z.strictObject({ percent: within(appLimits.cpuPercent) }).optional(),
    }),
  })
  .optional();

export const cors = z
  .strictObject({
    allowCredentials: z.boolean().optional(),
    allowHeaders: z.array(z.string()).optional(),
    allowMethods: z.array(z.string()).optional(),
    allowOrigins: z
      .strictObject({
        exact: z.string().optional(),
        prefix: z.string().optional(),
        regex: z.string().optional(),
      })
      .optional(),
    exposeHeaders: z.array(z.string()).optional(),
    maxAge: z.string().optional(),
  })
  .optional();

const routes = z
  .array(
    z.strictObject({ path: z.string().optional(), preservePathPrefix: z.boolean().optional() }),
  )
  .optional();

const gracePeriodSeconds = within(appLimits.graceSeconds).optional();
const termination = z.strictObject({ gracePeriodSeconds }).optional();

const component = {
  name: z.string(),
  ...sources,
  ...built,
  ...{ image, envs, logDestinations },
  alerts: componentAlerts,
  runCommand: z.string().optional(),
  instanceCount: count.optional(),
  instanceSizeSlug: z.string().optional(),
};

export const service = z.strictObject({
  ...component,
  ...{ autoscaling, healthCheck, livenessHealthCheck: healthCheck, routes, cors },
  httpPort: z.int().optional(),
  internalPorts: z.array(z.int()).optional(),
  termination: z
    .strictObject({ gracePeriodSeconds, drainSeconds: within(appLimits.drainSeconds).optional() })
    .optional(),
});

export const worker = z.strictObject({
  ...component,
  ...{ autoscaling, livenessHealthCheck: healthCheck, termination },
});

export const job = z.strictObject({
  ...component,
  termination,
  kind: z.enum(["UNSPECIFIED", "PRE_DEPLOY", "POST_DEPLOY", "FAILED_DEPLOY"]).optional(),
});

export const staticSite = z.strictObject({
  name: z.string(),
  ...sources,
  ...built,
  ...{ envs, routes, cors },
  catchallDocument: z.string().optional(),
  errorDocument: z.string().optional(),
  indexDocument: z.string().optional(),
  outputDir: z.string().optional(),
});

export const functions = z.strictObject({
  name: z.string(),
  ...sources,
  ...{ envs, routes, cors, logDestinations },
  alerts: componentAlerts,
});

export const database = z.strictObject({
  name: z.string().optional(),
  engine: z
    .enum(["UNSET", "MYSQL", "PG", "REDIS", "MONGODB", "KAFKA", "OPENSEARCH", "VALKEY"])
    .optional(),
  version: z.string().optional(),
  production: z.boolean().optional(),
  clusterName: z.string().optional(),
  dbName: z.string().optional(),
  dbUser: z.string().optional(),
});
