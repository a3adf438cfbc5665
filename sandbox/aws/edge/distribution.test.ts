import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cachePolicyIds, originRequestPolicyIds } from "../../../prices/aws";
import type { Values } from "../../cloud/kind";
import type { CloudResource } from "../../contracts";
import { AwsTestCloud } from "../testing/testCloud";
import { distributionViews } from ".";
import { newEdgePlace, zoneId, type EdgePlace } from "./testing/edgePlace";

let place: EdgePlace;
let vpcOrigin: CloudResource;
beforeEach(async () => {
  place = await newEdgePlace();
  vpcOrigin = await place.cloud.create("VpcOrigin", "origin", {
    vpcOriginEndpointConfig: endpoint(place.balancer),
  });
});
afterEach(() => {
  place.cloud.close();
});

const endpoint = ({ outputs }: CloudResource, changes: Values = {}) => ({
  ...{ name: "drops-https-443", arn: outputs["arn"], httpPort: 80, httpsPort: 443 },
  originProtocolPolicy: "https-only",
  originSslProtocols: { items: ["TLSv1.2"], quantity: 1 },
  ...changes,
});

const behavior = {
  ...{ targetOriginId: "app", viewerProtocolPolicy: "redirect-to-https", compress: true },
  ...{ allowedMethods: ["GET", "HEAD"], cachedMethods: ["GET", "HEAD"] },
  cachePolicyId: cachePolicyIds.CachingDisabled,
  originRequestPolicyId: originRequestPolicyIds.AllViewer,
};

const inputs = (changes: Values = {}): Values => ({
  enabled: true,
  origins: [
    {
      ...{ originId: "app", domainName: "balancer.internal" },
      vpcOriginConfig: { vpcOriginId: vpcOrigin.id },
    },
  ],
  defaultCacheBehavior: behavior,
  restrictions: { geoRestriction: { restrictionType: "none" } },
  viewerCertificate: { cloudfrontDefaultCertificate: true },
  ...changes,
});

const make = async (changes: Values = {}, name = "cdn") =>
  await place.cloud.create("Distribution", name, inputs(changes));

/** An issued certificate for a name. */
async function certified(domainName: string, changes: Values = {}): Promise<Values> {
  const { cloud } = place;
  const given = { domainName, region: "us-east-1", keyAlgorithm: "EC_prime256v1", ...changes };
  const certificate = await cloud.create("Certificate", `for-${domainName}`, given);
  const [option] = certificate.outputs["domainValidationOptions"] as readonly Values[];
  await cloud.create("DnsRecord", `proves-${domainName}`, {
    ...{ zoneId, type: "CNAME", ttl: 60 },
    name: String(option!["resourceRecordName"]).replace(/\.$/, ""),
    content: String(option!["resourceRecordValue"]).replace(/\.$/, ""),
  });
  return { acmCertificateArn: certificate.outputs["arn"], sslSupportMethod: "sni-only" };
}

describe("Distribution", () => {
  it("has a name of its own, and says what it is", async () => {
    const made = await make();
    expect(made.id).toMatch(/^E[0-9A-F]{13}$/);
    expect(made.outputs).toMatchObject({
      arn: `arn:aws:cloudfront::123456789012:distribution/${made.id}`,
      domainName: expect.stringMatching(/^d[0-9a-f]{13}\.cloudfront\.net\.localhost$/) as unknown,
      ...{ hostedZoneId: "Z2FDTNDATAQYW2", status: "Deployed" },
    });
    expect(made.inputs).toMatchObject({ httpVersion: "http2", priceClass: "PriceClass_All" });
  });

  it.each([
    [{ httpVersion: "http4" }, "httpVersion: Invalid option"],
    [{ comment: "a".repeat(129) }, "comment: Too big"],
    [
      { customErrorResponses: [{ errorCode: 418 }] },
      "customErrorResponses[0].errorCode: one of 400",
    ],
    [
      { defaultCacheBehavior: { ...behavior, forwardedValues: {} } },
      "forwardedValues: aws:cloudfront",
    ],
    [{ defaultCacheBehavior: { ...behavior, functionAssociations: [] } }, "functionAssociations"],
    [{ origins: [] }, "origins: Too small"],
    [{ anycastIpListId: "a" }, "anycastIpListId: aws:cloudfront/distribution:Distribution has no"],
  ])("is refused in a preview: %j", (change, message) => {
    expect(place.cloud.preview("Distribution", inputs(change)).join("; ")).toContain(message);
  });

  const origin = { originId: "app", domainName: "a.example.com" };
  it.each<readonly [Values, string]>([
    [{ defaultCacheBehavior: { ...behavior, targetOriginId: "other" } }, "do not exist: other"],
    [{ origins: [origin] }, "either a vpcOriginConfig or a customOriginConfig"],
    [
      { origins: [{ ...origin, vpcOriginConfig: { vpcOriginId: "vo_0" } }] },
      'there is no VpcOrigin "vo_0"',
    ],
    [
      { defaultCacheBehavior: { ...behavior, cachePolicyId: "4135ea2d" } },
      'there is no CachePolicy "4135ea2d"',
    ],
    [
      { orderedCacheBehaviors: [{ ...behavior, pathPattern: "/a", responseHeadersPolicyId: "0" }] },
      'there is no ResponseHeadersPolicy "0"',
    ],
    [
      { orderedCacheBehaviors: [1, 2].map(() => ({ ...behavior, pathPattern: "/a/*" })) },
      "same path pattern",
    ],
    [
      { defaultCacheBehavior: { ...behavior, allowedMethods: ["GET", "POST"] } },
      "cannot allow just",
    ],
    [
      { defaultCacheBehavior: { ...behavior, cachedMethods: ["GET", "HEAD", "OPTIONS"] } },
      "cannot keep answers to",
    ],
    [{ customErrorResponses: [{ errorCode: 404, responseCode: 200 }] }, "needs both"],
    [{ customErrorResponses: [{ errorCode: 404 }, { errorCode: 404 }] }, "more than one"],
    [{ viewerCertificate: {} }, "Either a certificate of ACM or CloudFront's own"],
    [{ aliases: ["a.example.com"] }, "needs a certificate that covers it"],
    [{ webAclId: "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/1" }, "there is no WebAcl"],
  ])("is refused: %j", async (change, message) => {
    await expect(make(change)).rejects.toThrow(message);
  });

  it("needs an issued certificate of us-east-1 that covers its aliases", async () => {
    const domain = "drops.example.com";
    const { cloud } = place;
    const pending = await cloud.create("Certificate", "p", {
      domainName: domain,
      region: "us-east-1",
    });
    const aliases = [domain];
    const shown = (acmCertificateArn: unknown) => ({
      ...{ aliases, viewerCertificate: { acmCertificateArn, sslSupportMethod: "sni-only" } },
    });
    await expect(make(shown(pending.outputs["arn"]))).rejects.toThrow("isn't issued yet");
    const viewerCertificate = await certified(domain);
    await expect(make({ aliases: ["other.example.com"], viewerCertificate })).rejects.toThrow(
      "does not cover the alternate domain name other.example.com",
    );
    await expect(
      make({
        aliases,
        viewerCertificate: { acmCertificateArn: viewerCertificate["acmCertificateArn"] },
      }),
    ).rejects.toThrow("sslSupportMethod goes with");
    const near = await certified("near.example.com", { region: "eu-central-1" });
    await expect(make({ aliases: ["near.example.com"], viewerCertificate: near })).rejects.toThrow(
      "must be in us-east-1",
    );
    const large = await certified("large.example.com", { keyAlgorithm: "EC_secp384r1" });
    await expect(
      make({ aliases: ["large.example.com"], viewerCertificate: large }),
    ).rejects.toThrow("cannot use a certificate with EC_secp384r1");
    expect((await make({ aliases, viewerCertificate })).id).toBeDefined();
  });

  it("takes a certificate that no stack has made for the user's own", async () => {
    const acmCertificateArn = "arn:aws:acm:us-east-1:210987654321:certificate/1";
    await make({
      aliases: ["drops.example.org"],
      viewerCertificate: { acmCertificateArn, sslSupportMethod: "sni-only" },
    });
    const network = { balancer: () => undefined, named: () => undefined };
    expect(distributionViews(place.cloud.world, network)).toMatchObject([
      { certificateNames: ["drops.example.org"] },
    ]);
  });

  it("shares no alias with another, whoever's that is", async () => {
    const domain = "drops.example.com";
    const viewerCertificate = await certified(domain);
    const first = await make({ aliases: [domain], viewerCertificate });
    await expect(
      make({ aliases: [domain.toUpperCase()], viewerCertificate }, "other"),
    ).rejects.toThrow("already associated with a different resource: drops.example.com");
    const refused = await make({ aliases: [domain], viewerCertificate }, "third").catch(
      (error: unknown) => error,
    );
    expect(AwsTestCloud.worded(refused, { verb: "create", type: first.type, inputs: {} })).toMatch(
      /creating CloudFront Distribution: operation error CloudFront: CreateDistribution, https response error StatusCode: 409, RequestID: \S+, CNAMEAlreadyExists: /,
    );
    await place.cloud.update(first, { aliases: [] });
    await make({ aliases: [domain], viewerCertificate }, "other");
  });

  it("keeps what it names from going", async () => {
    const { cloud } = place;
    const viewerCertificate = await certified("drops.example.com");
    const policy = await cloud.create("CachePolicy", "assets", {
      parametersInCacheKeyAndForwardedToOrigin: {
        cookiesConfig: { cookieBehavior: "none" },
        headersConfig: { headerBehavior: "none" },
        queryStringsConfig: { queryStringBehavior: "none" },
      },
    });
    const made = await make({
      ...{ aliases: ["drops.example.com"], viewerCertificate },
      orderedCacheBehaviors: [{ ...behavior, pathPattern: "/assets/*", cachePolicyId: policy.id }],
    });
    const [certificate] = cloud.world.all("aws:acm/certificate:Certificate");
    await expect(cloud.delete(policy)).rejects.toThrow("it is attached to cdn");
    await expect(cloud.delete(vpcOrigin)).rejects.toThrow("The VPC origin is in use by cdn");
    await expect(cloud.delete(certificate!)).rejects.toThrow("is in use by cdn");
    await cloud.delete(made);
    for (const free of [policy, vpcOrigin, certificate!]) await cloud.delete(free);
  });
});

describe("VpcOrigin", () => {
  const other = async (changes: Values) =>
    await place.cloud.create("VpcOrigin", "other", {
      vpcOriginEndpointConfig: endpoint(place.balancer, { name: "other", ...changes }),
    });

  it.each([
    [{ name: "drops-https-443" }, "has the name drops-https-443 already"],
    [{ originSslProtocols: { items: ["TLSv1.2"], quantity: 2 } }, "quantity says 2"],
    [
      {
        arn: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/other/0",
      },
      "there is no LoadBalancer",
    ],
  ])("is refused: %j", async (changes, message) => {
    await expect(other(changes)).rejects.toThrow(message);
  });

  it("takes the ports that AWS takes", () => {
    const changed = { vpcOriginEndpointConfig: endpoint(place.balancer, { httpsPort: 444 }) };
    expect(place.cloud.preview("VpcOrigin", changed)).toEqual([
      "vpcOriginEndpointConfig.httpsPort: 80, 443 or 1024 to 65535; got 444",
    ]);
  });

  it("cannot be changed while a distribution names it", async () => {
    const changed = { vpcOriginEndpointConfig: endpoint(place.balancer, { httpPort: 8_080 }) };
    const made = await make();
    await expect(place.cloud.update(vpcOrigin, changed)).rejects.toThrow("make another one");
    await place.cloud.delete(made);
    await place.cloud.update(vpcOrigin, changed);
  });

  it("needs a network with an internet gateway", async () => {
    const [gateway] = place.cloud.world.all("aws:ec2/internetGateway:InternetGateway");
    await place.cloud.delete(gateway!);
    await expect(other({})).rejects.toThrow("has no internet gateway");
  });
});
