import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { HttpError } from "./errors";

/** Header by which a CDN shows that a request came through it; never passed on. */
export const ORIGIN_HEADER = "x-origin-secret";

/** Refuses requests that went round the CDN, where a secret is set. */
export function requireOrigin(secret: string | undefined): (request: IncomingMessage) => void {
  if (secret === undefined) return () => undefined;
  const expected = digest(secret);
  return (request) => {
    const given = request.headers[ORIGIN_HEADER];
    // Digests are equally long, and comparing them takes equally long.
    if (typeof given === "string" && timingSafeEqual(digest(given), expected)) return;
    throw new HttpError(403, "not_through_cdn", "Use the public address of this site.");
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
