import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Config } from "./config";
import type { Logger } from "./log";
import type { Metrics } from "./metrics";

/** Bytes of one message from a browser; it has little to say. */
const MAX_PAYLOAD = 4_096;
/** Bytes that may wait for a slow reader before it is let go: it can come back and ask again. */
const MAX_BUFFERED = 256 * 1_024;
const RATE_WINDOW_MS = 10_000;

interface Client {
  readonly socket: WebSocket;
  alive: boolean;
  windowStart: number;
  messages: number;
}

/** The browsers that watch the feed, each within its limits. */
export class Websockets {
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD,
    perMessageDeflate: false,
    clientTracking: false,
  });
  private readonly clients = new Set<Client>();
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    private readonly limits: Config["websockets"],
    private readonly metrics: Metrics,
    private readonly log: Logger,
  ) {
    this.heartbeat = setInterval(() => {
      this.beat();
    }, limits.heartbeatMs).unref();
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

  /**
   * Sends everybody away, evenly over the time, so that they do not all come back at once. Resolves
   * when all are gone; who does not answer the closing is cut off at the end.
   */
  async drain(code: 1001 | 1012, reason: string, overMs: number): Promise<void> {
    const clients = [...this.clients];
    const gone = clients.map(
      ({ socket }) =>
        new Promise<void>((resolve) =>
          socket.once("close", () => {
            resolve();
          }),
        ),
    );
    clients.forEach(({ socket }, index) => {
      const delay = (overMs * index) / clients.length;
      setTimeout(() => {
        socket.close(code, reason);
      }, delay);
    });
    const cut = setTimeout(() => {
      for (const { socket } of clients) socket.terminate();
    }, overMs + 1_000);
    await Promise.all(gone);
    clearTimeout(cut);
  }

  close(): void {
    clearInterval(this.heartbeat);
    for (const { socket } of this.clients) socket.terminate();
  }

  private add(socket: WebSocket): void {
    const client: Client = { socket, alive: true, windowStart: Date.now(), messages: 0 };
    this.clients.add(client);
    socket.on("close", () => this.clients.delete(client));
    // Broken frames and oversized messages: the library closes with the right code by itself.
    socket.on("error", (error) => {
      this.log.debug({ err: error }, "websocket");
    });
    socket.on("pong", () => (client.alive = true));
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

  /** Who did not answer the last ping is gone, whatever the network says. */
  private beat(): void {
    for (const client of this.clients) {
      if (!client.alive) {
        client.socket.terminate();
        continue;
      }
      client.alive = false;
      client.socket.ping();
    }
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
