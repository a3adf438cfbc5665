import type { IncomingMessage, ServerResponse } from "node:http";
import { CachedOrigin } from "./cache/cachedOrigin";
import type { CloudfrontEdge } from "./cloudfront/cloudfrontEdge";
import { distributionFor, isCloudfrontName, leadsToCloudfront } from "./cloudfront/distributions";
import { findSite, type Site } from "./dns";
import { type AnswerHead, begin, type Exchange, visitorHeaders } from "./exchange";
import { EdgeFailure, failures } from "./failure";
import { handOver, joined, leaving, type Upgrade } from "./handOver";
import { announcesBody } from "./headers";
import { OriginClient } from "./origin/originClient";
import { originHeaders, refuseLoop } from "./origin/originRequest";
import { locateOrigin, originScheme } from "./origin/originTarget";
import { blockedAnswer, failurePage, type OwnAnswer, redirectAnswer } from "./pages";
import { AppPlatform } from "./platform/appPlatform";
import { RateLimiter } from "./rules/rateLimiter";
import { type Redirect, redirectFor, toHttps } from "./rules/redirects";
import { relay } from "./relay";
import { RuleReader } from "./rules/ruleReader";
import { Snippets } from "./snippets/snippets";
import type { EdgeOptions, EdgeStats, OriginTimeouts } from "./types";
import { newRay, readVisitor, type Visitor } from "./visitor";
import { Websockets } from "./websockets";

const cloudflareTimeouts: OriginTimeouts = { connect: 19_000, read: 125_000 };

/** CloudFront's edge, and where Cloudflare's proxy reaches it. */
interface Cloudfront {
  readonly edge: CloudfrontEdge;
  readonly ports: { readonly http: number; readonly https: number };
}

/**
 * Leads requests through Cloudflare's phases, in Cloudflare's order; what is not for Cloudflare goes
 * to App Platform's edge or to CloudFront's.
 */
export class RequestHandler {
  private readonly log: (line: string) => void;
  private readonly timeouts: OriginTimeouts;
  private readonly rules: RuleReader;
  private readonly limiter: RateLimiter;
  private readonly client: OriginClient;
  private readonly origin: CachedOrigin;
  private readonly websockets = new Websockets();
  private readonly platform: AppPlatform;
  private readonly snippets: Snippets;
  private requests = 0;

  constructor(
    private readonly options: EdgeOptions,
    private readonly cloudfront: Cloudfront,
  ) {
    const { log = () => undefined, now = Date.now, timeouts = cloudflareTimeouts } = options;
    this.log = log;
    this.timeouts = timeouts;
    this.rules = new RuleReader(log);
    this.limiter = new RateLimiter(this.rules, now);
    this.client = new OriginClient(options.authority.certificate, timeouts);
    const { rules, client, websockets } = this;
    const readTimeout = timeouts.read;
    this.origin = new CachedOrigin({ ...{ rules, client, now }, readTimeout });
    this.platform = new AppPlatform({
      ...{ rules, client, websockets, readTimeout },
      app: options.platformApp ?? (() => undefined),
    });
    this.snippets = new Snippets({
      ...{ rules, client, log, origin: this.origin, platform: this.platform },
      ...{ route: options.route, platformApp: options.platformApp },
      named: (name, port) => this.named(name, port),
    });
  }

  /** Where a name outside all zones leads: to CloudFront, or to another cloud's host. */
  private named(name: string, port: number): ReturnType<NonNullable<EdgeOptions["named"]>> {
    const { ports } = this.cloudfront;
    if (isCloudfrontName(name) && distributionFor(this.distributions, name)) {
      return { host: "127.0.0.1", port: port === 443 ? ports.https : ports.http };
    }
    return this.options.named?.(name, port);
  }

  private get distributions() {
    return this.options.distributions?.() ?? [];
  }

  stats(): EdgeStats {
    const { edge } = this.cloudfront;
    const caches = [this.origin, edge.cache];
    const sum = (of: (cache: (typeof caches)[number]) => number): number =>
      caches.reduce((total, cache) => total + of(cache), 0);
    return {
      requests: this.requests,
      websockets: this.websockets.size + edge.openWebsockets,
      cache: {
        entries: sum(({ store }) => store.size),
        bytes: sum(({ store }) => store.bytes),
        hits: sum(({ hits }) => hits),
      },
      blocked: this.limiter.blocked + edge.blocked,
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
      const { host } = visitor.view;
      site = findSite(zones, host);
      if (!site && this.platform.has(host)) {
        await this.leadToApp({ incoming, outgoing, ray, ...(upgrade && { upgrade }) }, visitor);
        return;
      }
      if (!site && leadsToCloudfront(zones, this.distributions, host)) {
        await this.cloudfront.edge.handle(incoming, outgoing, {
          ...{ secure, ...(upgrade && { upgrade }) },
        });
        return;
      }
      if (!site) throw failures.unknownHost(host);
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
    if (redirect) this.redirect(outgoing, redirect, exchange);
    else if (blocked) this.send(outgoing, blockedAnswer(blocked, ray), exchange);
    else await this.pass(exchange, upgrade);
  }

  /** App Platform is taken to send plain HTTP to HTTPS; no source that was read says so. */
  private async leadToApp(
    waiting: Parameters<AppPlatform["serve"]>[0],
    { view, target }: Visitor,
  ): Promise<void> {
    if (view.secure) await this.platform.serve(waiting, view, target);
    else this.redirect(waiting.outgoing, toHttps(view), { ray: waiting.ray });
  }

  /** To the origin, or to whatever the zone's snippets make of the request. */
  private async pass(exchange: Exchange, upgrade: Upgrade | undefined): Promise<void> {
    const { incoming, outgoing, view, site, ray, target, zones } = exchange;
    if (upgrade && site.zone.settings.websockets === "off") throw failures.websocketsOff();
    const begun = (head: AnswerHead): void => {
      begin(outgoing, head, visitorHeaders(head, exchange, this.rules));
    };
    const snippets = this.snippets.matching(exchange);
    if (snippets.length > 0) {
      await this.passSnippets(exchange, snippets, upgrade, begun);
      return;
    }
    const named = this.named.bind(this);
    const locate = () => locateOrigin({ ...this.options, zones, named }, site, view);
    const headers = originHeaders(view, ray);
    if (upgrade) {
      const question = { method: view.method, path: target, headers };
      await handOver(this.handing, { outgoing, ray, upgrade }, locate(), question, begun);
      return;
    }
    await this.origin.answer({
      ...{ visit: view, zone: site.zone, view, target, headers, locate },
      ...(announcesBody(view.headers) && { body: incoming }),
      scheme: originScheme(site.zone, view),
      answer: { begin: begun, body: outgoing },
    });
  }

  private async passSnippets(
    exchange: Exchange,
    snippets: ReturnType<Snippets["matching"]>,
    upgrade: Upgrade | undefined,
    begun: (head: AnswerHead) => void,
  ): Promise<void> {
    const waiting = { ...exchange, ...(upgrade && { upgrade }) };
    const { head, body, websocket } = await this.snippets.answer(exchange, snippets, {
      upgrades: upgrade !== undefined,
      gone: leaving(waiting),
    });
    if (websocket && upgrade) {
      joined(this.websockets, waiting, upgrade, websocket);
      return;
    }
    const { outgoing } = exchange;
    begun(head);
    const { readTimeout } = this.handing;
    if (!body) outgoing.end();
    else await relay({ source: body, sink: outgoing, wantsBody: true, keeps: false, readTimeout });
  }

  private get handing() {
    const { client, websockets, timeouts } = this;
    return { client, websockets, readTimeout: timeouts.read };
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

  private redirect(outgoing: ServerResponse, redirect: Redirect, known: Known): void {
    const location = this.options.onThisMachine?.(redirect.location) ?? redirect.location;
    this.send(outgoing, redirectAnswer({ ...redirect, location }), known);
  }

  /** Sends an answer of the edge's own. */
  private send(outgoing: ServerResponse, answer: OwnAnswer, known: Known): void {
    begin(outgoing, answer, visitorHeaders(answer, known, this.rules));
    outgoing.end(outgoing.req.method === "HEAD" ? undefined : answer.body);
  }
}

/** What is known of a request when it is answered; little where it could not be read. */
type Known = Pick<Exchange, "ray"> & Partial<Pick<Exchange, "view" | "site">>;
