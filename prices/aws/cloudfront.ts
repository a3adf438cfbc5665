import type { Dated } from "../types";
import type { PriceBand } from "./network";
import {
  cdkSource,
  cloudfrontPriceNotes,
  priceListRecords,
  serviceModels,
  websocketNotes,
} from "./sources";

/** CloudFront by use, to users in the United States and Europe; elsewhere it costs more. */
export const cloudfrontPrices = {
  /** Transfer to users, USD a GB. */
  toUsers: [
    { upTo: 10_240, usdGb: 0.085 },
    { upTo: 51_200, usdGb: 0.08 },
  ],
  /** USD for 10,000 requests. */
  requests: {
    https: { us: 0.01, europe: 0.012 },
    http: { us: 0.0075, europe: 0.009 },
  },
  /** What users send on to the origin. */
  toOriginUsdGb: 0.02,
  invalidations: { freePaths: 1_000 },
  /** Invocations of CloudFront Functions, USD a million. */
  functionsUsdMillion: 0.1,
  /** Of an account, every month, without an end. */
  free: { transferGb: 1_000, requestsMillions: 10 },
  dated: priceListRecords,
  freeDated: cloudfrontPriceNotes,
} as const satisfies { readonly toUsers: readonly PriceBand[] } & Record<string, unknown>;

/**
 * Plans at a fixed price for one distribution, with AWS WAF, DNS and log ingestion in it, and without
 * a charge for what goes beyond.
 */
export const cloudfrontPlans = {
  free: { usdMonthly: 0, requestsMillions: 1, transferGb: 100 },
  pro: { usdMonthly: 15, requestsMillions: 10, transferGb: 50_000 },
  business: { usdMonthly: 200, requestsMillions: 125, transferGb: 50_000 },
  premium: { usdMonthly: 1_000, requestsMillions: 500, transferGb: 50_000 },
} as const;
export type CloudfrontPlan = keyof typeof cloudfrontPlans;
export const cloudfrontPlansDated: Dated = cloudfrontPriceNotes;

/** The cheapest plan that includes a month of this size, or undefined where none does. */
export function cloudfrontPlanFor(
  requestsMillions: number,
  transferGb: number,
): CloudfrontPlan | undefined {
  return (Object.keys(cloudfrontPlans) as CloudfrontPlan[]).find(
    (name) =>
      cloudfrontPlans[name].requestsMillions >= requestsMillions &&
      cloudfrontPlans[name].transferGb >= transferGb,
  );
}

/** The price of metrics that a monitoring subscription adds was not found. */
export const cloudfrontAdditionalMetrics = { usdMetricMonth: null } as const;

/** Ranges and defaults of a distribution and its origins. */
export const cloudfrontLimits = {
  /** How long CloudFront waits for the origin's first byte, and between two. Seconds. */
  originReadTimeoutSeconds: { low: 1, high: 120, default: 30 },
  originKeepAliveSeconds: { low: 1, high: 120, default: 5 },
  connectionAttempts: { low: 1, high: 3, default: 3 },
  connectionTimeoutSeconds: { low: 1, high: 10, default: 10 },
  commentLength: 128,
  httpVersions: ["http1.1", "http2", "http3", "http2and3"],
  priceClasses: ["PriceClass_100", "PriceClass_200", "PriceClass_All"],
  /** An idle websocket is closed then; it cannot be changed. */
  websocketIdleSeconds: 600,
  dated: serviceModels,
  websocketDated: websocketNotes,
} as const;

/** Managed cache policies by the name that the console shows. */
export const cachePolicyIds = {
  CachingOptimized: "658327ea-f89d-4fab-a63d-7e88639e58f6",
  CachingOptimizedForUncompressedObjects: "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
  CachingDisabled: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
  UseOriginCacheControlHeaders: "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
  "UseOriginCacheControlHeaders-QueryStrings": "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
} as const;

/** Managed origin request policies. A websocket needs one that passes its headers on: `AllViewer`. */
export const originRequestPolicyIds = {
  AllViewer: "216adef6-5c7f-47e4-b989-5492eafa07d3",
  AllViewerExceptHostHeader: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
  "AllViewerAndCloudFrontHeaders-2022-06": "33f36d7e-f396-46d9-90e0-52428a34d9dc",
  "CORS-CustomOrigin": "59781a5b-3903-41f3-afcb-af62929ccde1",
  "CORS-S3Origin": "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
  HostHeaderOnly: "bf0718e1-ba1e-49d1-88b1-f726733018ae",
  UserAgentRefererHeaders: "acba4595-bd28-49b8-b9fe-13317c0390fa",
} as const;

/** Managed response headers policies. */
export const responseHeadersPolicyIds = {
  SecurityHeadersPolicy: "67f7725c-6f97-4210-82d7-5512b31e9d03",
  SimpleCORS: "60669652-455b-4ae9-85a4-c4c02393f86c",
  "CORS-With-Preflight": "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
  "CORS-and-SecurityHeadersPolicy": "e61eb60c-9c35-4d20-a928-2b84e02af89c",
  "CORS-with-preflight-and-SecurityHeadersPolicy": "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
} as const;
export const managedPoliciesDated: Dated = cdkSource;
