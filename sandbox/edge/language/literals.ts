import { isIP } from "node:net";
import type { Scanner } from "./scanner";

/** How a quoted string treats a backslash: regular expressions have escapes of their own. */
export type Escaping = "basic" | "regular expression";

const quoted = /"((?:[^"\\]|\\[^])*)"/y;
const rawStart = /r(#{0,255})"/y;
const escape = /\\(?:(["\\])|x([0-9a-fA-F]{2})|([0-3][0-7]{2})|([^]))/g;

/** The next token as a string, `"quoted"` or `r#"raw"#`; undefined if it is none. */
export function takeString(scanner: Scanner, escaping: Escaping = "basic"): string | undefined {
  const start = scanner.position;
  const found = scanner.take(quoted);
  if (found) {
    const content = found[1] ?? "";
    if (escaping === "regular expression") return content.replaceAll('\\"', '"');
    return content.replaceAll(
      escape,
      (whole, plain: string | undefined, hex?: string, octal?: string) => {
        if (plain !== undefined) return plain;
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
        return scanner.fail(
          `unknown escape ${whole}; allowed are \\", \\\\, \\xHH and three octal digits`,
          start,
          scanner.position,
        );
      },
    );
  }
  const opened = scanner.take(rawStart);
  if (opened) {
    const closing = new RegExp(`([^]*?)"${opened[1] ?? ""}`, "y");
    const rest = scanner.takeHere(closing);
    return rest?.[1] ?? scanner.fail("the raw string has no end", start);
  }
  if (scanner.sees(/"/y)) scanner.fail("the string has no closing quote");
  return undefined;
}

export function takeInteger(scanner: Scanner): number | undefined {
  const found = scanner.take(/-?(?:0x[0-9a-fA-F]+|\d+)(?![\w])/y);
  if (!found) return undefined;
  const value = found[0].startsWith("-") ? -Number(found[0].slice(1)) : Number(found[0]);
  return Number.isSafeInteger(value) ? value : scanner.fail("the number is too large");
}

/** The next token as an IP address of either family. */
export function takeAddress(scanner: Scanner): string | undefined {
  const start = scanner.position;
  // A range has two dots between its ends, which belong to neither.
  const found = scanner.take(/[0-9a-fA-F:]+(?:\.[0-9a-fA-F:]+)*/y)?.[0];
  if (found === undefined) return undefined;
  return isIP(found) === 0
    ? scanner.fail("couldn't parse address: invalid IP address syntax", start, scanner.position)
    : found;
}
