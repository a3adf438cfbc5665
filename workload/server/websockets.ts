import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import type { Config } from "./config";
import { Heartbeat } from "./heartbeat";
import type { Logger } from "./log";
import type { Metrics } from "./metrics";
import { sendAway } from "./sendAway";

/** Bytes of one message from a browser; it has little to say. */
const MAX_PAYLOAD = 4_096;
/** Bytes that may wait for a slow reader before it is let go: it can come back and ask again. */
export const MAX_BUFFERED = 256 * 1_024;
const RATE_WINDOW_MS = 10_000;

/** For every websocket of a visitor, served here or handed on. */
export const websocketOptions: ServerOptions = {
  noServer: true,
  maxPayload: MAX_PAYLOAD,
  perMessageDeflate: false,
  clientTracking: false,
};

interface Client {
  readonly socket: WebSocket;
  windowStart: number;
  messages: number;
}

/** The browsers that watch the feed, each within its limits. */
export class Websockets {
  private readonly server = new WebSocketServer(websocketOptions);
  private readonly clients = new Set<Client>();
  private readonly heartbeat: Heartbeat;

  constructor(
    private readonly limits: Config["websockets"],
    private readonly metrics: Metrics,
    private readonly log: Logger,
  ) {
    this.heartbeat = new Heartbeat(limits.heartbeatMs);
  }

  get size(): number {
    return this.clients.size;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.server.handleUpgrade(request, socket, head, (websocket) => {
      this.add(websocket);
    });
  }

  broadcast(text: string): void {
    let sent = 0;
    for (const { socket } of this.clients) {
      if (socket.readyState !== socket.OPEN) continue;
      if (socket.bufferedAmount > MAX_BUFFERED) {
        this.metrics.feed("dropped", 1);
        // A close frame would wait behind what the client does not read.
        socket.terminate();
        continue;
      }
      socket.send(text);
      sent += 1;
    }
    this.metrics.feed("sent", sent);
  }

  /** Sends everybody away, evenly over the time; resolves when all are gone. */
  async drain(code: 1001 | 1012, reason: string, overMs: number): Promise<void> {
    const sockets = [...this.clients].map(({ socket }) => socket);
    await sendAway(sockets, code, reason, overMs);
  }

  close(): void {
    this.heartbeat.stop();
    for (const { socket } of this.clients) socket.terminate();
  }

  private add(socket: WebSocket): void {
    const client: Client = { socket, windowStart: Date.now(), messages: 0 };
    this.clients.add(client);
    this.heartbeat.watch(socket);
    socket.on("close", () => this.clients.delete(client));
    // Broken frames and oversized messages: the library closes with the right code by itself.
    socket.on("error", (error) => {
      this.log.debug({ err: error }, "websocket");
    });
    socket.on("message", (data, isBinary) => {
      if (this.allowed(client)) {
        answer(socket, !isBinary && Buffer.isBuffer(data) ? data.toString() : undefined);
      } else socket.close(1008, "too many messages");
    });
    socket.send(JSON.stringify({ type: "welcome" }));
  }

  private allowed(client: Client): boolean {
    const now = Date.now();
    if (now - client.windowStart >= RATE_WINDOW_MS) {
      client.windowStart = now;
      client.messages = 0;
    }
    client.messages += 1;
    return client.messages <= this.limits.maxMessagesPer10s;
  }
}

function answer(socket: WebSocket, text: string | undefined): void {
  const ping = text !== undefined && isPing(text);
  const reply = ping ? { type: "pong" } : { type: "error", code: "unknown_message" };
  if (socket.bufferedAmount <= MAX_BUFFERED) socket.send(JSON.stringify(reply));
}

function isPing(text: string): boolean {
  try {
    return (JSON.parse(text) as { type?: unknown } | null)?.type === "ping";
  } catch {
    return false;
  }
}
