import type {
  ClientRequest,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import { askOnward, joinUpgrade, upgradeHeaders, withoutHops } from "../passing";

/** What a request is passed on to. */
export interface Onward {
  /** Of 127.0.0.1. */
  readonly port: number;
  /** Path and query. */
  readonly path: string;
}

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
  joinUpgrade(ask(incoming, onward, upgradeHeaders(incoming)), socket, head);
}

/** As the platform's edge words it. */
export function refuse(outgoing: ServerResponse, status: number, reason: string): void {
  outgoing.writeHead(status, { "content-type": "text/plain", "cache-control": "no-store" });
  outgoing.end(`${status} ${reason}\n`);
}

/**
 * Who came before stays in the list of addresses; the scheme is what the platform's edge, which ends
 * TLS, says of it.
 */
function ask(incoming: IncomingMessage, onward: Onward, more: OutgoingHttpHeaders): ClientRequest {
  const { headers, socket } = incoming;
  const peer = socket.remoteAddress ?? "127.0.0.1";
  const before = headers["x-forwarded-for"];
  return askOnward(incoming, onward, {
    ...more,
    "x-forwarded-for": before === undefined ? peer : `${String(before)}, ${peer}`,
    "x-forwarded-proto": headers["x-forwarded-proto"] ?? "https",
    "x-forwarded-host": headers["x-forwarded-host"] ?? headers.host,
    // The platform's edge, which ended TLS, has seen the visitor.
    "do-connecting-ip": headers["do-connecting-ip"] ?? peer,
  });
}

function isRepeatable(incoming: IncomingMessage): boolean {
  return idempotent.includes(incoming.method ?? "") && !hasBody(incoming);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
