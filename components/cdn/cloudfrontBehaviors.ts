import type { CachePolicyArgs, ResponseHeadersPolicyArgs } from "@pulumi/aws/cloudfront";
import type { input } from "@pulumi/aws/types";
import type { Input } from "@pulumi/pulumi";
import {
  cachePolicyIds,
  distributionChoices,
  type MinimumTls,
  originRequestPolicyIds,
} from "../../prices/aws";
import { edgePaths } from "./expressions";
import { headersIfAbsent } from "./securityHeaders";

const YEAR_SECONDS = 31_536_000;

/** The one origin, by the name that the behaviors call it by. */
export const originId = "app";

/**
 * What `/assets/*` is kept by: as long as the answer says, a year at the most. What says nothing is not
 * kept, and what forbids it is obeyed (a minimum above 0 would overrule a `no-store`), so that neither
 * an error nor a page in a file's place stays for a year. The query is no part of the key: the names of
 * these files change with their content.
 */
export function assetCachePolicy(name: string): CachePolicyArgs {
  return {
    comment: `${name}: assets, for as long as the answer says`,
    minTtl: 0,
    defaultTtl: 0,
    maxTtl: YEAR_SECONDS,
    parametersInCacheKeyAndForwardedToOrigin: {
      cookiesConfig: { cookieBehavior: "none" },
      headersConfig: { headerBehavior: "none" },
      queryStringsConfig: { queryStringBehavior: "none" },
      enableAcceptEncodingBrotli: true,
      enableAcceptEncodingGzip: true,
    },
  };
}

/**
 * The headers that Cloudflare's edge sets too. A page's own policy (CSP) is the app's to state.
 *
 * @param hstsMaxAgeSeconds 0 leaves the header out: the provider cannot send a `max-age` of 0.
 */
export function responseHeadersPolicy(
  name: string,
  hstsMaxAgeSeconds: number,
): ResponseHeadersPolicyArgs {
  return {
    comment: `${name}: security headers`,
    securityHeadersConfig: {
      // Its value can only be `nosniff`.
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: headersIfAbsent["X-Frame-Options"], override: false },
      referrerPolicy: { referrerPolicy: headersIfAbsent["Referrer-Policy"], override: false },
      ...(hstsMaxAgeSeconds > 0 && {
        strictTransportSecurity: {
          accessControlMaxAgeSec: hstsMaxAgeSeconds,
          // Neither for other hosts of the zone, which are not ours.
          includeSubdomains: false,
          preload: false,
          override: true,
        },
      }),
    },
    customHeadersConfig: {
      items: [
        {
          header: "Permissions-Policy",
          value: headersIfAbsent["Permissions-Policy"],
          override: false,
        },
      ],
    },
  };
}

/** Policies that the behaviors name. */
export interface BehaviorPolicies {
  readonly assetCachePolicyId: Input<string>;
  readonly responseHeadersPolicyId: Input<string>;
}

/**
 * Everything but assets: nothing is kept, and the app sees the whole request as the viewer sent it.
 * `AllViewer` passes the viewer's `Host` on, by which the balancer's certificate is checked, and what
 * opens a websocket (`Sec-WebSocket-*`); CloudFront adds the viewer's address to `X-Forwarded-For`.
 * CloudFront compresses only what its cache may hold, so that these answers leave as the app made them.
 */
export function defaultBehavior({
  responseHeadersPolicyId,
}: BehaviorPolicies): input.cloudfront.DistributionDefaultCacheBehavior {
  return {
    targetOriginId: originId,
    viewerProtocolPolicy: "redirect-to-https",
    allowedMethods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
    cachedMethods: ["GET", "HEAD"],
    cachePolicyId: cachePolicyIds.CachingDisabled,
    originRequestPolicyId: originRequestPolicyIds.AllViewer,
    responseHeadersPolicyId,
    compress: true,
  };
}

/** Of an asset request the app sees no more than the `Host`: what is kept is the same for everybody. */
export function assetBehavior({
  assetCachePolicyId,
  responseHeadersPolicyId,
}: BehaviorPolicies): input.cloudfront.DistributionOrderedCacheBehavior {
  return {
    pathPattern: `${edgePaths.assets}*`,
    targetOriginId: originId,
    viewerProtocolPolicy: "redirect-to-https",
    allowedMethods: ["GET", "HEAD"],
    cachedMethods: ["GET", "HEAD"],
    cachePolicyId: assetCachePolicyId,
    originRequestPolicyId: originRequestPolicyIds.HostHeaderOnly,
    responseHeadersPolicyId,
    compress: true,
  };
}

/** No error is kept: 10 seconds is what CloudFront would do, the API's included. */
export const errorResponses: readonly input.cloudfront.DistributionCustomErrorResponse[] =
  distributionChoices.errorCodes.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 }));

/** A certificate of one's own, or that of `*.cloudfront.net`, which sets its TLS itself. */
export function viewerCertificate(
  acmCertificateArn: Input<string> | undefined,
  minimumProtocolVersion: MinimumTls,
): input.cloudfront.DistributionViewerCertificate {
  return acmCertificateArn === undefined
    ? { cloudfrontDefaultCertificate: true }
    : { acmCertificateArn, minimumProtocolVersion, sslSupportMethod: "sni-only" };
}

/**
 * A VPC origin's name: one in use cannot be changed, so a change makes another one beside it, and two
 * must not have the same name.
 */
export function vpcOriginName(stem: string, endpoint: string, balancerArn: string): string {
  return `${stem}-${endpoint}-${balancerArn.split("/").at(-1) ?? ""}`;
}
