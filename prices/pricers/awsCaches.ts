import {
  cacheBackup,
  cacheNodesDated,
  cacheNodeUsdMonthly,
  findCacheNode,
  hoursPerMonth,
  serverlessCache,
  type CacheNode,
} from "../aws";
import { roundQuantity } from "../money";
import { free, knownText, regional, useOf } from "./awsInputs";
import {
  fields,
  line,
  list,
  numberInput,
  priced,
  together,
  unpriced,
  type Priced,
  type Pricer,
  type PricingContext,
} from "./pricer";
import type { ComposedResource } from "../types";

/** A replication group: its nodes and its snapshots. */
const replicationGroup: Pricer = (resource, context) => {
  const engine = knownText(resource, "engine");
  if (engine !== "valkey") {
    return unpriced(resource, `no price for the cache engine ${engine ?? "(not known)"}`);
  }
  const name = knownText(resource, "nodeType") ?? "(not known before a deploy)";
  if (!findCacheNode(name)) return unpriced(resource, `no price for the node type ${name}`);
  const nodes = nodesOf(resource);
  return together(
    priced(
      line({
        resource: resource.name,
        kind: "base",
        category: "database",
        sku: `ElastiCache Valkey ${name}`,
        quantity: nodes,
        unit: "node-month",
        unitPrice: cacheNodeUsdMonthly(name as CacheNode),
        dated: cacheNodesDated.prices,
      }),
    ),
    snapshots(resource, context),
  );
};

/** Shards by their nodes, or the nodes of a group without cluster mode. */
function nodesOf(resource: ComposedResource): number {
  const shards = numberInput(resource, "numNodeGroups");
  const replicas = numberInput(resource, "replicasPerNodeGroup");
  return shards === undefined && replicas === undefined
    ? (numberInput(resource, "numCacheClusters") ?? 1)
    : (shards ?? 1) * (1 + (replicas ?? 0));
}

function snapshots(resource: ComposedResource, context: PricingContext): Priced {
  const days = numberInput(resource, "snapshotRetentionLimit") ?? 0;
  if (days === 0) return free;
  const { load, dated } = useOf(context);
  return priced(
    line({
      resource: resource.name,
      kind: "usage",
      category: "database",
      sku: `ElastiCache snapshots of ${days} ${days === 1 ? "day" : "days"}`,
      quantity: roundQuantity(days * load.cacheDataGb),
      unit: "GB-month",
      unitPrice: cacheBackup.usdGibMonth,
      dated: dated(cacheBackup.dated, "cacheDataGb"),
    }),
  );
}

/** A cache without nodes: the least that it is billed for, and what it holds and does. */
const serverless: Pricer = (resource, context) => {
  const engine = knownText(resource, "engine");
  if (engine !== "valkey") {
    return unpriced(resource, `no price for the cache engine ${engine ?? "(not known)"}`);
  }
  const [limits] = list(resource.inputs.cacheUsageLimits ? [resource.inputs.cacheUsageLimits] : []);
  const floor: unknown = fields(limits?.dataStorage).minimum;
  const leastGb = Math.max(serverlessCache.minGb, typeof floor === "number" ? floor : 0);
  const { load, dated } = useOf(context);
  const shared = { resource: resource.name, category: "database" } as const;
  const usdGbMonth = serverlessCache.usdGbHour * hoursPerMonth;
  return priced(
    line({
      ...shared,
      kind: "base",
      sku: "ElastiCache Serverless for Valkey, the least data that is billed",
      quantity: leastGb,
      unit: "GB-month",
      unitPrice: usdGbMonth,
      dated: serverlessCache.minDated,
    }),
    line({
      ...shared,
      kind: "usage",
      sku: "ElastiCache Serverless for Valkey, data beyond that",
      quantity: roundQuantity(Math.max(0, load.cacheDataGb - leastGb)),
      unit: "GB-month",
      unitPrice: usdGbMonth,
      dated: dated(serverlessCache.dated, "cacheDataGb"),
    }),
    line({
      ...shared,
      kind: "usage",
      sku: "ElastiCache Serverless for Valkey, requests",
      quantity: load.cacheEcpuMillions,
      unit: "million ECPU",
      unitPrice: serverlessCache.usdMillionEcpu,
      dated: dated(serverlessCache.dated, "cacheEcpuMillions"),
    }),
  );
};

/** ElastiCache, by type token. */
export const awsCachePricers: Readonly<Record<string, Pricer>> = {
  "aws:elasticache/replicationGroup:ReplicationGroup": regional(replicationGroup),
  "aws:elasticache/serverlessCache:ServerlessCache": regional(serverless),
};
