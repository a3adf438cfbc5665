import type { CertificateAuthority } from "../contracts";
import type { App } from "./app";
import type { MetricsReceiver } from "./metricsReceiver";
import type { HostRedis } from "./redis";
import type { HostPlace } from "./relocation";
import type { Web } from "./web";

/** How patient a host is; shorter in tests of what fails. */
export interface Timing {
  /** Attempts to give the database's roles their rights, and the pause between two. */
  readonly grantTries: number;
  readonly grantPauseMs: number;
  /** How long a new version of the app gets to be healthy, and the pause between two questions. */
  readonly healthSeconds: number;
  readonly healthPauseMs: number;
}

/** A droplet pauses 10 s between grants, for firewalls that come into effect late. */
export const usualTiming: Timing = {
  grantTries: 6,
  grantPauseMs: 2_000,
  healthSeconds: 60,
  healthPauseMs: 500,
};

/** What a host consists of, as the verbs of `drops-host` need it. */
export interface HostParts {
  readonly place: HostPlace;
  /** For records of processes; outside the root, where the app's own files are. */
  readonly directory: string;
  readonly redis: HostRedis;
  readonly web: Web;
  /** Stands for Prometheus on a monitoring host. */
  readonly receiver: MetricsReceiver;
  readonly app: App;
  readonly authority: CertificateAuthority;
  /** Whether a name leads to this host, which an authority asks before it signs. */
  readonly isRecordOf: (name: string) => boolean;
  readonly timing: Timing;
}
