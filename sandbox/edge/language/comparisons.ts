import { BlockList, isIP } from "node:net";
import { type Escaping, takeAddress, takeInteger, takeString } from "./literals";
import type { Scanner } from "./scanner";
import type { Scalar, ScalarValue } from "./tree";

type Test = (value: ScalarValue) => boolean;

const symbols: Readonly<Record<string, string>> = {
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
  "~": "matches",
};

const operator =
  /(?:eq|ne|lt|le|gt|ge|contains|wildcard|matches|in)(?![\w.])|strict\s+wildcard(?![\w.])|==|!=|<=|>=|<|>|~/y;

const allowed: Readonly<Record<Scalar, readonly string[]>> = {
  String: [
    ...["eq", "ne", "lt", "le", "gt", "ge"],
    ...["contains", "wildcard", "strict wildcard", "matches", "in"],
  ],
  Integer: ["eq", "ne", "lt", "le", "gt", "ge", "in"],
  "IP address": ["eq", "ne", "in"],
  Boolean: [],
};

/** A comparison's operator and right side, as a test of its left side; undefined if none follows. */
export function takeComparison(
  scanner: Scanner,
  left: Scalar,
): { readonly operator: string; readonly holds: Test } | undefined {
  const start = scanner.position;
  const found = scanner.take(operator)?.[0];
  if (found === undefined) return undefined;
  const name = symbols[found] ?? found.replace(/\s+/, " ");
  if (!allowed[left].includes(name)) {
    const choices = allowed[left].join(", ") || "none: it stands alone, or after `not`";
    scanner.fail(
      `the operator ${name} is not for ${left} values; allowed: ${choices}`,
      start,
      scanner.position,
    );
  }
  return {
    operator: name,
    holds: name === "in" ? takeSet(scanner, left) : takeTest(scanner, name, left),
  };
}

function takeTest(scanner: Scanner, name: string, scalar: Scalar): Test {
  if (scalar === "IP address") {
    const same = takeSetOf((list) => {
      takeAddressItem(scanner, list, "single");
    });
    return name === "eq" ? same : (value) => !same(value);
  }
  const start = scanner.position;
  const right = takeLiteral(scanner, scalar, name === "matches" ? "regular expression" : "basic");
  switch (name) {
    case "eq":
      return (value) => value === right;
    case "ne":
      return (value) => value !== right;
    case "lt":
      return (value) => value < right;
    case "le":
      return (value) => value <= right;
    case "gt":
      return (value) => value > right;
    case "ge":
      return (value) => value >= right;
    case "contains":
      return (value) => String(value).includes(String(right));
    default: {
      const pattern =
        name === "matches"
          ? regularExpression(scanner, String(right), start)
          : wildcardPattern(scanner, String(right), name === "wildcard" ? "is" : "s", start);
      return (value) => pattern.test(String(value));
    }
  }
}

/** What follows `in`: `{…}` with strings, integers and ranges, or addresses, ranges and networks. */
function takeSet(scanner: Scanner, scalar: Scalar): Test {
  if (scanner.sees(/\$/y)) {
    scanner.fail("the sandbox's edge knows no lists: write the values between { and }");
  }
  scanner.expect(/\{/y, "{ and the values");
  const tests: Test[] = [];
  const list = new BlockList();
  do {
    if (scalar === "IP address") takeAddressItem(scanner, list, "any");
    else tests.push(takeItem(scanner, scalar));
  } while (!scanner.take(/\}/y));
  if (scalar === "IP address") return isIn(list);
  return (value) => tests.some((holds) => holds(value));
}

function takeItem(scanner: Scanner, scalar: Scalar): Test {
  const from = takeLiteral(scanner, scalar, "basic");
  if (scalar !== "Integer" || !scanner.take(/\.\./y)) return (value) => value === from;
  const to = takeLiteral(scanner, scalar, "basic");
  return (value) => value >= from && value <= to;
}

function takeAddressItem(scanner: Scanner, list: BlockList, kind: "single" | "any"): void {
  const start = scanner.position;
  const from = takeAddress(scanner) ?? scanner.fail("expected an IP address");
  const family = familyOf(from);
  try {
    if (kind === "any" && scanner.take(/\.\./y)) {
      const to = takeAddress(scanner) ?? scanner.fail("expected the range's last IP address");
      list.addRange(from, to, family);
      return;
    }
    const bits = kind === "any" ? scanner.take(/\/(\d{1,3})/y)?.[1] : undefined;
    if (bits === undefined) list.addAddress(from, family);
    else list.addSubnet(from, Number(bits), family);
  } catch (error) {
    if (error instanceof Error && error.name === "ExpressionError") throw error;
    scanner.fail("no such network or range of addresses", start, scanner.position);
  }
}

function takeSetOf(fill: (list: BlockList) => void): Test {
  const list = new BlockList();
  fill(list);
  return isIn(list);
}

const isIn =
  (list: BlockList): Test =>
  (value) =>
    list.check(String(value), familyOf(String(value)));

const familyOf = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");

function takeLiteral(scanner: Scanner, scalar: Scalar, escaping: Escaping): string | number {
  if (scalar === "Integer") return takeInteger(scanner) ?? scanner.fail("expected a whole number");
  return takeString(scanner, escaping) ?? scanner.fail('expected a string, such as "text"');
}

function regularExpression(scanner: Scanner, pattern: string, start: number): RegExp {
  // Rust's flags at the beginning; JavaScript's stand after the pattern.
  const [whole = "", flags = ""] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  try {
    return new RegExp(pattern.slice(whole.length), flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return scanner.fail(`no regular expression: ${reason}`, start, scanner.position);
  }
}

/** `*` stands for any text; `\*` and `\\` for themselves. The whole value has to match. */
function wildcardPattern(scanner: Scanner, text: string, flags: string, start: number): RegExp {
  let pattern = "";
  for (const [token] of text.matchAll(/\\[*\\]|\*+|[^]/g)) {
    if (token.startsWith("**")) scanner.fail("** is not allowed", start, scanner.position);
    if (token === "*") pattern += ".*";
    else pattern += token.at(-1)?.replace(/[$()*+.?[\\\]^{|}]/, "\\$&") ?? "";
  }
  return new RegExp(`^${pattern}$`, flags);
}
