import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../isRecord";
import type { Kind, Values } from "./kind";
import { pathText, unknownValue, type Path } from "./unknowns";

type ChangeKind = "add" | "delete" | "update";

/** One property that differs. */
export interface Change {
  /** As the engine prints it. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** Whether it takes a new resource. */
  readonly replace: boolean;
}

/**
 * What new inputs are compared with: what was given, but where the API tells it otherwise.
 *
 * @param state The resource as the engine keeps it, with all that was told of it.
 */
export function comparedWith(kind: Pick<Kind, "told">, given: Values, state: Values): Values {
  // What was never given is the API's own to say.
  const told = (kind.told ?? []).filter(
    (input) => given[input] !== undefined && state[input] !== undefined,
  );
  return { ...given, ...Object.fromEntries(told.map((input) => [input, state[input]])) };
}

/** What a change of inputs means for a resource of the kind. */
export function diffInputs(kind: Kind, olds: Values, news: Values): readonly Change[] {
  const changes: Change[] = [];
  const replaces = (path: Path): boolean => kind.immutable.includes(String(path[0]));
  const visit = (before: unknown, after: unknown, path: Path): void => {
    if (isDeepStrictEqual(before, after)) return;
    if (before !== undefined && after !== undefined && after !== unknownValue) {
      const keys = keysOf(before, after);
      if (keys) {
        for (const key of keys) visit(at(before, key), at(after, key), [...path, key]);
        return;
      }
    }
    const change = before === undefined ? "add" : after === undefined ? "delete" : "update";
    changes.push({ path: pathText(path), kind: change, replace: replaces(path) });
  };
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    if (!key.startsWith("__")) visit(olds[key] ?? undefined, news[key] ?? undefined, [key]);
  }
  return changes;
}

/** Keys of two records, or indexes of two lists; undefined where they cannot be compared so. */
function keysOf(before: unknown, after: unknown): readonly (string | number)[] | undefined {
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
  }
  if (isRecord(before) && isRecord(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])];
  }
  return undefined;
}

const at = (value: unknown, key: string | number): unknown =>
  (value as Record<string | number, unknown>)[key];
