import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { ClientRequest, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream";
import { HttpError } from "./errors";
import { ORIGIN_HEADER } from "./origin";

/** Counts how often a request was forwarded. */
export const HOPS_HEADER = "x-drops-forwarded";
/** A tier may have moved twice; more means that two tiers forward to each other. */
const MAX_HOPS = 3;

/** Of one connection only (RFC 9110 §7.6.1); never passed on. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
/** Neither are these: each tier has its own secret, and answers `100 Continue` itself. */
const OWN = ["expect", ORIGIN_HEADER];

/** A visitor's websocket and what it is joined to: the request for it, then the socket it became. */
interface Pair {
  readonly socket: Duplex;
  other: ClientRequest | Duplex;
}

/** Hands requests and websockets to the tier that took over, until visitors reach it by themselves. */
export class Forwarder {
  private readonly agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets: 256 }),
    https: new HttpsAgent({ keepAlive: true, maxSockets: 256 }),
  };

  /** Nobody else knows an upgraded socket: the HTTP server only waits for it when it closes. */
  private readonly pairs = new Set<Pair>();

  constructor(private readonly timeoutMs: number) {}

  /** Websockets that are joined or about to be; they cost as much as the process's own. */
  get size(): number {
    return this.pairs.size;
  }

  /** Streams the request there and the answer back. Rejects where no answer was begun. */
  async http(target: URL, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    refuseLoop(incoming);
    await new Promise<void>((resolve, reject) => {
      const upstream = this.open(target, incoming, {
        ...headersFor(target, incoming),
        // What Node would otherwise decide by itself; a body without a length is sent in chunks.
        ...(incoming.headers["transfer-encoding"] !== undefined && {
          "transfer-encoding": "chunked",
        }),
      });
      upstream.on("response", (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, cleaned(answer.headers));
        pipeline(answer, outgoing, () => {
          resolve();
        });
      });
      upstream.on("timeout", () => upstream.destroy(timedOut()));
      upstream.on("error", (error) => {
        if (!outgoing.headersSent) reject(error instanceof HttpError ? error : badGateway(error));
        else resolve();
      });
      // The visitor left: so does the request.
      outgoing.on("close", () => upstream.destroy());
      incoming.on("error", () => upstream.destroy());
      incoming.pipe(upstream);
    });
  }

  /** Joins a websocket's two halves; errors close both. Throws where it must not be forwarded. */
  upgrade(target: URL, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    refuseLoop(incoming);
    const upstream = this.open(target, incoming, {
      ...headersFor(target, incoming),
      connection: "Upgrade",
      upgrade: incoming.headers.upgrade,
    });
    const pair: Pair = { socket, other: upstream };
    this.pairs.add(pair);
    socket.on("error", () => upstream.destroy());
    socket.on("close", () => {
      this.pairs.delete(pair);
      pair.other.destroy();
    });
    upstream.on("timeout", () => upstream.destroy(timedOut()));
    upstream.on("error", (error) => {
      refuseUpgrade(socket, error instanceof HttpError ? error : badGateway(error));
    });
    upstream.on("response", (answer) => {
      // The other side refused: its status is the answer.
      answer.resume();
      const status = answer.statusCode ?? 502;
      refuseUpgrade(socket, new HttpError(status, "refused", answer.statusMessage ?? "refused"));
    });
    upstream.on("upgrade", (answer, peer, peerHead) => {
      pair.other = peer;
      peer.setTimeout(0);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${rawHeaders(answer)}\r\n`);
      if (peerHead.length > 0) socket.write(peerHead);
      if (head.length > 0) peer.write(head);
      pipeline(peer, socket, () => peer.destroy());
      pipeline(socket, peer, () => socket.destroy());
    });
    upstream.end();
  }

  /**
   * Cuts today's websockets off, evenly over the time, so that they do not all come back at once;
   * resolves when they are gone. No closing frame: one could land in the middle of another.
   */
  async drain(overMs: number): Promise<void> {
    const pairs = [...this.pairs];
    const gone = pairs.map(
      (pair, index) =>
        new Promise<void>((resolve) => {
          const turn = setTimeout(cut, (overMs * index) / pairs.length, pair);
          pair.socket.once("close", () => {
            clearTimeout(turn);
            resolve();
          });
        }),
    );
    await Promise.all(gone);
  }

  close(): void {
    this.pairs.forEach(cut);
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private open(
    target: URL,
    incoming: IncomingMessage,
    headers: OutgoingHttpHeaders,
  ): ClientRequest {
    const secure = target.protocol === "https:";
    const options = {
      hostname: target.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: target.port || (secure ? 443 : 80),
      method: incoming.method,
      path: incoming.url,
      headers,
      timeout: this.timeoutMs,
    };
    return secure
      ? httpsRequest({ ...options, agent: this.agents.https })
      : httpRequest({ ...options, agent: this.agents.http });
  }
}

/** Answers a refused upgrade in plain HTTP and ends the connection. */
export function refuseUpgrade(socket: Duplex, error: HttpError): void {
  if (socket.destroyed) return;
  const body = JSON.stringify({ error: { code: error.code, message: error.message } });
  const retry = error.options.retryAfterSeconds;
  socket.end(
    `HTTP/1.1 ${error.status} ${error.code}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      (retry === undefined ? "" : `Retry-After: ${retry}\r\n`) +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function cut({ socket, other }: Pair): void {
  socket.destroy();
  other.destroy();
}

function hopsOf(incoming: IncomingMessage): number {
  const hops = Number(incoming.headers[HOPS_HEADER] ?? 0);
  return Number.isInteger(hops) && hops >= 0 ? hops : MAX_HOPS;
}

function refuseLoop(incoming: IncomingMessage): void {
  if (hopsOf(incoming) < MAX_HOPS) return;
  throw new HttpError(508, "forwarding_loop", "Two tiers forward to each other.");
}

function headersFor(target: URL, incoming: IncomingMessage): OutgoingHttpHeaders {
  const { headers } = incoming;
  const passed = headers["x-forwarded-for"];
  // Whoever is at the other end of the connection: each hop adds what it saw.
  const address = incoming.socket.remoteAddress ?? "unknown";
  return {
    ...cleaned(headers),
    // The other tier's proxies choose the site by its own name.
    host: target.host,
    "x-forwarded-host": headers["x-forwarded-host"] ?? headers.host,
    "x-forwarded-proto": headers["x-forwarded-proto"] ?? "http",
    "x-forwarded-for": passed === undefined ? address : `${String(passed)}, ${address}`,
    [HOPS_HEADER]: String(hopsOf(incoming) + 1),
  };
}

function cleaned(headers: IncomingMessage["headers"]): OutgoingHttpHeaders {
  const named = (headers.connection ?? "").toLowerCase().split(",");
  const dropped = new Set([...HOP_BY_HOP, ...OWN, ...named.map((name) => name.trim())]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}

/** An upgrade's own headers, hop by hop though they are. */
function rawHeaders(answer: IncomingMessage): string {
  const { rawHeaders: raw } = answer;
  let text = "";
  for (let index = 0; index < raw.length; index += 2) {
    text += `${raw[index] ?? ""}: ${raw[index + 1] ?? ""}\r\n`;
  }
  return text;
}

function timedOut(): HttpError {
  return new HttpError(504, "forward_timeout", "The new tier took too long to answer.", {
    retryAfterSeconds: 2,
  });
}

function badGateway(cause: unknown): HttpError {
  return new HttpError(502, "forward_failed", "The new tier cannot be reached; try again.", {
    retryAfterSeconds: 2,
    cause,
  });
}
