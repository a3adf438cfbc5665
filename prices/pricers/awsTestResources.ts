import { tiers } from "../../tiers";
import type { MonthlyLoad } from "../../tiers/types";
import { sumUsd } from "../money";
import { resource } from "../testResources";
import type { AwsUse } from "../aws";
import type { ComposedResource } from "../types";
import { awsPricers } from "./aws";
import { together, type Priced } from "./pricer";

/** The large tier's stated load, with what a test states beside it. */
export const largeLoad: MonthlyLoad = tiers.large.numbers.monthlyLoad;

/** A subnet in a zone of the priced region: it tells the pricers where everything is. */
export const subnet = resource("aws:ec2/subnet:Subnet", "subnet", {
  availabilityZone: "us-east-1a",
});

/** Prices resources as the estimate does, with AWS's pricers alone; a type without one is free. */
export function priceAws(
  resources: readonly ComposedResource[],
  load: Partial<MonthlyLoad & AwsUse> = {},
  place: readonly ComposedResource[] = [subnet],
): Priced {
  const all = [...place, ...resources];
  return together(
    ...all.map((one): Priced => {
      const pricer = awsPricers[one.type];
      if (!pricer) return { lines: [], unpriced: [] };
      const siblings = all.filter(({ type }) => type === one.type);
      return pricer(one, { load: { ...largeLoad, ...load }, resources: all, siblings });
    }),
  );
}

/** Lines as [resource, sku, quantity, monthly]. */
export function awsLines(...args: Parameters<typeof priceAws>) {
  return priceAws(...args).lines.map(
    ({ resource: name, sku, quantity, monthly }) => [name, sku, quantity, monthly] as const,
  );
}

/** Reasons for which there is no price. */
export function awsReasons(...args: Parameters<typeof priceAws>): string[] {
  return priceAws(...args).unpriced.map(({ reason }) => reason);
}

/** USD a month, as a reader adds up the lines. */
export function awsTotal(...args: Parameters<typeof priceAws>): number {
  return sumUsd(priceAws(...args).lines.map(({ monthly }) => monthly));
}
