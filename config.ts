import * as pulumi from "@pulumi/pulumi";
import { encryptedHere } from "./settings/encrypted";
import { edgeProblems } from "./settings/edgeInvariants";
import { largeProblems, mediumProblems, smallProblems } from "./settings/invariants";
import { stackNamePattern, stackNameWords } from "./settings/names";
import { placeholders } from "./settings/placeholders";
import {
  standIn,
  ConfigProblems,
  forStack,
  factsOf,
  keyOf,
  schemaAt,
  setCommand,
} from "./settings/problems";
import type { Problem } from "./settings/problems";
import { problemsOf } from "./settings/schemaProblems";
import {
  edgeSchema,
  largeSchema,
  mediumSchema,
  smallSchema,
  type EdgeConfig,
  type LargeConfig,
  type MediumConfig,
  type SmallConfig,
} from "./settings/schema";
import { stackKinds } from "./tiers/types";
import type { z } from "zod";

/** What a stack is asked to be: validated, with every default filled in. */
export type Settings =
  | (SmallConfig & { readonly tier: "small" })
  | (MediumConfig & { readonly tier: "medium" })
  | (LargeConfig & { readonly tier: "large" })
  | (EdgeConfig & { readonly tier: "edge" });

/** Settings, and what must still be replaced before they may be deployed. */
export interface ReadSettings {
  readonly stack: string;
  readonly settings: Settings;
  /** Example values that a preview may use and a deploy may not. */
  readonly toReplace: readonly Problem[];
}

const namespace = "drops:";
const schemas = { small: smallSchema, medium: mediumSchema, large: largeSchema, edge: edgeSchema };
type Kind = keyof typeof schemas;

/**
 * Reads and checks the configuration of the current stack: the only place that does.
 *
 * @throws ConfigProblems with every problem at once, before any resource exists.
 */
export function readSettings(): ReadSettings {
  const stack = pulumi.getStack();
  const raw = pulumi.runtime.allConfig();
  const input: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (key.startsWith(namespace)) input[key.slice(namespace.length)] = parsed(value);
  }
  return checkSettings(stack, input, secretKeys(raw));
}

/** Checks a stack's keys (without their namespace) given as plain values. */
export function checkSettings(
  stack: string,
  given: Readonly<Record<string, unknown>>,
  /** Top-level keys whose value, or a part of it, is stored encrypted. */
  encrypted: ReadonlySet<string>,
): ReadSettings {
  if (!stackNamePattern.test(stack)) throw new ConfigProblems(stack, [nameProblem(stack)]);
  const tier = given.tier ?? (isStackKind(stack) ? stack : undefined);
  if (!isKind(tier)) throw new ConfigProblems(stack, [tierProblem(stack, tier)]);

  const input = { ...given, tier };
  const schema = schemas[tier];
  const checked = schema.safeParse(input);
  const problems = checked.success ? [] : problemsOf(schema, input, checked.error.issues);
  const refused = new Set(problems.map(({ key }) => key));
  problems.push(...plainSecrets(schema, input, encrypted).filter(({ key }) => !refused.has(key)));

  // With the bad keys out of the way the rest can still be checked against itself, so that one run
  // reports everything.
  const rest = checked.success
    ? checked
    : schema.safeParse(mended(schema, input, checked.error.issues));
  const broken = new Set(problems.map(({ key }) => key));
  if (rest.success) {
    problems.push(
      ...invariantsOf({ ...rest.data, tier } as Settings, stack).filter(
        ({ key }) => !broken.has(key),
      ),
    );
  }
  if (!checked.success || problems.length > 0) throw new ConfigProblems(stack, problems);

  return {
    stack,
    settings: { ...checked.data, tier } as Settings,
    toReplace: placeholders(schema, checked.data).map((found) => forStack(found, stack)),
  };
}

/**
 * Refuses a real deploy of values that are still the example's; a preview goes on with them.
 *
 * @throws ConfigProblems
 */
export function refuseExamples({ stack, toReplace }: ReadSettings): void {
  if (!pulumi.runtime.isDryRun() && toReplace.length > 0)
    throw new ConfigProblems(stack, toReplace);
}

function invariantsOf(settings: Settings, stack: string): Problem[] {
  switch (settings.tier) {
    case "small":
      return smallProblems(settings, stack);
    case "medium":
      return mediumProblems(settings, stack);
    case "large":
      return largeProblems(settings, stack);
    case "edge":
      return edgeProblems(settings);
  }
}

const isStackKind = (name: unknown): boolean => (stackKinds as readonly unknown[]).includes(name);
const isKind = (name: unknown): name is Kind =>
  typeof name === "string" && Object.hasOwn(schemas, name);

function nameProblem(stack: string): Problem {
  return {
    key: "the stack's name",
    got: JSON.stringify(stack),
    allowed: stackNameWords,
    fix: "pulumi stack rename prod",
  };
}

function tierProblem(stack: string, tier: unknown): Problem {
  const known = Object.keys(schemas).join(", ");
  const got =
    tier === undefined
      ? `nothing, and the stack's name "${stack}" is no tier`
      : JSON.stringify(tier);
  return { key: keyOf(["tier"]), got, allowed: known, fix: setCommand(["tier"], "small") };
}

/** Structured values arrive as JSON; a plain text stays what it is. */
function parsed(value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function secretKeys(raw: Readonly<Record<string, string>>): ReadonlySet<string> {
  // Not in the published types, but what pulumi.Config itself asks.
  const { isConfigSecret } = pulumi.runtime as unknown as {
    isConfigSecret: (key: string) => boolean;
  };
  return new Set(
    Object.keys(raw)
      .filter((key) => key.startsWith(namespace) && isConfigSecret(key))
      .map((key) => key.slice(namespace.length)),
  );
}

/** Secrets that stand in plain text in the stack's file; the example's placeholders are no secrets. */
function plainSecrets(
  schema: z.ZodType,
  input: Readonly<Record<string, unknown>>,
  encrypted: ReadonlySet<string>,
): Problem[] {
  const placeholder = new Set(placeholders(schema, input).map(({ key }) => key));
  const found: Problem[] = [];
  const visit = (value: unknown, path: string[]): void => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [key, child] of Object.entries(value)) visit(child, [...path, key]);
      return;
    }
    const at = schemaAt(schema, path);
    const isSecret = at !== undefined && factsOf(at).secret === true;
    if (!isSecret || value === encryptedHere || encrypted.has(path[0] ?? "")) return;
    if (placeholder.has(keyOf(path))) return;
    found.push({
      key: keyOf(path),
      got: "a secret in plain text",
      allowed: "an encrypted value",
      fix: setCommand(path, "", true),
    });
  };
  visit(input, []);
  return found;
}

/** The input with something acceptable wherever the schema refused a value. */
function mended(
  schema: z.ZodType,
  input: Readonly<Record<string, unknown>>,
  issues: readonly z.core.$ZodIssue[],
): Record<string, unknown> {
  const copy = structuredClone(input) as Record<string, unknown>;
  for (const issue of issues) {
    const path = issue.path.filter((part) => typeof part !== "symbol");
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) replaceAt(copy, [...path, key], undefined);
      continue;
    }
    const at = schemaAt(schema, path);
    replaceAt(copy, path, at && standIn(at));
  }
  return copy;
}

/** Puts a value at a path, or takes away what stands there; what leads there must exist. */
function replaceAt(root: unknown, path: readonly (string | number)[], value: unknown): void {
  const parent = path
    .slice(0, -1)
    .reduce<unknown>(
      (at, part) => (at as Record<string | number, unknown> | null | undefined)?.[part],
      root,
    );
  const last = path.at(-1);
  if (typeof parent !== "object" || parent === null || last === undefined) return;
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else Reflect.set(parent, last, value);
}
