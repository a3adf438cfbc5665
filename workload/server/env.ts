/** One thing wrong with the environment: which variable, what is allowed, what to do. */
export type Problem = string;

/** Reads variables one by one and gathers every problem, so that a user mends all of them at once. */
export class EnvReader {
  readonly problems: Problem[] = [];

  constructor(private readonly env: Readonly<Record<string, string | undefined>>) {}

  /** The value without surrounding space; empty counts as not set. */
  text(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === "" ? undefined : value;
  }

  textOr(name: string, fallback: string): string {
    return this.text(name) ?? fallback;
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= min && number <= max) return number;
    this.problem(`${name}: got "${value}", allowed is a whole number from ${min} to ${max}`);
    return fallback;
  }

  choice<T extends string>(name: string, fallback: T, allowed: readonly T[]): T {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const found = allowed.find((each) => each === value);
    if (found !== undefined) return found;
    this.problem(`${name}: got "${value}", allowed is ${allowed.join(", ")}`);
    return fallback;
  }

  /** A URL with one of the protocols; the value may be a secret and is never repeated. */
  url(name: string, protocols: readonly string[], required: boolean): URL | undefined {
    const value = this.text(name);
    const shape = `a URL that starts with ${protocols.map((each) => `${each}//`).join(" or ")}`;
    if (value === undefined) {
      if (required) this.problem(`${name}: not set, allowed is ${shape}`);
      return undefined;
    }
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url && url.hostname !== "" && protocols.includes(url.protocol)) return url;
    this.problem(`${name}: not ${shape} (its value is not shown, it may hold a password)`);
    return undefined;
  }

  problem(text: Problem): void {
    this.problems.push(text);
  }
}

/** Thrown by the readers of the environment; the programs print it without a stack and exit 2. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly Problem[]) {
    super(`the environment has ${problems.length} problem(s):\n  ${problems.join("\n  ")}`);
  }
}

/** Undoes `%40` and its like; text that only looks encoded stays as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
