import * as cloudfront from "@pulumi/aws/cloudfront";
import * as pulumi from "@pulumi/pulumi";
import { cloudfrontLimits, distributionChoices, type MinimumTls } from "../../prices/aws";
import type { Cdn } from "../contracts";
import { type Override, withOverride } from "../overrides";
import {
  assetBehavior,
  assetCachePolicy,
  defaultBehavior,
  errorResponses,
  originId,
  responseHeadersPolicy,
  viewerCertificate,
  vpcOriginName,
} from "./cloudfrontBehaviors";
import { hostNamePattern } from "./hostName";

export type PriceClass = (typeof cloudfrontLimits.priceClasses)[number];

/** What a distribution is made of; known before anything is deployed. */
export interface CloudFrontSpec {
  /** Stem of physical names and comments, e.g. `drops-large`. */
  readonly name: string;
  /**
   * Host names that it answers to besides its own, in lower case; the first is where users are. Another
   * distribution of anybody's must not have them.
   */
  readonly aliases: readonly string[];
  /** The oldest TLS for viewers; only with `certificateArn`, since `*.cloudfront.net` has its own. */
  readonly minTls: MinimumTls;
  /** Where it answers from; all answer everywhere, the smaller ones from further away. */
  readonly priceClass: PriceClass;
  /** Seconds for which browsers refuse plain HTTP; 0 sends no such header. */
  readonly hstsMaxAgeSeconds: number;
  /** Whether it speaks TLS to the balancer, whose certificate must then cover the viewer's host. */
  readonly originTls: boolean;
  /** The balancer's ports; `originTls` says which is used, and both have to be given. */
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Shown in the console; 128 characters at the most. */
  readonly comment: string;
}

/** Changes to the arguments of single children, applied last. */
export interface CloudFrontOverrides {
  readonly origin?: Override<cloudfront.VpcOriginArgs>;
  readonly assets?: Override<cloudfront.CachePolicyArgs>;
  readonly headers?: Override<cloudfront.ResponseHeadersPolicyArgs>;
  readonly distribution?: Override<cloudfront.DistributionArgs>;
}

export interface CloudFrontArgs {
  readonly spec: CloudFrontSpec;
  /** An internal load balancer that is active and listens. */
  readonly balancerArn: pulumi.Input<string>;
  readonly balancerDnsName: pulumi.Input<string>;
  /** In us-east-1, valid for every alias; with aliases, and only with them. */
  readonly certificateArn?: pulumi.Input<string>;
  /** WAF's web ACL of scope CLOUDFRONT. */
  readonly webAclArn?: pulumi.Input<string>;
  readonly overrides?: CloudFrontOverrides;
}

/** Seconds. Shorter than the balancer keeps an idle connection, or it is cut in mid-request. */
const KEEP_ALIVE_SECONDS = 60;
/** Seconds to the first byte, and between two. */
const READ_SECONDS = 60;

/**
 * CloudFront in front of a balancer that no one else reaches: assets kept for as long as the app says,
 * everything else passed on, websockets too. CloudFront ends an idle websocket after ten minutes.
 *
 * A VPC origin takes up to 15 minutes to be made and as long to go, the distribution some minutes;
 * both are waited for, since neither may go while the other still names it.
 */
export class CloudFront extends pulumi.ComponentResource implements Cdn {
  /** Its own name, `d….cloudfront.net`: what a CNAME leads to. */
  readonly domainName: pulumi.Output<string>;
  readonly distributionId: pulumi.Output<string>;
  readonly distributionArn: pulumi.Output<string>;
  /** Route 53's zone for alias records. */
  readonly hostedZoneId: pulumi.Output<string>;
  readonly publicUrl: pulumi.Output<string>;

  constructor(name: string, args: CloudFrontArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:cdn:CloudFront", name, {}, opts);
    const { spec, overrides = {} } = args;
    const problems = cloudFrontProblems(spec, args.certificateArn !== undefined);
    if (problems.length > 0)
      throw new pulumi.ResourceError(`${name}: ${problems.join("; ")}`, this);

    const assets = new cloudfront.CachePolicy(
      `${name}-assets`,
      withOverride(assetCachePolicy(spec.name), overrides.assets),
      { parent: this },
    );
    const headers = new cloudfront.ResponseHeadersPolicy(
      `${name}-headers`,
      withOverride(responseHeadersPolicy(spec.name, spec.hstsMaxAgeSeconds), overrides.headers),
      { parent: this },
    );
    const distribution = this.distribution(name, args, {
      vpcOriginId: this.vpcOrigin(name, args).id,
      assetCachePolicyId: assets.id,
      responseHeadersPolicyId: headers.id,
    });

    this.domainName = distribution.domainName;
    this.distributionId = distribution.id;
    this.distributionArn = distribution.arn;
    this.hostedZoneId = distribution.hostedZoneId;
    this.publicUrl = pulumi.interpolate`https://${spec.aliases[0] ?? distribution.domainName}`;
    this.registerOutputs({
      domainName: this.domainName,
      distributionId: this.distributionId,
      distributionArn: this.distributionArn,
      hostedZoneId: this.hostedZoneId,
      publicUrl: this.publicUrl,
    });
  }

  /** The way into the network. AWS refuses to change one in use: it is replaced, the new one first. */
  private vpcOrigin(
    name: string,
    { spec, balancerArn, overrides = {} }: CloudFrontArgs,
  ): cloudfront.VpcOrigin {
    const { originTls, httpPort, httpsPort } = spec;
    const endpoint = originTls ? `https-${httpsPort}` : `http-${httpPort}`;
    const args: cloudfront.VpcOriginArgs = {
      vpcOriginEndpointConfig: {
        name: pulumi.output(balancerArn).apply((arn) => vpcOriginName(spec.name, endpoint, arn)),
        arn: balancerArn,
        httpPort,
        httpsPort,
        originProtocolPolicy: originTls ? "https-only" : "http-only",
        // Has to be given for plain HTTP too.
        originSslProtocols: { items: ["TLSv1.2"], quantity: 1 },
      },
    };
    return new cloudfront.VpcOrigin(`${name}-origin`, withOverride(args, overrides.origin), {
      parent: this,
      replaceOnChanges: ["vpcOriginEndpointConfig"],
      // Each takes up to 15 minutes, and the provider waits no longer by itself.
      customTimeouts: { create: "30m", delete: "30m" },
    });
  }

  private distribution(
    name: string,
    { spec, balancerDnsName, certificateArn, webAclArn, overrides = {} }: CloudFrontArgs,
    ids: {
      readonly vpcOriginId: pulumi.Input<string>;
      readonly assetCachePolicyId: pulumi.Input<string>;
      readonly responseHeadersPolicyId: pulumi.Input<string>;
    },
  ): cloudfront.Distribution {
    const args: cloudfront.DistributionArgs = {
      enabled: true,
      comment: spec.comment,
      ...(spec.aliases.length > 0 && { aliases: [...spec.aliases] }),
      httpVersion: "http2and3",
      isIpv6Enabled: true,
      priceClass: spec.priceClass,
      ...(webAclArn !== undefined && { webAclId: webAclArn }),
      origins: [
        {
          originId,
          domainName: balancerDnsName,
          vpcOriginConfig: {
            vpcOriginId: ids.vpcOriginId,
            originKeepaliveTimeout: KEEP_ALIVE_SECONDS,
            originReadTimeout: READ_SECONDS,
          },
        },
      ],
      defaultCacheBehavior: defaultBehavior(ids),
      orderedCacheBehaviors: [assetBehavior(ids)],
      customErrorResponses: [...errorResponses],
      restrictions: { geoRestriction: { restrictionType: "none" } },
      viewerCertificate: viewerCertificate(certificateArn, spec.minTls),
      waitForDeployment: true,
    };
    return new cloudfront.Distribution(
      `${name}-distribution`,
      withOverride(args, overrides.distribution),
      { parent: this },
    );
  }
}

/** What CloudFront would refuse half-way through. */
export function cloudFrontProblems(spec: CloudFrontSpec, certificate: boolean): readonly string[] {
  const { aliases, comment, minTls, priceClass, hstsMaxAgeSeconds, originTls } = spec;
  const problems: string[] = [];
  const oneOf = (field: string, value: string, allowed: readonly string[]): void => {
    if (!allowed.includes(value))
      problems.push(`spec.${field} must be one of ${allowed.join(", ")}, got ${value}`);
  };
  for (const alias of aliases)
    if (!hostNamePattern.test(alias))
      problems.push(`spec.aliases must be host names in lower case, got "${alias}"`);
  if (new Set(aliases).size < aliases.length)
    problems.push(`spec.aliases must differ, got ${aliases.join(", ")}`);
  if (aliases.length > 0 !== certificate)
    problems.push(
      certificate
        ? "args.certificateArn is for aliases, and spec.aliases is empty"
        : "args.certificateArn is missing: an alias needs a certificate that covers it",
    );
  if (originTls && aliases.length === 0)
    problems.push(
      "spec.originTls needs an alias: no certificate of the balancer covers a cloudfront.net name",
    );
  for (const field of ["httpPort", "httpsPort"] as const)
    if (!originPort(spec[field]))
      problems.push(`spec.${field} must be 80, 443 or 1024 to 65535, got ${spec[field]}`);
  if (comment.length > cloudfrontLimits.commentLength)
    problems.push(
      `spec.comment must be ${cloudfrontLimits.commentLength} characters at the most, got ${comment.length}`,
    );
  oneOf("minTls", minTls, distributionChoices.minimumTls);
  oneOf("priceClass", priceClass, cloudfrontLimits.priceClasses);
  if (!Number.isInteger(hstsMaxAgeSeconds) || hstsMaxAgeSeconds < 0)
    problems.push(`spec.hstsMaxAgeSeconds must be a whole number from 0, got ${hstsMaxAgeSeconds}`);
  return problems;
}

const originPort = (port: number): boolean =>
  Number.isInteger(port) && (port === 80 || port === 443 || (port >= 1_024 && port <= 65_535));
