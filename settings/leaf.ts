import { z } from "zod";
import { encryptedHere } from "./encrypted";

/** What the reference table and the error messages say of a key. */
export interface KeyFacts {
  readonly description: string;
  /** What a value may be, in words; error messages print it. */
  readonly allowed: string;
  /** A value that works, for the fix that an error message proposes. */
  readonly example: string;
  /** Passes the schema where the example does not (it is a shell expression): see `standIn`. */
  readonly valid?: string;
  /** Set with `--secret`; never printed. */
  readonly secret?: boolean;
}

export const names = <T extends object>(table: T): readonly (keyof T & string)[] =>
  Object.keys(table) as (keyof T & string)[];

export function choice<const T extends readonly string[]>(
  values: T,
  facts: Pick<KeyFacts, "description"> & Partial<KeyFacts>,
) {
  const [first = ""] = values;
  return z.enum(values).meta({ example: first, allowed: values.join(", "), ...facts });
}

export const text = (pattern: RegExp, facts: KeyFacts) =>
  z
    .string()
    .regex(pattern)
    .meta({ ...facts });
export const whole = (low: number, high: number, facts: Omit<KeyFacts, "allowed">) =>
  z
    .int()
    .min(low)
    .max(high)
    .meta({ ...facts, allowed: `a whole number from ${low} to ${high}` });
/** A whole number with a default, which is also what a fix proposes. */
export const wholeOr = (low: number, high: number, usual: number, description: string) =>
  whole(low, high, { description, example: String(usual) }).default(usual);

/** A number that may have decimals: `pulumi config set --path` stores those as text. */
export const decimal = (number: z.ZodNumber, facts: KeyFacts) =>
  z
    .union([
      number,
      z
        .string()
        .regex(/^-?\d+(\.\d+)?$/)
        .transform(Number)
        .pipe(number),
    ])
    .meta({ ...facts });

/** Any text; `pulumi config set --path` stores `8080` and `true` as what they look like. */
export const word = (facts: KeyFacts) =>
  z
    .union([
      z.string().min(1),
      z.int().transform((value) => String(value)),
      z.boolean().transform((value) => String(value)),
    ])
    .meta({ ...facts });

export const secretText = (facts: Omit<KeyFacts, "secret">, fits: (value: string) => boolean) =>
  z
    .string()
    .refine((value) => value === encryptedHere || fits(value))
    .meta({ ...facts, secret: true });

export const hostName = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
export const hostNameWords = "a host name in lower case, such as drops.example.com";

export function isUrl(value: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return protocols.includes(url.protocol) && url.hostname !== "";
}
