import {
  request as httpRequest,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from "node:http";
import type { Duplex } from "node:stream";

/** Headers that belong to one connection. */
const hopByHop = ["connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-connection"];

/** What may go on to another connection. */
export function withoutHops(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
}

/** The name that was asked for, without a port. */
export function hostOf({ host = "" }: IncomingHttpHeaders): string {
  return host.replace(/:\d*$/, "").toLowerCase();
}

/** Asks a port of this machine what was asked here, with headers of its own beside those that came. */
export function askOnward(
  { method, headers }: IncomingMessage,
  { port, path }: { readonly port: number; readonly path: string | undefined },
  own: OutgoingHttpHeaders,
): ClientRequest {
  return httpRequest({
    ...{ host: "127.0.0.1", port, method, path },
    // A connection that is kept could close at the moment when it is used again.
    agent: false,
    headers: { ...withoutHops(headers), ...own },
  });
}

/** Headers with which a websocket is asked for onward. */
export function upgradeHeaders({ headers: { upgrade } }: IncomingMessage): OutgoingHttpHeaders {
  return { connection: "upgrade", upgrade };
}

/** Joins a websocket to the request that asks for it onward: bytes both ways from then on. */
export function joinUpgrade(upstream: ClientRequest, socket: Duplex, head: Buffer): void {
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

/** @param location Where it is found instead. */
export function refuseUpgrade(socket: Duplex, status: number, location?: string): void {
  const found = location === undefined ? "" : `Location: ${location}\r\n`;
  socket.end(`HTTP/1.1 ${status} \r\n${found}Content-Length: 0\r\nConnection: close\r\n\r\n`);
}

function writeHead(socket: Duplex, { statusCode = 502, rawHeaders }: IncomingMessage): void {
  const lines = [`HTTP/1.1 ${statusCode} `];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lines.push(`${rawHeaders[at] ?? ""}: ${rawHeaders[at + 1] ?? ""}`);
  }
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
}
