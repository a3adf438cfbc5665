import { takeComparison } from "./comparisons";
import { fields } from "./fields";
import { functions } from "./functions";
import { takeInteger, takeString } from "./literals";
import { ExpressionError, Scanner } from "./scanner";
import { describeType, type Expression, type Node, type ValueType } from "./tree";

export { ExpressionError };

/** Cloudflare's limit. */
const MAX_LENGTH = 4096;
/** Beyond this a reader has lost count, and recursion would come to the end of the stack. */
const MAX_NESTING = 50;

/** What a whole expression may yield: a condition, or a text such as a redirect's target. */
export type Result = "Boolean" | "String";

/**
 * Reads an expression of Cloudflare's rules language.
 *
 * @throws ExpressionError
 */
export function parseExpression(text: string, result: Result = "Boolean"): Expression {
  if (text.length > MAX_LENGTH) {
    throw new ExpressionError(
      `the expression has ${text.length} characters; at most ${MAX_LENGTH} are allowed`,
    );
  }
  return new Parser(text).whole(result);
}

const isBoolean = ({ type }: Node): boolean => type.scalar === "Boolean";

class Parser {
  private readonly scanner: Scanner;
  private readonly fields = new Set<string>();
  private usesRegularExpressions = false;
  private nesting = 0;

  constructor(text: string) {
    this.scanner = new Scanner(text);
  }

  whole(result: Result): Expression {
    const root = result === "Boolean" ? this.condition() : this.value();
    if (!this.scanner.isAtEnd) this.scanner.fail("unrecognised input");
    if (root.type.shape !== "one" || root.type.scalar !== result) {
      this.scanner.fail(
        `the expression yields ${describeType(root.type)}, not ${result}; any() and all() turn a list into one Boolean`,
        0,
        this.scanner.position,
      );
    }
    const { fields, usesRegularExpressions } = this;
    return { root, fields, usesRegularExpressions };
  }

  /** `not` binds most tightly, then `and`, then `xor`, then `or`. */
  private condition(): Node {
    return this.chain("or", /or(?![\w.])|\|\|/y, () =>
      this.chain("xor", /xor(?![\w.])|\^\^/y, () =>
        this.chain("and", /and(?![\w.])|&&/y, () => this.negation()),
      ),
    );
  }

  private chain(operator: "and" | "xor" | "or", sign: RegExp, next: () => Node): Node {
    let left = next();
    while (this.scanner.sees(sign)) {
      const start = this.scanner.position;
      this.scanner.take(sign);
      const right = next();
      for (const { type } of [left, right]) {
        if (type.shape === "one") continue;
        this.scanner.fail(
          `${operator} joins single conditions, not lists of them: put each list in any() or all()`,
          start,
          this.scanner.position,
        );
      }
      left = { kind: "logical", operator, left, right, type: left.type };
    }
    return left;
  }

  private negation(): Node {
    if (!this.scanner.take(/not(?![\w.])|!(?!=)/y)) return this.primary();
    return this.nested(() => {
      const operand = this.negation();
      return { kind: "not", operand, type: operand.type };
    });
  }

  private primary(): Node {
    if (this.scanner.take(/\(/y)) {
      const inner = this.nested(() => this.condition());
      this.scanner.expect(/\)/y, "`)`");
      return inner;
    }
    const literal = this.scanner.take(/(?:true|false)(?![\w.])/y);
    if (literal) return boolean(literal[0] === "true");
    const start = this.scanner.position;
    const left = this.value();
    const end = this.scanner.position;
    const comparison = left.kind === "literal" ? undefined : this.comparison(left, start);
    if (comparison) return comparison;
    if (left.kind !== "literal" && isBoolean(left) && left.type.shape !== "map") return left;
    return this.scanner.fail(
      left.kind === "literal"
        ? "a condition begins with a field or a function"
        : `expected a comparison: ${describeType(left.type)} is no condition by itself`,
      left.kind === "literal" ? start : end,
    );
  }

  private comparison(left: Node, start: number): Node | undefined {
    const end = this.scanner.position;
    const found = takeComparison(this.scanner, left.type.scalar);
    if (!found) return undefined;
    if (left.type.shape === "list" || left.type.shape === "map") {
      this.scanner.fail(
        left.type.shape === "map"
          ? 'a map is not compared: name an entry, such as ["name"][*]'
          : "a list is not compared: take it apart with [*] inside any() or all(), or name an element, such as [0]",
        start,
        end,
      );
    }
    this.usesRegularExpressions ||= found.operator === "matches";
    const shape = left.type.shape === "unpacked" ? "list" : "one";
    return { kind: "comparison", left, holds: found.holds, type: { scalar: "Boolean", shape } };
  }

  private value(): Node {
    const text = takeString(this.scanner);
    if (text !== undefined) return { kind: "literal", value: text, type: one("String") };
    const number = takeInteger(this.scanner);
    if (number !== undefined) return { kind: "literal", value: number, type: one("Integer") };
    return this.indexed(this.named());
  }

  private named(): Node {
    const start = this.scanner.position;
    const name =
      this.scanner.take(/[A-Za-z_]\w*(?:\.\w+)*/y)?.[0] ??
      this.scanner.fail("expected a field, a function or a value");
    const end = this.scanner.position;
    if (this.scanner.sees(/\(/y)) return this.call(name, end - name.length);
    if (!Object.hasOwn(fields, name)) {
      const known = Object.keys(fields).join(", ");
      this.scanner.fail(`unknown identifier; the sandbox's edge knows ${known}`, start, end);
    }
    this.fields.add(name);
    return { kind: "field", name, type: fields[name]?.type ?? one("String") };
  }

  /** `["name"]`, `[0]` and `[*]` after a map or a list. */
  private indexed(of: Node): Node {
    const start = this.scanner.position;
    if (!this.scanner.take(/\[/y)) return of;
    const { scalar, shape } = of.type;
    const node = this.index(of);
    if (!node) {
      this.scanner.fail(
        shape === "map"
          ? 'expected a name between the brackets, such as ["name"]'
          : shape === "list"
            ? "expected an index or * between the brackets"
            : `${describeType({ scalar, shape: "one" })} has no parts to pick from`,
        start,
        this.scanner.position,
      );
    }
    this.scanner.expect(/\]/y, "`]`");
    return this.indexed(node);
  }

  private index(of: Node): Node | undefined {
    const { scalar, shape } = of.type;
    if (shape === "map") {
      const key = takeString(this.scanner);
      return key === undefined
        ? undefined
        : { kind: "entry", of, key, type: { scalar, shape: "list" } };
    }
    if (shape !== "list") return undefined;
    if (this.scanner.take(/\*/y))
      return { kind: "unpacked", of, type: { scalar, shape: "unpacked" } };
    const index = takeInteger(this.scanner);
    return index === undefined || index < 0
      ? undefined
      : { kind: "element", of, index, type: one(scalar) };
  }

  private call(name: string, start: number): Node {
    const end = this.scanner.position;
    const definition = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (!definition) {
      const known = Object.keys(functions).join(", ");
      return this.scanner.fail(`unknown function; the sandbox's edge knows ${known}`, start, end);
    }
    this.scanner.expect(/\(/y, "`(`");
    const args: Node[] = [];
    this.nested(() => {
      do args.push(this.argument(name, args.length));
      while (this.scanner.take(/,/y));
    });
    this.scanner.expect(/\)/y, "`)`");
    if (args.length < definition.parameters.length) {
      const { length } = definition.parameters;
      this.scanner.fail(`${name}() takes ${length} arguments, got ${args.length}`, start, end);
    }
    const shape = args[0]?.type.shape === "unpacked" ? "list" : "one";
    return { kind: "call", name, args, type: { scalar: definition.result, shape } };
  }

  private argument(name: string, index: number): Node {
    const definition = functions[name];
    const parameter =
      definition?.parameters[index] ??
      (definition?.repeats ? definition.parameters.at(-1) : undefined) ??
      this.scanner.fail(`${name}() takes ${definition?.parameters.length ?? 0} arguments`);
    const start = this.scanner.position;
    const node = definition?.takesConditions ? this.condition() : this.value();
    const fail = (problem: string) => this.scanner.fail(problem, start, this.scanner.position);
    const { scalar, shape } = node.type;
    if (node.kind === "literal" && parameter.noLiteral) {
      fail(`the first argument of ${name}() is a field, not a literal`);
    }
    if (shape === "unpacked" && index > 0) fail("[*] is for the first argument alone");
    const fits =
      shape === "unpacked"
        ? parameter.list !== "always"
        : shape === "list"
          ? parameter.list !== undefined
          : shape === "one" && parameter.list !== "always";
    if (!fits || !parameter.scalars.includes(scalar)) {
      const list = parameter.list === "always" ? "a list of " : "";
      const wanted = `${list}${parameter.scalars.join(" or ")}`;
      fail(`${name}() takes ${wanted} here, got ${describeType(node.type)}`);
    }
    return node;
  }

  private nested<T>(read: () => T): T {
    if (++this.nesting > MAX_NESTING) this.scanner.fail("nested too deeply");
    const result = read();
    this.nesting--;
    return result;
  }
}

function one(scalar: ValueType["scalar"]): ValueType {
  return { scalar, shape: "one" };
}

function boolean(value: boolean): Node {
  return { kind: "literal", value, type: one("Boolean") };
}
