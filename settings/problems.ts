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

export type Path = readonly (string | number)[];

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
export function unwrapped(schema: AnySchema): AnySchema {
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

/** How a value is shown in a message: short, quoted where it is text. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const json = JSON.stringify(value);
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
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

/**
 * Each key once: what is wrong with it in several ways is said together. The first fix is given; if
 * anything is left after it, the next run says so.
 */
function byKey(found: readonly Problem[]): Problem[] {
  const keys = [...new Set(found.map(({ key }) => key))];
  return keys.flatMap((key) => {
    const same = found.filter((one) => one.key === key);
    const [first] = same;
    const joined = (part: "got" | "allowed", between: string): string =>
      [...new Set(same.map((one) => one[part]))].join(between);
    return first
      ? [{ ...first, got: joined("got", "; "), allowed: joined("allowed", "; and ") }]
      : [];
  });
}

/** A configuration that cannot be deployed; carries all its problems. */
export class ConfigProblems extends Error {
  readonly problems: readonly Problem[];

  constructor(
    readonly stackName: string,
    found: readonly Problem[],
  ) {
    const problems = byKey(found).map((one) => forStack(one, stackName));
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
