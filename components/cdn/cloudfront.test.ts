import type { CustomResourceOptions } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { record } from "../../report/compose";
import { CloudFront, type CloudFrontArgs, type CloudFrontSpec } from "./cloudfront";
import { refusal, waitsFor } from "../network/testing/registered";
import { childrenOf, inputsOf, listed } from "./testing/awsEdge";

const spec: CloudFrontSpec = {
  name: "drops-test",
  aliases: ["drops.example.com", "origin-test.example.com"],
  minTls: "TLSv1.2_2021",
  priceClass: "PriceClass_100",
  hstsMaxAgeSeconds: 86_400,
  originTls: true,
  httpPort: 80,
  httpsPort: 443,
  comment: "Drops test",
};
const balancerArn =
  "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/drops-test/50dc6c495c0c9188";
const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/1";
const webAclArn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/drops-test/1";

const args = (changes: Partial<CloudFrontSpec> = {}): CloudFrontArgs => ({
  spec: { ...spec, ...changes },
  balancerArn,
  balancerDnsName: "internal-drops-test-1.eu-central-1.elb.amazonaws.com",
  certificateArn,
  webAclArn,
});
const withoutDomain: CloudFrontArgs = {
  spec: { ...spec, aliases: [], originTls: false },
  balancerArn,
  balancerDnsName: "internal-drops-test-1.eu-central-1.elb.amazonaws.com",
  webAclArn,
};
const answer = (_: string, name: string) => ({
  id: `${name}-id`,
  outputs: { domainName: "d1.cloudfront.net", arn: `arn:${name}`, hostedZoneId: "Z2FDTNDATAQYW2" },
});
const deployed = async (given: CloudFrontArgs) =>
  inputsOf(await childrenOf(() => new CloudFront("cdn", given), answer));

describe("CloudFront", () => {
  it("registers exactly these resources", async () => {
    expect(listed(await childrenOf(() => new CloudFront("cdn", args())))).toEqual([
      "CachePolicy cdn-assets",
      "Distribution cdn-distribution",
      "ResponseHeadersPolicy cdn-headers",
      "VpcOrigin cdn-origin",
    ]);
  });

  it("is a distribution with exactly these inputs", async () => {
    expect((await deployed(args()))["cdn-distribution"]).toEqual({
      enabled: true,
      comment: "Drops test",
      aliases: ["drops.example.com", "origin-test.example.com"],
      httpVersion: "http2and3",
      isIpv6Enabled: true,
      priceClass: "PriceClass_100",
      webAclId: webAclArn,
      origins: [
        {
          originId: "app",
          domainName: "internal-drops-test-1.eu-central-1.elb.amazonaws.com",
          vpcOriginConfig: {
            vpcOriginId: "cdn-origin-id",
            originKeepaliveTimeout: 60,
            originReadTimeout: 60,
          },
        },
      ],
      defaultCacheBehavior: {
        targetOriginId: "app",
        viewerProtocolPolicy: "redirect-to-https",
        allowedMethods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
        cachedMethods: ["GET", "HEAD"],
        cachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        originRequestPolicyId: "216adef6-5c7f-47e4-b989-5492eafa07d3",
        responseHeadersPolicyId: "cdn-headers-id",
        compress: true,
      },
      orderedCacheBehaviors: [
        {
          pathPattern: "/assets/*",
          targetOriginId: "app",
          viewerProtocolPolicy: "redirect-to-https",
          allowedMethods: ["GET", "HEAD"],
          cachedMethods: ["GET", "HEAD"],
          cachePolicyId: "cdn-assets-id",
          originRequestPolicyId: "bf0718e1-ba1e-49d1-88b1-f726733018ae",
          responseHeadersPolicyId: "cdn-headers-id",
          compress: true,
        },
      ],
      customErrorResponses: [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504].map(
        (errorCode) => ({ errorCode, errorCachingMinTtl: 0 }),
      ),
      restrictions: { geoRestriction: { restrictionType: "none" } },
      viewerCertificate: {
        acmCertificateArn: certificateArn,
        minimumProtocolVersion: "TLSv1.2_2021",
        sslSupportMethod: "sni-only",
      },
      waitForDeployment: true,
    });
  });

  it("answers on its own name without a domain", async () => {
    const all = await deployed(withoutDomain);
    expect(all["cdn-distribution"]).not.toHaveProperty("aliases");
    expect(all["cdn-distribution"]?.viewerCertificate).toEqual({
      cloudfrontDefaultCertificate: true,
    });
    expect(all["cdn-origin"]?.vpcOriginEndpointConfig).toMatchObject({
      originProtocolPolicy: "http-only",
    });
  });

  it("reaches the balancer over TLS by a VPC origin", async () => {
    expect((await deployed(args()))["cdn-origin"]).toEqual({
      vpcOriginEndpointConfig: {
        name: "drops-test-https-443-50dc6c495c0c9188",
        arn: balancerArn,
        httpPort: 80,
        httpsPort: 443,
        originProtocolPolicy: "https-only",
        originSslProtocols: { items: ["TLSv1.2"], quantity: 1 },
      },
    });
  });

  it.each<[string, CloudFrontArgs]>([
    ["another balancer", { ...args(), balancerArn: balancerArn.replace("50dc", "60dc") }],
    ["another protocol", args({ originTls: false })],
    ["another port", args({ httpsPort: 8_443 })],
  ])("makes a VPC origin of another name for %s", async (_, changed) => {
    const name = async (given: CloudFrontArgs) =>
      (await deployed(given))["cdn-origin"]?.vpcOriginEndpointConfig as { name: string };
    expect((await name(changed)).name).not.toBe((await name(args())).name);
  });

  it("replaces a VPC origin instead of changing it, the new one first", async () => {
    const seen: Record<string, readonly string[] | undefined> = {};
    const children = await childrenOf(
      () =>
        new CloudFront("cdn", args(), {
          transformations: [
            ({ name, opts }) => {
              seen[name] = (opts as CustomResourceOptions).replaceOnChanges;
              return undefined;
            },
          ],
        }),
    );
    expect(seen["cdn-origin"]).toEqual(["vpcOriginEndpointConfig"]);
    expect(children["cdn-origin"]?.deleteBeforeReplace).toBe(false);
  });

  it("has the distribution after what it names, and all under the component", async () => {
    const children = await childrenOf(() => new CloudFront("cdn", args()));
    expect(waitsFor(children["cdn-distribution"]!)).toEqual([
      "cdn-assets",
      "cdn-headers",
      "cdn-origin",
    ]);
    for (const { parent } of Object.values(children))
      expect(parent).toMatch(/drops:cdn:CloudFront::cdn$/);
  });

  it.each<[string, CloudFrontArgs, string]>([
    ["its first alias", args(), "https://drops.example.com"],
    ["its own name", withoutDomain, "https://d1.cloudfront.net"],
  ])("is reached at %s", async (_, given, url) => {
    const program = {
      prepare: () => undefined,
      compose: () => {
        const cdn = new CloudFront("cdn", given);
        const { publicUrl, domainName, distributionId, distributionArn, hostedZoneId } = cdn;
        return {
          outputs: { publicUrl, domainName, distributionId, distributionArn, hostedZoneId },
        };
      },
    };
    const { outputs } = await record("test", { values: {}, secretKeys: [] }, program, answer);
    expect(outputs).toEqual({
      publicUrl: url,
      domainName: "d1.cloudfront.net",
      distributionId: "cdn-distribution-id",
      distributionArn: "arn:cdn-distribution",
      hostedZoneId: "Z2FDTNDATAQYW2",
    });
  });

  it("applies overrides last, to the named child alone", async () => {
    const plain = await deployed(args());
    const changed = await deployed({
      ...args(),
      overrides: {
        origin: { tags: { a: "b" } },
        assets: { maxTtl: 60 },
        headers: { comment: "ours" },
        distribution: (given) => ({ ...given, priceClass: "PriceClass_All" }),
      },
    });
    expect(changed).toEqual({
      "cdn-origin": { ...plain["cdn-origin"], tags: { a: "b" } },
      "cdn-assets": { ...plain["cdn-assets"], maxTtl: 60 },
      "cdn-headers": { ...plain["cdn-headers"], comment: "ours" },
      "cdn-distribution": { ...plain["cdn-distribution"], priceClass: "PriceClass_All" },
    });
  });
});

describe("CloudFront refuses", () => {
  const bare = { balancerArn, balancerDnsName: "b" };
  it.each<[string, CloudFrontArgs, string]>([
    [
      "aliases without a certificate",
      { spec, ...bare },
      "args.certificateArn is missing: an alias needs a certificate that covers it",
    ],
    [
      "a certificate without aliases",
      args({ aliases: [], originTls: false }),
      "args.certificateArn is for aliases, and spec.aliases is empty",
    ],
    [
      "TLS to the balancer without a domain",
      { spec: { ...spec, aliases: [] }, ...bare },
      "spec.originTls needs an alias: no certificate of the balancer covers a cloudfront.net name",
    ],
    [
      "a URL as alias",
      args({ aliases: ["https://drops.example.com"] }),
      'spec.aliases must be host names in lower case, got "https://drops.example.com"',
    ],
    [
      "one alias twice",
      args({ aliases: ["a.example.com", "a.example.com"] }),
      "spec.aliases must differ, got a.example.com, a.example.com",
    ],
    [
      "a long comment",
      args({ comment: "x".repeat(129) }),
      "spec.comment must be 128 characters at the most, got 129",
    ],
    [
      "a TLS that does not exist",
      args({ minTls: "TLSv1.3" as never }),
      "spec.minTls must be one of TLSv1.2_2018, TLSv1.2_2019, TLSv1.2_2021, TLSv1.2_2025, TLSv1.3_2025, got TLSv1.3",
    ],
    [
      "a price class that does not exist",
      args({ priceClass: "PriceClass_300" as never }),
      "spec.priceClass must be one of PriceClass_100, PriceClass_200, PriceClass_All, got PriceClass_300",
    ],
    [
      "a port that CloudFront does not speak to",
      args({ httpsPort: 444 }),
      "spec.httpsPort must be 80, 443 or 1024 to 65535, got 444",
    ],
    [
      "half a second",
      args({ hstsMaxAgeSeconds: 0.5 }),
      "spec.hstsMaxAgeSeconds must be a whole number from 0, got 0.5",
    ],
  ])("%s", async (_, given, message) => {
    expect(await refusal(() => new CloudFront("cdn", given))).toBe(`cdn: ${message}`);
  });

  it("nothing of a comment of 128 characters, the longest name of a VPC origin included", async () => {
    const name = `drops-${"s".repeat(31)}`;
    const all = await deployed(args({ comment: "x".repeat(128), name }));
    const { name: given } = all["cdn-origin"]?.vpcOriginEndpointConfig as { name: string };
    expect(given.length).toBeLessThanOrEqual(64);
    for (const child of ["cdn-assets", "cdn-headers"])
      expect((all[child]?.comment as string).length).toBeLessThanOrEqual(128);
  });
});
