import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { askOnward, joinUpgrade, upgradeHeaders, withoutHops } from "../passing";

/** What a request is passed on to. */
export interface Onward {
  /** Of 127.0.0.1. */
  readonly port: number;
  /** Path and query. */
  readonly path: string;
}

/** How a balancer speaks: to what is behind it, and to who asks in vain. */
export interface Manner {
  /** Headers beside those that came. */
  readonly headers: (incoming: IncomingMessage) => OutgoingHttpHeaders;
  readonly refuse: (outgoing: ServerResponse, status: number, reason: string) => void;
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
  manner: Manner = platformManner,
): void {
  const upstream = askOnward(incoming, onward, manner.headers(incoming));
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
    if (other) passOn(incoming, outgoing, other, () => undefined, manner);
    else manner.refuse(outgoing, 502, "upstream_connect_error");
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
  { headers }: Pick<Manner, "headers"> = platformManner,
): void {
  const own = { ...upgradeHeaders(incoming), ...headers(incoming) };
  joinUpgrade(askOnward(incoming, onward, own), socket, head);
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
function platformHeaders({ headers, socket }: IncomingMessage): OutgoingHttpHeaders {
  const peer = socket.remoteAddress ?? "127.0.0.1";
  return {
    "x-forwarded-for": forwardedFor(headers["x-forwarded-for"], peer),
    "x-forwarded-proto": headers["x-forwarded-proto"] ?? "https",
    "x-forwarded-host": headers["x-forwarded-host"] ?? headers.host,
    // The platform's edge, which ended TLS, has seen the visitor.
    "do-connecting-ip": headers["do-connecting-ip"] ?? peer,
  };
}

const platformManner: Manner = { headers: platformHeaders, refuse };

/** The list of who came before, with one more. */
export function forwardedFor(before: string | string[] | undefined, peer: string): string {
  return before === undefined ? peer : `${String(before)}, ${peer}`;
}

function isRepeatable(incoming: IncomingMessage): boolean {
  return idempotent.includes(incoming.method ?? "") && !hasBody(incoming);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
