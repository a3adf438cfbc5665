import type * as pulumi from "@pulumi/pulumi";
import type { AlarmTarget } from "./alarms/types";

/** What every Postgres gives the rest of a stack, whoever provides it. */
export interface Postgres {
  /** Connections that the database allows in all; undefined where only the database itself knows. */
  readonly connectionLimit: number | undefined;
  /** Secret URL of the role that owns the schema: migrations only. */
  readonly ownerUrl: pulumi.Output<string>;
  /** Secret URL of the role that the app uses. */
  readonly appUrl: pulumi.Output<string>;
  /** Secret URL of the same role through a connection pool (PgBouncer), where there is one. */
  readonly pooledUrl: pulumi.Output<string> | undefined;
  /**
   * Secret URL of the provider's administrator in the app's database, where the toolkit has to grant
   * the owner its rights (Postgres 15 and later let no one else create in `public`).
   */
  readonly adminUrl: pulumi.Output<string> | undefined;
  /** PEM of the authority that signed the server's certificate; undefined: the system's trust store. */
  readonly caCertificate: pulumi.Output<string> | undefined;
  readonly alarmTargets: readonly AlarmTarget[];
  /** What a client must wait for before it may connect (the firewall). */
  readonly ready: readonly pulumi.Resource[];
}

/** What every Redis (or Valkey) gives the rest of a stack. */
export interface Redis {
  /** A `cluster` needs a cluster client; pub/sub differs too. */
  readonly mode: "single" | "cluster";
  readonly tls: boolean;
  readonly auth: boolean;
  /** Secret URL, `redis://` or `rediss://`. */
  readonly url: pulumi.Output<string>;
  readonly alarmTargets: readonly AlarmTarget[];
  readonly ready: readonly pulumi.Resource[];
}

/** What runs the app, as the CDN, the alarms and a promotion see it. */
export interface App {
  /** Public IPv4 address or provider's host name that the CDN (or the user's own DNS) points at. */
  readonly origin: pulumi.Output<string>;
  /** How an operator gets in: for the VPS an SSH destination. */
  readonly access: pulumi.Output<string>;
  readonly alarmTargets: readonly AlarmTarget[];
}

/** What stands between users and the app. */
export interface Cdn {
  readonly publicUrl: pulumi.Output<string>;
}

/** The environment that every tier hands the app; absent means "not set". */
export interface AppEnvironment {
  readonly NODE_ENV: "production";
  readonly PORT: string;
  /** Where users reach the app; empty without a domain. */
  readonly PUBLIC_URL: string;
  readonly DROPS_TIER: string;
  readonly DROPS_STACK: string;
  /** Connections that one process may open. */
  readonly DATABASE_POOL_MAX: string;
  readonly REDIS_MODE: "single" | "cluster" | "none";
}
