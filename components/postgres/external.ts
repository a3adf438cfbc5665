import * as pulumi from "@pulumi/pulumi";
import { externalPostgresTarget } from "../alarms/databaseSignals";
import type { AlarmTarget } from "../alarms/types";
import type { Postgres } from "../contracts";

export interface ExternalPostgresArgs {
  /** URL as the app's role (Supabase, Railway, anyone); kept secret. */
  readonly url: pulumi.Input<string>;
  /** URL as the role that owns the schema; kept secret. @default the app's */
  readonly ownerUrl?: pulumi.Input<string> | undefined;
  /** Connections that the database allows. */
  readonly connectionLimit: number | undefined;
  /** What is watched of it. @default what a Prometheus with an exporter can see */
  readonly alarmTarget?: AlarmTarget;
}

/** A Postgres that somebody else runs: no resource of ours. */
export function externalPostgres({
  url,
  ownerUrl = url,
  connectionLimit,
  alarmTarget = externalPostgresTarget(connectionLimit),
}: ExternalPostgresArgs): Postgres {
  const secretUrl = pulumi.secret(url);
  return {
    connectionLimit,
    ownerUrl: pulumi.secret(ownerUrl),
    appUrl: secretUrl,
    pooledUrl: undefined,
    adminUrl: undefined,
    caCertificate: undefined,
    alarmTargets: [alarmTarget],
    ready: [],
  };
}
