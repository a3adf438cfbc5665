import {
  auroraBackupBilledGib,
  auroraClasses,
  auroraClassesDated,
  auroraPriceDated,
  auroraPrices,
  auroraUsdMonthly,
  databaseInsights,
  findAuroraClass,
  hoursPerMonth,
  performanceInsights,
  rdsProxy,
  rdsProxyUsdMonthly,
  serverlessClass,
  type AuroraClass,
  type AuroraStorageType,
} from "../aws";
import { roundQuantity } from "../money";
import type { ComposedResource } from "../types";
import { awsTokens, free, knownText, ofType, regional, stemOf, useOf } from "./awsInputs";
import {
  fields,
  fromBoth,
  line,
  numberInput,
  priced,
  together,
  unpriced,
  type Priced,
  type Pricer,
  type PricingContext,
} from "./pricer";

/** A cluster: its storage, what it reads and writes, its backups, and Database Insights. */
const cluster: Pricer = (resource, context) => {
  const engine = knownText(resource, "engine");
  if (engine !== "aurora-postgresql") {
    return unpriced(resource, `no price for the database engine ${engine ?? "(not known)"}`);
  }
  const prices = auroraPrices[storageOf(resource)];
  const { load, dated } = useOf(context);
  const shared = { resource: resource.name, kind: "usage", category: "database" } as const;
  const priceDated =
    storageOf(resource) === "aurora" ? auroraPrices.dated : auroraPrices.otherDated;
  const retentionDays = numberInput(resource, "backupRetentionPeriod") ?? 1;
  return together(
    priced(
      line({
        ...shared,
        sku: `Aurora storage${prices.usdMillionIo === 0 ? ", I/O-Optimized" : ""}`,
        quantity: roundQuantity(load.databaseStorageGib),
        unit: "GB-month",
        unitPrice: prices.usdGbMonth,
        dated: dated(priceDated, "databaseStorageGib"),
      }),
      line({
        ...shared,
        sku: prices.usdMillionIo === 0 ? "Aurora I/O, included" : "Aurora I/O",
        quantity: load.auroraIoMillions,
        unit: "million requests",
        unitPrice: prices.usdMillionIo,
        dated: dated(priceDated, "auroraIoMillions"),
      }),
      line({
        ...shared,
        sku: `Aurora backups, ${retentionDays} ${retentionDays === 1 ? "day" : "days"}, beyond the free size of the volume`,
        quantity: roundQuantity(
          auroraBackupBilledGib({
            volumeGib: load.databaseStorageGib,
            retentionDays,
            changedPercentDaily: load.databaseChangedPercentDaily,
          }),
        ),
        unit: "GB-month",
        unitPrice: auroraPrices.usdBackupGbMonth,
        dated: dated(auroraPrices.dated, "databaseStorageGib", "databaseChangedPercentDaily"),
      }),
    ),
    insights(resource, context),
  );
};

/** The Advanced mode is billed by what the instances have; Standard is free. */
function insights(resource: ComposedResource, context: PricingContext): Priced {
  if (knownText(resource, "databaseInsightsMode") !== "advanced") return free;
  const { vcpus, acus } = capacityOf(resource, context);
  if (vcpus === undefined) {
    return unpriced(resource, "Database Insights: the vCPUs of an instance are not known");
  }
  const { usdVcpuHour, usdAcuHour } = databaseInsights.advanced;
  const shared = { resource: resource.name, kind: "base", category: "database" } as const;
  const dated = fromBoth(databaseInsights.dated, auroraClassesDated.sizes);
  return priced(
    ...(vcpus > 0 || acus === 0
      ? [
          line({
            ...shared,
            sku: "Database Insights, Advanced, by vCPU",
            quantity: vcpus,
            unit: "vCPU-month",
            unitPrice: usdVcpuHour * hoursPerMonth,
            dated,
          }),
        ]
      : []),
    ...(acus > 0
      ? [
          line({
            ...shared,
            sku: "Database Insights, Advanced, by capacity unit",
            quantity: acus,
            unit: "ACU-month",
            unitPrice: usdAcuHour * hoursPerMonth,
            dated,
          }),
        ]
      : []),
  );
}

/** A writer or a reader. */
const clusterInstance: Pricer = (resource, context) => {
  const name = knownText(resource, "instanceClass") ?? "(not known before a deploy)";
  const owner = clusterOf(resource, context);
  if (!owner) return unpriced(resource, "which cluster the instance belongs to is not known");
  const storage = storageOf(owner);
  const { computeMultiplier } = auroraPrices[storage];
  if (name === serverlessClass) return serverless(resource, owner);
  const usd = findAuroraClass(name) ? auroraUsdMonthly(name as AuroraClass) : undefined;
  if (usd === undefined) return unpriced(resource, `no price for the Aurora class ${name}`);
  const dated = auroraPriceDated(name as AuroraClass);
  return together(
    priced(
      line({
        resource: resource.name,
        kind: "base",
        category: "database",
        sku: `Aurora PostgreSQL ${name}${storage === "aurora" ? "" : ", I/O-Optimized"}`,
        quantity: 1,
        unit: "instance-month",
        unitPrice: usd * computeMultiplier,
        dated: storage === "aurora" ? dated : fromBoth(dated, auroraPrices.otherDated),
      }),
    ),
    longInsights(resource, owner, name as AuroraClass),
  );
};

/** Insights that are kept longer than the free week; Advanced has them in its price. */
function longInsights(
  resource: ComposedResource,
  owner: ComposedResource,
  name: AuroraClass,
): Priced {
  const days = numberInput(resource, "performanceInsightsRetentionPeriod") ?? 0;
  const { freeDays, usdVcpuMonth, dated } = performanceInsights;
  if (days <= freeDays || knownText(owner, "databaseInsightsMode") === "advanced") return free;
  return priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "database",
      sku: `Performance Insights kept for ${days} days, by vCPU`,
      quantity: auroraClasses[name].vcpus,
      unit: "vCPU-month",
      unitPrice: usdVcpuMonth,
      dated: fromBoth(dated, auroraClassesDated.sizes),
    }),
  );
}

/** An instance that scales by itself, at its smallest capacity. */
function serverless(resource: ComposedResource, owner: ComposedResource): Priced {
  const { minCapacity, maxCapacity } = fields(owner.inputs.serverlessv2ScalingConfiguration);
  if (typeof minCapacity !== "number" || typeof maxCapacity !== "number") {
    return unpriced(resource, "the capacity of the cluster is not known before a deploy");
  }
  const usd = auroraPrices[storageOf(owner)].usdAcuHour * hoursPerMonth;
  return priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "database",
      sku: `Aurora Serverless v2, ${minCapacity} ACU`,
      quantity: minCapacity,
      mostQuantity: maxCapacity,
      unit: "ACU-month",
      unitPrice: usd,
      dated: auroraPrices.otherDated,
    }),
  );
}

/** A proxy, by the vCPUs of the instances behind it. */
const proxy: Pricer = (resource, context) => {
  const clusters = ofType(context, awsTokens.auroraCluster);
  const [owner] = clusters.length === 1 ? clusters : [];
  if (!owner) return unpriced(resource, "which cluster the proxy stands before is not known");
  const { vcpus, acus } = capacityOf(owner, context);
  if (vcpus === undefined) {
    return unpriced(resource, "the vCPUs of an instance behind the proxy are not known");
  }
  if (acus > 0) return unpriced(resource, "the price of a proxy of capacity units was not found");
  return priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "database",
      sku: "RDS Proxy, by vCPU of the instances",
      quantity: vcpus,
      unit: "vCPU-month",
      unitPrice: rdsProxyUsdMonthly(1),
      dated: fromBoth(rdsProxy.dated, auroraClassesDated.sizes),
    }),
  );
};

function storageOf(owner: ComposedResource): AuroraStorageType {
  return knownText(owner, "storageType") === "aurora-iopt1" ? "aurora-iopt1" : "aurora";
}

/** vCPUs and smallest capacity units of a cluster's instances; no vCPUs where a class is not known. */
function capacityOf(
  owner: ComposedResource,
  context: PricingContext,
): { readonly vcpus: number | undefined; readonly acus: number } {
  const classes = ofType(context, awsTokens.auroraInstance)
    .filter((one) => clusterOf(one, context) === owner)
    .map((one) => knownText(one, "instanceClass") ?? "");
  const { minCapacity } = fields(owner.inputs.serverlessv2ScalingConfiguration);
  const units = classes.filter((name) => name === serverlessClass).length;
  const vcpus = classes
    .filter((name) => name !== serverlessClass)
    .map((name) => findAuroraClass(name)?.vcpus);
  return {
    vcpus: vcpus.includes(undefined)
      ? undefined
      : vcpus.reduce<number>((sum, one) => sum + (one ?? 0), 0),
    acus: units * (typeof minCapacity === "number" ? minCapacity : 0),
  };
}

/**
 * The cluster of an instance: the one that it names, the only one, or the one whose logical name
 * (without `-cluster`) begins the instance's.
 */
function clusterOf(
  resource: ComposedResource,
  context: PricingContext,
): ComposedResource | undefined {
  const clusters = ofType(context, awsTokens.auroraCluster);
  const named = knownText(resource, "clusterIdentifier");
  return (
    clusters.find((one) => named !== undefined && knownText(one, "clusterIdentifier") === named) ??
    (clusters.length === 1
      ? clusters[0]
      : clusters.find(({ name }) => resource.name.startsWith(`${stemOf(name, ["cluster"])}-`)))
  );
}

/** Aurora and its proxy, by type token. */
export const awsDatabasePricers: Readonly<Record<string, Pricer>> = {
  [awsTokens.auroraCluster]: regional(cluster),
  [awsTokens.auroraInstance]: regional(clusterInstance),
  "aws:rds/proxy:Proxy": regional(proxy),
};
