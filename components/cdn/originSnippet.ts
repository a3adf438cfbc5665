import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EdgeOrigin } from "./edgeSpec";
import { hostNamePattern } from "./hostName";

/*
 * What the snippet relies on. Cloudflare's documentation (developers.cloudflare.com, copies read
 * 2026-11-28), verified unless it says otherwise:
 *
 * - rules/snippets: not on Free; Pro has 25 with 2 requests of their own each; 5 ms, 2 MB, 32 KB.
 * - rules/snippets/create-api: a name has a-z, 0-9 and _ alone and cannot change; the main module is
 *   one of the files; the list of a zone's snippet rules is written as a whole.
 * - ruleset-engine/reference/phases-list (2026-09-25): redirects, rate limits, managed rules and
 *   cache rules come before snippets, response header rules after them, all for the visitor's host.
 * - rules/snippets/errors: 1201 to 1206; an exception that nobody catches is 1206.
 * - workers/examples/websockets: a fetch with `Upgrade: websocket` opens one, and the answer hands it
 *   on. That holds for Workers; snippets run in the same runtime. Not tried (verified: false).
 * - workers/reference/how-the-cache-works: a fetch within the zone, or of a host that is no zone of
 *   Cloudflare's, goes through the zone's cache under the fetched address; of another zone, through
 *   that zone's. App Platform's ingress is such a zone (docs.digitalocean.com, configure-external-cdn,
 *   2026-02-12), so that DigitalOcean's CDN keeps medium's assets, by the app's own Cache-Control.
 * - fundamentals/reference/http-headers: within the zone `CF-Connecting-IP` is what `X-Real-IP` says;
 *   in another zone it is 2a06:98c0:3600::103 for all. App Platform takes its `do-connecting-ip` from
 *   there and puts its ingress into `X-Forwarded-For` (firewall-node issue 696, 2025-08-12, verified:
 *   false): behind the edge only a header of our own says who the visitor is.
 */

/** The headers that an origin may read; it believes them where the secret is right. */
export const originHeaders = {
  /** Shows that a request came through the edge. */
  secret: "X-Origin-Secret",
  /** The visitor's address, whatever the proxies on the way make of the usual headers. */
  visitor: "X-Drops-Visitor-IP",
} as const;

/** Name at Cloudflare; a change makes a new snippet. */
export const snippetName = "drops_origin";
export const snippetFile = "origin.js";

/**
 * The snippet's code for one origin. It holds the secret.
 *
 * @throws where the host is none: the snippet would ask the public host again.
 */
export function renderOriginSnippet({ host, secret }: EdgeOrigin): string {
  if (!hostNamePattern.test(host)) {
    throw new Error(
      `the live stack's edgeOrigin.host must be a host name in lower case, got "${host}"`,
    );
  }
  // Anything else is no header's value; what it is no message may tell.
  if (!/^[\x21-\x7e]*$/.test(secret)) {
    throw new Error("the live stack's edgeOrigin.secret must be printable ASCII without spaces");
  }
  const values: Readonly<Record<string, string>> = { host, secret };
  // As JSON, a value cannot end its own string.
  return readFileSync(join(__dirname, "snippets", "origin.mjs"), "utf8").replaceAll(
    /"put-in:(\w+)"/g,
    (_, name: string) => JSON.stringify(values[name]),
  );
}
