import {
  request as httpRequest,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";

/** What a request is passed on with. */
export interface Onward {
  /** The app's port on 127.0.0.1. */
  readonly port: number;
  readonly visitor: string;
  readonly scheme: "http" | "https";
}

/** Headers that belong to one connection. */
const HOP_BY_HOP = ["connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-connection"];

/** Passes a request on and its answer back, with the answer's headers changed on the way. */
export function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  onward: Onward,
  change: (status: number, headers: IncomingHttpHeaders) => IncomingHttpHeaders,
): void {
  const upstream = ask(incoming, onward, {});
  upstream.on("response", (answer) => {
    const status = answer.statusCode ?? 502;
    outgoing.writeHead(status, change(status, withoutHops(answer.headers)));
    answer.pipe(outgoing);
  });
  upstream.on("error", () => {
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(502, { "Content-Type": "text/plain" }).end("502 Bad Gateway\n");
  });
  outgoing.on("close", () => upstream.destroy());
  incoming.pipe(upstream);
}

/** Passes a websocket on, and bytes both ways from then on. */
export function passUpgradeOn(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  onward: Onward,
): void {
  const upstream = ask(incoming, onward, {
    connection: "upgrade",
    upgrade: incoming.headers.upgrade,
  });
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

export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} \r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}

function ask(
  { method, url, headers }: IncomingMessage,
  { port, visitor, scheme }: Onward,
  more: IncomingHttpHeaders,
): ClientRequest {
  const host = hostOf(headers);
  return httpRequest({
    ...{ host: "127.0.0.1", port, method, path: url },
    // A connection that is kept could close at the moment when it is used again.
    agent: false,
    headers: {
      ...withoutHops(headers),
      ...more,
      host,
      "x-real-ip": visitor,
      // One address: what a visitor writes into this header is not passed on.
      "x-forwarded-for": visitor,
      "x-forwarded-host": host,
      "x-forwarded-proto": scheme,
    },
  });
}

/** The name that was asked for, without a port. */
export function hostOf(headers: IncomingHttpHeaders): string {
  return (headers.host ?? "").replace(/:\d*$/, "").toLowerCase();
}

function withoutHops(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
}

function writeHead(socket: Duplex, { statusCode = 502, rawHeaders }: IncomingMessage): void {
  const lines = [`HTTP/1.1 ${statusCode} `];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lines.push(`${rawHeaders[at] ?? ""}: ${rawHeaders[at + 1] ?? ""}`);
  }
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
}
