import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";

/** Names in lower case; each line that was sent is a value of its own. */
export type Headers = ReadonlyMap<string, readonly string[]>;
export type MutableHeaders = Map<string, readonly string[]>;

/** Of one connection only (RFC 9110 §7.6.1); never passed on. */
const hopByHop = [
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

export function headersOf({ headersDistinct }: IncomingMessage): MutableHeaders {
  return new Map(
    Object.entries(headersDistinct).flatMap(([name, values]) => (values ? [[name, values]] : [])),
  );
}

/** Without what belongs to one connection, the names listed in `Connection` included. */
export function endToEnd(headers: Headers): MutableHeaders {
  const named = tokens(headers, "connection").map((name) => name.toLowerCase());
  const dropped = new Set([...hopByHop, ...named]);
  return new Map([...headers].filter(([name]) => !dropped.has(name)));
}

export function outgoing(headers: Headers): OutgoingHttpHeaders {
  return Object.fromEntries(
    [...headers].map(([name, values]) => [name, values.length === 1 ? values[0] : [...values]]),
  );
}

/** Members of a comma-separated list, over all lines. */
export function tokens(headers: Headers, name: string): readonly string[] {
  return (headers.get(name) ?? [])
    .flatMap((value) => value.split(","))
    .map((token) => token.trim())
    .filter((token) => token !== "");
}

/** Whether a request announces a body. */
export function announcesBody(headers: Headers): boolean {
  return headers.has("transfer-encoding") || Number(headers.get("content-length")?.[0] ?? 0) > 0;
}
