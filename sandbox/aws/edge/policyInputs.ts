import { z } from "zod";
import { filled } from "../shapes";

/*
 * Inputs of CloudFront's policies, as the provider declares them. Lists of names stand in an object
 * of their own, as in the API.
 */

const names = z.strictObject({ items: z.array(filled).optional() }).optional();
const behaviors = z.enum(["none", "whitelist", "allExcept", "all"]);
const seconds = z.int().min(0).optional();

const cookiesConfig = z.strictObject({ cookieBehavior: behaviors, cookies: names });
const queryStringsConfig = z.strictObject({ queryStringBehavior: behaviors, queryStrings: names });

const policyName = z
  .string()
  .regex(/^[\w-]{1,128}$/, "1 to 128 letters, digits, hyphens and underscores")
  .optional();

export const cachePolicyInputs = z.object({
  name: policyName,
  comment: z.string().max(128).optional(),
  minTtl: seconds,
  defaultTtl: seconds,
  maxTtl: seconds,
  parametersInCacheKeyAndForwardedToOrigin: z.strictObject({
    cookiesConfig,
    headersConfig: z.strictObject({
      headerBehavior: z.enum(["none", "whitelist"]).optional(),
      headers: names,
    }),
    queryStringsConfig,
    enableAcceptEncodingBrotli: z.boolean().optional(),
    enableAcceptEncodingGzip: z.boolean().optional(),
  }),
});
export type CachePolicyInputs = z.infer<typeof cachePolicyInputs>;

export const originRequestPolicyInputs = z.object({
  name: policyName,
  comment: z.string().max(128).optional(),
  cookiesConfig,
  headersConfig: z.strictObject({
    headerBehavior: z
      .enum(["none", "whitelist", "allViewer", "allViewerAndWhitelistCloudFront", "allExcept"])
      .optional(),
    headers: names,
  }),
  queryStringsConfig,
});
export type OriginRequestPolicyInputs = z.infer<typeof originRequestPolicyInputs>;

const flag = z.boolean();
const required = z.strictObject({ items: z.array(filled) });

export const responseHeadersPolicyInputs = z.object({
  name: policyName,
  comment: z.string().max(128).optional(),
  corsConfig: z
    .strictObject({
      accessControlAllowCredentials: flag,
      accessControlAllowHeaders: required,
      accessControlAllowMethods: z.strictObject({
        items: z.array(z.enum(["GET", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "HEAD", "ALL"])),
      }),
      accessControlAllowOrigins: required,
      accessControlExposeHeaders: required.optional(),
      accessControlMaxAgeSec: z.int().min(0).optional(),
      originOverride: flag,
    })
    .optional(),
  customHeadersConfig: z
    .strictObject({
      items: z
        .array(z.strictObject({ header: filled, value: z.string(), override: flag }))
        .optional(),
    })
    .optional(),
  removeHeadersConfig: z
    .strictObject({ items: z.array(z.strictObject({ header: filled })).optional() })
    .optional(),
  securityHeadersConfig: z
    .strictObject({
      contentSecurityPolicy: z
        .strictObject({ contentSecurityPolicy: filled, override: flag })
        .optional(),
      contentTypeOptions: z.strictObject({ override: flag }).optional(),
      frameOptions: z
        .strictObject({ frameOption: z.enum(["DENY", "SAMEORIGIN"]), override: flag })
        .optional(),
      referrerPolicy: z
        .strictObject({
          referrerPolicy: z.enum([
            ...(["no-referrer", "no-referrer-when-downgrade", "origin"] as const),
            ...(["origin-when-cross-origin", "same-origin", "strict-origin"] as const),
            ...(["strict-origin-when-cross-origin", "unsafe-url"] as const),
          ]),
          override: flag,
        })
        .optional(),
      strictTransportSecurity: z
        .strictObject({
          accessControlMaxAgeSec: z.int().min(0),
          includeSubdomains: flag.optional(),
          preload: flag.optional(),
          override: flag,
        })
        .optional(),
      xssProtection: z
        .strictObject({
          protection: flag,
          modeBlock: flag.optional(),
          reportUri: z.string().optional(),
          override: flag,
        })
        .optional(),
    })
    .optional(),
  serverTimingHeadersConfig: z
    .strictObject({ enabled: flag, samplingRate: z.number().min(0).max(100) })
    .optional(),
});
export type ResponseHeadersPolicyInputs = z.infer<typeof responseHeadersPolicyInputs>;
