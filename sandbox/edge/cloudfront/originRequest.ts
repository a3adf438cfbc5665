import { cacheEncodings, pickedCookies, pickedQuery, picks } from "./behavior";
import type { Behavior, CdnOrigin, Distribution, Picked } from "./types";
import { endToEnd, type MutableHeaders, tokens } from "../headers";
import type { RequestView } from "../requestView";

/** What an origin is told of a viewer, and of the request's way. */
export interface Viewing {
  readonly distribution: Distribution;
  readonly behavior: Behavior;
  readonly origin: CdnOrigin;
  readonly view: RequestView;
  readonly requestId: string;
  /** Port of the viewer's connection. */
  readonly viewerPort?: number;
}

/**
 * Headers that pass, whatever the policies pick (CloudFront's guide, "HTTP request headers and
 * CloudFront behavior").
 */
const always = new Set([
  ...["cache-control", "content-length", "content-type", "date", "from", "if-match"],
  ...["if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "max-forwards"],
  ...["origin", "pragma", "range", "request-range", "transfer-encoding", "via", "warning"],
  "x-forwarded-for",
]);

/** Headers that never pass: CloudFront answers, replaces or drops them. */
const never = new Set([
  ...["expect", "proxy-authorization", "x-amz-cf-id", "x-real-ip", "x-forwarded-proto"],
  "x-http-method-override",
]);

/** Websockets need them, and CloudFront passes them where it upgrades. */
const websocketHeaders = /^sec-websocket-/;

export const viaOf = ({ domainName }: Distribution): string =>
  `1.1 ${domainName.split(".")[0] ?? ""}.cloudfront.net (CloudFront)`;

/** Headers for the origin: what always passes, what the policies pick, and CloudFront's own. */
export function originRequestHeaders(viewing: Viewing): MutableHeaders {
  const { distribution, behavior, origin, view, requestId } = viewing;
  const { cache, originRequest } = behavior;
  const given = endToEnd(view.headers);
  const headers: MutableHeaders = new Map(
    [...given].filter(([name]) => passes(name, behavior, view.method)),
  );
  const encodings = cacheEncodings(behavior, given);
  if (encodings === "") headers.delete("accept-encoding");
  else if (encodings !== undefined) headers.set("accept-encoding", [encodings]);
  const cookies = pickedCookies(given, ...both(cache.cookies, originRequest?.cookies));
  if (cookies === "") headers.delete("cookie");
  else headers.set("cookie", [cookies]);
  headers.set("host", [hostFor(viewing)]);
  if (!headers.has("user-agent")) headers.set("user-agent", ["Amazon CloudFront"]);
  headers.set("x-forwarded-for", [[...tokens(given, "x-forwarded-for"), view.address].join(", ")]);
  headers.set("via", [[...(given.get("via") ?? []), viaOf(distribution)].join(", ")]);
  headers.set("x-amz-cf-id", [requestId]);
  for (const [name, value] of Object.entries(viewerHeaders(viewing))) {
    if (asksFor(behavior, name)) headers.set(name, [value]);
  }
  for (const [name, value] of Object.entries(origin.customHeaders)) {
    headers.set(name.toLowerCase(), [value]);
  }
  return headers;
}

/** Path and query for the origin. */
export function originPath({ behavior, origin, view }: Viewing, path: string): string {
  const { cache, originRequest } = behavior;
  const query = pickedQuery(view.query, ...both(cache.queryStrings, originRequest?.queryStrings));
  return `${origin.path}${path}${query === "" ? "" : `?${query}`}`;
}

/** The host that the origin is asked for, which is the name in the TLS handshake too. */
export function hostFor({ behavior, origin, view }: Viewing): string {
  const forwards = policyPicks(behavior, "host");
  return forwards ? view.host : origin.domainName;
}

const both = (one: Picked, other: Picked | undefined): readonly Picked[] =>
  other ? [one, other] : [one];

function passes(name: string, behavior: Behavior, method: string): boolean {
  if (never.has(name) || name.startsWith("x-edge-") || name.startsWith("cloudfront-")) return false;
  if (always.has(name) || websocketHeaders.test(name)) return true;
  // An answer that is kept would be for all; what has another method is not kept.
  if (name === "authorization" && !["GET", "HEAD", "OPTIONS"].includes(method)) return true;
  return policyPicks(behavior, name);
}

/** Whether one of the policies picks a header of the viewer's. */
function policyPicks({ cache, originRequest }: Behavior, name: string): boolean {
  if (picks(cache.headers, name)) return true;
  if (!originRequest) return false;
  const { behavior, items } = originRequest.headers;
  switch (behavior) {
    case "none":
      return false;
    case "whitelist":
      return picks({ behavior: "whitelist", items }, name);
    case "allExcept":
      return picks({ behavior: "allExcept", items }, name);
    case "allViewer":
    case "allViewerAndWhitelistCloudFront":
      return true;
  }
}

/** Whether a policy lists a header that CloudFront itself writes. */
function asksFor({ cache, originRequest }: Behavior, name: string): boolean {
  const listed = (policy: { readonly behavior: string; readonly items: readonly string[] }) =>
    ["whitelist", "allViewerAndWhitelistCloudFront"].includes(policy.behavior) &&
    policy.items.some((item) => item.toLowerCase() === name);
  return listed(cache.headers) || (originRequest !== undefined && listed(originRequest.headers));
}

/** Where the viewer is and what it runs on is not known here; those headers do not come. */
function viewerHeaders({ view, viewerPort = 0 }: Viewing): Readonly<Record<string, string>> {
  return {
    "cloudfront-forwarded-proto": view.secure ? "https" : "http",
    "cloudfront-viewer-address": `${view.address}:${viewerPort}`,
    "cloudfront-viewer-http-version": "1.1",
  };
}
