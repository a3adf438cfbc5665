import { hoursPerMonth } from "./load";
import {
  albQuotasPage,
  albUserGuide,
  priceListRecords,
  pricingPageQuotes,
  serviceModels,
} from "./sources";

/** An Application Load Balancer in us-east-1. */
export const albPrices = {
  usdHour: 0.0225,
  usdLcuHour: 0.008,
  dated: priceListRecords,
} as const;

/**
 * What one capacity unit (LCU) covers; the dimension that is used most is billed, by the hour.
 * Bytes are those to and from instances and addresses; a Lambda target has fewer.
 */
export const albLcu = {
  newConnectionsPerSecond: 25,
  activeConnectionsPerMinute: 3_000,
  gbPerHour: 1,
  ruleEvaluationsPerSecond: 1_000,
  /** Rules of a listener whose evaluation is free. */
  freeRules: 10,
  dated: pricingPageQuotes,
} as const;

/** A month at the balancer. */
export interface AlbMonth {
  readonly requests: number;
  /** Requests that one connection carries. */
  readonly requestsPerConnection: number;
  /** Connections that are open at a time, websockets among them. */
  readonly openConnections: number;
  /** Both ways. */
  readonly gb: number;
  /** Rules that each request is held against. */
  readonly rules: number;
}

/** The four dimensions of an LCU, and the one that is billed. */
export interface LcuUse {
  readonly newConnections: number;
  readonly activeConnections: number;
  readonly processedBytes: number;
  readonly ruleEvaluations: number;
  /** LCUs on average over the month: the most of the four. */
  readonly billed: number;
}

/**
 * The capacity units that a month takes when its load is even. A real month has peaks, and each hour
 * is billed by its own use: the same total unevenly spread costs no less.
 */
export function albLcuUse(month: AlbMonth): LcuUse {
  const seconds = hoursPerMonth * 3_600;
  const requestsPerSecond = month.requests / seconds;
  const dimensions = {
    newConnections:
      requestsPerSecond / month.requestsPerConnection / albLcu.newConnectionsPerSecond,
    activeConnections: month.openConnections / albLcu.activeConnectionsPerMinute,
    processedBytes: month.gb / hoursPerMonth / albLcu.gbPerHour,
    ruleEvaluations:
      (requestsPerSecond * Math.max(0, month.rules - albLcu.freeRules)) /
      albLcu.ruleEvaluationsPerSecond,
  };
  return { ...dimensions, billed: Math.max(...Object.values(dimensions)) };
}

/** Ranges and defaults of a balancer's and a target group's attributes. */
export const albLimits = {
  /** Seconds without a byte after which a connection is closed; a websocket must ping within it. */
  idleTimeoutSeconds: { low: 1, high: 4_000, default: 60 },
  clientKeepAliveSeconds: { low: 60, high: 604_800, default: 3_600 },
  deregistrationDelaySeconds: { low: 0, high: 3_600, default: 300 },
  /** 0 switches it off. */
  slowStartSeconds: { low: 30, high: 900, default: 0 },
  stickinessSeconds: { low: 1, high: 604_800, default: 86_400 },
  healthCheck: {
    intervalSeconds: { low: 5, high: 300, default: 30 },
    timeoutSeconds: { low: 2, high: 120, default: 6 },
    healthyThreshold: { low: 2, high: 10, default: 5 },
    unhealthyThreshold: { low: 2, high: 10, default: 2 },
  },
  /** Zones that a balancer must have subnets in. */
  minZones: 2,
  /** Of a balancer and of a target group; letters, digits and hyphens, none of these at the ends. */
  nameLength: { low: 1, high: 32 },
  /** No balancer's name begins with it. */
  reservedNamePrefix: "internal-",
  algorithms: ["round_robin", "least_outstanding_requests", "weighted_random"],
  dated: serviceModels,
} as const;

/** What each of a balancer's subnets must be, so that the balancer can grow in it. */
export const albSubnets = {
  /** Prefix length of the smallest. */
  smallestPrefix: 27,
  freeAddresses: 8,
  dated: albUserGuide,
} as const;

/** Which versions and ciphers of TLS a listener speaks. */
export const albTlsPolicies = {
  /** TLS 1.2 with forward secrecy alone, TLS 1.3, and key exchange that quantum computers do not open. */
  recommended: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
  /** What a listener gets that names none: TLS 1.0 and later. */
  default: "ELBSecurityPolicy-2016-08",
  dated: albUserGuide,
} as const;

/** Values that the condition of one listener rule may have. */
export const albRuleLimits = {
  conditionValues: 5,
  dated: albQuotasPage,
} as const;

/** Default quotas of an account, by region. */
export const albQuotas = {
  balancers: 50,
  listenersPerBalancer: 50,
  certificatesPerBalancer: 25,
  targetGroupsPerBalancer: 100,
  targetsPerBalancer: 1_000,
  targetsPerGroup: 1_000,
  rulesPerBalancer: 100,
  balancersPerTargetGroup: 1,
  dated: albQuotasPage,
} as const;
