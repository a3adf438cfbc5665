import type { Scalar, ScalarValue } from "./tree";

/** Maps are no arguments: an entry has to be named. */
export type Argument = ScalarValue | readonly ScalarValue[];

interface Parameter {
  readonly scalars: readonly Scalar[];
  /** Whether it is a list: always, or as well as a single value. @default never */
  readonly list?: "always" | "also";
  /** Cloudflare refuses a literal in its place. */
  readonly noLiteral?: true;
}

interface LanguageFunction {
  readonly parameters: readonly Parameter[];
  /** Whether the last parameter may be repeated. */
  readonly repeats?: true;
  /** Whether arguments are whole conditions, e.g. `any(x[*] eq "a")`. */
  readonly takesConditions?: true;
  readonly result: Scalar;
  readonly apply: (...args: readonly Argument[]) => ScalarValue;
}

const string: Parameter = { scalars: ["String"] };
const field: Parameter = { ...string, noLiteral: true };
const conditions: Parameter = { scalars: ["Boolean"], list: "always" };

/** The functions of the rules language that the edge knows. */
export const functions: Readonly<Record<string, LanguageFunction>> = {
  any: {
    parameters: [conditions],
    takesConditions: true,
    result: "Boolean",
    apply: (list) => Array.isArray(list) && list.includes(true),
  },
  all: {
    parameters: [conditions],
    takesConditions: true,
    result: "Boolean",
    apply: (list) => Array.isArray(list) && !list.includes(false),
  },
  concat: {
    parameters: [{ scalars: ["String", "Integer"], list: "also" }],
    repeats: true,
    result: "String",
    apply: (...parts) => parts.flat().join(""),
  },
  ends_with: {
    parameters: [field, string],
    result: "Boolean",
    apply: (source, end) => String(source).endsWith(String(end)),
  },
  len: {
    parameters: [{ scalars: ["String", "Integer", "Boolean", "IP address"], list: "also" }],
    result: "Integer",
    apply: (of) => (Array.isArray(of) ? of.length : Buffer.byteLength(String(of))),
  },
  // Letters of ASCII alone, unlike JavaScript's.
  lower: {
    parameters: [string],
    result: "String",
    apply: (source) => String(source).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()),
  },
  starts_with: {
    parameters: [field, string],
    result: "Boolean",
    apply: (source, start) => String(source).startsWith(String(start)),
  },
  upper: {
    parameters: [string],
    result: "String",
    apply: (source) => String(source).replaceAll(/[a-z]/g, (letter) => letter.toUpperCase()),
  },
};
