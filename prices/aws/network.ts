import type { Dated } from "../types";
import type { AwsRegion } from "./regions";
import { ecsEndpointsPage, priceListRecords, serviceModels } from "./sources";

/** A NAT gateway in us-east-1; each needs an address of its own (`publicIpv4`). */
export const natPrices = {
  usdHour: 0.045,
  usdGb: 0.045,
  dated: priceListRecords,
} as const;

/** A public IPv4 address, in use or not: of a NAT gateway, a task, a balancer that faces the internet. */
export const publicIpv4 = {
  usdHour: 0.005,
  dated: priceListRecords,
} as const;

/** Endpoints of other AWS services inside the VPC. */
export const vpcEndpoints = {
  /** One network interface in each zone. */
  interface: { usdZoneHour: 0.01, usdGb: 0.01 },
  /** S3 and DynamoDB only; free. */
  gateway: { usdHour: 0 },
  gatewayServices: ["s3", "dynamodb"],
  dated: priceListRecords,
} as const;

/** Services that a Fargate task without a way to the internet reaches through endpoints alone. */
export const fargateEndpoints = {
  /** Its image, its log and its secrets. The image's layers come through the gateway to S3. */
  services: ["ecr.api", "ecr.dkr", "logs", "secretsmanager"],
  /** A shell in a task. */
  exec: ["ssmmessages"],
  /** Regions opened since December 2023, where a task reaches ECS itself from its own network. */
  ecs: ["ecs", "ecs-agent", "ecs-telemetry"],
  ecsRegions: [
    "ap-east-2",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "mx-central-1",
  ] satisfies AwsRegion[] as readonly string[],
  dated: ecsEndpointsPage,
} as const;

/** A band of a price that falls with the amount; `upTo` counts from the month's first GB. */
export interface PriceBand {
  readonly upTo: number;
  readonly usdGb: number;
}

/** Transfer out of us-east-1, USD a GB. To CloudFront it is free. */
export const transferPrices = {
  /** To the internet, from any service but CloudFront; the last band was read of other regions. */
  internet: [
    { upTo: 10_240, usdGb: 0.09 },
    { upTo: 51_200, usdGb: 0.085 },
    { upTo: 153_600, usdGb: 0.07 },
    { upTo: Number.POSITIVE_INFINITY, usdGb: 0.05 },
  ],
  /** Of an account, a month, all regions together. */
  internetFreeGb: 100,
  /** Between zones of a region; each side pays its own direction. */
  betweenZonesUsdGbEachWay: 0.01,
  betweenRegionsUsdGb: 0.02,
  /** From us-east-1 to us-east-2. */
  betweenUsEastRegionsUsdGb: 0.01,
  toCloudfrontUsdGb: 0,
  dated: priceListRecords,
} as const satisfies {
  readonly internet: readonly PriceBand[];
  readonly dated: Dated;
} & Record<string, unknown>;

/** What an amount costs where the price falls by bands, USD; unrounded. */
export function bandedUsd(gb: number, bands: readonly PriceBand[]): number {
  let below = 0;
  let usd = 0;
  for (const { upTo, usdGb } of bands) {
    usd += Math.max(0, Math.min(gb, upTo) - below) * usdGb;
    below = upTo;
  }
  return usd;
}

/** What a subnet and a VPC may be. */
export const vpcLimits = {
  /** Prefix lengths of the largest and the smallest network, of a VPC and of a subnet. */
  prefixLength: { largest: 16, smallest: 28 },
  /** Addresses of each subnet that AWS keeps: the first four and the last. */
  reservedAddresses: 5,
  dated: serviceModels,
} as const;
