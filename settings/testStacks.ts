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

/** Settings of a large stack after the first way that a fix offers was gone. */
export function afterFix(settings: readonly string[], fix: string): readonly string[] {
  const [way = ""] = fix.split(", or ");
  const commands = way.matchAll(
    /pulumi config (set|rm) --stack large(?: --path)? 'drops:([^']+)'(?: ("[^"]*"|\S+))?/g,
  );
  return [...commands].reduce<readonly string[]>((before, [, verb, key = "", value = ""]) => {
    if (verb === "set") return [...before, `${key}=${value.replaceAll('"', "")}`];
    const others = before.filter(
      (one) => !["=", ".", "["].some((end) => one.startsWith(key + end)),
    );
    if (others.length === before.length) throw new Error(`${key} was not set here`);
    return others;
  }, settings);
}

/** Expects exactly this problem of a large stack, and none after its fix. */
export function expectMended([, settings, key, got, allowed, fix]: Refusal): void {
  expect(problemsOfStack("large", settings)).toEqual([{ key: `drops:${key}`, got, allowed, fix }]);
  expect(problemsOfStack("large", afterFix(settings, fix)), "after the fix").toEqual([]);
}

/** The fix that sets a key of a stack called large. */
export function largeSet(key: string, value: string): string {
  return `pulumi config set --stack large${/[.[]/.test(key) ? " --path" : ""} 'drops:${key}' ${value}`;
}

/** The fix that takes a key of a stack called large away. */
export function largeRemove(key: string): string {
  return `pulumi config rm --stack large${/[.[]/.test(key) ? " --path" : ""} 'drops:${key}'`;
}

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
