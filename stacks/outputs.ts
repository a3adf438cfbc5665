import type * as pulumi from "@pulumi/pulumi";
import type { AlarmPlanning } from "../components/alarms/plan";

/** A tier as it was composed: what it tells, and the alarms behind it. */
export interface ComposedTier<Outputs> {
  readonly outputs: Outputs;
  readonly planning: AlarmPlanning;
}

/** What a tier's stack tells the outside: other stacks, the release and promotion commands, people. */
export interface TierOutputs {
  readonly tier: string;
  /** Where users reach the app. */
  readonly publicUrl: pulumi.Output<string>;
  /** Address or host name behind the public name. */
  readonly origin: pulumi.Output<string>;
  /** Name that the `edge` stack points at when this stack is live; empty without a zone. */
  readonly originName: pulumi.Output<string>;
  /**
   * Secret: the host that the `edge` stack fetches from while this stack is live, and the secret by
   * which the origin knows it; each empty where there is none.
   */
  readonly edgeOrigin: pulumi.Output<{ readonly host: string; readonly secret: string }>;
  /** How an operator or the promoter gets in, e.g. "drops@203.0.113.10". */
  readonly access: pulumi.Output<string>;
  /** Digest of what the host runs beside the app. */
  readonly hostVersion: pulumi.Output<string>;
  /** Ids of the alarms that exist; what is not watched, with its reason. */
  readonly alarms: readonly string[];
  readonly uncovered: readonly string[];
  /** Secret: what a promotion and a restore drill need. No report reads it. */
  readonly admin: pulumi.Output<{
    readonly databaseAdminUrl: string;
    readonly databaseOwnerUrl: string;
    readonly databaseAppUrl: string;
    /** Of each read replica, as the app's role. */
    readonly databaseReplicaUrls?: readonly string[];
    readonly backupBucket: string;
    readonly backupAccessKey: string;
    readonly backupSecretKey: string;
  }>;
}

/** What the `edge` stack tells. */
export interface EdgeOutputs {
  readonly tier: "edge";
  readonly publicUrl: pulumi.Output<string>;
  /** The stack that serves users. */
  readonly live: string;
}
