import type { CostCategory, MonthlyLoad } from "../../tiers/types";
import type { ComposedResource, CostLine, Dated, Unpriced } from "../types";
import { roundToCents } from "../money";

/** What a pricer may look at beside its resource. */
export interface PricingContext {
  readonly load: MonthlyLoad;
  /** Everything that is priced together. */
  readonly resources: readonly ComposedResource[];
  /** The resources of the same type, this one among them, in the order of composition. */
  readonly siblings: readonly ComposedResource[];
}

export interface Priced {
  readonly lines: readonly CostLine[];
  readonly unpriced: readonly Unpriced[];
}

/** Prices one resource. Pure: the same resource in the same context costs the same. */
export type Pricer = (resource: ComposedResource, context: PricingContext) => Priced;

/** A line before its total is worked out. */
export interface LineInput {
  readonly resource: string;
  readonly kind: CostLine["kind"];
  readonly category: CostCategory;
  readonly sku: string;
  readonly quantity: number;
  /** Quantity that autoscaling may come to, from `quantity` on. @default it does not scale */
  readonly mostQuantity?: number | undefined;
  readonly unit: string;
  /** USD per unit, exact. */
  readonly unitPrice: number;
  readonly dated: Dated;
}

/** A cost line whose monthly total is rounded to cents. */
export function line({ dated, mostQuantity, ...input }: LineInput): CostLine {
  const { source, asOf, verified } = dated;
  const { quantity, unitPrice } = input;
  const priced = { ...input, monthly: roundToCents(quantity * unitPrice), source, asOf, verified };
  if (mostQuantity === undefined || mostQuantity === quantity) return priced;
  const monthly = roundToCents(mostQuantity * unitPrice);
  return {
    ...priced,
    sku: `${input.sku} (up to ${mostQuantity}: $${monthly})`,
    atMost: { quantity: mostQuantity, monthly },
  };
}

/** Lines, and nothing that could not be priced. */
export function priced(...lines: readonly CostLine[]): Priced {
  return { lines, unpriced: [] };
}

/** No line: the price of this resource is not known, for this reason. */
export function unpriced(resource: ComposedResource, reason: string): Priced {
  return { lines: [], unpriced: [{ resource: resource.name, type: resource.type, reason }] };
}

/** What several pricings come to together. */
export function together(...parts: readonly Priced[]): Priced {
  return {
    lines: parts.flatMap((part) => part.lines),
    unpriced: parts.flatMap((part) => part.unpriced),
  };
}

/** The date of a number made from two others: as old as the older, as sure as the less sure. */
export function fromBoth(a: Dated, b: Dated): Dated {
  return {
    source: a.source === b.source ? a.source : `${a.source}; ${b.source}`,
    asOf: a.asOf < b.asOf ? a.asOf : b.asOf,
    verified: a.verified && b.verified,
  };
}

/** Is this the first of its type? What an account pays once is charged there. */
export function isFirst(resource: ComposedResource, context: PricingContext): boolean {
  return context.siblings[0] === resource;
}

/** A string input, or undefined where it is missing or not known before a deploy. */
export function textInput(resource: ComposedResource, name: string): string | undefined {
  const value = resource.inputs[name];
  return typeof value === "string" ? value : undefined;
}

/** A number input, given as a number or in digits; undefined where it is missing or unknown. */
export function numberInput(resource: ComposedResource, name: string): number | undefined {
  const value = resource.inputs[name];
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/** A string inside an object input. */
export function nestedTextInput(
  resource: ComposedResource,
  name: string,
  field: string,
): string | undefined {
  const value = resource.inputs[name];
  if (typeof value !== "object" || value === null) return undefined;
  const inner: unknown = (value as Readonly<Record<string, unknown>>)[field];
  return typeof inner === "string" ? inner : undefined;
}

/** What deploys of a month amount to; nobody states it, so a line that counts them says it. */
export const assumedDeploys = { perMonth: 30, secondsEach: 120 } as const;

export type Fields = Readonly<Record<string, unknown>>;

/** A value as an object; empty where it is none. */
export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

/** A value as a list of objects; empty where it is none. */
export function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}
