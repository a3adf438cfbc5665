import type { types } from "@pulumi/cloudflare";
import type { CloudflarePlan } from "../../prices/cloudflare";

/** What the edge of one public host is made of; known before anything is deployed. */
export interface CloudflareEdgeSpec {
  /** Zone that holds the host; changing it replaces everything. */
  readonly zoneId: string;
  /** Public host, e.g. `drops.example.com`; the zone's apex is allowed too. */
  readonly domain: string;
  /** Host that the live stack owns, `origin-<stack>.<zone>`; a change moves the traffic. */
  readonly originName: string;
  /** The zone's plan: what it lacks is not asked for. */
  readonly plan: CloudflarePlan;
  readonly rateLimit: {
    /** Requests that one address may make in a period, assets and health aside. */
    readonly requestsPerPeriod: number;
    /** Seconds, at most what the plan grants. @default 10, which every plan grants */
    readonly periodSeconds?: number;
  };
  /** A second, stricter limit for writes; only on plans with room for it. @default `defaultWriteLimit` */
  readonly writeLimit?: WriteLimit;
  /** Seconds for which browsers refuse plain HTTP; 0 tells them to forget it. */
  readonly hstsMaxAgeSeconds: number;
}

/** How often one address may write. */
export interface WriteLimit {
  /** Paths that the app writes at, `*` for any text: a rule of plan Pro cannot see the method. */
  readonly paths: readonly string[];
  readonly requestsPerPeriod: number;
  /** Seconds, one of those that the plan grants. */
  readonly periodSeconds: number;
  /** Seconds for which an address that writes more is blocked there. */
  readonly blockSeconds: number;
}

export const defaultPeriodSeconds = 10;

/**
 * A person opens a drop or decides on a card every few seconds: one write a second leaves room for
 * an office behind one address, and not for a script, which comes back as soon as it may. A minute
 * is the longest period that Pro counts over.
 */
export const defaultWriteLimit = {
  paths: ["/api/users/*/drops", "/api/users/*/cards/*/refund"],
  requestsPerPeriod: 60,
  periodSeconds: 60,
  blockSeconds: 600,
} as const satisfies WriteLimit;

/** Where the live stack's app is fetched from. */
export interface EdgeOrigin {
  /** Host name that answers over HTTPS. */
  readonly host: string;
  /** What shows the app that a request came through the edge; empty where it does not ask. */
  readonly secret: string;
}

export type EdgeRule = types.input.RulesetRule;

/** One entry-point ruleset: a zone has room for one in each phase. */
export interface EdgeRuleset {
  readonly name: string;
  readonly phase: string;
  readonly description: string;
  readonly rules: readonly EdgeRule[];
}
