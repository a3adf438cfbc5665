import type { Dated } from "../types";
import { hoursPerMonth } from "./load";
import { regions, type AwsRegion, type RegionSpec } from "./regions";
import {
  elasticachePriceNotes,
  elasticacheQuotasPage,
  linterTables,
  pricingPageQuotes,
  serviceModels,
} from "./sources";

/** What a node type of ElastiCache for Valkey offers and costs. */
export interface CacheNodeSpec {
  readonly vcpus: number;
  /** Memory for data and everything else of the engine: its `maxmemory`; null: not found. */
  readonly memoryGib: number | null;
  /** us-east-1, on demand, engine Valkey. */
  readonly usdHour: number;
}

/** Node types that the book has a price for, by name. */
export const cacheNodes = {
  "cache.t4g.micro": { vcpus: 2, memoryGib: 0.5, usdHour: 0.0128 },
  "cache.t4g.small": { vcpus: 2, memoryGib: 1.37, usdHour: 0.0256 },
  "cache.t4g.medium": { vcpus: 2, memoryGib: 3.09, usdHour: 0.052 },
  "cache.m7g.large": { vcpus: 2, memoryGib: 6.38, usdHour: 0.1264 },
  "cache.m7g.xlarge": { vcpus: 4, memoryGib: 12.93, usdHour: 0.252 },
  "cache.m7g.2xlarge": { vcpus: 8, memoryGib: 26.04, usdHour: 0.5032 },
  "cache.m8g.large": { vcpus: 2, memoryGib: null, usdHour: 0.1266 },
  "cache.r7g.large": { vcpus: 2, memoryGib: 13.07, usdHour: 0.1752 },
  "cache.r7g.xlarge": { vcpus: 4, memoryGib: 26.32, usdHour: 0.3496 },
  "cache.r7g.2xlarge": { vcpus: 8, memoryGib: 52.82, usdHour: 0.6984 },
  "cache.r8g.large": { vcpus: 2, memoryGib: null, usdHour: 0.1756 },
} as const satisfies Record<string, CacheNodeSpec>;
export type CacheNode = keyof typeof cacheNodes;

/** Where the columns of `cacheNodes` were read; memory is that of other families of the same size. */
export const cacheNodesDated = {
  offered: linterTables,
  memory: pricingPageQuotes,
  prices: elasticachePriceNotes,
} as const satisfies Record<string, Dated>;

/** The node type with this name, or undefined for one the table does not know. */
export function findCacheNode(name: string): CacheNodeSpec | undefined {
  return Object.hasOwn(cacheNodes, name) ? cacheNodes[name as CacheNode] : undefined;
}

/** USD a month of a node; unrounded. */
export function cacheNodeUsdMonthly(name: CacheNode): number {
  return cacheNodes[name].usdHour * hoursPerMonth;
}

/** Why a region has no such node, or undefined where it has. */
export function cacheNodeProblem(name: string, region: AwsRegion): string | undefined {
  if (!findCacheNode(name)) return `${name} is no node type of ElastiCache that is known here`;
  const family = name.split(".", 2)[1] ?? "";
  const { cacheLacks: lacks = [] }: RegionSpec = regions[region];
  return lacks.includes(family)
    ? `${name} has no price in ${region}: ElastiCache has no cache.${family} there`
    : undefined;
}

/** A cache without nodes, engine Valkey, in us-east-1. */
export const serverlessCache = {
  usdGbHour: 0.084,
  usdMillionEcpu: 0.0023,
  /** What a cache is billed for at least. */
  minGb: 0.1,
  maxClients: 65_000,
  dated: elasticachePriceNotes,
  minDated: pricingPageQuotes,
} as const;

/** Snapshots, USD a GiB and month. */
export const cacheBackup = { usdGibMonth: 0.085, dated: pricingPageQuotes } as const;

/** Engine versions of Valkey, oldest first. */
export const valkeyVersions = ["7.2", "8.0", "8.1", "8.2", "9.0", "9.1"] as const;
export type ValkeyVersion = (typeof valkeyVersions)[number];
export const valkeyVersionsDated: Dated = linterTables;

/** What ElastiCache keeps a replication group to. */
export const cacheLimits = {
  replicasPerShard: { low: 0, high: 5 },
  /** A group without cluster mode has one primary and its replicas. */
  nodesWithoutClusterMode: 6,
  /** Characters; letters, digits and ! & # $ ^ < > - only. Takes encryption in transit. */
  authTokenLength: { low: 16, high: 128 },
  /** Starts with a letter, no two hyphens in a row, none at the end. */
  idLength: { low: 1, high: 40 },
  dated: serviceModels,
} as const;

/** Default quotas of an account, by region. */
export const cacheQuotas = {
  nodesPerRegion: 300,
  /** With cluster mode: all shards and their replicas together, of one node type. */
  nodesPerCluster: 90,
  subnetsPerGroup: 20,
  /** `maxclients` of a node; the smallest types have fewer. */
  maxClients: 65_000,
  dated: elasticacheQuotasPage,
} as const;

/** Why a group of this shape is refused, or undefined where it is not. */
export function cacheShapeProblem(shards: number, replicasPerShard: number): string | undefined {
  const { low, high } = cacheLimits.replicasPerShard;
  if (!Number.isInteger(shards) || shards < 1)
    return `a cluster has at least 1 shard, got ${shards}`;
  if (!Number.isInteger(replicasPerShard) || replicasPerShard < low || replicasPerShard > high) {
    return `a shard has ${low} to ${high} replicas, got ${replicasPerShard}`;
  }
  const nodes = shards * (1 + replicasPerShard);
  return nodes > cacheQuotas.nodesPerCluster
    ? `${shards} shards of ${1 + replicasPerShard} nodes are ${nodes}; ` +
        `an account may have ${cacheQuotas.nodesPerCluster} in a cluster unless AWS raises its quota`
    : undefined;
}
