import type { World } from "../../contracts";
import type {
  CachePolicy,
  OriginRequestPolicy,
  Picked,
  ResponseHeadersPolicy,
} from "../../edge/cloudfront/types";
import {
  managedCachePolicies,
  managedOriginRequestPolicies,
  managedResponseHeadersPolicies,
} from "./managedPolicies";
import { cachePolicyType, originRequestPolicyType, responseHeadersPolicyType } from "./policies";
import type {
  CachePolicyInputs,
  OriginRequestPolicyInputs,
  ResponseHeadersPolicyInputs,
} from "./policyInputs";

/** Undefined: there is none with this id, of an account or of AWS. */
export function cachePolicyView(world: World, id: string): CachePolicy | undefined {
  const managed = managedCachePolicies.get(id);
  if (managed) return managed;
  const found = world.get(cachePolicyType, id);
  if (!found) return undefined;
  const given = found.inputs as unknown as CachePolicyInputs;
  const { cookiesConfig, headersConfig, queryStringsConfig, ...encodings } =
    given.parametersInCacheKeyAndForwardedToOrigin;
  return {
    id,
    minTtl: given.minTtl ?? 0,
    defaultTtl: given.defaultTtl ?? 0,
    maxTtl: given.maxTtl ?? 0,
    gzip: encodings.enableAcceptEncodingGzip === true,
    brotli: encodings.enableAcceptEncodingBrotli === true,
    headers: picked(headersConfig.headerBehavior, headersConfig.headers),
    cookies: picked(cookiesConfig.cookieBehavior, cookiesConfig.cookies),
    queryStrings: picked(queryStringsConfig.queryStringBehavior, queryStringsConfig.queryStrings),
  };
}

export function originRequestPolicyView(world: World, id: string): OriginRequestPolicy | undefined {
  const managed = managedOriginRequestPolicies.get(id);
  if (managed) return managed;
  const found = world.get(originRequestPolicyType, id);
  if (!found) return undefined;
  const { cookiesConfig, headersConfig, queryStringsConfig } =
    found.inputs as unknown as OriginRequestPolicyInputs;
  return {
    headers: {
      behavior: headersConfig.headerBehavior ?? "none",
      items: headersConfig.headers?.items ?? [],
    },
    cookies: picked(cookiesConfig.cookieBehavior, cookiesConfig.cookies),
    queryStrings: picked(queryStringsConfig.queryStringBehavior, queryStringsConfig.queryStrings),
  };
}

export function responseHeadersPolicyView(
  world: World,
  id: string,
): ResponseHeadersPolicy | undefined {
  const managed = managedResponseHeadersPolicies.get(id);
  if (managed) return managed;
  const found = world.get(responseHeadersPolicyType, id);
  if (!found) return undefined;
  const given = found.inputs as unknown as ResponseHeadersPolicyInputs;
  const { customHeadersConfig, removeHeadersConfig, corsConfig } = given;
  return {
    set: [
      ...securityHeaders(given),
      ...(customHeadersConfig?.items ?? []).map(({ header, value, override }) => ({
        ...{ name: header, value, override },
      })),
    ],
    remove: (removeHeadersConfig?.items ?? []).map(({ header }) => header),
    ...(corsConfig && { cors: corsOf(corsConfig) }),
  };
}

function securityHeaders({ securityHeadersConfig: security = {} }: ResponseHeadersPolicyInputs) {
  const { contentSecurityPolicy, contentTypeOptions, frameOptions, referrerPolicy } = security;
  const { strictTransportSecurity: hsts, xssProtection: xss } = security;
  const header = (
    name: string,
    setting: { readonly override: boolean } | undefined,
    value: string | undefined,
  ) => (setting && value !== undefined ? [{ name, value, override: setting.override }] : []);
  return [
    ...header(
      ...(["Content-Security-Policy", contentSecurityPolicy] as const),
      contentSecurityPolicy?.contentSecurityPolicy,
    ),
    ...header("X-Content-Type-Options", contentTypeOptions, "nosniff"),
    ...header("X-Frame-Options", frameOptions, frameOptions?.frameOption),
    ...header("Referrer-Policy", referrerPolicy, referrerPolicy?.referrerPolicy),
    ...header(
      ...(["Strict-Transport-Security", hsts] as const),
      hsts &&
        [
          `max-age=${hsts.accessControlMaxAgeSec}`,
          ...(hsts.includeSubdomains ? ["includeSubDomains"] : []),
          ...(hsts.preload ? ["preload"] : []),
        ].join("; "),
    ),
    ...header(
      ...(["X-XSS-Protection", xss] as const),
      xss &&
        [
          xss.protection ? "1" : "0",
          ...(xss.modeBlock ? ["mode=block"] : []),
          ...(xss.reportUri === undefined ? [] : [`report=${xss.reportUri}`]),
        ].join("; "),
    ),
  ];
}

function corsOf(
  cors: NonNullable<ResponseHeadersPolicyInputs["corsConfig"]>,
): NonNullable<ResponseHeadersPolicy["cors"]> {
  const { accessControlMaxAgeSec: maxAge } = cors;
  return {
    origins: cors.accessControlAllowOrigins.items,
    methods: cors.accessControlAllowMethods.items,
    headers: cors.accessControlAllowHeaders.items,
    exposed: cors.accessControlExposeHeaders?.items ?? [],
    credentials: cors.accessControlAllowCredentials,
    override: cors.originOverride,
    ...(maxAge !== undefined && { maxAge }),
  };
}

const picked = (
  behavior: Picked["behavior"] | undefined,
  names: { readonly items?: readonly string[] | undefined } | undefined,
): Picked => ({ behavior: behavior ?? "none", items: names?.items ?? [] });
