import { randomInt } from "node:crypto";
import { z } from "zod";
import type { Values } from "../cloud/kind";

const flag = z.boolean().optional();
const least = z.int().min(0).optional();

/** Inputs of RandomPassword and RandomString, as @pulumi/random 4.21 has them. */
export const textInputs = z
  .object({
    length: z.int().min(1),
    keepers: z.record(z.string(), z.string()).optional(),
    ...{ lower: flag, upper: flag, numeric: flag, number: flag, special: flag },
    ...{ minLower: least, minUpper: least, minNumeric: least, minSpecial: least },
    overrideSpecial: z.string().optional(),
  })
  .superRefine((given, context) => {
    const { length, minLower = 0, minUpper = 0, minNumeric = 0, minSpecial = 0 } = given;
    const refuse = (message: string): void => {
      context.addIssue({ code: "custom", path: ["length"], message });
    };
    const sum = minLower + minUpper + minNumeric + minSpecial;
    if (length < sum) refuse(`length must be at least the sum of the minimums, ${sum}`);
    const { lower, upper, numeric, special } = withDefaults(given);
    if (length > sum && !lower && !upper && !numeric && !special) {
      refuse("one kind of characters must be allowed");
    }
  });

const alphabets = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  numeric: "0123456789",
  special: "!@#$%&*()-_=+[]{}<>:?",
} as const;

/** What was asked for with the provider's defaults, which are outputs too. */
export function withDefaults(inputs: Values) {
  const { length, lower, upper, number, numeric, special, overrideSpecial, ...rest } =
    inputs as z.infer<typeof textInputs>;
  return {
    ...{ length, lower: lower ?? true, upper: upper ?? true, special: special ?? true },
    // `number` is the older name.
    ...{ numeric: numeric ?? number ?? true, number: numeric ?? number ?? true },
    ...{ minLower: rest.minLower ?? 0, minUpper: rest.minUpper ?? 0 },
    ...{ minNumeric: rest.minNumeric ?? 0, minSpecial: rest.minSpecial ?? 0 },
    ...(overrideSpecial !== undefined && { overrideSpecial }),
  };
}

export function randomText(inputs: Values): string {
  const asked = withDefaults(inputs);
  const special = asked.overrideSpecial || alphabets.special;
  const classes = [
    { wanted: asked.lower, least: asked.minLower, letters: alphabets.lower },
    { wanted: asked.upper, least: asked.minUpper, letters: alphabets.upper },
    { wanted: asked.numeric, least: asked.minNumeric, letters: alphabets.numeric },
    { wanted: asked.special, least: asked.minSpecial, letters: special },
  ];
  const all = classes.map(({ wanted, letters }) => (wanted ? letters : "")).join("");
  const required = classes.flatMap(({ least: count, letters }) => picked(letters, count));
  const rest = picked(all, asked.length - required.length);
  return shuffled([...required, ...rest]).join("");
}

const picked = (letters: string, count: number): string[] =>
  Array.from({ length: count }, () => letters[randomInt(letters.length)] ?? "");

function shuffled(letters: string[]): string[] {
  for (let last = letters.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [letters[last], letters[other]] = [letters[other] ?? "", letters[last] ?? ""];
  }
  return letters;
}
