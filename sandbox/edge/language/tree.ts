export type Scalar = "String" | "Integer" | "Boolean" | "IP address";

/** One value; a list; a list that `[*]` took apart; a map from names to lists. */
type Shape = "one" | "list" | "unpacked" | "map";

export interface ValueType {
  readonly scalar: Scalar;
  readonly shape: Shape;
}

export type ScalarValue = string | number | boolean;
export type Value =
  ScalarValue | readonly ScalarValue[] | ReadonlyMap<string, readonly ScalarValue[]>;

/** An expression that was read; each node knows its type, so evaluating asks nothing. */
export type Node = { readonly type: ValueType } & (
  | { readonly kind: "literal"; readonly value: ScalarValue }
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "entry"; readonly of: Node; readonly key: string }
  | { readonly kind: "element"; readonly of: Node; readonly index: number }
  | { readonly kind: "unpacked"; readonly of: Node }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Node[] }
  | {
      readonly kind: "comparison";
      readonly left: Node;
      readonly holds: (value: ScalarValue) => boolean;
    }
  | { readonly kind: "not"; readonly operand: Node }
  | {
      readonly kind: "logical";
      readonly operator: "and" | "xor" | "or";
      readonly left: Node;
      readonly right: Node;
    }
);

/** A whole expression. */
export interface Expression {
  readonly root: Node;
  /** Names of the fields in it, for what a phase or a plan allows. */
  readonly fields: ReadonlySet<string>;
  /** Whether it has a regular expression, which some plans lack. */
  readonly usesRegularExpressions: boolean;
}

/** In words, for messages. */
export function describeType({ scalar, shape }: ValueType): string {
  if (shape === "one") return scalar;
  return shape === "map" ? `Map<Array<${scalar}>>` : `Array<${scalar}>`;
}
