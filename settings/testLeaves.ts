import type { z } from "zod";
import { factsOf, keyOf } from "./problems";

/** Every key that can be set, with the example that its fix proposes. */
export function settableLeaves(
  schema: z.core.$ZodType,
  path: readonly (string | number)[] = [],
): [key: string, example: string][] {
  const def = schema._zod.def as {
    innerType?: z.core.$ZodType;
    shape?: Record<string, z.core.$ZodType>;
    element?: z.core.$ZodType;
  };
  if (def.innerType) return settableLeaves(def.innerType, path);
  if (def.shape) {
    return Object.entries(def.shape).flatMap(([key, child]) =>
      settableLeaves(child, [...path, key]),
    );
  }
  if (def.element) return settableLeaves(def.element, [...path, 0]);
  const { example = "", secret } = factsOf(schema);
  // Secrets are asked for, and a shell expression is no value yet.
  return secret || example.startsWith("$(") ? [] : [[keyOf(path), example]];
}
