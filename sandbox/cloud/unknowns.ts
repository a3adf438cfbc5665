/** What the engine sends for a value that is known only once something else exists. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export type Path = readonly (string | number)[];

/** The values without those that are not yet known, and where these were. */
export function withoutUnknowns(values: unknown): {
  readonly known: unknown;
  readonly unknown: readonly Path[];
} {
  const unknown: Path[] = [];
  const visit = (value: unknown, path: Path): unknown => {
    if (value === unknownValue) {
      unknown.push(path);
      return undefined;
    }
    if (Array.isArray(value)) return value.map((child, index) => visit(child, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, child]) => [key, visit(child, [...path, key])] as const)
        .filter(([, child]) => child !== undefined),
    );
  };
  return { known: visit(values, []), unknown };
}

/** A path as the engine prints it: `rules[0].action`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`,
    "",
  );
}

/** Whether something under (or above) the path is not yet known. */
export function touchesUnknown(path: Path, unknown: readonly Path[]): boolean {
  return unknown.some((other) =>
    other.slice(0, path.length).every((part, index) => part === path[index]),
  );
}
