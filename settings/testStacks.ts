import { expect } from "vitest";
import { checkSettings, type Settings } from "../config";
import { readStackFile, withSetting } from "../report/stackFile";
import { ConfigProblems, type Problem } from "./problems";

/** Structured values arrive as JSON from the engine; a plain text stays what it is. */
function given(
  stack: string,
  settings: readonly string[],
  without: readonly string[],
): { values: Record<string, unknown>; secrets: ReadonlySet<string> } {
  const { values, secretKeys } = settings.reduce(withSetting, readStackFile(stack));
  const short = (key: string): string => key.replace(/^drops:/, "");
  const entries = Object.entries(values)
    .filter(([key]) => !without.includes(key))
    .map(([key, text]) => [short(key), /^[[{]/.test(text) ? (JSON.parse(text) as unknown) : text]);
  return {
    values: Object.fromEntries(entries) as Record<string, unknown>,
    secrets: new Set(secretKeys.map(short)),
  };
}

/**
 * The checked settings of a committed stack with some changed; `as` is the stack's own name.
 *
 * @throws ConfigProblems
 */
export function checkedStack(
  file: string,
  settings: readonly string[] = [],
  without: readonly string[] = [],
  as = file,
): Settings {
  const { values, secrets } = given(file, settings, without);
  return checkSettings(as, values, secrets).settings;
}

/** The problems with which a changed stack is refused; empty when it is not. */
export function problemsOfStack(
  file: string,
  settings: readonly string[] = [],
  without: readonly string[] = [],
  as = file,
): readonly Problem[] {
  try {
    checkedStack(file, settings, without, as);
    return [];
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems;
    throw error;
  }
}

/** Settings that are wrong in one way, and the problem with which they are refused. */
export type Refusal = readonly [
  name: string,
  settings: readonly string[],
  key: string,
  got: string,
  allowed: string,
  fix: string,
];

/** The fix of a nested key of a stack called medium. */
export function pathSet(key: string, value: string): string {
  return `pulumi config set --stack medium --path 'drops:${key}' ${value}`;
}

/** Expects exactly this problem. */
export function expectRefused(
  file: string,
  settings: readonly string[],
  [key, got, allowed, fix]: readonly [key: string, got: string, allowed: string, fix: string],
): void {
  expect(problemsOfStack(file, settings)).toEqual([{ key: `drops:${key}`, got, allowed, fix }]);
}
