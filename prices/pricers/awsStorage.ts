import {
  backupIntervalDays,
  backupPrices,
  billedSnapshots,
  kmsPrices,
  s3Prices,
  secretsPrices,
  transferPrices,
} from "../aws";
import { roundQuantity } from "../money";
import type { ComposedResource } from "../types";
import { awsTokens, free, ofType, regional, sharedName, textOf, useOf } from "./awsInputs";
import {
  fields,
  isFirst,
  line,
  list,
  numberInput,
  priced,
  together,
  unpriced,
  type Fields,
  type Priced,
  type Pricer,
  type PricingContext,
} from "./pricer";

/** Buckets are free; what all of them hold is on the first. */
const bucket: Pricer = (resource, context) => {
  if (!isFirst(resource, context)) return free;
  const { load, dated } = useOf(context);
  const name = sharedName(resource, context, "buckets");
  const shared = { resource: name, kind: "usage", category: "database" } as const;
  return priced(
    line({
      ...shared,
      sku: "S3 storage of backups",
      quantity: roundQuantity(load.backupStorageGib),
      unit: "GB-month",
      unitPrice: s3Prices.usdGbMonth,
      dated: s3Prices.dated,
    }),
    line({
      ...shared,
      category: "compute",
      sku: "S3 storage of access logs",
      quantity: roundQuantity(load.accessLogsGib),
      unit: "GB-month",
      unitPrice: s3Prices.usdGbMonth,
      dated: dated(s3Prices.dated, "accessLogsGib"),
    }),
    line({
      ...shared,
      sku: "S3 writes",
      quantity: load.bucketWritesThousands,
      unit: "thousand requests",
      unitPrice: s3Prices.usdThousandWrites,
      dated: dated(s3Prices.dated, "bucketWritesThousands"),
    }),
    line({
      ...shared,
      sku: "S3 reads",
      quantity: load.bucketReadsThousands,
      unit: "thousand requests",
      unitPrice: s3Prices.usdThousandReads,
      dated: dated(s3Prices.dated, "bucketReadsThousands"),
    }),
  );
};

const secret: Pricer = (resource, context) => {
  const own = line({
    resource: resource.name,
    kind: "base",
    category: "compute",
    sku: "Secret",
    quantity: 1,
    unit: "month",
    unitPrice: secretsPrices.usdSecretMonth,
    dated: secretsPrices.dated,
  });
  if (!isFirst(resource, context)) return priced(own);
  const { load, dated } = useOf(context);
  return priced(
    own,
    line({
      resource: sharedName(resource, context, "secrets"),
      kind: "usage",
      category: "compute",
      sku: "Calls to Secrets Manager",
      quantity: load.secretReadsThousands,
      unit: "thousand calls",
      unitPrice: secretsPrices.usdTenThousandCalls / 10,
      dated: dated(secretsPrices.dated, "secretReadsThousands"),
    }),
  );
};

const key: Pricer = (resource, context) => {
  const own = line({
    resource: resource.name,
    kind: "base",
    category: "compute",
    sku: "KMS key",
    quantity: 1,
    unit: "month",
    unitPrice: kmsPrices.usdKeyMonth,
    dated: kmsPrices.dated,
  });
  if (!isFirst(resource, context)) return priced(own);
  const { load, dated } = useOf(context);
  return priced(
    own,
    line({
      resource: sharedName(resource, context, "keys"),
      kind: "usage",
      category: "compute",
      sku: "Requests to KMS",
      quantity: load.kmsRequestsThousands,
      unit: "thousand requests",
      unitPrice: kmsPrices.usdTenThousandRequests / 10,
      dated: dated(kmsPrices.dated, "kmsRequestsThousands"),
    }),
  );
};

/** A plan's rules: the snapshots of the databases that outlive their own retention, and their copies. */
const plan: Pricer = (resource, context) =>
  together(
    ...list(resource.inputs.rules).map((rule) => {
      const name = typeof rule.ruleName === "string" ? rule.ruleName : "(without a name)";
      return together(
        snapshots(resource, context, rule, name),
        ...list(rule.copyActions).map(() => copies(resource, context, rule, name)),
      );
    }),
  );

function snapshots(
  resource: ComposedResource,
  context: PricingContext,
  rule: Fields,
  name: string,
): Priced {
  const { load, dated } = useOf(context);
  const interval = backupIntervalDays(textOf(rule.schedule) ?? "");
  const days = fields(rule.lifecycle).deleteAfter;
  if (interval === undefined || typeof days !== "number") {
    return unpriced(resource, `${name}: how many snapshots are kept is not known`);
  }
  const retentions = ofType(context, awsTokens.auroraCluster).map(
    (one) => numberInput(one, "backupRetentionPeriod") ?? 1,
  );
  const kept = retentions.reduce(
    (sum, retention) => sum + billedSnapshots(interval, days, retention),
    0,
  );
  return priced(
    line({
      resource: resource.name,
      kind: "usage",
      category: "database",
      sku: `AWS Backup ${name}: ${kept} snapshots older than the cluster's own retention`,
      quantity: roundQuantity(kept * load.databaseStorageGib),
      unit: "GB-month",
      unitPrice: backupPrices.usdAuroraGbMonth,
      dated: dated(backupPrices.dated, "databaseStorageGib"),
    }),
  );
}

/** Copies go to another region, whose storage has no price here; the way there has. */
function copies(
  resource: ComposedResource,
  context: PricingContext,
  rule: Fields,
  name: string,
): Priced {
  const interval = backupIntervalDays(textOf(rule.schedule) ?? "");
  const stored = unpriced(
    resource,
    `${name}: the storage of copies, whose region has no prices in the book`,
  );
  if (interval === undefined) return stored;
  const { load, dated } = useOf(context);
  return together(
    priced(
      line({
        resource: resource.name,
        kind: "usage",
        category: "database",
        sku: `AWS Backup ${name}: copies to another region, each in full`,
        quantity: roundQuantity((load.databaseStorageGib * 365) / 12 / interval),
        unit: "GB",
        unitPrice: transferPrices.betweenRegionsUsdGb,
        dated: dated(transferPrices.dated, "databaseStorageGib"),
      }),
    ),
    stored,
  );
}

/** Objects, secrets, keys and backups, by type token. */
export const awsStoragePricers: Readonly<Record<string, Pricer>> = {
  "aws:s3/bucket:Bucket": regional(bucket),
  "aws:s3/bucketV2:BucketV2": regional(bucket),
  "aws:secretsmanager/secret:Secret": regional(secret),
  "aws:kms/key:Key": regional(key),
  "aws:backup/plan:Plan": regional(plan),
};
