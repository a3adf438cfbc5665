import type { z } from "zod";
import { encryptedHere } from "./encrypted";
import type { KeyFacts } from "./leaf";

/** One thing that is wrong with a stack's configuration. */
export interface Problem {
  /** Full key, e.g. `drops:vps.size`. */
  readonly key: string;
  /** What stands there; never a secret. */
  readonly got: string;
  readonly allowed: string;
  /** A command or a change that mends it. */
  readonly fix: string;
}

type Path = readonly (string | number)[];

/** The key as `pulumi config set --path` takes it: `drops:ssh.cidrs[0]`. */
export function keyOf(path: Path): string {
  const [first, ...rest] = path;
  return (
    `drops:${String(first ?? "")}` +
    rest.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("")
  );
}

/** The command that takes a key away. */
export function removeCommand(path: Path): string {
  return `pulumi config rm${path.length > 1 ? " --path" : ""} '${keyOf(path)}'`;
}

/** The command that sets a key. */
export function setCommand(path: Path, example: string, secret = false): string {
  const nested = path.length > 1 ? " --path" : "";
  const hidden = secret ? " --secret" : "";
  const value = secret ? "" : ` ${/^[\w.:/@-]+$/.test(example) ? example : `"${example}"`}`;
  return `pulumi config set${hidden}${nested} '${keyOf(path)}'${value}`;
}

export type AnySchema = z.core.$ZodType;

/** The parts of a schema's definition that are read here. */
export interface Definition {
  readonly innerType?: AnySchema;
  readonly shape?: Record<string, AnySchema>;
  readonly element?: AnySchema;
  readonly defaultValue?: unknown;
}

/** The schema below the wrappers that only say "optional" or give a default. */
function unwrapped(schema: AnySchema): AnySchema {
  const def = schema._zod.def as Definition;
  return def.innerType === undefined ? schema : unwrapped(def.innerType);
}

/** The schema's keys by path, as far as the path leads. */
export function schemaAt(schema: AnySchema, path: Path): AnySchema | undefined {
  const [first, ...rest] = path;
  const inner = unwrapped(schema);
  if (first === undefined) return schema;
  const def = inner._zod.def as Definition;
  const next = typeof first === "number" ? def.element : def.shape?.[first];
  return next && schemaAt(next, rest);
}

/** What a key's schema says of itself, through the wrappers. */
export function factsOf(schema: AnySchema): Partial<KeyFacts> {
  const meta = (schema as z.ZodType).meta() as Partial<KeyFacts> | undefined;
  const def = schema._zod.def as Definition;
  return { ...(def.innerType && factsOf(def.innerType)), ...meta };
}

/**
 * A value that the schema accepts in place of one that it refused, so that the rest can still be
 * checked: undefined where the key may be left out, else an example.
 */
export function standIn(schema: AnySchema): unknown {
  if ((schema as z.ZodType).safeParse(undefined).success) return undefined;
  const inner = unwrapped(schema)._zod.def as Definition;
  if (inner.shape) {
    return Object.fromEntries(
      Object.entries(inner.shape).map(([key, child]) => [key, standIn(child)]),
    );
  }
  if (inner.element) return [standIn(inner.element)];
  const { secret, valid, example } = factsOf(schema);
  return secret ? encryptedHere : (valid ?? example);
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null
        ? (value as Record<string, unknown>)[part]
        : undefined,
    input,
  );
}

/** How a value is shown in a message: short, quoted where it is text. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const json = JSON.stringify(value);
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
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
    if (element) {
      const item = factsOf(element);
      const fix = setCommand([...path, 0], item.example ?? "VALUE");
      return [problem(path, got, `a list, each ${item.allowed ?? "a value"}`, fix)];
    }
    const fix = setCommand(path, facts.example ?? "VALUE", facts.secret);
    return [problem(path, got, facts.allowed ?? issue.message, fix)];
  });
}

function missing(path: Path, schema: AnySchema | undefined): Problem {
  const { element } = schema ? (unwrapped(schema)._zod.def as Definition) : {};
  const facts = { ...(element && factsOf(element)), ...(schema && factsOf(schema)) };
  const first = element ? [...path, 0] : path;
  const fix = setCommand(first, facts.example ?? "VALUE", facts.secret);
  return problem(path, "nothing", facts.allowed ?? "a value", fix);
}

/** A problem of the key at a path. */
export function problem(path: Path, got: string, allowed: string, fix: string): Problem {
  return { key: keyOf(path), got, allowed, fix };
}

/** The same problem with a fix that names its stack: the selected stack may be another. */
export function forStack(found: Problem, stack: string): Problem {
  return {
    ...found,
    fix: found.fix.replaceAll(
      /pulumi config (set|rm)(?! --stack)/g,
      `pulumi config $1 --stack ${stack}`,
    ),
  };
}

/** A configuration that cannot be deployed; carries all its problems. */
export class ConfigProblems extends Error {
  readonly problems: readonly Problem[];

  constructor(
    readonly stackName: string,
    found: readonly Problem[],
  ) {
    const problems = found.map((one) => forStack(one, stackName));
    super(
      [
        `${problems.length === 1 ? "1 problem" : `${problems.length} problems`} in the configuration of stack ${stackName}:`,
        ...problems.map(
          ({ key, got, allowed, fix }) =>
            `  ${key}: got ${got}\n    allowed: ${allowed}\n    fix:     ${fix}`,
        ),
      ].join("\n"),
    );
    this.name = "ConfigProblems";
    this.problems = problems;
  }
}
