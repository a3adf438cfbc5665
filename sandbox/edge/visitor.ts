import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { failures } from "./failure";
import { headersOf } from "./headers";
import type { RequestView } from "./requestView";

/** The edge's place, as Cloudflare names its own by airport. */
const COLO = "SBX";
/** Bytes of an address, path and query; Cloudflare's limit. */
const MAX_URI = 16 * 1024;

/** A request as it came in. */
export interface Visitor {
  readonly view: RequestView;
  /** Path and query as they were sent, for the origin. */
  readonly target: string;
}

export function newRay(): string {
  return `${randomBytes(8).toString("hex")}-${COLO}`;
}

/** @throws EdgeFailure where it is no request for a site. */
export function readVisitor(incoming: IncomingMessage, secure: boolean): Visitor {
  const headers = headersOf(incoming);
  const target = originForm(incoming.url ?? "/");
  if (target.length > MAX_URI) throw failures.uriTooLong();
  const [path = "/", ...query] = target.split("?");
  return {
    target,
    view: {
      host: hostOf(headers.get("host") ?? []),
      method: incoming.method ?? "GET",
      path: normalizePath(path),
      query: query.join("?"),
      secure,
      // A socket that listens for both families shows IPv4 addresses as IPv6.
      address: (incoming.socket.remoteAddress ?? "0.0.0.0").replace(/^::ffff:(?=[\d.]+$)/, ""),
      headers,
    },
  };
}

function hostOf(lines: readonly string[]): string {
  const [line, ...others] = lines;
  if (line === undefined || others.length > 0) {
    throw failures.badRequest("A request has exactly one Host header.");
  }
  if (line.startsWith("[")) throw failures.addressAsHost(line);
  const host = /^([\w.-]+?)\.?(?::\d+)?$/.exec(line.toLowerCase())?.[1];
  if (host === undefined) throw failures.badRequest("The Host header holds no host name.");
  if (isIP(host) !== 0) throw failures.addressAsHost(host);
  return host;
}

/** A request may name the whole URL, as one to a proxy does. */
function originForm(url: string): string {
  if (url.startsWith("/") || url === "*") return url;
  const path = /^https?:\/\/[^/?]*(.*)$/i.exec(url)?.[1];
  if (path === undefined) throw failures.badRequest("The request names no path.");
  return path.startsWith("/") ? path : `/${path}`;
}

/** As Cloudflare's URL normalization, which stands before all rules. The origin gets it as sent. */
export function normalizePath(path: string): string {
  if (!path.startsWith("/")) return path;
  const parts = path
    .replaceAll("\\", "/")
    .replaceAll(/%[0-9a-f]{2}/gi, decodeUnreserved)
    .replaceAll(/\/+/g, "/")
    .slice(1)
    .split("/");
  const kept: string[] = [];
  for (const part of parts) {
    if (part === "..") kept.pop();
    else if (part !== ".") kept.push(part);
  }
  if (parts.at(-1) === "." || parts.at(-1) === "..") kept.push("");
  return `/${kept.join("/")}`;
}

/** Letters, digits and `-._~` need no percent sign (RFC 3986 §2.3). */
function decodeUnreserved(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return /[\w.~-]/.test(character) ? character : encoded;
}
