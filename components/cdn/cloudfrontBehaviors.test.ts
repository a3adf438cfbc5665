import { describe, expect, it } from "vitest";
import { cachePolicyIds, distributionChoices, originRequestPolicyIds } from "../../prices/aws";
import {
  assetBehavior,
  assetCachePolicy,
  defaultBehavior,
  errorResponses,
  originId,
  responseHeadersPolicy,
  viewerCertificate,
} from "./cloudfrontBehaviors";
import { edgeRulesets } from "./edgeRules";
import { spec as cloudflareSpec } from "./testing/sampleSpec";

const ids = { assetCachePolicyId: "assets", responseHeadersPolicyId: "headers" };

describe("what is kept", () => {
  it("is an asset for as long as its answer says, and a year at the most", () => {
    expect(assetCachePolicy("drops-test")).toEqual({
      comment: "drops-test: assets, for as long as the answer says",
      minTtl: 0,
      defaultTtl: 0,
      maxTtl: 31_536_000,
      parametersInCacheKeyAndForwardedToOrigin: {
        cookiesConfig: { cookieBehavior: "none" },
        headersConfig: { headerBehavior: "none" },
        queryStringsConfig: { queryStringBehavior: "none" },
        enableAcceptEncodingBrotli: true,
        enableAcceptEncodingGzip: true,
      },
    });
  });

  it("is no error of any kind", () => {
    expect(errorResponses.map(({ errorCode }) => errorCode)).toEqual(
      distributionChoices.errorCodes,
    );
    expect(errorResponses.every((one) => one.errorCachingMinTtl === 0)).toBe(true);
  });

  it("is nothing of the app's other answers", () => {
    expect(defaultBehavior(ids).cachePolicyId).toBe(cachePolicyIds.CachingDisabled);
  });
});

describe("what reaches the app", () => {
  it("is everything, or the host alone where the answer is kept for all", () => {
    expect(defaultBehavior(ids).originRequestPolicyId).toBe(originRequestPolicyIds.AllViewer);
    expect(assetBehavior(ids).originRequestPolicyId).toBe(originRequestPolicyIds.HostHeaderOnly);
  });

  it("comes from one origin, over HTTPS", () => {
    for (const behavior of [defaultBehavior(ids), assetBehavior(ids)])
      expect(behavior).toMatchObject({
        targetOriginId: originId,
        viewerProtocolPolicy: "redirect-to-https",
        responseHeadersPolicyId: "headers",
      });
  });

  it("is a write too, but not of an asset", () => {
    expect(defaultBehavior(ids).allowedMethods).toEqual(
      expect.arrayContaining(["POST", "PUT", "PATCH", "DELETE"]),
    );
    expect(assetBehavior(ids).allowedMethods).toEqual(["GET", "HEAD"]);
  });
});

describe("the headers of answers", () => {
  it("are these", () => {
    expect(responseHeadersPolicy("drops-test", 86_400)).toEqual({
      comment: "drops-test: security headers",
      securityHeadersConfig: {
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: "SAMEORIGIN", override: false },
        referrerPolicy: { referrerPolicy: "strict-origin-when-cross-origin", override: false },
        strictTransportSecurity: {
          accessControlMaxAgeSec: 86_400,
          includeSubdomains: false,
          preload: false,
          override: true,
        },
      },
      customHeadersConfig: {
        items: [
          {
            header: "Permissions-Policy",
            value: "camera=(), geolocation=(), microphone=(), usb=()",
            override: false,
          },
        ],
      },
    });
  });

  it("leave HSTS out at 0", () => {
    expect(responseHeadersPolicy("drops-test", 0).securityHeadersConfig).not.toHaveProperty(
      "strictTransportSecurity",
    );
  });

  it("are those of Cloudflare's edge, overriding what it overrides", () => {
    const cloudflare: Record<string, { value: string; override: boolean }> = {};
    for (const rule of edgeRulesets(cloudflareSpec).headers.rules) {
      const { headers } = rule.actionParameters as {
        headers: Record<string, { value: string }>;
      };
      for (const [name, { value }] of Object.entries(headers))
        cloudflare[name] = { value, override: !(rule.expression as string).includes("not any(") };
    }
    const policy = responseHeadersPolicy("drops-test", cloudflareSpec.hstsMaxAgeSeconds) as {
      securityHeadersConfig: {
        contentTypeOptions: { override: boolean };
        frameOptions: { frameOption: string; override: boolean };
        referrerPolicy: { referrerPolicy: string; override: boolean };
        strictTransportSecurity: { accessControlMaxAgeSec: number; override: boolean };
      };
      customHeadersConfig: { items: { header: string; value: string; override: boolean }[] };
    };
    const { contentTypeOptions, frameOptions, referrerPolicy, strictTransportSecurity } =
      policy.securityHeadersConfig;
    expect({
      "X-Content-Type-Options": { value: "nosniff", override: contentTypeOptions.override },
      "X-Frame-Options": { value: frameOptions.frameOption, override: frameOptions.override },
      "Referrer-Policy": {
        value: referrerPolicy.referrerPolicy,
        override: referrerPolicy.override,
      },
      "Strict-Transport-Security": {
        value: `max-age=${strictTransportSecurity.accessControlMaxAgeSec}`,
        override: strictTransportSecurity.override,
      },
      ...Object.fromEntries(
        policy.customHeadersConfig.items.map(({ header, ...rest }) => [header, rest]),
      ),
    }).toEqual(cloudflare);
  });
});

describe("the certificate for viewers", () => {
  it("is one's own with its oldest TLS, or CloudFront's without a word", () => {
    expect(viewerCertificate("arn", "TLSv1.2_2025")).toEqual({
      acmCertificateArn: "arn",
      minimumProtocolVersion: "TLSv1.2_2025",
      sslSupportMethod: "sni-only",
    });
    expect(viewerCertificate(undefined, "TLSv1.2_2025")).toEqual({
      cloudfrontDefaultCertificate: true,
    });
  });
});
