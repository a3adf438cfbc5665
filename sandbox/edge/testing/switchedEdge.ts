import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { domain, EdgeFixture, ingress, proZoneOf, smallAddress } from "./edgeFixture";
import { echoWebsockets, type Upgraded } from "./websocketClient";

/** A request as an origin saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Tier = "small" | "medium";

export const small = { host: "origin-small.example.com", secret: "" };
export const medium = { host: ingress, secret: "s3cret" };

/** An edge on plan Pro with two tiers behind it: a server of the zone, and an app of App Platform. */
export class SwitchedEdge {
  private constructor(
    readonly edge: EdgeFixture,
    readonly seen: Readonly<Record<Tier, Seen[]>>,
    readonly upgraded: Readonly<Record<Tier, readonly Upgraded[]>>,
  ) {}

  /** With medium live. */
  static async open(): Promise<SwitchedEdge> {
    const seen: Record<Tier, Seen[]> = { small: [], medium: [] };
    const edge = await EdgeFixture.open();
    const vps = await edge.origin(smallAddress, (...args) => void tell("small", seen, ...args), {
      names: [domain, small.host],
    });
    const app = await edge.app(ingress, (...args) => void tell("medium", seen, ...args));
    edge.zones = [proZoneOf(medium)];
    return new SwitchedEdge(edge, seen, {
      small: echoWebsockets(vps),
      medium: echoWebsockets(app),
    });
  }
}

async function tell(
  tier: Tier,
  seen: Record<Tier, Seen[]>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = "", url = "", headers } = request;
  seen[tier].push({ method, url, headers, body: Buffer.concat(chunks).toString() });
  // The app of the medium tier asks for the secret.
  const isTrusted = tier === "small" || headers["x-origin-secret"] === medium.secret;
  response.statusCode = isTrusted ? 200 : 403;
  response.setHeader("x-app", tier);
  if (url === "/moved") {
    response.writeHead(302, { location: `https://${ingress}/elsewhere` }).end();
    return;
  }
  if (url.startsWith("/assets/")) response.setHeader("content-type", "text/css");
  response.end(isTrusted ? `${tier}: ${method} ${url}` : "not through the edge");
}
