import {
  costCategories,
  type CostCategory,
  type LargeMonthlyLoad,
  type MonthlyLoad,
} from "../tiers/types";
import { sumUsd } from "./money";
import { awsPricers } from "./pricers/aws";
import { cloudflarePricers } from "./pricers/cloudflare";
import { digitalOceanPricers } from "./pricers/digitalocean";
import { isFree } from "./pricers/free";
import { together, unpriced, type Priced, type Pricer } from "./pricers/pricer";
import type { ComposedResource, Estimate, Unpriced } from "./types";

/** Who prices which type. */
export const pricers: Readonly<Record<string, Pricer>> = {
  ...digitalOceanPricers,
  ...cloudflarePricers,
  ...awsPricers,
};

export interface EstimateInput {
  /** Everything that is deployed together, in the order of composition. */
  readonly resources: readonly ComposedResource[];
  readonly load: MonthlyLoad | LargeMonthlyLoad;
  /** Paid for this deployment, but no resource of it: an external database, for one. */
  readonly alsoPaid: readonly Unpriced[];
}

/**
 * What a deployment costs a month. Nothing is left out in silence: a type or a size without a price
 * is named in `unpriced`, and a usage line appears even when the stated load stays within what is
 * included.
 */
export function estimate({ resources, load, alsoPaid }: EstimateInput): Estimate {
  const byType = groupByType(resources);
  const { lines, unpriced: missing } = together(
    ...resources.map((resource): Priced => {
      const pricer = Object.hasOwn(pricers, resource.type) ? pricers[resource.type] : undefined;
      if (pricer) {
        return pricer(resource, { load, resources, siblings: byType.get(resource.type) ?? [] });
      }
      return isFree(resource.type)
        ? { lines: [], unpriced: [] }
        : unpriced(resource, `the price book does not know the type ${resource.type}`);
    }),
  );
  return {
    lines,
    unpriced: [...missing, ...alsoPaid],
    monthly: sumUsd(lines.map(({ monthly }) => monthly)),
    byCategory: Object.fromEntries(
      costCategories.map((category) => [
        category,
        sumUsd(lines.filter((one) => one.category === category).map(({ monthly }) => monthly)),
      ]),
    ) as Record<CostCategory, number>,
  };
}

function groupByType(resources: readonly ComposedResource[]): Map<string, ComposedResource[]> {
  const groups = new Map<string, ComposedResource[]>();
  for (const resource of resources) {
    const group = groups.get(resource.type);
    if (group) group.push(resource);
    else groups.set(resource.type, [resource]);
  }
  return groups;
}
