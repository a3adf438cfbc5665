import type { Request } from "express";
import { isIP } from "node:net";
import type { IncomingMessage } from "node:http";

/**
 * Who a request comes from, for the log: the address in the header that whoever stands in front sets,
 * where there is one, else what Express's `trust proxy` makes of it. Who went round the CDN could write
 * anything into that header, so theirs is not read.
 */
export function visitorOf(
  header: string | undefined,
  cameThroughCdn: (request: IncomingMessage) => boolean,
): (request: Request) => string | undefined {
  if (header === undefined) return (request) => request.ip;
  return (request) => {
    const given = request.headers[header];
    const known = typeof given === "string" && isIP(given) !== 0 && cameThroughCdn(request);
    return known ? given : request.ip;
  };
}
