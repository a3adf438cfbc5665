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
  /** Seconds for which browsers refuse plain HTTP; 0 tells them to forget it. */
  readonly hstsMaxAgeSeconds: number;
}

export const defaultPeriodSeconds = 10;

export type EdgeRule = types.input.RulesetRule;

/** One entry-point ruleset: a zone has room for one in each phase. */
export interface EdgeRuleset {
  readonly name: string;
  readonly phase: string;
  readonly description: string;
  readonly rules: readonly EdgeRule[];
}
