import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import { HttpError } from "./errors";
import { badGateway, headersFor, refuseLoop, timedOut } from "./forward";
import { Heartbeat } from "./heartbeat";
import { refuseUpgrade } from "./refuseUpgrade";
import { sendAway } from "./sendAway";
import { MAX_BUFFERED, websocketOptions } from "./websockets";

/** A visitor's connection, the new tier's, and the visitor's websocket once that tier has agreed. */
interface Visit {
  readonly socket: Duplex;
  readonly upstream: WebSocket;
  visitor: WebSocket | undefined;
}

/** IANA's websocket close code for what is 502 in HTTP. */
const BAD_GATEWAY = 1014;
/** Not sent but concluded: the closing said no code; there was no closing. */
const NO_CODE = 1005;
const CUT_OFF = 1006;

/**
 * Joins websockets to the tier that took over, message by message and not byte by byte: so both ends
 * can be told why they are closed, and be asked whether they live.
 */
export class WebsocketForwarder {
  private readonly visits = new Set<Visit>();
  private readonly heartbeat: Heartbeat;

  constructor(
    private readonly timeoutMs: number,
    heartbeatMs: number,
  ) {
    this.heartbeat = new Heartbeat(heartbeatMs);
  }

  /** Websockets that are joined or about to be; they cost as much as the process's own. */
  get size(): number {
    return this.visits.size;
  }

  /** Throws where it must not be forwarded. The visitor is let in once the new tier did so. */
  accept(target: URL, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    refuseLoop(incoming);
    const upstream = dial(target, incoming);
    const visit: Visit = { socket, upstream, visitor: undefined };
    this.visits.add(visit);
    const refuse = (error: HttpError) => {
      refuseVisit(visit, error);
    };
    const patience = setTimeout(refuse, this.timeoutMs, timedOut());
    socket.on("close", () => {
      clearTimeout(patience);
      this.visits.delete(visit);
      // Joined, it is told of the closing in the way of websockets.
      if (!visit.visitor) upstream.terminate();
    });
    upstream.on("error", (error) => {
      if (!visit.visitor) refuse(badGateway(error));
    });
    upstream.on("unexpected-response", (_request, answer) => {
      // The other side refused: its status is the answer, and so is when to come back.
      const { statusCode = 502, statusMessage = "refused", headers } = answer;
      const retryAfterSeconds = secondsOf(headers["retry-after"]);
      refuse(
        new HttpError(statusCode, "refused", statusMessage, {
          ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
        }),
      );
    });
    upstream.on("open", () => {
      clearTimeout(patience);
      this.join(visit, incoming, head);
    });
  }

  /** Sends today's visitors away, evenly over the time; resolves when they are gone. */
  async drain(code: 1001 | 1012, reason: string, overMs: number): Promise<void> {
    const visits = [...this.visits];
    for (const visit of visits) {
      if (!visit.visitor) {
        refuseVisit(visit, new HttpError(503, "moved", "Try again.", { retryAfterSeconds: 1 }));
      }
    }
    await sendAway(
      visits.flatMap(({ visitor }) => visitor ?? []),
      code,
      reason,
      overMs,
    );
  }

  close(): void {
    this.heartbeat.stop();
    for (const { socket, upstream } of this.visits) {
      socket.destroy();
      upstream.terminate();
    }
  }

  private join(visit: Visit, incoming: IncomingMessage, head: Buffer): void {
    const { socket, upstream } = visit;
    // One for each: only the new tier's answer says which subprotocol there is.
    const server = new WebSocketServer({
      ...websocketOptions,
      handleProtocols: () => upstream.protocol || false,
    });
    // It answers a malformed request by itself, and closes the connection.
    server.handleUpgrade(incoming, socket, head, (visitor) => {
      visit.visitor = visitor;
      this.heartbeat.watch(visitor);
      this.heartbeat.watch(upstream);
      // Broken frames and oversized messages: the library closes with the right code by itself.
      visitor.on("error", () => undefined);
      relay(visitor, upstream);
      relay(upstream, visitor);
      visitor.on("close", (code, reason) => {
        if (code === CUT_OFF) upstream.terminate();
        else close(upstream, code, reason);
      });
      upstream.on("close", (code, reason) => {
        if (code === CUT_OFF) visitor.close(BAD_GATEWAY, "the new tier is gone");
        else close(visitor, code, reason);
      });
    });
  }
}

/** Asks the new tier for a websocket, with all that the visitor's request had to say. */
function dial(target: URL, incoming: IncomingMessage): WebSocket {
  const [path = "/", ...query] = (incoming.url ?? "/").split("?");
  const url = new URL(target);
  // Not resolved against the target: `//elsewhere/` would lead away from it.
  url.pathname = path;
  url.search = query.join("?");
  const offered = incoming.headers["sec-websocket-protocol"] ?? "";
  const protocols = offered.split(",").flatMap((name) => name.trim() || []);
  const headers = Object.entries(headersFor(target, incoming)).filter(
    ([name]) => !name.startsWith("sec-websocket-"),
  );
  try {
    return new WebSocket(url, protocols, {
      headers: Object.fromEntries(headers) as Record<string, string>,
      // The other tier's events are as large as our own may be.
      maxPayload: MAX_BUFFERED,
      perMessageDeflate: false,
    });
  } catch (cause) {
    throw new HttpError(400, "bad_request", "The request could not be read.", { cause });
  }
}

/** Of `Retry-After`; it may be a date instead, which no tier sends. */
function secondsOf(retryAfter: string | undefined): number | undefined {
  return retryAfter !== undefined && /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : undefined;
}

function relay(from: WebSocket, to: WebSocket): void {
  from.on("message", (data, isBinary) => {
    if (to.readyState !== to.OPEN) return;
    // Who does not take what it is sent is let go, as one's own visitors are: it can come back.
    if (to.bufferedAmount > MAX_BUFFERED) {
      from.terminate();
      to.terminate();
      return;
    }
    to.send(data as Buffer, { binary: isBinary });
  });
}

function close(socket: WebSocket, code: number, reason: Buffer): void {
  if (code === NO_CODE) socket.close();
  else socket.close(code, reason);
}

function refuseVisit({ socket, upstream }: Visit, error: HttpError): void {
  refuseUpgrade(socket, error);
  upstream.terminate();
}
