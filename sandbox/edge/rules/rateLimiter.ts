import { z } from "zod";
import type { RequestView } from "../requestView";
import type { RuleReader } from "./ruleReader";
import type { ZoneView } from "../types";

/** Counters that are kept at most, so that many visitors do not fill the memory. */
const MAX_COUNTERS = 50_000;

const rateLimitRule = z.object({
  action: z.string(),
  actionParameters: z
    .object({
      response: z
        .object({ statusCode: z.number(), contentType: z.string(), content: z.string() })
        .optional(),
    })
    .optional(),
  ratelimit: z.object({
    characteristics: z.array(z.string()).min(1),
    period: z.number().positive(),
    requestsPerPeriod: z.number().int().nonnegative(),
    mitigationTimeout: z.number().nonnegative().optional(),
  }),
});
type RateLimitRule = z.infer<typeof rateLimitRule>;

/** What a visitor who asks too often gets. */
export interface Blocked {
  readonly action: string;
  readonly retryAfterSeconds: number;
  /** An answer of the rule's own. */
  readonly response?: {
    readonly statusCode: number;
    readonly contentType: string;
    readonly content: string;
  };
}

interface Counter {
  requests: number;
  /** Milliseconds since 1970; then counting begins anew. */
  periodEnds: number;
  /** Milliseconds since 1970; 0 where nothing is blocked. */
  blockedUntil: number;
}

/**
 * Counts requests for the rules of `http_ratelimit`, one counter for each rule and each value of
 * its characteristics. A period begins with the first request that counts; Cloudflare does not say
 * how its own begin. All matching requests count, from the cache or not.
 */
export class RateLimiter {
  private readonly counters = new Map<string, Counter>();

  constructor(
    private readonly rules: RuleReader,
    private readonly now: () => number,
    private readonly maxCounters = MAX_COUNTERS,
  ) {}

  /** Counters that block now. */
  get blocked(): number {
    const now = this.now();
    return [...this.counters.values()].filter(({ blockedUntil }) => blockedUntil > now).length;
  }

  /** Counts a request; says so where it is one too many. The first rule that blocks decides. */
  count(zone: ZoneView, view: RequestView): Blocked | undefined {
    const matching = this.rules.matching(zone, "http_ratelimit", rateLimitRule, view);
    for (const { ref, details } of matching) {
      const values = details.ratelimit.characteristics.map((name) => this.valueOf(name, view));
      const key = JSON.stringify([zone.id, ref, ...values]);
      const retryAfterSeconds = this.tally(key, details.ratelimit);
      // "log" and the like let the request pass.
      if (retryAfterSeconds === undefined || !/^block$|challenge$/.test(details.action)) continue;
      const response = details.actionParameters?.response;
      return { action: details.action, retryAfterSeconds, ...(response && { response }) };
    }
    return undefined;
  }

  private valueOf(characteristic: string, { address, ...rest }: RequestView): string | undefined {
    if (characteristic === "ip.src" || characteristic === "cf.unique_visitor_id") return address;
    // The edge is one data centre.
    if (characteristic === "cf.colo.id") return "";
    return this.rules.text(firstElement(characteristic), { address, ...rest });
  }

  /** Seconds for which the counter blocks; undefined where it does not. */
  private tally(key: string, limit: RateLimitRule["ratelimit"]): number | undefined {
    const now = this.now();
    const counter = this.counterFor(key, now, limit.period * 1000);
    if (counter.blockedUntil > now) return secondsUntil(counter.blockedUntil, now);
    counter.requests++;
    if (counter.requests <= limit.requestsPerPeriod) return undefined;
    const timeout = limit.mitigationTimeout ?? 0;
    // Without a timeout only what is too much in a period is blocked.
    if (timeout === 0) return secondsUntil(counter.periodEnds, now);
    counter.blockedUntil = now + timeout * 1000;
    return timeout;
  }

  private counterFor(key: string, now: number, periodMs: number): Counter {
    const known = this.counters.get(key);
    if (known && !isOver(known, now)) return known;
    const counter: Counter = { requests: 0, periodEnds: now + periodMs, blockedUntil: 0 };
    this.counters.delete(key);
    // A map keeps the order of insertion: the counter that began first goes.
    const [oldest] = this.counters.keys();
    if (oldest !== undefined && this.counters.size >= this.maxCounters)
      this.counters.delete(oldest);
    this.counters.set(key, counter);
    return counter;
  }
}

/** A block that has ended ends its period too. */
function isOver({ periodEnds, blockedUntil }: Counter, now: number): boolean {
  return blockedUntil > 0 ? blockedUntil <= now : periodEnds <= now;
}

function secondsUntil(time: number, now: number): number {
  return Math.max(1, Math.ceil((time - now) / 1000));
}

/** A characteristic names a header as a whole; the expression has to name one of its lines. */
function firstElement(characteristic: string): string {
  return characteristic.endsWith('"]') ? `${characteristic}[0]` : characteristic;
}
