import type { IncomingMessage } from "node:http";
import { begin, visitorHeaders } from "../exchange";
import { failures } from "../failure";
import { handOver, type Waiting } from "../handOver";
import { announcesBody, endToEnd, type Headers, type MutableHeaders } from "../headers";
import type { OriginClient } from "../origin/originClient";
import { withoutOwn } from "../origin/originRequest";
import type { OriginTarget } from "../origin/originTarget";
import type { RequestView } from "../requestView";
import type { RuleReader } from "../rules/ruleReader";
import type { EdgeOptions } from "../types";
import type { Websockets } from "../websockets";

interface Needs {
  readonly app: NonNullable<EdgeOptions["platformApp"]>;
  readonly client: OriginClient;
  readonly websockets: Websockets;
  readonly rules: RuleReader;
  /** Milliseconds. */
  readonly readTimeout: number;
}

/**
 * App Platform's public edge, where every app answers under its default ingress, whoever asks. It is
 * a zone of DigitalOcean's at Cloudflare: no rule of ours holds there. What that zone keeps by an
 * answer's Cache-Control is not kept here: every request arrives at the app.
 */
export class AppPlatform {
  constructor(private readonly needs: Needs) {}

  /** Whether a host name leads to an app. */
  has(host: string): boolean {
    return this.needs.app(host) !== undefined;
  }

  /** Where an app is on this machine. @throws EdgeFailure where none of its instances answers */
  locate(host: string): OriginTarget {
    const local = this.needs.app(host);
    if (local === undefined || typeof local === "string") throw failures.noInstance(host);
    return { ...{ place: host, local, host, names: [host] }, secure: false, strict: false };
  }

  /** Answers a visitor who asks for the app itself. */
  async serve(
    visitor: Waiting & { readonly incoming: IncomingMessage },
    view: RequestView,
    target: string,
  ): Promise<void> {
    const { incoming, outgoing, ray } = visitor;
    const body = announcesBody(view.headers) && !visitor.upgrade ? incoming : undefined;
    await handOver(
      this.needs,
      visitor,
      this.locate(view.host),
      {
        ...{ method: view.method, path: target, headers: appHeaders(view.headers, view) },
        ...(body && { body }),
      },
      (head) => {
        begin(outgoing, head, visitorHeaders(head, { ray }, this.needs.rules));
      },
    );
  }
}

/**
 * What an app gets: the address of whoever asked the platform in `do-connecting-ip`. The platform
 * begins `X-Forwarded-For` anew (its ingress stands there, says firewall-node issue 696 of
 * 2025-08-12; verified: false), so what came in it does not arrive.
 */
export function appHeaders(
  headers: Headers,
  { address, host, secure }: Pick<RequestView, "address" | "host" | "secure">,
): MutableHeaders {
  const onward = withoutOwn(endToEnd(headers));
  onward.delete("x-forwarded-for");
  if (!onward.has("x-forwarded-host")) onward.set("x-forwarded-host", [host]);
  onward.set("x-forwarded-proto", [secure ? "https" : "http"]);
  onward.set("do-connecting-ip", [address]);
  return onward.set("host", [host]);
}
