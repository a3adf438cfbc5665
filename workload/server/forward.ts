import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { ClientRequest, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { HttpError } from "./errors";
import { ORIGIN_HEADER } from "./origin";
import { bodyLength, bodyTooLarge } from "./requests";

/** Counts how often a request was forwarded. */
const HOPS_HEADER = "x-drops-forwarded";
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

/** Hands requests to the tier that took over, until visitors reach it by themselves. */
export class Forwarder {
  private readonly agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets: 256 }),
    https: new HttpsAgent({ keepAlive: true, maxSockets: 256 }),
  };

  constructor(
    private readonly timeoutMs: number,
    /** Bytes of a body; no tier takes more. */
    private readonly bodyLimit: number,
  ) {}

  /** Streams the request there and the answer back. Rejects where no answer was begun. */
  async http(target: URL, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    refuseLoop(incoming);
    await this.attempt(target, incoming, outgoing, "pooled");
  }

  close(): void {
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private async attempt(
    target: URL,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    connection: "pooled" | "fresh",
  ): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const upstream = this.open(target, incoming, connection);
      upstream.on("response", (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, cleaned(answer.headers));
        pipeline(answer, outgoing, () => {
          resolve();
        });
      });
      const fail = (error: HttpError) => {
        if (outgoing.headersSent) resolve();
        else reject(error);
      };
      upstream.on("timeout", () => upstream.destroy(timedOut()));
      upstream.on("error", (error) => {
        const gone = outgoing.headersSent || outgoing.destroyed;
        if (!gone && wasStale(upstream, error) && mayRepeat(incoming)) {
          resolve(this.attempt(target, incoming, outgoing, "fresh"));
          return;
        }
        fail(error instanceof HttpError ? error : badGateway(error));
      });
      // The visitor left: so does the request.
      outgoing.on("close", () => upstream.destroy());
      incoming.on("error", () => upstream.destroy());
      this.limit(incoming, () => {
        incoming.unpipe(upstream);
        fail(bodyTooLarge());
        upstream.destroy();
      });
      incoming.pipe(upstream);
    });
  }

  /** A body sent in chunks does not say how long it will be. */
  private limit(incoming: IncomingMessage, tooLong: () => void): void {
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      const fitted = bytes <= this.bodyLimit;
      bytes += chunk.length;
      if (fitted && bytes > this.bodyLimit) tooLong();
    });
  }

  private open(
    target: URL,
    incoming: IncomingMessage,
    connection: "pooled" | "fresh",
  ): ClientRequest {
    const secure = target.protocol === "https:";
    const chunked = incoming.headers["transfer-encoding"] !== undefined;
    const options = {
      hostname: target.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: target.port || (secure ? 443 : 80),
      method: incoming.method,
      path: incoming.url,
      headers: {
        ...headersFor(target, incoming),
        // What Node would otherwise decide by itself; a body without a length is sent in chunks.
        ...(chunked && { "transfer-encoding": "chunked" }),
      },
      timeout: this.timeoutMs,
    };
    const pooled = connection === "pooled";
    return secure
      ? httpsRequest({ ...options, agent: pooled && this.agents.https })
      : httpRequest({ ...options, agent: pooled && this.agents.http });
  }
}

/** The new tier closed a connection that was kept, while the next request was on its way there. */
function wasStale(upstream: ClientRequest, { code }: NodeJS.ErrnoException): boolean {
  return upstream.reusedSocket && (code === "ECONNRESET" || code === "EPIPE");
}

/** The body, if any, was handed on and is gone; and only a key keeps a write from happening twice. */
function mayRepeat(incoming: IncomingMessage): boolean {
  const reads = ["GET", "HEAD", "OPTIONS"].includes(incoming.method ?? "");
  return bodyLength(incoming) === 0 && (reads || "idempotency-key" in incoming.headers);
}

function hopsOf(incoming: IncomingMessage): number {
  const hops = Number(incoming.headers[HOPS_HEADER] ?? 0);
  return Number.isInteger(hops) && hops >= 0 ? hops : MAX_HOPS;
}

export function refuseLoop(incoming: IncomingMessage): void {
  if (hopsOf(incoming) < MAX_HOPS) return;
  throw new HttpError(508, "forwarding_loop", "Two tiers forward to each other.");
}

export function headersFor(target: URL, incoming: IncomingMessage): OutgoingHttpHeaders {
  const { headers } = incoming;
  const passed = headers["x-forwarded-for"];
  // Whoever is at the other end of the connection: each hop adds what it saw.
  const address = incoming.socket.remoteAddress ?? "unknown";
  return {
    ...cleaned(headers),
    // The other tier's proxies choose the site by its own name.
    host: target.host,
    // HTTP/1.0 may do without a host.
    "x-forwarded-host": headers["x-forwarded-host"] ?? headers.host ?? "",
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

export function timedOut(): HttpError {
  return new HttpError(504, "forward_timeout", "The new tier took too long to answer.", {
    retryAfterSeconds: 2,
  });
}

export function badGateway(cause: unknown): HttpError {
  return new HttpError(502, "forward_failed", "The new tier cannot be reached; try again.", {
    retryAfterSeconds: 2,
    cause,
  });
}
