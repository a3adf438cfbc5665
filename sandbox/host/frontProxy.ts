import type {
  ClientRequest,
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import { askOnward, hostOf, joinUpgrade, upgradeHeaders, withoutHops } from "../passing";

/** What a request is passed on with. */
export interface Onward {
  /** The app's port on 127.0.0.1. */
  readonly port: number;
  readonly visitor: string;
  readonly scheme: "http" | "https";
}

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
  joinUpgrade(ask(incoming, onward, upgradeHeaders(incoming)), socket, head);
}

function ask(
  incoming: IncomingMessage,
  { port, visitor, scheme }: Onward,
  more: OutgoingHttpHeaders,
): ClientRequest {
  const host = hostOf(incoming.headers);
  return askOnward(
    incoming,
    { port, path: incoming.url },
    {
      ...more,
      host,
      "x-real-ip": visitor,
      // One address: what a visitor writes into this header is not passed on.
      "x-forwarded-for": visitor,
      "x-forwarded-host": host,
      "x-forwarded-proto": scheme,
    },
  );
}
