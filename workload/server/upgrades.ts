import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { ControlWatch } from "./control";
import { HttpError, toHttpError } from "./errors";
import { type Forwarder, refuseUpgrade } from "./forward";
import type { Websockets } from "./websockets";

export interface UpgradeNeeds {
  readonly control: ControlWatch;
  readonly forwarder: Forwarder;
  readonly websockets: Websockets;
  /** Whether the process has its fill of websockets, its own and the forwarded ones together. */
  readonly full: () => boolean;
  readonly draining: () => boolean;
  readonly requireOrigin: (request: IncomingMessage) => void;
}

/** Answers requests for a websocket: the feed's at `/ws`, or whatever the new tier has. */
export function acceptUpgrades(server: Server, needs: UpgradeNeeds): void {
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A connection may break at any moment; unheard, that would end the process.
    socket.on("error", () => socket.destroy());
    try {
      upgrade(needs, request, socket, head);
    } catch (error) {
      refuseUpgrade(socket, toHttpError(error));
    }
  });
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
    needs.forwarder.upgrade(forwardTo, request, socket, head);
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
