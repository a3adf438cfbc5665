/** A text that is no expression of the rules language; the message shows where, as Cloudflare's. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
}

/** Reads an expression from left to right; which tokens there can be, the reader knows. */
export class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  /** Where the next token may begin: the end of the one before. */
  get position(): number {
    return this.at;
  }

  get isAtEnd(): boolean {
    this.skipSpace();
    return this.at === this.text.length;
  }

  /** The next token if it matches; the pattern must be sticky. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    this.skipSpace();
    return this.takeHere(pattern);
  }

  /** As `take`, but space is no separator here. */
  takeHere(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text) ?? undefined;
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  /** Whether the next token matches; it stays where it is. */
  sees(pattern: RegExp): boolean {
    this.skipSpace();
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  expect(pattern: RegExp, what: string): RegExpExecArray {
    return this.take(pattern) ?? this.fail(`expected ${what}`);
  }

  /** @param from Where the wrong part begins, after any space. @default the next token */
  fail(problem: string, from = this.at, end = from + 1): never {
    const start = from + (/^\s*/.exec(this.text.slice(from))?.[0].length ?? 0);
    const before = this.text.slice(0, start).split("\n");
    const column = (before.at(-1) ?? "").length;
    const line = this.text.split("\n")[before.length - 1] ?? "";
    const marks = "^".repeat(Math.max(1, Math.min(end - start, line.length - column)));
    throw new ExpressionError(
      `Filter parsing error (${before.length}:${column + 1}):\n${line}\n${" ".repeat(column)}${marks} ${problem}`,
    );
  }

  private skipSpace(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
  }
}
