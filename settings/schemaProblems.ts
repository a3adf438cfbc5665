import type { z } from "zod";
import type { KeyFacts } from "./leaf";
import {
  factsOf,
  keyOf,
  problem,
  removeCommand,
  schemaAt,
  setCommand,
  shown,
  unwrapped,
  type AnySchema,
  type Definition,
  type Path,
  type Problem,
} from "./problems";

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null
        ? (value as Record<string, unknown>)[part]
        : undefined,
    input,
  );
}

/** The names closest to a mistyped one come first, so that the message can propose them. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
        next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
      }
      row = next;
    }
    return row[b.length] ?? 0;
  };
  return names
    .map((candidate) => ({ candidate, far: distance(name, candidate) }))
    .filter(({ far }) => far <= Math.max(2, Math.floor(name.length / 3)))
    .sort((a, b) => a.far - b.far)[0]?.candidate;
}

function unknownKey(schema: AnySchema, path: Path, key: string): Problem {
  const parent = schemaAt(schema, path);
  const def = parent && (unwrapped(parent)._zod.def as Definition);
  const known = Object.keys(def?.shape ?? {});
  const guess = nearest(key, known);
  const bad = keyOf([...path, key]);
  const dotted = path.length === 0 && key.includes(".") && known.includes(key.split(".")[0] ?? "");
  const fix = dotted
    ? `set it with --path: pulumi config set --path '${bad}' …, and remove the old key: pulumi config rm '${bad}'`
    : guess !== undefined
      ? `rename it to ${keyOf([...path, guess])}`
      : `remove it: ${removeCommand([...path, key])}`;
  return { key: bad, got: "a key that does not exist", allowed: known.join(", "), fix };
}

/** Every problem that the schema found, in the words of the keys' own facts. */
export function problemsOf(
  schema: AnySchema,
  input: unknown,
  issues: readonly z.core.$ZodIssue[],
): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== "symbol");
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownKey(schema, path, key));
    }
    const at = schemaAt(schema, path);
    const value = valueAt(input, path);
    const { shape, element } = at ? (unwrapped(at)._zod.def as Definition) : {};
    if (shape && value === undefined) {
      // A whole group is missing: name each key in it that must be there.
      return Object.entries(shape)
        .filter(([, child]) => !(child as z.ZodType).safeParse(undefined).success)
        .map(([name, child]) => missing([...path, name], child));
    }
    if (value === undefined) return [missing(path, at)];
    const facts = at ? factsOf(at) : {};
    if (shape) {
      const keys = Object.keys(shape);
      const fix = `${removeCommand(path)}, then set its keys: ${keyOf([...path, keys[0] ?? ""])} …`;
      return [
        problem(path, `${typeof value} in place of a group`, `a group of ${keys.join(", ")}`, fix),
      ];
    }
    const got = facts.secret ? "[secret] in another form" : shown(value);
    if (element) return [listProblem(path, value, got, element, facts)];
    const fix = setCommand(path, facts.example ?? "VALUE", facts.secret);
    if (typeof value === "number" && at && isText(at)) {
      return [
        problem(path, numberInWords(value), facts.allowed ?? "a text", `quote it, or ${fix}`),
      ];
    }
    return [problem(path, got, facts.allowed ?? issue.message, fix)];
  });
}

/** A list that is none, or is empty where it must not be. */
function listProblem(
  path: Path,
  value: unknown,
  got: string,
  element: AnySchema,
  facts: Partial<KeyFacts>,
): Problem {
  const { shape } = unwrapped(element)._zod.def as Definition;
  const keys = Object.entries(shape ?? {});
  // The first key of a member that is a group, else the member itself.
  const [first] = keys;
  const item = { ...factsOf(first ? first[1] : element), ...(first ? {} : facts) };
  const set = setCommand([...path, 0, ...(first ? [first[0]] : [])], item.example ?? "VALUE");
  return problem(
    path,
    got,
    `a list, each ${first ? `a group of ${keys.map(([key]) => key).join(", ")}` : (factsOf(element).allowed ?? "a value")}`,
    // Nothing can be set within a text or a group of keys.
    Array.isArray(value) ? set : `${removeCommand(path)}, then ${set}`,
  );
}

function isText(schema: AnySchema): boolean {
  const { type } = unwrapped(schema)._zod.def;
  return type === "string" || type === "enum";
}

/** `17.1, a number: a file's 17.10 is read so`. */
function numberInWords(value: number): string {
  const read = Number.isInteger(value) ? "" : `: a file's ${value}0 is read so`;
  return `${value}, a number${read}`;
}

function missing(path: Path, schema: AnySchema | undefined): Problem {
  const { element } = schema ? (unwrapped(schema)._zod.def as Definition) : {};
  const facts = { ...(element && factsOf(element)), ...(schema && factsOf(schema)) };
  const first = element ? [...path, 0] : path;
  const fix = setCommand(first, facts.example ?? "VALUE", facts.secret);
  return problem(path, "nothing", facts.allowed ?? "a value", fix);
}
