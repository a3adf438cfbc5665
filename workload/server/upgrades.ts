import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { ControlWatch } from "./control";
import { HttpError, toHttpError } from "./errors";
import type { WebsocketForwarder } from "./forwardWebsockets";
import { OtherUpgrades } from "./otherUpgrades";
import { refuseUpgrade } from "./refuseUpgrade";
import type { Websockets } from "./websockets";

export interface UpgradeNeeds {
  readonly control: ControlWatch;
  readonly forwarder: WebsocketForwarder;
  readonly websockets: Websockets;
  /** Whether the process has its fill of websockets, its own and the forwarded ones together. */
  readonly full: () => boolean;
  readonly draining: () => boolean;
  readonly requireOrigin: (request: IncomingMessage) => void;
}

/**
 * The server's options for it. Where Node asks (22.23, 24.9 and later), it keeps offers that come with
 * a body to itself: it would parse the body apart from what `OtherUpgrades` hands back. Those without
 * one are handed over as in older versions; kept, Node would lose what is pipelined behind them.
 */
export const upgradeOptions = {
  shouldUpgradeCallback: (request: IncomingMessage) =>
    asksForWebsocket(request) || !hasBody(request),
};

/** Answers requests for a websocket: the feed's at `/ws`, or whatever the new tier has. */
export function acceptUpgrades(server: Server, needs: UpgradeNeeds): void {
  const others = new OtherUpgrades(server);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!asksForWebsocket(request)) {
      others.answer(request, socket, head);
      return;
    }
    // A connection may break at any moment; unheard, that would end the process.
    socket.on("error", () => socket.destroy());
    try {
      upgrade(needs, request, socket, head);
    } catch (error) {
      refuseUpgrade(socket, toHttpError(error));
    }
  });
}

function asksForWebsocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === "websocket";
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function upgrade(
  needs: UpgradeNeeds,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  if (needs.draining()) throw unavailable("ending", "This process is ending.");
  needs.requireOrigin(request);
  const { forwardTo } = needs.control.state;
  if (forwardTo) {
    requireRoom(needs);
    needs.forwarder.accept(forwardTo, request, socket, head);
    return;
  }
  if ((request.url ?? "").split("?")[0] !== "/ws") {
    throw new HttpError(404, "not_found", "There is nothing here.");
  }
  requireRoom(needs);
  needs.websockets.accept(request, socket, head);
}

function requireRoom(needs: UpgradeNeeds): void {
  if (needs.full()) throw unavailable("full", "Too many connections.");
}

function unavailable(code: string, message: string): HttpError {
  return new HttpError(503, code, message, { retryAfterSeconds: 1 });
}
