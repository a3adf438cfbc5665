import { endToEnd, type Headers, type MutableHeaders, tokens } from "../headers";
import { failures } from "../failure";
import type { RequestView } from "../requestView";

/** The edge's name in `CDN-Loop` (RFC 8586). */
const CDN = "cloudflare";
/** A request may pass the edge again, as when a tier forwards to the next; not for ever. */
const MAX_PASSES = 5;

/** Headers that only the edge writes: what a visitor puts there would be believed. */
const ownHeaders = [
  "cf-connecting-ip",
  "cf-connecting-ipv6",
  "cf-ew-via",
  "cf-ipcountry",
  "cf-pseudo-ipv4",
  "cf-ray",
  "cf-visitor",
  "cf-worker",
  "x-real-ip",
];
/** The edge answers `100 Continue` itself. */
const answeredHeaders = ["expect"];

/** Headers of a request that ask for a part, or for nothing where the visitor has it already. */
const partialHeaders = [
  ...["range", "if-range"],
  ...["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"],
];

/** @throws EdgeFailure where the request goes round in a circle. */
export function refuseLoop({ headers, host }: RequestView): void {
  if (passes(headers) >= MAX_PASSES) throw failures.looped(host);
}

function passes(headers: Headers): number {
  return tokens(headers, "cdn-loop").filter((token) => token.split(";")[0]?.trim() === CDN).length;
}

/** The headers without what only the edge writes or answers. */
export function withoutOwn(headers: Headers): MutableHeaders {
  const kept = new Map(headers);
  for (const name of [...ownHeaders, ...answeredHeaders]) kept.delete(name);
  return kept;
}

/** What the origin gets: the visitor's headers, and who the visitor is. */
export function originHeaders(view: RequestView, ray: string): MutableHeaders {
  const headers = withoutOwn(endToEnd(view.headers));
  const scheme = view.secure ? "https" : "http";
  const forwarded = headers.get("x-forwarded-for") ?? [];
  return new Map([
    ...headers,
    ["accept-encoding", [acceptedEncodings(view.headers)]],
    ["cdn-loop", [[...tokens(headers, "cdn-loop"), CDN].join(", ")]],
    ["cf-connecting-ip", [view.address]],
    ["cf-ray", [ray]],
    ["cf-visitor", [JSON.stringify({ scheme })]],
    ["x-forwarded-for", [[...forwarded, view.address].join(",")]],
    ["x-forwarded-proto", [scheme]],
  ]);
}

/**
 * What an origin gets of a snippet's request within the zone, or to a host that is none of
 * Cloudflare's: as the snippet wrote it, and the address that it put into `X-Real-IP`.
 */
export function subrequestHeaders(view: RequestView, ray: string, zone: string): MutableHeaders {
  const headers = withoutOwn(endToEnd(view.headers));
  const [visitor = view.address] = view.headers.get("x-real-ip") ?? [];
  return new Map([
    ...headers,
    ["cdn-loop", [[...tokens(headers, "cdn-loop"), CDN].join(", ")]],
    ["cf-connecting-ip", [visitor]],
    ["cf-ray", [ray]],
    ["cf-visitor", [JSON.stringify({ scheme: view.secure ? "https" : "http" })]],
    ["cf-worker", [zone]],
    ["x-real-ip", [visitor]],
  ]);
}

/** For an answer that may be kept: all of it, whatever part this visitor wants. */
export function withoutConditions(headers: Headers): MutableHeaders {
  return new Map([...headers].filter(([name]) => !partialHeaders.includes(name)));
}

/**
 * The visitor's encodings that Cloudflare asks origins for. An answer is kept once for each of the
 * three values, because this edge does not decode.
 */
export function acceptedEncodings(headers: Headers): string {
  const accepted = tokens(headers, "accept-encoding")
    .filter((token) => !/;\s*q=0(?:\.0*)?$/.test(token))
    .map((token) => token.split(";")[0]?.trim().toLowerCase());
  if (!accepted.includes("gzip")) return "identity";
  return accepted.includes("br") ? "br, gzip" : "gzip";
}
