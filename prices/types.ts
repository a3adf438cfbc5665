import type { CostCategory } from "../tiers/types";

/** A number that somebody published: where it was read, and when. */
export interface Dated {
  /** Whose page or data, in words that let a reader find it again. */
  readonly source: string;
  /** ISO date on which the number was read or last confirmed. */
  readonly asOf: string;
  /** False where the provider's own page could not be read; such a number is printed as unverified. */
  readonly verified: boolean;
}

/** A resource as the composition registered it, with secrets and unknowns already replaced. */
export interface ComposedResource {
  readonly type: string;
  readonly name: string;
  /** URN of the parent; empty for the stack itself. */
  readonly parent: string;
  readonly urn: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface CostLine {
  /** Logical name of the resource that costs it, or a word for what many share. */
  readonly resource: string;
  /** `base` is due without a single visitor; `usage` follows the stated load. */
  readonly kind: "base" | "usage";
  readonly category: CostCategory;
  readonly sku: string;
  readonly quantity: number;
  readonly unit: string;
  /** USD per unit. */
  readonly unitPrice: number;
  /** USD a month. */
  readonly monthly: number;
  /** Where autoscaling moves it: what it comes to at the most. */
  readonly atMost?: { readonly quantity: number; readonly monthly: number };
  readonly source: string;
  readonly asOf: string;
  readonly verified: boolean;
}

/** Something that costs money, or may, and that the price book does not know. */
export interface Unpriced {
  readonly resource: string;
  readonly type: string;
  readonly reason: string;
}

export interface Estimate {
  readonly lines: readonly CostLine[];
  readonly unpriced: readonly Unpriced[];
  /** USD a month, base and usage together. */
  readonly monthly: number;
  readonly byCategory: Readonly<Record<CostCategory, number>>;
}
