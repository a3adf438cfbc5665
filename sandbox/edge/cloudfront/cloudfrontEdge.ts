import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { cloudfrontLimits } from "../../../prices/aws";
import { type AnswerHead, begin } from "../exchange";
import { EdgeFailure } from "../failure";
import { handOver, leaving, type Upgrade } from "../handOver";
import { announcesBody, type Headers, type MutableHeaders } from "../headers";
import { OriginClient } from "../origin/originClient";
import type { OwnAnswer } from "../pages";
import { fullUriOf, type RequestView } from "../requestView";
import type { EdgeOptions } from "../types";
import { readVisitor, type Visitor } from "../visitor";
import { Websockets } from "../websockets";
import { behaviorFor } from "./behavior";
import { CachedBehavior, type CacheResult } from "./cachedBehavior";
import { distributionFor } from "./distributions";
import { cdnClientRules, cdnFailures, cdnPage, movedPage, wafPage } from "./failures";
import { locateCdnOrigin } from "./locateCdnOrigin";
import { originPath, originRequestHeaders, type Viewing, viaOf } from "./originRequest";
import { withResponsePolicy } from "./responsePolicy";
import { WafEngine } from "./webAcl";

/** The edge's place, as CloudFront names its own. */
const POP = "SBX50-P1";
/** Characters of a path and query; CloudFront's limit. */
const MAX_URL = 8_192;

/** How a request came in. */
interface Arrival {
  readonly secure: boolean;
  readonly upgrade?: Upgrade;
  /** The viewer's address. @default as the connection has it */
  readonly address?: string;
}

/** What is known of a request when it is answered. */
interface Known {
  readonly requestId: string;
  readonly viewing?: Viewing;
}

/** CloudFront's edge: leads requests through a distribution's web ACL, behaviors, cache and origin. */
export class CloudfrontEdge {
  readonly cache: CachedBehavior;
  private readonly waf: WafEngine;
  private readonly client: OriginClient;
  private readonly websockets = new Websockets({
    own: (requestId) => [
      "Via: 1.1 sandbox.cloudfront.net (CloudFront)",
      `X-Amz-Cf-Pop: ${POP}`,
      `X-Amz-Cf-Id: ${requestId}`,
    ],
    idleTimeout: cloudfrontLimits.websocketIdleSeconds * 1_000,
  });

  constructor(private readonly options: EdgeOptions) {
    const { now = Date.now, authority } = options;
    const { default: read } = cloudfrontLimits.originReadTimeoutSeconds;
    const { default: connect } = cloudfrontLimits.connectionTimeoutSeconds;
    const timeouts = { connect: connect * 1_000, read: read * 1_000 };
    this.client = new OriginClient(authority.certificate, timeouts, cdnClientRules);
    this.cache = new CachedBehavior({ client: this.client, now });
    this.waf = new WafEngine(now);
  }

  /** Values that rate rules hold back now. */
  get blocked(): number {
    return this.waf.blocked;
  }

  get openWebsockets(): number {
    return this.websockets.size;
  }

  close(): void {
    this.client.close();
    this.websockets.close();
  }

  /** Never rejects. */
  async handle(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    { secure, upgrade, address }: Arrival,
  ): Promise<void> {
    outgoing.on("error", () => undefined);
    const known: { requestId: string; viewing?: Viewing } = { requestId: newRequestId() };
    try {
      const visitor = readVisitor(incoming, secure);
      const view = { ...visitor.view, ...(address !== undefined && { address }) };
      if (visitor.target.length > MAX_URL) throw cdnFailures.uriTooLong();
      const viewing = this.viewing(view, known.requestId, incoming.socket.remotePort);
      known.viewing = viewing;
      const own = this.ownAnswer(viewing);
      if (own) this.send(outgoing, own, known);
      else await this.pass({ incoming, outgoing, ...(upgrade && { upgrade }) }, visitor, viewing);
    } catch (error) {
      this.fail(error, outgoing, known);
    }
  }

  /** @throws EdgeFailure where no distribution takes the request */
  private viewing(view: RequestView, requestId: string, viewerPort: number | undefined): Viewing {
    const distribution = distributionFor(this.options.distributions?.() ?? [], view.host);
    if (!distribution?.enabled) throw cdnFailures.unconfigured(view.host);
    const behavior = behaviorFor(distribution, view.path);
    const origin = distribution.origins.find(({ id }) => id === behavior.originId);
    if (!origin) throw new Error(`the distribution has no origin ${behavior.originId}`);
    return {
      ...{ distribution, behavior, origin, view, requestId },
      ...(viewerPort !== undefined && { viewerPort }),
    };
  }

  /** What is answered before any origin is asked. @throws EdgeFailure */
  private ownAnswer({ distribution, behavior, view }: Viewing): OwnAnswer | undefined {
    const refused = distribution.webAcl && this.waf.judge(distribution.webAcl, view);
    if (refused?.answer) return wafPage(refused.answer);
    if (refused) throw cdnFailures.blocked(refused.rule);
    if (!view.secure && behavior.viewerProtocolPolicy === "https-only") {
      throw cdnFailures.httpsOnly();
    }
    if (!view.secure && behavior.viewerProtocolPolicy === "redirect-to-https") {
      const location = fullUriOf({ ...view, secure: true });
      const local = this.options.onThisMachine?.(location) ?? location;
      // A form that was sent is sent again.
      return movedPage(["GET", "HEAD"].includes(view.method) ? 301 : 307, local);
    }
    if (!behavior.allowedMethods.includes(view.method)) throw cdnFailures.method(view.method);
    return undefined;
  }

  private async pass(
    waiting: {
      readonly incoming: IncomingMessage;
      readonly outgoing: ServerResponse;
      readonly upgrade?: Upgrade;
    },
    visitor: Visitor,
    viewing: Viewing,
  ): Promise<void> {
    const { incoming, outgoing, upgrade } = waiting;
    const { behavior, view, requestId } = viewing;
    const headers = originRequestHeaders(viewing);
    const path = originPath(viewing, originPathname(visitor, viewing));
    const readTimeout = viewing.origin.readTimeout * 1_000;
    const hasBody = announcesBody(view.headers);
    const begun = (head: AnswerHead, result: CacheResult): void => {
      begin(outgoing, head, this.viewerHeaders(head, { requestId, viewing }, result));
    };
    const isCached = behavior.cachedMethods.includes(view.method) && !hasBody && !upgrade;
    // A part is not kept, and not cut out of what is kept.
    if (!isCached || view.headers.has("range")) {
      const needs = { client: this.client, websockets: this.websockets, readTimeout };
      const body = hasBody && !upgrade ? { body: incoming } : {};
      const question = { method: view.method, path, headers, ...body };
      await handOver(
        needs,
        { ...waiting, ray: requestId },
        locateCdnOrigin(viewing),
        question,
        (head) => {
          begun(head, head.status >= 400 ? "Error" : "Miss");
        },
      );
      return;
    }
    await this.cache.answer({
      ...{ viewing, path, headers, readTimeout },
      locate: () => locateCdnOrigin(viewing),
      answer: { begin: begun, body: outgoing },
      gone: leaving({ outgoing, ray: requestId }),
      failed: (failure) => this.failed(failure, { requestId, viewing }),
    });
  }

  /** An answer's headers as the viewer gets them. */
  private viewerHeaders(
    head: AnswerHead,
    { requestId, viewing }: Known,
    result: CacheResult | "Redirect",
  ): MutableHeaders {
    const ruled = viewing
      ? withResponsePolicy(head.headers, viewing.behavior.responseHeaders, viewing.view.headers)
      : new Map(head.headers);
    return sign(ruled, { requestId, viewing }, result);
  }

  private failed(failure: EdgeFailure, known: Known): OwnAnswer {
    const { view } = known.viewing ?? {};
    const url = view ? `${view.host}${view.path}` : "a request";
    if (failure.status >= 500) {
      this.options.log?.(
        `cloudfront: ${url}: ${failure.status}: ${failure.message} ${failure.advice}`,
      );
    }
    return cdnPage(failure, known.requestId);
  }

  private fail(error: unknown, outgoing: ServerResponse, known: Known): void {
    // The visitor has left, or has seen half of an answer.
    if (outgoing.destroyed) return;
    if (outgoing.headersSent) {
      outgoing.destroy();
      return;
    }
    const failure = error instanceof EdgeFailure ? error : cdnFailures.internal();
    if (failure !== error) this.options.log?.(`cloudfront: ${String(error)}`);
    for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name);
    this.send(outgoing, this.failed(failure, known), known);
  }

  /** Sends an answer of the edge's own. */
  private send(outgoing: ServerResponse, answer: OwnAnswer, known: Known): void {
    const isRedirect = answer.headers.has("location");
    begin(outgoing, answer, sign(answer.headers, known, isRedirect ? "Redirect" : "Error"));
    outgoing.end(outgoing.req.method === "HEAD" ? undefined : answer.body);
  }
}

/** The headers with what CloudFront says of itself. */
function sign(
  headers: Headers,
  { requestId, viewing }: Known,
  result: CacheResult | "Redirect",
): MutableHeaders {
  const via = viewing ? viaOf(viewing.distribution) : "1.1 sandbox.cloudfront.net (CloudFront)";
  return new Map([
    ...headers,
    ["x-cache", [`${result} from cloudfront`]],
    ["via", [[...(headers.get("via") ?? []), via].join(", ")]],
    ["x-amz-cf-pop", [POP]],
    ["x-amz-cf-id", [requestId]],
  ]);
}

/** The path as it was sent; the root may stand for an object. */
function originPathname({ target }: Visitor, { distribution }: Viewing): string {
  const [path = "/"] = target.split("?");
  const { defaultRootObject } = distribution;
  return path === "/" && defaultRootObject !== undefined ? `/${defaultRootObject}` : path;
}

const newRequestId = (): string => `${randomBytes(40).toString("base64url")}==`;
