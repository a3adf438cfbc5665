import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { Site } from "./dns";
import { endToEnd, type Headers, headersOf } from "./headers";
import type { OriginTarget } from "./origin/originTarget";
import type { Sink } from "./relay";
import type { RequestView } from "./requestView";
import { applyHeaderRules } from "./rules/responseRules";
import type { RuleReader } from "./rules/ruleReader";
import type { ZoneView } from "./types";

/** What Cloudflare says in `cf-cache-status`. */
export type CacheStatus = "HIT" | "MISS" | "EXPIRED" | "BYPASS" | "DYNAMIC";

/** One request for a site, and the answer to it. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly ray: string;
  readonly view: RequestView;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly zones: readonly ZoneView[];
  readonly site: Site;
}

/** What an origin is asked through the zone's cache, by the visitor or by a snippet. */
export interface OriginExchange {
  /** The visitor's request: the zone's rules go by it, whatever a snippet asks for. */
  readonly visit: RequestView;
  readonly zone: ZoneView;
  /** The request that the origin gets, before the edge adds its own headers. */
  readonly view: RequestView;
  /** Path and query, for the origin. */
  readonly target: string;
  /** For the origin. */
  readonly headers: Headers;
  readonly body?: Readable;
  /** To the origin. */
  readonly scheme: "http" | "https";
  /** @throws EdgeFailure where the origin cannot be reached */
  readonly locate: () => OriginTarget;
  readonly answer: AnswerSink;
}

/** Where an answer goes. */
export interface AnswerSink {
  /** Prepares the head; it leaves with the first part of the body, or with its end. */
  readonly begin: (head: AnswerHead) => void;
  readonly body: Sink;
}

export interface AnswerHead {
  readonly status: number;
  readonly message?: string;
  readonly headers: Headers;
  readonly cacheStatus?: CacheStatus;
}

/** Headers to nginx, which a proxy does not show. */
const removed = [
  ...["x-accel-buffering", "x-accel-charset", "x-accel-limit-rate", "x-accel-redirect"],
];

/** An answer's headers as the visitor gets them: by the zone's rules, which hold for pages too. */
export function visitorHeaders(
  head: AnswerHead,
  { ray, view, site }: Pick<Exchange, "ray"> & Partial<Pick<Exchange, "view" | "site">>,
  rules: RuleReader,
): Headers {
  const given = head.headers;
  const response = { status: head.status, headers: given };
  const headers =
    view && site ? applyHeaderRules(site.zone, { ...view, response }, rules) : new Map(given);
  for (const name of removed) headers.delete(name);
  headers.set("server", ["cloudflare"]);
  headers.set("cf-ray", [ray]);
  if (head.cacheStatus) headers.set("cf-cache-status", [head.cacheStatus]);
  return headers;
}

/** Prepares the head of an answer; it leaves with the first part of the body, or with its end. */
export function begin(outgoing: ServerResponse, head: AnswerHead, headers: Headers): void {
  // The message of the status line is the origin's own.
  if (head.message !== undefined) outgoing.statusMessage = head.message;
  outgoing.statusCode = head.status;
  for (const [name, values] of headers) {
    outgoing.setHeader(name, values.length === 1 ? (values[0] ?? "") : [...values]);
  }
}

/** The head of an origin's answer, without what belonged to its connection. */
export function headOf(response: IncomingMessage): AnswerHead {
  return {
    status: response.statusCode ?? 502,
    ...(response.statusMessage && { message: response.statusMessage }),
    headers: endToEnd(headersOf(response)),
  };
}
