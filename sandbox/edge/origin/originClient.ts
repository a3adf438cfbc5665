import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from "node:tls";
import type { Duplex, Readable } from "node:stream";
import { EdgeFailure, failures } from "../failure";
import { type Headers, outgoing } from "../headers";
import type { OriginTarget } from "./originTarget";
import type { OriginTimeouts } from "../types";

/** How a CDN words what goes wrong at an origin, and what it takes. */
export interface ClientRules {
  readonly words: Pick<
    typeof failures,
    "refused" | "dropped" | "handshake" | "certificate" | "failedAnswer" | "silent" | "tooLarge"
  >;
  /** Megabytes of a request's body at most. */
  readonly maxBodyMb: number;
}

/** Cloudflare's; its limit of a body holds on the plans Free and Pro. */
const cloudflareRules: ClientRules = { words: failures, maxBodyMb: 100 };

export interface OriginQuestion {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Headers;
  /** The request's body where it has one. */
  readonly body?: Readable;
  /** Set where the visitor wants a websocket: `headers` ask for it. */
  readonly upgrade?: true;
  /** Ends it when the visitor leaves. */
  readonly signal?: AbortSignal;
}

export interface OriginAnswer {
  readonly response: IncomingMessage;
  /** What the connection became, where the origin agreed to an upgrade. */
  readonly upgraded?: { readonly socket: Duplex; readonly head: Buffer };
}

/** A kept connection that the origin had closed in the meantime. */
class StaleConnection extends Error {}

/** Asks origins, and turns what goes wrong into the CDN's errors. */
export class OriginClient {
  private readonly agents = {
    http: new http.Agent({ keepAlive: true, maxFreeSockets: 64 }),
    // No sessions are kept: Node does not check a certificate again when it resumes one.
    https: new https.Agent({ keepAlive: true, maxFreeSockets: 64, maxCachedSessions: 0 }),
  };
  private readonly pending = new Set<ClientRequest>();

  constructor(
    /** PEM of the authority that origins' certificates have to come from. */
    private readonly ca: string,
    private readonly timeouts: OriginTimeouts,
    private readonly rules = cloudflareRules,
  ) {}

  /** Rejects with an EdgeFailure, or with the signal's error. */
  async ask(target: OriginTarget, question: OriginQuestion): Promise<OriginAnswer> {
    // A kept connection may be stale, and only what has no body can be sent again.
    const keeps = !question.body && !question.upgrade;
    try {
      return await this.attempt(target, question, keeps);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      return await this.attempt(target, question, false);
    }
  }

  close(): void {
    for (const request of this.pending) request.destroy();
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private async attempt(
    target: OriginTarget,
    question: OriginQuestion,
    keeps: boolean,
  ): Promise<OriginAnswer> {
    const request = this.open(target, question, keeps);
    this.pending.add(request);
    request.once("close", () => this.pending.delete(request));
    return await new Promise((resolve, reject) => {
      const { rules } = this;
      const timeouts = target.timeouts ?? this.timeouts;
      const progress = new Progress(request, target, { timeouts, ...rules });
      request.once("response", (response) => {
        progress.stop();
        resolve({ response });
      });
      request.once("upgrade", (response, socket, head) => {
        progress.stop();
        resolve({ response, upgraded: { socket, head } });
      });
      request.on("error", (error) => {
        progress.stop();
        question.body?.unpipe(request).resume();
        reject(progress.explain(error));
      });
      if (question.body) send(question.body, request, progress);
      else request.end();
    });
  }

  private open(target: OriginTarget, question: OriginQuestion, keeps: boolean): ClientRequest {
    const { local, host, names, secure, strict } = target;
    const { method, path, signal, body } = question;
    // Said in words, because Node frames no body of a GET or a DELETE by itself.
    const isChunked = body && !question.headers.has("content-length");
    const headers = {
      ...outgoing(question.headers),
      ...(isChunked && { "transfer-encoding": "chunked" }),
    };
    const options = {
      ...{ ...local, method, path, headers, setHost: false },
      ...(signal && { signal }),
    };
    if (!secure) return http.request({ ...options, agent: keeps ? this.agents.http : false });
    return https.request({
      ...options,
      agent: keeps ? this.agents.https : false,
      servername: host,
      ca: this.ca,
      rejectUnauthorized: strict,
      checkServerIdentity: (_, certificate) => holdsForOne(names, certificate),
    });
  }
}

/** How far a request has come; tells what an error means. */
class Progress {
  private stage: "connecting" | "handshake" | "asked" = "connecting";
  private timer: NodeJS.Timeout;

  constructor(
    private readonly request: ClientRequest,
    private readonly target: OriginTarget,
    readonly limits: ClientRules & { readonly timeouts: OriginTimeouts },
  ) {
    this.timer = setTimeout(() => request.destroy(this.connectTimeout()), limits.timeouts.connect);
    request.once("socket", (socket) => {
      if (request.reusedSocket) {
        this.asked();
        return;
      }
      socket.once("connect", () => {
        if (target.secure) this.stage = "handshake";
        else this.asked();
      });
      socket.once("secureConnect", () => {
        this.asked();
      });
    });
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Something went on: waiting for the answer begins anew. */
  refresh(): void {
    if (this.stage === "asked") this.timer.refresh();
  }

  explain(error: Error & { readonly code?: string }): Error {
    const { place, host } = this.target;
    const { words } = this.limits;
    if (error instanceof EdgeFailure || error.name === "AbortError") return error;
    const reason = error.code ?? error.message;
    if (this.stage === "connecting") {
      return reason === "ECONNREFUSED" ? words.refused(place) : words.dropped(place, reason);
    }
    if (this.stage === "handshake") {
      // Set where the handshake went well and the certificate did not.
      const untrusted = (this.request.socket as TLSSocket | null)?.authorizationError;
      if (untrusted) return words.certificate(place, host, String(untrusted));
      return words.handshake(place, host, reason);
    }
    if (this.request.reusedSocket && ["ECONNRESET", "EPIPE"].includes(reason)) {
      return new StaleConnection();
    }
    return words.failedAnswer(`${place} broke off or gave no HTTP answer: ${reason}.`);
  }

  private asked(): void {
    this.stage = "asked";
    clearTimeout(this.timer);
    const { timeouts, words } = this.limits;
    const { read } = timeouts;
    this.timer = setTimeout(
      () => this.request.destroy(words.silent(this.target.place, read / 1000)),
      read,
    );
  }

  private connectTimeout(): EdgeFailure {
    const { place, host } = this.target;
    const { words } = this.limits;
    return this.stage === "handshake"
      ? words.handshake(place, host, "it does not answer")
      : words.dropped(place, "it does not answer");
  }
}

function send(body: Readable, request: ClientRequest, progress: Progress): void {
  let bytes = 0;
  body.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    progress.refresh();
    const { maxBodyMb, words } = progress.limits;
    if (bytes > maxBodyMb * 1_000_000) request.destroy(words.tooLarge(maxBodyMb));
  });
  body.pipe(request);
}

function holdsForOne(names: readonly string[], certificate: PeerCertificate): Error | undefined {
  const errors = names.map((name) => checkServerIdentity(name, certificate));
  return errors.every((error) => error !== undefined) ? errors[0] : undefined;
}
