import { Readable } from "node:stream";
import type { CachedOrigin } from "../cache/cachedOrigin";
import { findRecord, type Site } from "../dns";
import { type AnswerHead, type Exchange, headOf, type OriginExchange } from "../exchange";
import { EdgeFailure, failures } from "../failure";
import type { MutableHeaders } from "../headers";
import type { OriginAnswer, OriginClient } from "../origin/originClient";
import { originHeaders, subrequestHeaders } from "../origin/originRequest";
import { locateOrigin, originScheme, type OriginTarget } from "../origin/originTarget";
import { failurePage } from "../pages";
import { type AppPlatform, appHeaders } from "../platform/appPlatform";
import type { RequestView } from "../requestView";
import type { EdgeOptions } from "../types";
import {
  bodyOf,
  CapturedAnswer,
  headOfResponse,
  responseOf,
  targetOf,
  viewOf,
  websocketResponse,
} from "./messages";

export interface SubrequestNeeds extends Pick<EdgeOptions, "route" | "platformApp" | "named"> {
  readonly client: OriginClient;
  readonly origin: CachedOrigin;
  readonly platform: AppPlatform;
}

/** Who waits for what the snippets answer. */
export interface SnippetVisitor {
  /** Whether for a websocket. */
  readonly upgrades: boolean;
  /** Has the whole answer, or has left: what was asked for and is not used ends then. */
  readonly gone: AbortSignal;
}

/** What a visitor gets of a snippet. */
export interface SnippetAnswer {
  readonly head: AnswerHead;
  readonly body: Readable | undefined;
  /** Set where the visitor's connection is to become a websocket. */
  readonly websocket: OriginAnswer | undefined;
}

/** Who asks, as another zone at Cloudflare sees it: one address for all (fundamentals/http-headers). */
const WORKER_ADDRESS = "2a06:98c0:3600::103";

const redirects = [301, 302, 303, 307, 308];

/** Everything that the snippets of one request ask for. */
export class Subrequests {
  private made = 0;
  /** Agreed to, and not handed on yet. */
  private readonly websockets = new Map<Response, OriginAnswer>();
  /** As they came; what a snippet makes of one is another. */
  private readonly origins = new WeakSet<Response>();

  constructor(
    private readonly needs: SubrequestNeeds,
    private readonly exchange: Exchange,
    private readonly visitor: SnippetVisitor,
  ) {
    visitor.gone.addEventListener("abort", () => {
      for (const { upgraded } of this.websockets.values()) upgraded?.socket.destroy();
    });
  }

  /** On to where the request would have gone without snippets. */
  async continue(request: Request): Promise<Response> {
    const { site, zones, ray } = this.exchange;
    const view = viewOf(request, this.exchange.view);
    return await this.orPage(
      this.throughZone(request, view, {
        headers: originHeaders(view, ray),
        scheme: originScheme(site.zone, view),
        locate: () => locateOrigin({ ...this.needs, zones }, site, view),
      }),
    );
  }

  /** Elsewhere, as often as the zone's plan allows. @throws EdgeFailure where that is too often */
  async ask(request: Request, snippet: string): Promise<Response> {
    const most = this.exchange.site.zone.snippetSubrequests ?? 0;
    this.made += 1;
    if (this.made > most) throw failures.snippetSubrequests(snippet, most);
    const response = await this.orPage(this.led(request, viewOf(request, this.exchange.view)));
    const location = response.headers.get("location");
    if (request.redirect !== "follow" || !redirects.includes(response.status) || location === null)
      return response;
    const { headers } = request;
    return await this.ask(new Request(new URL(location, request.url), { headers }), snippet);
  }

  /** What the visitor gets of a snippet's response. */
  answerOf(response: Response): SnippetAnswer {
    const websocket = this.websockets.get(response);
    this.websockets.delete(response);
    return {
      head: headOfResponse(response, this.origins.has(response)),
      body: websocket ? undefined : bodyOf(response),
      websocket,
    };
  }

  /** What goes wrong on the way comes back as Cloudflare's page, as every fetch has it. */
  private async orPage(answer: Promise<Response>): Promise<Response> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof EdgeFailure)) throw error;
      const { body, ...head } = failurePage(error, this.exchange.ray);
      return responseOf(head, Readable.from([body]));
    }
  }

  private async led(request: Request, view: RequestView): Promise<Response> {
    const { zones, ray, site } = this.exchange;
    const { platform } = this.needs;
    const onward = subrequestHeaders(view, ray, site.zone.name ?? "");
    if (platform.has(view.host)) {
      const headers = appHeaders(onward, { ...view, address: WORKER_ADDRESS });
      return await this.direct(request, platform.locate(view.host), headers);
    }
    const record = findRecord(zones, view.host);
    if (!record) throw failures.unresolved(view.host, "nowhere that this machine knows");
    const asked: Site = { zone: site.zone, record };
    return await this.throughZone(request, view, {
      headers: onward,
      scheme: view.secure ? "https" : "http",
      locate: () => locateOrigin({ ...this.needs, zones }, asked, view, view.secure),
    });
  }

  private async throughZone(
    request: Request,
    view: RequestView,
    how: Pick<OriginExchange, "headers" | "scheme" | "locate">,
  ): Promise<Response> {
    if (this.upgrades(request)) return await this.direct(request, how.locate(), how.headers);
    this.visitor.gone.throwIfAborted();
    const answer = new CapturedAnswer();
    this.visitor.gone.addEventListener("abort", () => answer.body.destroy());
    const body = bodyOf(request);
    this.needs.origin
      .answer({
        ...{ visit: this.exchange.view, zone: this.exchange.site.zone, view, answer },
        ...{ ...how, target: targetOf(request), ...(body && { body }) },
      })
      .catch(answer.fail);
    return this.asItCame(await answer.head, answer.body);
  }

  /** Past the zone's cache. */
  private async direct(
    request: Request,
    target: OriginTarget,
    headers: OriginExchange["headers"],
  ): Promise<Response> {
    const body = bodyOf(request);
    const upgrades = this.upgrades(request);
    const answer = await this.needs.client.ask(target, {
      ...{ method: request.method, path: targetOf(request), signal: this.visitor.gone },
      headers: upgrades ? upgrading(headers) : headers,
      ...(upgrades ? { upgrade: true } : body && { body }),
    });
    if (answer.upgraded) {
      const response = websocketResponse();
      this.websockets.set(response, answer);
      return response;
    }
    const head: AnswerHead = { ...headOf(answer.response), cacheStatus: "DYNAMIC" };
    return this.asItCame(head, answer.response);
  }

  private asItCame(head: AnswerHead, body: Readable): Response {
    const response = responseOf(head, body);
    this.origins.add(response);
    return response;
  }

  private upgrades({ headers }: Request): boolean {
    return this.visitor.upgrades && headers.get("upgrade")?.toLowerCase() === "websocket";
  }
}

const upgrading = (headers: OriginExchange["headers"]): MutableHeaders =>
  new Map([...headers, ["connection", ["Upgrade"]], ["upgrade", ["websocket"]]]);
