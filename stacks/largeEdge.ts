import type * as pulumi from "@pulumi/pulumi";
import { Certificate } from "../components/cdn/certificate";
import { CloudFront } from "../components/cdn/cloudfront";
import { originHeaders } from "../components/cdn/originSnippet";
import { defaultManagedGroups, Waf } from "../components/cdn/waf";
import type { WafSpec } from "../components/cdn/wafRules";
import type { AppBalancer } from "../components/compute/appBalancer";
import { cloudflareIpRanges } from "../components/network/cloudflareRanges";
import { OriginRecord } from "../components/network/originRecord";
import type { AwsSecurityGroupsSpec } from "../components/network/awsSecurityGroups";
import { globalRegion } from "../prices/aws";
import { cloudflarePlans } from "../prices/cloudflare";
import { cloudfrontListOf } from "../settings/largePlace";
import { appName, originName } from "../settings/names";
import type { LargeConfig } from "../settings/schema";
import type { VisitorPath } from "./largeApp";

/** What stands before the balancer, as far as settings say. */
export interface EdgePlan {
  /** Names that the app answers to; empty without a domain. */
  readonly hosts: readonly string[];
  /** Whether CloudFront is there, and the balancer inside the network alone. */
  readonly cloudfront: boolean;
  /** Whether every visitor comes through Cloudflare. */
  readonly behindCloudflare: boolean;
  /** Whether the balancer has a certificate. */
  readonly tls: boolean;
  readonly visitor: VisitorPath;
}

/**
 * Header in which Cloudflare tells an origin who the visitor is. What a snippet fetches bears the
 * visitor in a header of our own: Cloudflare's may be one of its own addresses there.
 */
const visitorHeaderOf = (config: LargeConfig): string =>
  hasSnippet(config) ? originHeaders.visitor : "CF-Connecting-IP";

/** Whether the zone's plan fetches by a snippet, which asks for the stack by its own name. */
export function hasSnippet({ cloudflare }: Pick<LargeConfig, "cloudflare">): boolean {
  return cloudflare !== undefined && cloudflarePlans[cloudflare.plan].snippets > 0;
}

/**
 * Names that requests bear. Behind a snippet the stack's own name is the only one: the public one can
 * then be another stack's too, while both are up.
 */
function hostsOf(stack: string, config: LargeConfig): readonly string[] {
  const { domain, cloudflare } = config;
  if (domain === undefined) return [];
  if (cloudflare === undefined) return [domain];
  const own = originName(stack, cloudflare.zone);
  return hasSnippet(config) ? [own] : [domain, own];
}

export function edgePlanOf(stack: string, config: LargeConfig): EdgePlan {
  const { cloudflare, certificates } = config;
  const cloudfront = config.edge === "cloudfront";
  return {
    hosts: hostsOf(stack, config),
    cloudfront,
    behindCloudflare: cloudflare !== undefined,
    tls: cloudflare !== undefined || certificates.balancerArn !== undefined,
    visitor: {
      header: cloudflare && visitorHeaderOf(config),
      // The balancer adds who spoke to it, and CloudFront who spoke to that.
      hops: cloudfront ? 2 : 1,
    },
  };
}

/** Who may speak to the balancer: CloudFront, or Cloudflare's proxies. */
export function balancerFrom(
  { cloudfront }: EdgePlan,
  config: Pick<LargeConfig, "region" | "network">,
): AwsSecurityGroupsSpec["balancerFrom"] {
  // The invariants hold: the region's list is known.
  if (cloudfront) return { prefixListId: cloudfrontListOf(config) ?? "" };
  return { cidrs: cloudflareIpRanges.ipv4 };
}

/** ARNs of the certificates, and what their expiry is watched by; undefined where there is none. */
export interface EdgeCertificates {
  readonly edgeArn: pulumi.Input<string> | undefined;
  readonly balancerArn: pulumi.Input<string> | undefined;
}

/**
 * Certificates of the stack's own where the zone at Cloudflare proves the names, else those that are
 * there already. In the region that is CloudFront's too, one does for both.
 */
export function certificatesOf(
  plan: EdgePlan,
  { cloudflare, certificates, region }: LargeConfig,
  opts: pulumi.ComponentResourceOptions,
): EdgeCertificates {
  const [domain, ...alternativeNames] = plan.hosts;
  if (cloudflare === undefined || domain === undefined) {
    const { edgeArn, balancerArn } = certificates;
    return { edgeArn, balancerArn };
  }
  const names = { domain, alternativeNames, zoneId: cloudflare.zoneId };
  if (!plan.cloudfront) {
    const own = new Certificate("certificate", { spec: names }, opts);
    return { edgeArn: undefined, balancerArn: own.arn };
  }
  const edge = new Certificate("certificate", { spec: { ...names, region: globalRegion } }, opts);
  if (region === globalRegion) return { edgeArn: edge.arn, balancerArn: edge.arn };
  const balancer = new Certificate(
    "balancer-certificate",
    { spec: names, validateWith: edge },
    opts,
  );
  return { edgeArn: edge.arn, balancerArn: balancer.arn };
}

/** CloudFront with its web ACL; undefined where Cloudflare does their work. */
export function cloudfrontOf(
  stack: string,
  config: LargeConfig,
  plan: EdgePlan,
  balancer: AppBalancer,
  certificateArn: pulumi.Input<string> | undefined,
  opts: pulumi.ComponentResourceOptions,
): CloudFront | undefined {
  if (!plan.cloudfront) return undefined;
  const name = appName(stack);
  const waf = new Waf(
    "waf",
    {
      spec: {
        name,
        // The invariants hold: AWS WAF knows the period.
        rateLimit: config.rateLimit as WafSpec["rateLimit"],
        behindCloudflare: plan.behindCloudflare,
        ...(plan.visitor.header !== undefined && { visitorHeader: plan.visitor.header }),
        managedGroups: defaultManagedGroups(plan.behindCloudflare),
      },
    },
    opts,
  );
  return new CloudFront(
    "cdn",
    {
      balancerArn: balancer.arn,
      balancerDnsName: balancer.dnsName,
      ...(certificateArn !== undefined && { certificateArn }),
      webAclArn: waf.arn,
      spec: {
        name,
        aliases: plan.hosts,
        minTls: "TLSv1.2_2021",
        priceClass: "PriceClass_100",
        hstsMaxAgeSeconds: config.hsts.maxAgeSeconds,
        originTls: plan.tls,
        httpPort: 80,
        httpsPort: 443,
        comment: `${name}: the Drops app`,
      },
    },
    { ...opts, dependsOn: [...balancer.ready] },
  );
}

/** The stack's own name in the zone, which the public record follows while the stack is live. */
export function originOf(
  stack: string,
  { cloudflare }: LargeConfig,
  host: pulumi.Output<string>,
  opts: pulumi.ComponentResourceOptions,
): OriginRecord | undefined {
  return (
    cloudflare &&
    new OriginRecord(
      "origin",
      {
        spec: { zoneId: cloudflare.zoneId, name: originName(stack, cloudflare.zone) },
        target: { cname: host },
      },
      opts,
    )
  );
}
