/** The order in which changed directives are written; others come last. */
const order = [
  ...["public", "private", "no-cache", "no-store", "max-age", "s-maxage"],
  ...["must-revalidate", "proxy-revalidate", "must-understand", "no-transform"],
  ...["stale-while-revalidate", "stale-if-error", "immutable"],
];

/** Directives of a Cache-Control header with their arguments, if any. */
export type Directives = ReadonlyMap<string, string | undefined>;

/** One directive's change, as a `set_cache_control` rule has it. */
export interface DirectiveChange {
  readonly operation: string;
  /** Seconds. */
  readonly value?: number;
  /** Header names, for `private` and `no-cache`. */
  readonly qualifiers?: readonly string[];
  /** Whether visitors get to see the header as it was. */
  readonly cloudflareOnly?: boolean;
}

export function parseDirectives(lines: readonly string[]): Directives {
  const directives = new Map<string, string | undefined>();
  // An argument may be quoted and hold commas.
  for (const [, name, quoted, plain] of lines
    .join(", ")
    .matchAll(/([^\s=,"]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,]*)))?/g)) {
    if (name !== undefined) directives.set(name.toLowerCase(), quoted ?? plain);
  }
  return directives;
}

/** The header's value; undefined where nothing is left of it. */
export function formatDirectives(directives: Directives): string | undefined {
  if (directives.size === 0) return undefined;
  return [...directives]
    .map(([name, argument]) => {
      if (argument === undefined) return name;
      return /^[\w.-]+$/.test(argument) ? `${name}=${argument}` : `${name}="${argument}"`;
    })
    .join(", ");
}

/** @param changes By the directive's name, or the name that Pulumi gives it, e.g. `sMaxage`. */
export function changeDirectives(
  directives: Directives,
  changes: Readonly<Record<string, DirectiveChange>>,
): Directives {
  const named = new Map(
    Object.entries(changes).map(([name, change]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      change,
    ]),
  );
  const changed = new Map(directives);
  for (const name of order) {
    const change = named.get(name);
    if (change?.operation === "remove") changed.delete(name);
    if (change?.operation !== "set") continue;
    const qualifiers = change.qualifiers?.join(", ");
    changed.set(name, change.value === undefined ? qualifiers : String(change.value));
  }
  return new Map([...changed].sort(([one], [other]) => rankOf(one) - rankOf(other)));
}

function rankOf(name: string): number {
  const index = order.indexOf(name);
  return index < 0 ? order.length : index;
}

/** A directive's argument in seconds; undefined where it has none or it is no number. */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const argument = directives.get(name);
  return argument !== undefined && /^\d+$/.test(argument) ? Number(argument) : undefined;
}
