import * as pulumi from "@pulumi/pulumi";
import { externalPostgresTarget } from "../alarms/databaseSignals";
import type { Postgres } from "../contracts";

export interface ExternalPostgresArgs {
  /** URL of a role that owns the database (Supabase, Railway, anyone); kept secret. */
  readonly url: pulumi.Input<string>;
  /** Connections that the database allows. */
  readonly connectionLimit: number | undefined;
}

/** A Postgres that somebody else runs: no resource of ours, one role for owner and app. */
export function externalPostgres({ url, connectionLimit }: ExternalPostgresArgs): Postgres {
  const secretUrl = pulumi.secret(url);
  return {
    connectionLimit,
    ownerUrl: secretUrl,
    appUrl: secretUrl,
    pooledUrl: undefined,
    adminUrl: undefined,
    caCertificate: undefined,
    alarmTargets: [externalPostgresTarget(connectionLimit)],
    ready: [],
  };
}
