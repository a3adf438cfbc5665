import { failuresAfter, reconnectDelay } from "./backoff";
import { type FeedEvent, parseMessage } from "./messages";

export type Link =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  /** `at`: milliseconds since the epoch, when the next attempt begins. */
  | { readonly state: "reconnecting"; readonly at: number };

export interface ConnectionOptions {
  readonly open: () => WebSocket;
  readonly onLink: (link: Link) => void;
  readonly onEvent: (event: FeedEvent) => void;
  readonly random?: () => number;
}

/** Under the 60 s after which proxies drop a silent connection. */
const PING_MS = 25_000;
/** A connection on which not even the answer to a ping comes is dead, whatever the browser thinks. */
const SILENCE_MS = 10_000;

/** A websocket that comes back by itself until it is closed. */
export class FeedConnection {
  private socket: WebSocket | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private ping: ReturnType<typeof setTimeout> | undefined;
  private liveSince = 0;
  private failures = 0;
  private closed = false;

  constructor(private readonly options: ConnectionOptions) {
    this.connect();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.forget()?.close();
  }

  /** Something says that it may work now: the network is back, or the visitor looks again. */
  hurry(): void {
    if (this.closed || this.socket) return;
    clearTimeout(this.retry);
    this.connect();
  }

  private connect(): void {
    this.options.onLink({ state: "connecting" });
    const socket = this.options.open();
    this.socket = socket;
    this.liveSince = 0;
    socket.onopen = () => {
      this.liveSince = Date.now();
      this.options.onLink({ state: "live" });
      this.heard();
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.heard();
      const event = parseMessage(data);
      if (event) this.options.onEvent(event);
    };
    socket.onclose = ({ code }) => {
      this.ended(code);
    };
  }

  /** Whatever came in proves that the connection lives; the next ping waits. */
  private heard(): void {
    clearTimeout(this.ping);
    this.ping = setTimeout(() => {
      this.socket?.send(JSON.stringify({ type: "ping" }));
      this.ping = setTimeout(() => {
        // The closing handshake of a dead connection would take minutes.
        this.forget()?.close();
        this.ended(1006);
      }, SILENCE_MS);
    }, PING_MS);
  }

  private ended(code: number): void {
    this.forget();
    if (this.closed) return;
    const livedMs = this.liveSince === 0 ? 0 : Date.now() - this.liveSince;
    const end = { code, livedMs, failures: this.failures };
    this.failures = failuresAfter(end);
    const delay = reconnectDelay(end, this.options.random ?? Math.random);
    this.options.onLink({ state: "reconnecting", at: Date.now() + delay });
    this.retry = setTimeout(() => {
      this.connect();
    }, delay);
  }

  private forget(): WebSocket | undefined {
    const { socket } = this;
    clearTimeout(this.ping);
    this.socket = undefined;
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    return socket;
  }
}
