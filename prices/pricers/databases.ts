import {
  advancedPostgres,
  advancedUsdMonthly,
  findAdvancedPostgresSize,
  findPostgresSize,
  findValkeySize,
  storageDated,
  storageUsdGibMonthly,
  type PostgresSizeSpec,
} from "../digitalocean";
import { roundQuantity } from "../money";
import type { ComposedResource } from "../types";
import {
  line,
  numberInput,
  priced,
  textInput,
  together,
  unpriced,
  type Priced,
  type Pricer,
} from "./pricer";

/** A managed cluster: its nodes, and the storage beyond what its size includes. */
export const databaseCluster: Pricer = (resource) => {
  const engine = textInput(resource, "engine");
  const slug = textInput(resource, "size") ?? "(not known before a deploy)";
  const nodes = numberInput(resource, "nodeCount") ?? 1;
  switch (engine) {
    case "pg": {
      const size = findPostgresSize(slug);
      if (!size) return unpriced(resource, `no price for the PostgreSQL size ${slug}`);
      return postgresNodes(resource, `Managed PostgreSQL ${slug}`, slug, size, nodes);
    }
    case "valkey": {
      const size = findValkeySize(slug);
      if (!size) return unpriced(resource, `no price for the Valkey size ${slug}`);
      return priced(
        line({
          resource: resource.name,
          kind: "base",
          category: "database",
          sku: `Managed Valkey ${slug}`,
          quantity: nodes,
          unit: "node-month",
          unitPrice: size.usdMonthly,
          dated: size.dated,
        }),
      );
    }
    case "advanced_pg":
      return advancedNodes(resource, `Managed PostgreSQL Advanced ${slug}`, slug, nodes);
    default:
      return unpriced(
        resource,
        `no price for the database engine ${engine ?? "(not known before a deploy)"}`,
      );
  }
};

/** A read-only node. Its own price was not found: it is taken as a node of its size, unverified. */
export const databaseReplica: Pricer = (resource) => {
  const slug = textInput(resource, "size") ?? "(not given)";
  const sku = `Read-only node ${slug}, priced as a node`;
  if (findAdvancedPostgresSize(slug)) return advancedNodes(resource, sku, slug, 1);
  const size = findPostgresSize(slug);
  if (!size) return unpriced(resource, `no price for a read-only node of the size ${slug}`);
  return postgresNodes(resource, sku, slug, size, 1);
};

/** Nodes of the Advanced edition, of which one price is known: "from". */
function advancedNodes(
  resource: ComposedResource,
  sku: string,
  slug: string,
  nodes: number,
): Priced {
  const size = findAdvancedPostgresSize(slug);
  if (!size) return unpriced(resource, `no price for the PostgreSQL Advanced size ${slug}`);
  const { usdMonthlyPerNodeFrom, dated } = advancedPostgres;
  const usd = advancedUsdMonthly(size);
  const storage =
    numberInput(resource, "storageSizeMib") === undefined
      ? priced()
      : unpriced(resource, `storage: what the PostgreSQL size ${slug} includes was not found`);
  if (usd === undefined) {
    return together(
      unpriced(
        resource,
        `PostgreSQL Advanced edition ${slug}, ${nodes} ${nodes === 1 ? "node" : "nodes"}: ` +
          `published from ${usdMonthlyPerNodeFrom} USD a node and month, by size not found`,
      ),
      storage,
    );
  }
  return together(
    priced(
      line({
        resource: resource.name,
        kind: "base",
        category: "database",
        sku: `${sku}, at the lowest published price`,
        quantity: nodes,
        unit: "node-month",
        unitPrice: usd,
        dated,
      }),
    ),
    storage,
  );
}

/** A node's price includes the smallest storage; each node keeps a copy of what is beyond it. */
function postgresNodes(
  resource: ComposedResource,
  sku: string,
  slug: string,
  size: PostgresSizeSpec,
  nodes: number,
): Priced {
  if (size.usdMonthly === null) {
    return unpriced(resource, `the current price of the PostgreSQL size ${slug} was not found`);
  }
  const base = priced(
    line({
      resource: resource.name,
      kind: "base",
      category: "database",
      sku,
      quantity: nodes,
      unit: "node-month",
      unitPrice: size.usdMonthly,
      dated: size.dated,
    }),
  );
  const storageMib = numberInput(resource, "storageSizeMib");
  if (storageMib === undefined) return base;
  if (size.minStorageGib === null) {
    return together(
      base,
      unpriced(resource, `storage: what the PostgreSQL size ${slug} includes was not found`),
    );
  }
  const beyondGib = storageMib / 1_024 - size.minStorageGib;
  if (beyondGib <= 0) return base;
  return together(
    base,
    priced(
      line({
        resource: resource.name,
        kind: "base",
        category: "database",
        sku: `PostgreSQL storage beyond the included ${size.minStorageGib} GiB`,
        quantity: roundQuantity(beyondGib * nodes),
        unit: "GiB-month",
        unitPrice: storageUsdGibMonthly,
        dated: storageDated,
      }),
    ),
  );
}
