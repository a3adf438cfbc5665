import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { CachedOrigin } from "./cache/cachedOrigin";
import { findSite, type Site } from "./dns";
import { type AnswerHead, begin, type Exchange, headOf, visitorHeaders } from "./exchange";
import { EdgeFailure, failures } from "./failure";
import { OriginClient } from "./origin/originClient";
import { originHeaders, refuseLoop } from "./origin/originRequest";
import { locateOrigin } from "./origin/originTarget";
import { blockedAnswer, failurePage, type OwnAnswer, redirectAnswer } from "./pages";
import { RateLimiter } from "./rules/rateLimiter";
import { redirectFor } from "./rules/redirects";
import { relay } from "./relay";
import { RuleReader } from "./rules/ruleReader";
import type { EdgeOptions, EdgeStats, OriginTimeouts } from "./types";
import { newRay, readVisitor, type Visitor } from "./visitor";
import { Websockets } from "./websockets";

/** A connection that the visitor wants to become a websocket. */
export interface Upgrade {
  readonly socket: Socket;
  readonly head: Buffer;
}

const cloudflareTimeouts: OriginTimeouts = { connect: 19_000, read: 125_000 };

/** Leads requests through Cloudflare's phases, in Cloudflare's order. */
export class RequestHandler {
  private readonly log: (line: string) => void;
  private readonly timeouts: OriginTimeouts;
  private readonly rules: RuleReader;
  private readonly limiter: RateLimiter;
  private readonly client: OriginClient;
  private readonly origin: CachedOrigin;
  private readonly websockets = new Websockets();
  private requests = 0;

  constructor(private readonly options: EdgeOptions) {
    const { log = () => undefined, now = Date.now, timeouts = cloudflareTimeouts } = options;
    this.log = log;
    this.timeouts = timeouts;
    this.rules = new RuleReader(log);
    this.limiter = new RateLimiter(this.rules, now);
    this.client = new OriginClient(options.authority.certificate, timeouts);
    this.origin = new CachedOrigin({
      ...{ route: options.route, rules: this.rules, client: this.client, now },
      readTimeout: timeouts.read,
    });
  }

  stats(): EdgeStats {
    const { store, hits } = this.origin;
    return {
      requests: this.requests,
      websockets: this.websockets.size,
      cache: { entries: store.size, bytes: store.bytes, hits },
      blocked: this.limiter.blocked,
    };
  }

  close(): void {
    this.client.close();
    this.websockets.close();
  }

  /** Never rejects. */
  async handle(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    { secure, upgrade }: { readonly secure: boolean; readonly upgrade?: Upgrade },
  ): Promise<void> {
    this.requests++;
    outgoing.on("error", () => undefined);
    const ray = newRay();
    let visitor: Visitor | undefined;
    let site: Site | undefined;
    try {
      visitor = readVisitor(incoming, secure);
      const zones = this.options.zones();
      site = findSite(zones, visitor.view.host);
      if (!site) throw failures.unknownHost(visitor.view.host);
      await this.lead({ ...{ incoming, outgoing, ray, zones, site }, ...visitor }, upgrade);
    } catch (error) {
      this.fail(error, incoming, outgoing, { ray, ...visitor, ...(site && { site }) });
    }
  }

  private async lead(exchange: Exchange, upgrade: Upgrade | undefined): Promise<void> {
    const { view, site, ray, outgoing } = exchange;
    refuseLoop(view);
    const redirect = redirectFor(site.zone, view, this.rules);
    const blocked = redirect ? undefined : this.limiter.count(site.zone, view);
    if (redirect) {
      const location = this.options.onThisMachine?.(redirect.location) ?? redirect.location;
      this.send(outgoing, redirectAnswer({ ...redirect, location }), exchange);
    } else if (blocked) this.send(outgoing, blockedAnswer(blocked, ray), exchange);
    else if (upgrade) await this.join(exchange, upgrade);
    else await this.origin.answer(exchange);
  }

  private async join(exchange: Exchange, upgrade: Upgrade): Promise<void> {
    const { view, site, ray, outgoing, target } = exchange;
    if (site.zone.settings.websockets === "off") throw failures.websocketsOff();
    const gone = new AbortController();
    upgrade.socket.once("close", () => {
      gone.abort();
    });
    const headers = originHeaders(view, ray).set("connection", ["Upgrade"]);
    const answer = await this.client.ask(
      locateOrigin({ ...this.options, zones: exchange.zones }, site, view),
      {
        ...{ method: view.method, path: target, upgrade: true, signal: gone.signal },
        headers: headers.set("upgrade", ["websocket"]),
      },
    );
    if (answer.upgraded) {
      outgoing.detachSocket(upgrade.socket);
      this.websockets.join(upgrade, { ...answer.upgraded, response: answer.response }, ray);
      return;
    }
    // The origin refused: its answer is an ordinary one.
    const head: AnswerHead = { ...headOf(answer.response), cacheStatus: "DYNAMIC" };
    begin(outgoing, head, visitorHeaders(head, exchange, this.rules));
    const { read: readTimeout } = this.timeouts;
    await relay({
      ...{ source: answer.response, sink: outgoing, wantsBody: true, keeps: false, readTimeout },
    });
  }

  private fail(
    error: unknown,
    { method }: IncomingMessage,
    outgoing: ServerResponse,
    known: Known,
  ): void {
    // The visitor has left, or has seen half of an answer.
    if (outgoing.destroyed) return;
    if (outgoing.headersSent) {
      outgoing.destroy();
      return;
    }
    const failure = error instanceof EdgeFailure ? error : failures.internal();
    const url = known.view ? `${known.view.host}${known.view.path}` : "a request";
    if (failure.status >= 500) {
      const reason = failure === error ? failure.message : String(error);
      this.log(`edge: ${method ?? "?"} ${url}: ${failure.code} ${failure.title}: ${reason}`);
    }
    for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name);
    try {
      this.send(outgoing, failurePage(failure, known.ray), known);
    } catch (cause) {
      this.log(`edge: no answer could be given for ${url}: ${String(cause)}`);
      outgoing.destroy();
    }
  }

  /** Sends an answer of the edge's own. */
  private send(outgoing: ServerResponse, answer: OwnAnswer, known: Known): void {
    begin(outgoing, answer, visitorHeaders(answer, known, this.rules));
    outgoing.end(outgoing.req.method === "HEAD" ? undefined : answer.body);
  }
}

/** What is known of a request when it is answered; little where it could not be read. */
type Known = Pick<Exchange, "ray"> & Partial<Pick<Exchange, "view" | "site">>;
