import type { Dated } from "../types";
import { awsAgentToolkit, priceListRecords, pricingPageQuotes, serviceModels } from "./sources";

/** AWS WAF: a web ACL, each of its rules (a managed group counts as one), and requests. */
export const wafPrices = {
  usdAclMonth: 5,
  usdRuleMonth: 1,
  usdMillionRequests: 0.6,
  /** Capacity units beyond `wafCapacity.included`: their price was not found. */
  usdBeyondCapacity: null,
  dated: priceListRecords,
} as const;

/** Web ACL capacity units (WCU). */
export const wafCapacity = {
  /** In the basic price. */
  included: 1_500,
  most: 5_000,
  dated: awsAgentToolkit,
} as const;

/** AWS's managed rule groups without a price of their own, and the capacity that each takes. */
export const managedRuleGroups = {
  AWSManagedRulesCommonRuleSet: { wcu: 700 },
  AWSManagedRulesKnownBadInputsRuleSet: { wcu: 200 },
  AWSManagedRulesSQLiRuleSet: { wcu: 200 },
  AWSManagedRulesLinuxRuleSet: { wcu: 200 },
  AWSManagedRulesAmazonIpReputationList: { wcu: 25 },
  AWSManagedRulesAnonymousIpList: { wcu: 50 },
} as const satisfies Record<string, { readonly wcu: number }>;
export type ManagedRuleGroup = keyof typeof managedRuleGroups;
export const managedRuleGroupsDated: Dated = pricingPageQuotes;

/** Groups of AWS that cost more than a rule: by request, by subscription. Their prices were not found. */
export const paidRuleGroups = [
  "AWSManagedRulesBotControlRuleSet",
  "AWSManagedRulesATPRuleSet",
  "AWSManagedRulesACFPRuleSet",
  "AWSManagedRulesAntiDDoSRuleSet",
] as const;

/** A rate rule's capacity without a statement that narrows it. */
export const rateRuleWcu = 2;

/** The capacity of asking whether the connection's address is in a set. */
export const ipSetWcu = 1;

/**
 * What the managed groups do that an app may not want. `SizeRestrictions_BODY` of the common set
 * blocks bodies above 8 KiB; for CloudFront WAF reads the first 16 KiB of a body.
 */
export const managedBodyLimits = { blockedAboveBytes: 8_192, inspectedBytes: 16_384 } as const;

/** What a rate-based rule and an ACL may be. */
export const wafLimits = {
  scopes: ["CLOUDFRONT", "REGIONAL"],
  /** Requests in the window from one address. */
  rateLimit: { low: 10, high: 2_000_000_000 },
  rateWindowSeconds: [60, 120, 300, 600],
  rateWindowDefaultSeconds: 300,
  /** The rate is looked at about this often. */
  rateCheckSeconds: 10,
  aggregateKeyTypes: ["IP", "FORWARDED_IP", "CUSTOM_KEYS", "CONSTANT"],
  dated: serviceModels,
} as const;

/** The managed group with this name, or undefined for one the table does not know. */
export function findManagedRuleGroup(name: string): { readonly wcu: number } | undefined {
  return Object.hasOwn(managedRuleGroups, name)
    ? managedRuleGroups[name as ManagedRuleGroup]
    : undefined;
}
