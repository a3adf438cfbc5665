import {
  request as httpRequest,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";

/** What a request is passed on to. */
export interface Onward {
  /** Of 127.0.0.1. */
  readonly port: number;
  /** Path and query. */
  readonly path: string;
}

/** Headers that belong to one connection. */
const hopByHop = ["connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-connection"];

/** Repeating one of these does no more than doing it once (RFC 9110 §9.2.2). */
const idempotent = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];

/**
 * Passes a request on and its answer back, both as they come.
 *
 * @param next Another instance to try where one refuses the connection; undefined: there is none.
 */
export function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  onward: Onward,
  next: () => Onward | undefined,
): void {
  const upstream = ask(incoming, onward, {});
  upstream.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, withoutHops(answer.headers));
    // As soon as there are any: a stream of events may say nothing for a while.
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.on("error", () => outgoing.destroy());
  });
  upstream.on("error", (error: NodeJS.ErrnoException) => {
    if (outgoing.headersSent || outgoing.destroyed) {
      outgoing.destroy();
      return;
    }
    const other = error.code === "ECONNREFUSED" && isRepeatable(incoming) ? next() : undefined;
    if (other) passOn(incoming, outgoing, other, () => undefined);
    else refuse(outgoing, 502, "upstream_connect_error");
  });
  outgoing.once("close", () => upstream.destroy());
  if (hasBody(incoming)) incoming.pipe(upstream);
  else upstream.end();
}

/** Passes a websocket on, and bytes both ways from then on. */
export function passUpgradeOn(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  onward: Onward,
): void {
  const upgrade = { connection: "upgrade", upgrade: incoming.headers.upgrade };
  const upstream = ask(incoming, onward, upgrade);
  const close = (): void => {
    socket.destroy();
    upstream.destroy();
  };
  socket.on("error", close).on("close", close);
  upstream.on("error", () => {
    refuseUpgrade(socket, 502);
  });
  upstream.on("upgrade", (answer, other, first) => {
    writeHead(socket, answer);
    other.on("error", close).on("close", close);
    other.write(head);
    socket.write(first);
    other.pipe(socket).pipe(other);
  });
  upstream.on("response", (answer) => {
    writeHead(socket, answer);
    answer.pipe(socket);
  });
  upstream.end();
}

/** As the platform's edge words it. */
export function refuse(outgoing: ServerResponse, status: number, reason: string): void {
  outgoing.writeHead(status, { "content-type": "text/plain", "cache-control": "no-store" });
  outgoing.end(`${status} ${reason}\n`);
}

export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} \r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}

/** The name that was asked for, without a port. */
export function hostOf({ host = "" }: IncomingHttpHeaders): string {
  return host.replace(/:\d*$/, "").toLowerCase();
}

/**
 * Who came before stays in the list of addresses; the scheme is what the platform's edge, which ends
 * TLS, says of it.
 */
function ask(
  { method, headers, socket }: IncomingMessage,
  { port, path }: Onward,
  more: IncomingHttpHeaders,
): ClientRequest {
  const peer = socket.remoteAddress ?? "127.0.0.1";
  const before = headers["x-forwarded-for"];
  return httpRequest({
    ...{ host: "127.0.0.1", port, method, path },
    // A connection that is kept could close at the moment when it is used again.
    agent: false,
    headers: {
      ...withoutHops(headers),
      ...more,
      "x-forwarded-for": before === undefined ? peer : `${String(before)}, ${peer}`,
      "x-forwarded-proto": headers["x-forwarded-proto"] ?? "https",
      "x-forwarded-host": headers["x-forwarded-host"] ?? headers.host,
      // The platform's edge, which ended TLS, has seen the visitor.
      "do-connecting-ip": headers["do-connecting-ip"] ?? peer,
    },
  });
}

function isRepeatable(incoming: IncomingMessage): boolean {
  return idempotent.includes(incoming.method ?? "") && !hasBody(incoming);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function withoutHops(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
}

function writeHead(socket: Duplex, { statusCode = 502, rawHeaders }: IncomingMessage): void {
  const lines = [`HTTP/1.1 ${statusCode} `];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lines.push(`${rawHeaders[at] ?? ""}: ${rawHeaders[at + 1] ?? ""}`);
  }
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
}
