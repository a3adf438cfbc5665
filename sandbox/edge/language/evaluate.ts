import type { RequestView } from "../requestView";
import { fields } from "./fields";
import { type Argument, functions } from "./functions";
import type { Expression, Node, ScalarValue, Value } from "./tree";

/** Whether a condition holds for a request. */
export function holds({ root }: Expression, view: RequestView): boolean {
  return evaluate(root, view) === true;
}

/** The text that an expression yields; undefined where a value in it is missing. */
export function textOf({ root }: Expression, view: RequestView): string | undefined {
  const value = evaluate(root, view);
  return value === undefined || typeof value === "object" ? undefined : String(value);
}

/**
 * Missing values, such as a header that was not sent, are undefined: a comparison with one is
 * false, a function of one is missing too.
 */
function evaluate(node: Node, view: RequestView): Value | undefined {
  switch (node.kind) {
    case "literal":
      return node.value;
    case "field":
      return fields[node.name]?.read(view);
    case "entry": {
      const map = evaluate(node.of, view);
      return map instanceof Map ? (map.get(node.key) as Value | undefined) : undefined;
    }
    case "element":
      return listOf(evaluate(node.of, view))?.[node.index];
    case "unpacked":
      return evaluate(node.of, view);
    case "call":
      return call(node, view);
    case "comparison": {
      const left = evaluate(node.left, view);
      if (node.type.shape === "list") return listOf(left)?.map(node.holds);
      return left !== undefined && node.holds(left as ScalarValue);
    }
    case "not": {
      const operand = evaluate(node.operand, view);
      if (node.type.shape === "list") return listOf(operand)?.map((value) => !value);
      return operand !== true;
    }
    case "logical": {
      const left = evaluate(node.left, view) === true;
      if (node.operator === "and") return left && evaluate(node.right, view) === true;
      if (node.operator === "or") return left || evaluate(node.right, view) === true;
      return left !== (evaluate(node.right, view) === true);
    }
  }
}

function call(node: Extract<Node, { kind: "call" }>, view: RequestView): Value | undefined {
  const apply = functions[node.name]?.apply;
  const args = node.args.map((argument) => evaluate(argument, view)).filter(isArgument);
  if (!apply || args.length < node.args.length) return undefined;
  const [first, ...rest] = args;
  if (node.type.shape === "list") return listOf(first)?.map((value) => apply(value, ...rest));
  return apply(...args);
}

/** A missing value is none, and a map never is: the reader asks for one of its entries. */
function isArgument(value: Value | undefined): value is Argument {
  return value !== undefined && (typeof value !== "object" || Array.isArray(value));
}

function listOf(value: Value | undefined): readonly ScalarValue[] | undefined {
  return Array.isArray(value) ? (value as readonly ScalarValue[]) : undefined;
}
