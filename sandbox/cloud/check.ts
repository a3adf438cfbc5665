import { createHash } from "node:crypto";
import type { z } from "zod";
import type { CheckFailure, Kind, Provider, Values } from "./kind";
import { pathText, touchesUnknown, withoutUnknowns, type Path } from "./unknowns";

/** What a provider's check makes of a program's inputs: the inputs to go on with, or refusals. */
export interface Checked {
  readonly inputs: Values;
  readonly failures: readonly CheckFailure[];
}

const nothing = { inputs: {}, beside: {} } as const;

/** The engine's own entries among a resource's inputs. */
const internal = ["__defaults"];

export function checkInputs(
  kind: Kind,
  request: {
    readonly name: string;
    readonly news: Values;
    readonly olds: Values;
    readonly seed: string;
  },
  complete: (given: Values) => ReturnType<NonNullable<Provider["complete"]>> = () => nothing,
): Checked {
  const given = Object.fromEntries(
    Object.entries(request.news).filter(
      ([key, value]) => !internal.includes(key) && value !== null && value !== undefined,
    ),
  );
  const own = complete(given);
  const inputs: Values = {
    ...{ ...kind.defaults, ...own.inputs },
    ...{ ...automaticName(kind, request, given), ...given },
  };
  const { known, unknown } = withoutUnknowns(inputs);
  const shape = kind.inputs.strict().safeParse(known);
  const failures = shape.success
    ? []
    : shape.error.issues.flatMap((issue) => failuresOf(kind, issue, known, unknown));
  const kept = { ...inputs, ...own.beside };
  if (failures.length > 0) return { inputs: kept, failures };
  return { inputs: kept, failures: kind.check?.(known as Values) ?? [] };
}

/** The name that stays: an old resource keeps its own. */
function automaticName(
  kind: Kind,
  { name, olds, seed }: { readonly name: string; readonly olds: Values; readonly seed: string },
  given: Values,
): Values {
  if (kind.autoName === undefined || given[kind.autoName] !== undefined) return {};
  // The provider itself goes on from a prefix.
  if (given[`${kind.autoName}Prefix`] !== undefined) return {};
  const before = olds[kind.autoName];
  const random = createHash("sha256").update(seed).update(name).digest("hex").slice(0, 7);
  return { [kind.autoName]: typeof before === "string" ? before : `${name}-${random}` };
}

function failuresOf(
  kind: Kind,
  issue: z.core.$ZodIssue,
  known: unknown,
  unknown: readonly Path[],
): CheckFailure[] {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      property: pathText([...path, key]),
      reason: `${kind.type} has no such property`,
    }));
  }
  // Absent, or not of the right shape, only because it is not known yet.
  if (touchesUnknown(path, unknown)) return [];
  const value = path.reduce<unknown>(
    (at, part) => (at as Record<string | number, unknown> | null | undefined)?.[part],
    known,
  );
  const got = value === undefined ? "it is missing" : `got ${shown(kind, path, value)}`;
  // What is wrong with a key stands one deeper.
  const { message } = issue.code === "invalid_key" ? (issue.issues[0] ?? issue) : issue;
  return [{ property: pathText(path), reason: `${message}; ${got}` }];
}

/** Short enough for a message; of what may hold a secret, nothing. */
function shown(kind: Kind, path: Path, value: unknown): string {
  if (kind.sensitive?.some((other) => overlaps(path, other)) === true) return "[secret]";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 40)}… (${text.length} characters)` : text;
}

/** Whether one is the other, lies below it, or holds it. */
function overlaps(path: Path, sensitive: string): boolean {
  const parts = sensitive.replaceAll("[]", ".[]").split(".");
  return parts
    .slice(0, path.length)
    .every((part, index) =>
      part === "[]" ? typeof path[index] === "number" : part === path[index],
    );
}
