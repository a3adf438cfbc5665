import { priceListRecords, pricingPageQuotes, serviceModels } from "./sources";

/** Route 53: zones, queries and health checks. */
export const route53Prices = {
  usdZoneMonth: 0.5,
  usdMillionQueries: { simple: 0.4, latency: 0.6, geo: 0.7 },
  healthCheck: {
    /** Of an endpoint in AWS, in the account or one linked to it. */
    aws: { usdMonth: 0.5, usdFeatureMonth: 1 },
    other: { usdMonth: 0.75, usdFeatureMonth: 2 },
  },
  dated: priceListRecords,
  /**
   * The pricing page gives an account so many checks of AWS endpoints free. Whether a CloudFront
   * distribution is such an endpoint was not found: no check is priced as free.
   */
  freeAwsChecks: 50,
  freeDated: pricingPageQuotes,
} as const;

/** What a health check may be. */
export const healthCheckLimits = {
  /** 10 is a feature that costs. */
  intervalSeconds: [10, 30],
  failureThreshold: { low: 1, high: 10, default: 3 },
  /** Bytes of a response that are searched for a string, which is a feature that costs. */
  searchedBytes: 5_120,
  endpointTypes: ["HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"],
  regions: [
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
  ],
  dated: serviceModels,
} as const;

/** A health check's settings, as far as they cost. */
export interface HealthCheckShape {
  readonly type: string;
  readonly intervalSeconds: number;
  readonly measureLatency: boolean;
}

/** Optional features of a health check, each of which is billed: TLS, a string, speed, latency. */
export function healthCheckFeatures(shape: HealthCheckShape): readonly string[] {
  return [
    ...(shape.type.startsWith("HTTPS") ? ["HTTPS"] : []),
    ...(shape.type.endsWith("_STR_MATCH") ? ["string matching"] : []),
    ...(shape.intervalSeconds === 10 ? ["10 s interval"] : []),
    ...(shape.measureLatency ? ["latency"] : []),
  ];
}
