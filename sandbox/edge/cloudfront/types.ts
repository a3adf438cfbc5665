import type { LoopbackTarget, Unreachable } from "../../contracts";
import type { WebAcl } from "./webAcl";

/**
 * Below it are the names that CloudFront gives. Browsers take every name below "localhost" for this
 * machine.
 */
export const cloudfrontDomain = "cloudfront.net.localhost";

/** A distribution as CloudFront's edge serves it: what the stacks registered, policies looked up. */
export interface Distribution {
  readonly id: string;
  /** The name that CloudFront gave it. */
  readonly domainName: string;
  readonly aliases: readonly string[];
  readonly enabled: boolean;
  /** Names of the certificate that is shown for an alias; empty: CloudFront's own certificate. */
  readonly certificateNames: readonly string[];
  /** Path of what `/` stands for, without a slash before it. */
  readonly defaultRootObject?: string;
  /** In the order in which they are tried; the last one takes every path. */
  readonly behaviors: readonly Behavior[];
  readonly origins: readonly CdnOrigin[];
  /** Seconds for which an error is kept, by status; others are kept for CloudFront's own ten. */
  readonly errorTtls: Readonly<Record<number, number>>;
  readonly webAcl?: WebAcl;
}

/** How requests for some paths are answered. */
export interface Behavior {
  /** `*` stands for any characters, `?` for one; "*" alone: every path. */
  readonly pathPattern: string;
  readonly originId: string;
  readonly viewerProtocolPolicy: "allow-all" | "https-only" | "redirect-to-https";
  readonly allowedMethods: readonly string[];
  readonly cachedMethods: readonly string[];
  readonly compress: boolean;
  readonly cache: CachePolicy;
  readonly originRequest?: OriginRequestPolicy;
  readonly responseHeaders?: ResponseHeadersPolicy;
}

/** Values of a request that a policy picks, by name. */
export interface Picked {
  readonly behavior: "none" | "whitelist" | "allExcept" | "all";
  readonly items: readonly string[];
}

/** What is kept for how long (seconds), and by what kept answers are told apart. */
export interface CachePolicy {
  readonly id: string;
  readonly minTtl: number;
  readonly defaultTtl: number;
  readonly maxTtl: number;
  readonly gzip: boolean;
  readonly brotli: boolean;
  readonly headers: Picked;
  readonly cookies: Picked;
  readonly queryStrings: Picked;
}

/** What the origin gets beside what the cache policy picks. */
export interface OriginRequestPolicy {
  readonly headers: {
    readonly behavior:
      "none" | "whitelist" | "allViewer" | "allViewerAndWhitelistCloudFront" | "allExcept";
    readonly items: readonly string[];
  };
  readonly cookies: Picked;
  readonly queryStrings: Picked;
}

/** What is changed in the headers of an answer before the viewer gets it. */
export interface ResponseHeadersPolicy {
  readonly set: readonly {
    readonly name: string;
    readonly value: string;
    /** Whether it replaces a header of the origin's. */
    readonly override: boolean;
  }[];
  readonly remove: readonly string[];
  readonly cors?: {
    readonly origins: readonly string[];
    readonly methods: readonly string[];
    readonly headers: readonly string[];
    readonly exposed: readonly string[];
    readonly credentials: boolean;
    /** Seconds. */
    readonly maxAge?: number;
    readonly override: boolean;
  };
}

/** Where a distribution fetches. */
export interface CdnOrigin {
  readonly id: string;
  readonly domainName: string;
  /** Stands before every path. */
  readonly path: string;
  readonly protocolPolicy: "http-only" | "https-only" | "match-viewer";
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Headers that every request to the origin gets. */
  readonly customHeaders: Readonly<Record<string, string>>;
  /** Seconds of one attempt to connect. */
  readonly connectionTimeout: number;
  readonly connectionAttempts: number;
  /** Seconds until the first byte, and between two. */
  readonly readTimeout: number;
  /** Where it is on this machine; undefined: its name leads nowhere. */
  readonly reach: (port: number) => LoopbackTarget | Unreachable | undefined;
}
