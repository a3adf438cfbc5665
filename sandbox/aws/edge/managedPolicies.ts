import {
  cachePolicyIds,
  originRequestPolicyIds,
  responseHeadersPolicyIds,
} from "../../../prices/aws";
import type {
  CachePolicy,
  OriginRequestPolicy,
  Picked,
  ResponseHeadersPolicy,
} from "../../edge/cloudfront/types";

/*
 * What CloudFront's managed policies say (CloudFront's guide, "Use managed … policies", as stored
 * copies). Their ids are in the price book.
 */

const none: Picked = { behavior: "none", items: [] };
const all: Picked = { behavior: "all", items: [] };
const only = (...items: readonly string[]): Picked => ({ behavior: "whitelist", items });

const YEAR = 31_536_000;
const DAY = 86_400;

const optimized = { minTtl: 1, defaultTtl: DAY, maxTtl: YEAR };
const disabled = { minTtl: 0, defaultTtl: 0, maxTtl: 0 };
const byOrigin = { minTtl: 0, defaultTtl: 0, maxTtl: YEAR };
const packed = { gzip: true, brotli: true };
const plain = { gzip: false, brotli: false };
const noKeys = { headers: none, cookies: none, queryStrings: none };
const originKeys = {
  headers: only(
    ...["Host", "Origin", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"],
  ),
  cookies: all,
};

const cachePolicies: Record<keyof typeof cachePolicyIds, Omit<CachePolicy, "id">> = {
  CachingOptimized: { ...optimized, ...packed, ...noKeys },
  CachingOptimizedForUncompressedObjects: { ...optimized, ...plain, ...noKeys },
  CachingDisabled: { ...disabled, ...plain, ...noKeys },
  UseOriginCacheControlHeaders: { ...byOrigin, ...packed, ...originKeys, queryStrings: none },
  "UseOriginCacheControlHeaders-QueryStrings": {
    ...{ ...byOrigin, ...packed, ...originKeys },
    queryStrings: all,
  },
};

/** Headers that CloudFront adds, of the policy from June 2022. */
const cloudfrontHeaders = [
  ...["Viewer-Address", "Viewer-ASN", "Viewer-City", "Viewer-Country", "Viewer-Country-Name"],
  ...["Viewer-Country-Region", "Viewer-Country-Region-Name", "Viewer-Http-Version"],
  ...["Viewer-Latitude", "Viewer-Longitude", "Viewer-Metro-Code", "Viewer-Postal-Code"],
  ...["Viewer-Time-Zone", "Viewer-TLS", "Forwarded-Proto", "Is-Android-Viewer"],
  ...["Is-Desktop-Viewer", "Is-IOS-Viewer", "Is-Mobile-Viewer", "Is-SmartTV-Viewer"],
  "Is-Tablet-Viewer",
].map((name) => `CloudFront-${name}`);

const everything = { cookies: all, queryStrings: all };
const nothingElse = { cookies: none, queryStrings: none };

const originRequestPolicies: Record<keyof typeof originRequestPolicyIds, OriginRequestPolicy> = {
  AllViewer: { headers: { behavior: "allViewer", items: [] }, ...everything },
  AllViewerExceptHostHeader: {
    headers: { behavior: "allExcept", items: ["Host"] },
    ...everything,
  },
  "AllViewerAndCloudFrontHeaders-2022-06": {
    headers: { behavior: "allViewerAndWhitelistCloudFront", items: cloudfrontHeaders },
    ...everything,
  },
  "CORS-CustomOrigin": {
    headers: { behavior: "whitelist", items: ["Origin"] },
    ...nothingElse,
  },
  "CORS-S3Origin": {
    headers: {
      behavior: "whitelist",
      items: ["Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method"],
    },
    ...nothingElse,
  },
  HostHeaderOnly: { headers: { behavior: "whitelist", items: ["Host"] }, ...nothingElse },
  UserAgentRefererHeaders: {
    headers: { behavior: "whitelist", items: ["User-Agent", "Referer"] },
    ...nothingElse,
  },
};

const header = (name: string, value: string, override = false) => ({ name, value, override });

const security = [
  header("Referrer-Policy", "strict-origin-when-cross-origin"),
  header("Strict-Transport-Security", `max-age=${YEAR}`),
  header("X-Content-Type-Options", "nosniff", true),
  header("X-Frame-Options", "SAMEORIGIN"),
  header("X-XSS-Protection", "1; mode=block"),
];

const simpleCors = {
  origins: ["*"],
  ...{ methods: [], headers: [], exposed: [], credentials: false, override: false },
};
const preflightCors = {
  ...simpleCors,
  methods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
  exposed: ["*"],
};

const responsePolicies: Record<keyof typeof responseHeadersPolicyIds, ResponseHeadersPolicy> = {
  SecurityHeadersPolicy: { set: security, remove: [] },
  SimpleCORS: { set: [], remove: [], cors: simpleCors },
  "CORS-With-Preflight": { set: [], remove: [], cors: preflightCors },
  "CORS-and-SecurityHeadersPolicy": { set: security, remove: [], cors: simpleCors },
  "CORS-with-preflight-and-SecurityHeadersPolicy": {
    ...{ set: security, remove: [], cors: preflightCors },
  },
};

function byId<Name extends string, Policy>(
  ids: Readonly<Record<Name, string>>,
  policies: Readonly<Record<Name, Policy>>,
): ReadonlyMap<string, Policy> {
  return new Map((Object.keys(ids) as Name[]).map((name) => [ids[name], policies[name]] as const));
}

/** By their ids. */
export const managedCachePolicies = new Map(
  [...byId(cachePolicyIds, cachePolicies)].map(([id, policy]) => [id, { id, ...policy }] as const),
);
export const managedOriginRequestPolicies = byId(originRequestPolicyIds, originRequestPolicies);
export const managedResponseHeadersPolicies = byId(responseHeadersPolicyIds, responsePolicies);
