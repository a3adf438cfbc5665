/**
 * As much of CloudWatch's metric math as the alarms here use: numbers, ids, `+ - * /`, comparisons,
 * `FILL(series, value)` and `IF(condition, then, else)`, element by element. Where an operand has no
 * value, the result has none; nor has a division by zero.
 */
export type Point = number | undefined;
type Series = readonly Point[];

/** Values of an expression, over series of one length. */
export function evaluate(expression: string, series: Readonly<Record<string, Series>>): Series {
  const length = Math.max(0, ...Object.values(series).map((one) => one.length));
  const parser = new Parser(tokensOf(expression), series, length);
  const value = parser.comparison();
  parser.end();
  return value;
}

function tokensOf(expression: string): string[] {
  const tokens = expression.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|[-+*/(),<>]/g) ?? [];
  if (tokens.join("") !== expression.replaceAll(" ", "")) throw new Error(`odd: ${expression}`);
  return tokens;
}

class Parser {
  private at = 0;
  constructor(
    private readonly tokens: readonly string[],
    private readonly series: Readonly<Record<string, Series>>,
    private readonly length: number,
  ) {}

  end(): void {
    if (this.at !== this.tokens.length) throw new Error(`odd: ${this.tokens.join(" ")}`);
  }

  comparison(): Series {
    const left = this.sum();
    const operator = this.takeOne("<", ">");
    if (operator === undefined) return left;
    const right = this.sum();
    return each(left, right, (a, b) => Number(operator === "<" ? a < b : a > b));
  }

  private sum(): Series {
    let left = this.product();
    for (;;) {
      const operator = this.takeOne("+", "-");
      if (operator === undefined) return left;
      const right = this.product();
      left = each(left, right, (a, b) => (operator === "+" ? a + b : a - b));
    }
  }

  private product(): Series {
    let left = this.operand();
    for (;;) {
      const operator = this.takeOne("*", "/");
      if (operator === undefined) return left;
      const right = this.operand();
      left = each(left, right, (a, b) => (operator === "*" ? a * b : b === 0 ? undefined : a / b));
    }
  }

  private operand(): Series {
    const token = this.next();
    if (token === "(") {
      const inner = this.comparison();
      this.expect(")");
      return inner;
    }
    if (/^\d/.test(token)) return Array<Point>(this.length).fill(Number(token));
    if (this.tokens[this.at] === "(") return this.call(token);
    const series = this.series[token];
    if (!series) throw new Error(`no series ${token}`);
    return series;
  }

  private call(name: string): Series {
    this.expect("(");
    const operands = [this.comparison()];
    while (this.takeOne(",") !== undefined) operands.push(this.comparison());
    this.expect(")");
    const [first = [], second = [], third = []] = operands;
    if (name === "FILL" && operands.length === 2) {
      return first.map((point, index) => point ?? second[index]);
    }
    if (name === "IF" && operands.length === 3) {
      return first.map((point, index) =>
        point === undefined ? undefined : point === 0 ? third[index] : second[index],
      );
    }
    throw new Error(`no function ${name} of ${operands.length}`);
  }

  private takeOne(...tokens: readonly string[]): string | undefined {
    const token = this.tokens[this.at];
    if (token === undefined || !tokens.includes(token)) return undefined;
    this.at += 1;
    return token;
  }

  private next(): string {
    const token = this.tokens[this.at];
    if (token === undefined) throw new Error("ends too early");
    this.at += 1;
    return token;
  }

  private expect(token: string): void {
    const found = this.next();
    if (found !== token) throw new Error(`${token} expected, got ${found}`);
  }
}

function each(left: Series, right: Series, join: (a: number, b: number) => Point): Series {
  return left.map((a, index) => {
    const b = right[index];
    return a === undefined || b === undefined ? undefined : join(a, b);
  });
}
