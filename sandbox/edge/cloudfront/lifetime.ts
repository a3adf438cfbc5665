import { distributionChoices } from "../../../prices/aws";
import { parseDirectives, secondsOf } from "../cache/cacheControl";
import type { Headers } from "../headers";
import type { Behavior, Distribution } from "./types";

/** Kept whatever they say of themselves (CloudFront's guide, "HTTP 4xx and 5xx status codes"). */
const keptErrors = [404, 414, 500, 501, 502, 503, 504];
/** Kept only where the origin gives them a lifetime. */
const statedErrors = [400, 403, 405, 412, 415];

/**
 * Seconds for which CloudFront keeps an answer; 0: not at all. A lifetime of the origin's is held
 * between the policy's bounds, and a minimum holds against `no-store` too.
 */
export function lifetime(
  { status, headers }: { readonly status: number; readonly headers: Headers },
  { behavior, distribution }: { readonly behavior: Behavior; readonly distribution: Distribution },
  now: number,
): number {
  const { minTtl, defaultTtl, maxTtl } = behavior.cache;
  const stated = statedSeconds(headers, now);
  if (status >= 400) {
    const atLeast =
      distribution.errorTtls[status] ?? distributionChoices.errorCachingDefaultSeconds;
    if (keptErrors.includes(status)) return Math.max(atLeast, Math.min(stated ?? 0, maxTtl));
    return statedErrors.includes(status) && stated !== undefined && stated > 0
      ? Math.max(atLeast, Math.min(stated, maxTtl))
      : 0;
  }
  if (status === 206 || status === 304 || status < 200) return 0;
  if (maxTtl === 0) return 0;
  if (stated === undefined) return Math.max(minTtl, Math.min(defaultTtl, maxTtl));
  return Math.max(minTtl, Math.min(stated, maxTtl));
}

/** What the origin says; 0 where it forbids to keep the answer. */
function statedSeconds(headers: Headers, now: number): number | undefined {
  const directives = parseDirectives(headers.get("cache-control") ?? []);
  if (["no-store", "no-cache", "private"].some((name) => directives.has(name))) return 0;
  const seconds = secondsOf(directives, "s-maxage") ?? secondsOf(directives, "max-age");
  if (seconds !== undefined) return seconds;
  const expires = headers.get("expires")?.[0];
  if (expires === undefined) return undefined;
  const until = Date.parse(expires);
  return Number.isNaN(until) ? 0 : Math.max(0, Math.floor((until - now) / 1_000));
}
