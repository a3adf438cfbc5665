import { z } from "zod";
import { cloudfrontLimits, distributionChoices } from "../../../prices/aws";
import { arn, filled } from "../shapes";

const flag = z.boolean().optional();
const methods = z.array(z.enum(["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]));
const within = ({ low, high }: { readonly low: number; readonly high: number }) =>
  z.int().min(low).max(high);

/** Behaviors go by policies alone; the older `forwardedValues` and their lifetimes are not taken. */
const behavior = {
  targetOriginId: filled,
  viewerProtocolPolicy: z.enum(["allow-all", "https-only", "redirect-to-https"]),
  allowedMethods: methods,
  cachedMethods: methods,
  cachePolicyId: filled,
  originRequestPolicyId: filled.optional(),
  responseHeadersPolicyId: filled.optional(),
  compress: flag,
  smoothStreaming: z.literal(false).optional(),
};

const keepAlive = within(cloudfrontLimits.originKeepAliveSeconds).optional();
const read = within(cloudfrontLimits.originReadTimeoutSeconds).optional();
const sslProtocols = z.array(z.enum(["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"])).min(1);

const origin = z.strictObject({
  originId: filled,
  domainName: filled,
  originPath: z
    .string()
    .regex(/^(|\/.*[^/])$/, "a path begins with a slash and does not end with one")
    .optional(),
  connectionAttempts: within(cloudfrontLimits.connectionAttempts).optional(),
  connectionTimeout: within(cloudfrontLimits.connectionTimeoutSeconds).optional(),
  customHeaders: z.array(z.strictObject({ name: filled, value: z.string() })).optional(),
  vpcOriginConfig: z
    .strictObject({
      vpcOriginId: filled,
      originKeepaliveTimeout: keepAlive,
      originReadTimeout: read,
    })
    .optional(),
  customOriginConfig: z
    .strictObject({
      httpPort: z.int().min(1).max(65_535),
      httpsPort: z.int().min(1).max(65_535),
      originProtocolPolicy: z.enum(["http-only", "https-only", "match-viewer"]),
      originSslProtocols: sslProtocols,
      ipAddressType: z.enum(["ipv4", "ipv6", "dualstack"]).optional(),
      originKeepaliveTimeout: keepAlive,
      originReadTimeout: read,
    })
    .optional(),
});

/** Those of old are refused by browsers, and CloudFront still takes them. */
const minimumTls = z.enum([
  ...(["TLSv1", "TLSv1_2016", "TLSv1.1_2016"] as const),
  ...distributionChoices.minimumTls,
]);

export const distributionInputs = z.object({
  aliases: z.array(filled).optional(),
  comment: z.string().max(cloudfrontLimits.commentLength).optional(),
  customErrorResponses: z
    .array(
      z.strictObject({
        errorCode: z
          .int()
          .refine((code) => (distributionChoices.errorCodes as readonly number[]).includes(code), {
            error: () => `one of ${distributionChoices.errorCodes.join(", ")}`,
          }),
        errorCachingMinTtl: z.int().min(0).optional(),
        responseCode: z.int().optional(),
        responsePagePath: z.string().optional(),
      }),
    )
    .optional(),
  defaultCacheBehavior: z.strictObject(behavior),
  orderedCacheBehaviors: z
    .array(z.strictObject({ ...behavior, pathPattern: z.string().min(1).max(255) }))
    .optional(),
  defaultRootObject: z.string().optional(),
  enabled: z.boolean(),
  httpVersion: z.enum(cloudfrontLimits.httpVersions).optional(),
  isIpv6Enabled: flag,
  loggingConfig: z
    .strictObject({
      bucket: filled.optional(),
      includeCookies: flag,
      prefix: z.string().optional(),
    })
    .optional(),
  origins: z.array(origin).min(1),
  priceClass: z.enum([...cloudfrontLimits.priceClasses, "None"]).optional(),
  restrictions: z.strictObject({
    geoRestriction: z.strictObject({
      restrictionType: z.enum(["none", "whitelist", "blacklist"]),
      locations: z.array(z.string().regex(/^[A-Z]{2}$/)).optional(),
    }),
  }),
  retainOnDelete: flag,
  staging: z.literal(false).optional(),
  viewerCertificate: z.strictObject({
    acmCertificateArn: arn("acm").optional(),
    cloudfrontDefaultCertificate: flag,
    minimumProtocolVersion: minimumTls.optional(),
    sslSupportMethod: z.enum(["sni-only", "vip", "static-ip"]).optional(),
  }),
  waitForDeployment: flag,
  webAclId: z.string().optional(),
});
export type DistributionInputs = z.infer<typeof distributionInputs>;
