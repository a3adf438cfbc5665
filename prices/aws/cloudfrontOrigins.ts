import type { Dated } from "../types";
import { type AwsRegion, findAwsRegion } from "./regions";

/** CloudFront's VPC origins: how it fetches from a balancer without a public address. */
export const vpcOrigins = {
  /** Regions of the book that have none, or whose having one was not found. */
  lacking: ["ap-east-2", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "mx-central-1"],
  /**
   * Zones without them, by id: which letter that is differs from account to account, so that only the
   * account can tell (`aws ec2 describe-availability-zones`).
   */
  lackingZoneIds: {
    "us-east-1": "use1-az3",
    "us-west-1": "usw1-az2",
    "ap-northeast-1": "apne1-az3",
    "ca-central-1": "cac1-az3",
  },
  mostPerAccount: 25,
  /** One that a distribution uses cannot be changed, not even its name: it has to be another one. */
  changeableInUse: false,
  dated: {
    source: "AWS documentation: CloudFront VPC origins, their regions and quotas, as stored copies",
    asOf: "2026-11-28",
    verified: true,
  } satisfies Dated,
} as const satisfies {
  readonly lacking: readonly AwsRegion[];
  readonly lackingZoneIds: Partial<Record<AwsRegion, string>>;
} & Record<string, unknown>;

/**
 * CloudFront's managed prefix list `com.amazonaws.global.cloudfront.origin-facing` by region. What
 * comes through a VPC origin bears these addresses, not those of the subnets, and so a balancer's
 * security group has to admit the list (or the group that AWS makes with the account's first VPC
 * origin, which a first deploy cannot name).
 */
export const cloudfrontPrefixLists = {
  ids: {
    "ap-northeast-1": "pl-58a04531",
    "ap-northeast-2": "pl-22a6434b",
    "ap-northeast-3": "pl-31a14458",
    "ap-south-1": "pl-9aa247f3",
    "ap-southeast-1": "pl-31a34658",
    "ap-southeast-2": "pl-b8a742d1",
    "ca-central-1": "pl-38a64351",
    "eu-central-1": "pl-a3a144ca",
    "eu-north-1": "pl-fab65393",
    "eu-west-1": "pl-4fa04526",
    "eu-west-2": "pl-93a247fa",
    "eu-west-3": "pl-75b1541c",
    "sa-east-1": "pl-5da64334",
    "us-east-1": "pl-3b927c52",
    "us-east-2": "pl-b6a144df",
    "us-west-1": "pl-4ea04527",
    "us-west-2": "pl-82a045eb",
  },
  /** Rules that one rule with it counts as, of the 60 that a group may have: one port, no more. */
  weight: 55,
  groupRules: 60,
  /** Several public configurations agree; that of ap-northeast-3 stands in one alone. */
  dated: {
    source:
      "AWS networking blog's table of CloudFront's prefix lists, as public configurations keep it",
    asOf: "2026-11-28",
    verified: false,
  } satisfies Dated,
} as const satisfies { readonly ids: Partial<Record<AwsRegion, string>> } & Record<string, unknown>;

/** The list's id in a region, or undefined where it was not found. */
export function cloudfrontPrefixList(region: string): string | undefined {
  return Object.hasOwn(cloudfrontPrefixLists.ids, region)
    ? cloudfrontPrefixLists.ids[region as keyof typeof cloudfrontPrefixLists.ids]
    : undefined;
}

/** Why CloudFront cannot fetch from a balancer inside a region's network, or undefined where it can. */
export function vpcOriginProblem(region: string): string | undefined {
  if (!findAwsRegion(region)) return `${region} is no region of AWS that is known`;
  return (vpcOrigins.lacking as readonly string[]).includes(region)
    ? `CloudFront has no VPC origins in ${region}`
    : undefined;
}

/** What a distribution may be told, beside `cloudfrontLimits`. */
export const distributionChoices = {
  /** The oldest TLS for viewers, where the certificate is one's own. */
  minimumTls: ["TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"],
  /** Answers whose keeping can be ruled. */
  errorCodes: [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504],
  /** Seconds for which an error is kept where nothing else is said, on every path. */
  errorCachingDefaultSeconds: 10,
  dated: {
    source: "AWS SDK for Go v2, cloudfront 1.60.1: enumerations and their documentation",
    asOf: "2026-03-05",
    verified: true,
  } satisfies Dated,
} as const;
export type MinimumTls = (typeof distributionChoices.minimumTls)[number];
