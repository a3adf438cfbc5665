import { PassThrough, Readable } from "node:stream";
import type { AnswerHead, AnswerSink, Exchange } from "../exchange";
import { failures } from "../failure";
import { announcesBody, endToEnd, type MutableHeaders } from "../headers";
import { acceptedEncodings, withoutOwn } from "../origin/originRequest";
import { normalizePath } from "../visitor";
import type { RequestView } from "../requestView";

/** Statuses whose answer has no body. */
const bodiless = [101, 204, 205, 304];

/** The visitor's request as a snippet gets it, with what Cloudflare says of the visitor. */
export function requestOf({ incoming, view, target, ray }: Exchange, upgrades: boolean): Request {
  const scheme = view.secure ? "https" : "http";
  const headers = new Headers();
  for (const [name, values] of withoutOwn(endToEnd(view.headers)))
    for (const value of values) headers.append(name, value);
  headers.delete("host");
  headers.set("accept-encoding", acceptedEncodings(view.headers));
  headers.set("cf-connecting-ip", view.address);
  headers.set("cf-ray", ray);
  headers.set("cf-visitor", JSON.stringify({ scheme }));
  headers.set("x-forwarded-proto", scheme);
  headers.set("x-real-ip", view.address);
  if (upgrades) headers.set("upgrade", "websocket");
  const isRead = ["GET", "HEAD"].includes(view.method);
  if (isRead) headers.delete("content-length");
  const body = !isRead && announcesBody(view.headers) ? webOf(incoming) : undefined;
  try {
    return new Request(`${scheme}://${view.host}${target.startsWith("/") ? target : "/"}`, {
      ...{ method: view.method, headers, redirect: "manual" },
      ...(body && { body, duplex: "half" }),
    });
  } catch {
    // Methods such as TRACE.
    throw failures.badRequest(`A snippet cannot be asked with the method ${view.method}.`);
  }
}

/** A snippet's request as the rest of the edge knows requests. */
export function viewOf(request: Request, { address }: RequestView): RequestView {
  const { hostname, pathname, search, protocol } = new URL(request.url);
  return {
    ...{ host: hostname, method: request.method, address, secure: protocol === "https:" },
    ...{ path: normalizePath(pathname), query: search.slice(1) },
    headers: linesOf(request.headers).set("host", [hostname]),
  };
}

export function targetOf(request: Request): string {
  const { pathname, search } = new URL(request.url);
  return `${pathname}${search}`;
}

export function bodyOf(message: Request | Response): Readable | undefined {
  const { body } = message;
  if (!body) return undefined;
  const stream = Readable.fromWeb(body);
  // Whoever reads it hears of it too.
  stream.on("error", () => undefined);
  return stream;
}

/** Each line of `Set-Cookie` is one of its own, as `Headers` keeps them apart. */
export function linesOf(headers: Headers): MutableHeaders {
  const lines: MutableHeaders = new Map();
  for (const [name, value] of headers) lines.set(name, [...(lines.get(name) ?? []), value]);
  return lines;
}

const webOf = (body: Readable) =>
  Readable.toWeb(body) as unknown as NonNullable<RequestInit["body"]>;

/** An origin's answer as a snippet gets it. The body is as it was sent, compressed or not. */
export function responseOf(head: AnswerHead, body: Readable): Response {
  const headers = new Headers();
  for (const [name, values] of head.headers)
    for (const value of values) headers.append(name, value);
  if (head.cacheStatus) headers.set("cf-cache-status", head.cacheStatus);
  const isEmpty = bodiless.includes(head.status);
  if (isEmpty) body.resume();
  return new Response(isEmpty ? null : webOf(body), {
    status: head.status,
    // Only as plain a text as a response may have.
    ...(/^[\t\x20-\x7e]+$/.test(head.message ?? "") && { statusText: head.message }),
    headers,
  });
}

/** The answer to a request that became a websocket: only as it is it can be handed on. */
export function websocketResponse(): Response {
  const response = new Response(null);
  Object.defineProperty(response, "status", { value: 101 });
  Object.defineProperty(response, "webSocket", { value: {} });
  return response;
}

/**
 * A response of a snippet's as the head of an answer.
 *
 * @param isOrigins Whether it is an origin's, body and all; the length of another is not known.
 */
export function headOfResponse(
  { status, statusText, headers }: Response,
  isOrigins: boolean,
): AnswerHead {
  const lines = endToEnd(linesOf(headers));
  if (!isOrigins) lines.delete("content-length");
  return { status, ...(statusText !== "" && { message: statusText }), headers: lines };
}

/** Takes an answer up for a snippet. */
export class CapturedAnswer implements AnswerSink {
  readonly body = new CapturedBody();
  readonly begin: (head: AnswerHead) => void;
  readonly fail: (error: unknown) => void;
  readonly head: Promise<AnswerHead>;

  constructor() {
    let begin!: (head: AnswerHead) => void;
    let fail!: (error: unknown) => void;
    this.head = new Promise((resolve, reject) => {
      begin = resolve;
      fail = reject;
    });
    this.begin = begin;
    this.fail = (error) => {
      fail(error);
      this.body.destroy();
    };
    this.body.on("error", () => undefined);
  }
}

class CapturedBody extends PassThrough {
  /** The head is taken up apart. */
  flushHeaders(): void {}
}
