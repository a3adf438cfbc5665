import type { input } from "@pulumi/aws/types";
import type { Input } from "@pulumi/pulumi";
import {
  ipSetWcu,
  type ManagedRuleGroup,
  managedRuleGroups,
  rateRuleWcu,
  wafCapacity,
  wafLimits,
} from "../../prices/aws";

type Rule = input.wafv2.WebAclRule;

/** What a web ACL of CloudFront is made of; known before anything is deployed. */
export interface WafSpec {
  /** Stem of the metrics' names: letters, digits, hyphens and underscores. */
  readonly name: string;
  readonly rateLimit: {
    /** Requests of one address in a period, whatever it asks for; 10 or more. */
    readonly requestsPerPeriod: number;
    /** The window that is counted over, seconds. The count is looked at every ten seconds or so. */
    readonly periodSeconds: (typeof wafLimits.rateWindowSeconds)[number];
  };
  /** Only Cloudflare's proxies are let in, and the rate counts their visitors. */
  readonly behindCloudflare: boolean;
  /**
   * Header in which Cloudflare names the visitor; read only `behindCloudflare`. A zone that fetches by a
   * snippet states another one than its proxies do. @default "CF-Connecting-IP"
   */
  readonly visitorHeader?: string;
  /** AWS's groups, the first one first; see `defaultManagedGroups`. */
  readonly managedGroups: readonly ManagedRuleGroup[];
}

/**
 * Groups that fit the app. That of bad addresses looks at the connection alone: behind Cloudflare that
 * is never the visitor, but now and then a proxy's address that somebody else has misused, and so it is
 * left out there.
 */
export const defaultManagedGroups = (behindCloudflare: boolean): readonly ManagedRuleGroup[] => [
  ...(behindCloudflare ? [] : (["AWSManagedRulesAmazonIpReputationList"] as const)),
  "AWSManagedRulesCommonRuleSet",
  "AWSManagedRulesKnownBadInputsRuleSet",
];

/**
 * Rules of the groups that count and do not block. The app takes bodies of up to 16 KiB and answers a
 * larger one itself; this rule would block from 8 KiB.
 */
const countedRules: Partial<Record<ManagedRuleGroup, readonly string[]>> = {
  AWSManagedRulesCommonRuleSet: ["SizeRestrictions_BODY"],
};

/** ARNs of the sets with Cloudflare's addresses. */
export interface CloudflareSets {
  readonly ipv4: Input<string>;
  readonly ipv6: Input<string>;
}

/** Every rule in the order in which they are asked; the first that blocks decides. */
export function wafRules(spec: WafSpec, cloudflare: CloudflareSets | undefined): readonly Rule[] {
  return [
    ...(cloudflare ? [onlyCloudflare(cloudflare)] : []),
    rateLimit(spec),
    ...spec.managedGroups.map(managedGroup),
  ].map(({ name, ...rule }, priority) => ({
    name,
    priority,
    ...rule,
    visibilityConfig: visibility(`${spec.name}-${name}`),
  }));
}

type Bare = Omit<Rule, "priority" | "visibilityConfig"> & { readonly name: string };

/** Who goes round the zone would have neither its limits nor a visitor's address. */
function onlyCloudflare({ ipv4, ipv6 }: CloudflareSets): Bare {
  return {
    name: "only-cloudflare",
    action: { block: {} },
    statement: {
      notStatement: {
        statement: {
          orStatement: {
            statements: [
              { ipSetReferenceStatement: { arn: ipv4 } },
              { ipSetReferenceStatement: { arn: ipv6 } },
            ],
          },
        },
      },
    },
  };
}

function rateLimit({ rateLimit: limit, behindCloudflare, visitorHeader }: WafSpec): Bare {
  return {
    name: "rate-limit",
    action: { block: {} },
    statement: {
      rateBasedStatement: {
        limit: limit.requestsPerPeriod,
        evaluationWindowSec: limit.periodSeconds,
        ...(behindCloudflare
          ? {
              aggregateKeyType: "FORWARDED_IP",
              forwardedIpConfig: {
                headerName: visitorHeader ?? "CF-Connecting-IP",
                // Counts what names no address there as over the limit. Where the header is missing the
                // rule does not look at all; the proxies always send it.
                fallbackBehavior: "MATCH",
              },
            }
          : { aggregateKeyType: "IP" }),
      },
    },
  };
}

function managedGroup(group: ManagedRuleGroup): Bare {
  const counted = countedRules[group] ?? [];
  return {
    name: group,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: "AWS",
        name: group,
        ...(counted.length > 0 && {
          ruleActionOverrides: counted.map((name) => ({ name, actionToUse: { count: {} } })),
        }),
      },
    },
  };
}

/** Metrics in CloudWatch (us-east-1), and examples of requests for three hours. */
export const visibility = (metricName: string): input.wafv2.WebAclVisibilityConfig => ({
  cloudwatchMetricsEnabled: true,
  metricName,
  sampledRequestsEnabled: true,
});

/** Capacity units that the rules take. */
export const wafCapacityOf = ({ behindCloudflare, managedGroups }: WafSpec): number =>
  managedGroups.reduce((sum, group) => sum + managedRuleGroups[group].wcu, 0) +
  rateRuleWcu +
  (behindCloudflare ? 2 * ipSetWcu : 0);

/** What WAF would refuse, or charge more for, half-way through. */
export function wafProblems(spec: WafSpec): readonly string[] {
  const { name, rateLimit: rate, managedGroups, visitorHeader } = spec;
  const { low, high } = wafLimits.rateLimit;
  const problems: string[] = [];
  if (!/^[\w-]{1,80}$/.test(name))
    problems.push(
      `spec.name must be up to 80 letters, digits, hyphens, underscores, got "${name}"`,
    );
  const { requestsPerPeriod, periodSeconds } = rate;
  if (!Number.isInteger(requestsPerPeriod) || requestsPerPeriod < low || requestsPerPeriod > high)
    problems.push(
      `spec.rateLimit.requestsPerPeriod must be a whole number from ${low} to ${high}, got ${requestsPerPeriod}`,
    );
  if (!(wafLimits.rateWindowSeconds as readonly number[]).includes(periodSeconds))
    problems.push(
      `spec.rateLimit.periodSeconds must be one of ${wafLimits.rateWindowSeconds.join(", ")}, got ${periodSeconds}`,
    );
  if (visitorHeader !== undefined && !/^[\w-]{1,255}$/.test(visitorHeader))
    problems.push(`spec.visitorHeader must be the name of a header, got "${visitorHeader}"`);
  const unknown = managedGroups.filter((group) => !Object.hasOwn(managedRuleGroups, group));
  if (unknown.length > 0)
    problems.push(
      `spec.managedGroups must be of ${Object.keys(managedRuleGroups).join(", ")}, got ${unknown.join(", ")}`,
    );
  else if (new Set(managedGroups).size < managedGroups.length)
    problems.push(`spec.managedGroups must differ, got ${managedGroups.join(", ")}`);
  else if (wafCapacityOf(spec) > wafCapacity.included)
    problems.push(
      `spec.managedGroups take the ACL to ${wafCapacityOf(spec)} capacity units, of which the basic price has ${wafCapacity.included}`,
    );
  return problems;
}
