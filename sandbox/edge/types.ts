import type { CertificateAuthority, LoopbackTarget, Unreachable } from "../contracts";
import type { Distribution } from "./cloudfront/types";

/** A DNS record as the program registers it. */
export interface DnsRecord {
  /** Full name; `@` and names without the zone count only where the zone's name is known. */
  readonly name: string;
  readonly type: string;
  readonly content: string;
  readonly proxied: boolean;
}

/** A zone as the edge sees it: what the stacks registered, in the shape of Pulumi's inputs. */
export interface ZoneView {
  readonly id: string;
  /**
   * The zone's domain. The edge's certificates cover it and one level below, as Cloudflare's
   * universal ones do; without it they cover each name that has a proxied record.
   */
  readonly name?: string;
  /** By Cloudflare's ids, e.g. `min_tls_version`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly records: readonly DnsRecord[];
  readonly rulesets: readonly {
    readonly phase: string;
    readonly rules: readonly Record<string, unknown>[];
  }[];
  /** Code of the main modules by their snippets' names; the rules are in `http_request_snippets`. */
  readonly snippets?: Readonly<Record<string, string>>;
  /** Requests that the zone's snippets may make of their own for one of a visitor's. @default 0 */
  readonly snippetSubrequests?: number;
}

/** How long the edge waits for an origin, milliseconds. */
export interface OriginTimeouts {
  /** For the connection, TLS included; then the answer is 522 or 525. */
  readonly connect: number;
  /** For an answer, and between two parts of it; then the answer is 524. */
  readonly read: number;
}

export interface EdgeOptions {
  /**
   * Where a public address that a redirect names is on this machine; other addresses come back as
   * they are. @default every address as it is
   */
  readonly onThisMachine?: (location: string) => string;
  /** Read anew for each request: a change of a record or rule holds from the next request on. */
  readonly zones: () => readonly ZoneView[];
  /** Where a connection of the edge to a public address and port ends on this machine. */
  readonly route: (address: string, port: number) => LoopbackTarget | Unreachable;
  /**
   * Where an app of App Platform is on this machine, in plain HTTP, by the host name under which the
   * platform's own public edge answers for it; undefined for every other name. @default none
   */
  readonly platformApp?: (host: string) => LoopbackTarget | Unreachable | undefined;
  /**
   * Where a name of another cloud that is in no zone here leads, such as a load balancer's; undefined
   * for every other name. @default none
   */
  readonly named?: (name: string, port: number) => LoopbackTarget | Unreachable | undefined;
  /** CloudFront's distributions, read anew for each request. @default none */
  readonly distributions?: () => readonly Distribution[];
  /** Signs the edge's certificates, and is what the edge trusts at origins. */
  readonly authority: CertificateAuthority;
  /** Loopback ports to listen on; 0 takes a free one. */
  readonly ports: { readonly http: number; readonly https: number };
  /** Told what goes wrong; never query strings, headers or bodies. */
  readonly log?: (line: string) => void;
  /** The time, milliseconds since 1970, for lifetimes and rate limits. @default Date.now */
  readonly now?: () => number;
  /** @default Cloudflare's: 19 s to connect, 125 s to read */
  readonly timeouts?: OriginTimeouts;
}

export interface EdgeStats {
  readonly requests: number;
  /** Websockets that are open now. */
  readonly websockets: number;
  readonly cache: { readonly entries: number; readonly bytes: number; readonly hits: number };
  /** Visitors that a rate limit blocks now, each counted once a rule. */
  readonly blocked: number;
}

export interface Edge {
  readonly ports: { readonly http: number; readonly https: number };
  stats(): EdgeStats;
  /** Ends every connection at once. */
  stop(): Promise<void>;
}
