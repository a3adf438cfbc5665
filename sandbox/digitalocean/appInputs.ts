import { z } from "zod";
import {
  alertDestinations,
  cors,
  database,
  envs,
  functions,
  job,
  service,
  staticSite,
  worker,
} from "./appComponentInputs";
import { filled } from "./shapes";

const appRules = [
  ...(["DEPLOYMENT_FAILED", "DEPLOYMENT_LIVE", "DEPLOYMENT_STARTED"] as const),
  ...(["DEPLOYMENT_CANCELED", "DOMAIN_FAILED", "DOMAIN_LIVE"] as const),
  ...(["AUTOSCALE_FAILED", "AUTOSCALE_SUCCEEDED"] as const),
] as const;
/** Of an app as a whole: something happened, so that there is nothing to compare. */
const appAlerts = z
  .array(
    z.strictObject({
      rule: z.enum(appRules),
      disabled: z.boolean().optional(),
      destinations: alertDestinations.optional(),
    }),
  )
  .optional();

const ingressRule = z.strictObject({
  match: z
    .strictObject({
      path: z.strictObject({ prefix: z.string().optional() }).optional(),
      authority: z.strictObject({ exact: z.string().optional() }).optional(),
    })
    .optional(),
  component: z
    .strictObject({
      name: z.string().optional(),
      preservePathPrefix: z.boolean().optional(),
      rewrite: z.string().optional(),
    })
    .optional(),
  redirect: z
    .strictObject({
      uri: z.string().optional(),
      authority: z.string().optional(),
      port: z.int().optional(),
      scheme: z.string().optional(),
      redirectCode: z.int().optional(),
    })
    .optional(),
  cors,
});

const spec = z.strictObject({
  name: z.string().min(2).max(32),
  region: z.string().optional(),
  disableEdgeCache: z.boolean().optional(),
  disableEmailObfuscation: z.boolean().optional(),
  enhancedThreatControlEnabled: z.boolean().optional(),
  domainNames: z
    .array(
      z.strictObject({
        name: z.string(),
        type: z.enum(["DEFAULT", "PRIMARY", "ALIAS"]).optional(),
        wildcard: z.boolean().optional(),
        zone: z.string().optional(),
      }),
    )
    .optional(),
  domains: z.array(z.string()).optional(),
  features: z.array(z.string()).optional(),
  services: z.array(service).optional(),
  workers: z.array(worker).optional(),
  jobs: z.array(job).optional(),
  staticSites: z.array(staticSite).optional(),
  functions: z.array(functions).optional(),
  databases: z.array(database).optional(),
  envs,
  alerts: appAlerts,
  ingress: z
    .strictObject({
      rules: z.array(ingressRule).optional(),
      secureHeader: z
        .strictObject({ key: z.string().optional(), value: z.string().optional() })
        .optional(),
    })
    .optional(),
  egresses: z
    .array(z.strictObject({ type: z.enum(["AUTOASSIGN", "DEDICATED_IP"]).optional() }))
    .optional(),
  maintenance: z
    .strictObject({
      enabled: z.boolean().optional(),
      archive: z.boolean().optional(),
      offlinePageUrl: z.string().optional(),
    })
    .optional(),
  vpcs: z.array(z.strictObject({ id: filled })).optional(),
});

export const appInputs = z.object({
  spec: spec.optional(),
  projectId: filled.optional(),
  deploymentPerPage: z.int().optional(),
  dedicatedIps: z
    .array(
      z.strictObject({
        id: z.string().optional(),
        ip: z.string().optional(),
        status: z.string().optional(),
      }),
    )
    .optional(),
});

export type AppSpecInputs = z.infer<typeof spec>;
