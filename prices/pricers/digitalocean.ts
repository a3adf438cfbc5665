import { spaces, uptimeChecks } from "../digitalocean";
import { roundQuantity } from "../money";
import { app, appToken } from "./apps";
import { databaseCluster, databaseReplica } from "./databases";
import { droplet, reservedIp } from "./droplets";
import { isFirst, line, priced, type Pricer } from "./pricer";

/** Object storage is one subscription an account: the first bucket carries it for all of them. */
const spacesBucket: Pricer = (resource, context) => {
  if (!isFirst(resource, context)) return priced();
  const { backupStorageGib } = context.load;
  const shared = { resource: resource.name, category: "database", dated: spaces.dated } as const;
  return priced(
    line({
      ...shared,
      kind: "base",
      sku: "Spaces subscription, one an account",
      quantity: 1,
      unit: "month",
      unitPrice: spaces.usdMonthly,
    }),
    line({
      ...shared,
      kind: "usage",
      sku: `Spaces storage beyond the included ${spaces.includedStorageGib} GiB`,
      quantity: roundQuantity(Math.max(0, backupStorageGib - spaces.includedStorageGib)),
      unit: "GiB-month",
      unitPrice: spaces.storageUsdGibMonthly,
    }),
    line({
      ...shared,
      kind: "usage",
      // Dumps are read for restores and drills alone: everything stored once a month is the most.
      sku: `Spaces transfer beyond the included ${spaces.includedTransferGib} GiB`,
      quantity: roundQuantity(Math.max(0, backupStorageGib - spaces.includedTransferGib)),
      unit: "GiB",
      unitPrice: spaces.transferUsdGib,
    }),
  );
};

/** An uptime check. An account has one free; that is taken to be the first of this deployment. */
const uptimeCheck: Pricer = (resource, { siblings }) => {
  const free = siblings.indexOf(resource) < uptimeChecks.freePerAccount;
  return priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "monitoring",
      sku: free ? "Uptime check, the account's free one" : "Uptime check",
      quantity: 1,
      unit: "month",
      unitPrice: free ? 0 : uptimeChecks.usdMonthly,
      dated: free ? uptimeChecks.freeDated : uptimeChecks.dated,
    }),
  );
};

/** DigitalOcean's types that cost something, by type token. */
export const digitalOceanPricers: Readonly<Record<string, Pricer>> = {
  [appToken]: app,
  "digitalocean:index/databaseCluster:DatabaseCluster": databaseCluster,
  "digitalocean:index/databaseReplica:DatabaseReplica": databaseReplica,
  "digitalocean:index/droplet:Droplet": droplet,
  "digitalocean:index/reservedIp:ReservedIp": reservedIp,
  "digitalocean:index/spacesBucket:SpacesBucket": spacesBucket,
  "digitalocean:index/uptimeCheck:UptimeCheck": uptimeCheck,
};
