import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { HttpError } from "./errors";

/** Header by which a CDN shows that a request came through it; never passed on. */
export const ORIGIN_HEADER = "x-origin-secret";

/** Whether a request has the CDN's secret; all have where there is none. */
export function cameThroughCdn(secret: string | undefined): (request: IncomingMessage) => boolean {
  if (secret === undefined) return () => true;
  const expected = digest(secret);
  return (request) => {
    const given = request.headers[ORIGIN_HEADER];
    // Digests are equally long, and comparing them takes equally long.
    return typeof given === "string" && timingSafeEqual(digest(given), expected);
  };
}

/** Refuses requests that went round the CDN. */
export function requireOrigin(
  came: (request: IncomingMessage) => boolean,
): (request: IncomingMessage) => void {
  return (request) => {
    if (came(request)) return;
    throw new HttpError(403, "not_through_cdn", "Use the public address of this site.");
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
