import { type Headers, tokens } from "../headers";

/** Whether the visitor has this answer already (RFC 9110 §13.2.2). */
export function isNotModified(request: Headers, response: Headers): boolean {
  const etag = response.get("etag")?.[0];
  if (request.has("if-none-match")) {
    const known = tokens(request, "if-none-match");
    return etag !== undefined && (known.includes("*") || known.some((tag) => isSame(tag, etag)));
  }
  const since = Date.parse(request.get("if-modified-since")?.[0] ?? "");
  const modified = Date.parse(response.get("last-modified")?.[0] ?? "");
  return modified <= since;
}

/** A weak mark is as good as a strong one here. */
function isSame(tag: string, other: string): boolean {
  return tag.replace(/^W\//, "") === other.replace(/^W\//, "");
}
