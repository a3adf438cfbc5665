import type { AppEnvironment } from "../components/contracts";
import type { AlarmPlan, Recipients } from "../components/alarms/types";

/** How the host's site is reached, which decides the certificate and who may connect. */
export type Site =
  /** Behind Cloudflare: certificate by DNS-01, visitors' addresses from Cloudflare's header. */
  | {
      readonly kind: "proxied";
      readonly domain: string;
      readonly originName: string;
      readonly acmeEmail: string;
    }
  /** The domain points at the host itself: certificate by HTTP-01. */
  | {
      readonly kind: "direct";
      readonly domain: string;
      readonly acmeEmail: string;
    }
  /** No domain: plain HTTP on the address. */
  | { readonly kind: "address" };

/** What every host of ours has, whatever its role. */
interface CommonHostSpec {
  readonly stack: string;
  readonly tier: string;
  /** Only a database whose administrator URL is known gets its roles' rights from here. */
  readonly grantRoles: boolean;
  /** Nightly logical dump; undefined switches it off. */
  readonly backup:
    | {
        /** Host name of the S3 endpoint, e.g. "fra1.digitaloceanspaces.com". */
        readonly endpoint: string;
        readonly region: string;
        readonly retentionDays: number;
        readonly hourUtc: number;
      }
    | undefined;
}

/** Who hears of which alarms. */
interface HostMonitoring {
  /** Alarms with at least one Prometheus signal become rules. */
  readonly alarms: readonly AlarmPlan[];
  readonly recipients: Recipients;
}

/** A VPS that runs the app, and watches itself. */
export interface AppHostSpec extends CommonHostSpec {
  readonly role: "app";
  readonly site: Site;
  readonly app: {
    /** PM2 cluster processes. */
    readonly processes: number;
    readonly port: number;
    /** PM2 restarts a process that grows beyond this. */
    readonly maxMemoryMib: number;
    readonly environment: AppEnvironment;
  };
  /** Redis on the host, loopback only; undefined where it runs elsewhere or nowhere. */
  readonly redis: { readonly maxMemoryMib: number } | undefined;
  readonly monitoring: HostMonitoring & {
    /** What the blackbox exporter probes for uptime; the app's health address as users reach it. */
    readonly probeUrl: string;
  };
}

/**
 * A VPS that watches an app which runs elsewhere, and does what needs a place beside the database:
 * rights of its roles, the nightly dump. What it probes is told it later, by `drops-host probe`: the
 * app's address is not known before the host is.
 */
export interface MonitoringHostSpec extends CommonHostSpec {
  readonly role: "monitoring";
  /** True where the stack has a Redis; its URL is then a required secret. */
  readonly redisExporter: boolean;
  /** Read replicas of the database, 0..maxReplicas, each with an exporter of its own. */
  readonly replicas: number;
  /** Where the app's processes push their metrics (see `metricsIntake`); open to the private network. */
  readonly metricsPort: number;
  readonly monitoring: HostMonitoring;
}

/** Each has a secret URL of its own name. */
export const maxReplicas = 2;

/** Everything that a VPS runs, without one secret: the same spec renders the same bundle. */
export type HostSpec = AppHostSpec | MonitoringHostSpec;
export type HostRole = HostSpec["role"];

/** One file of the bundle, by absolute path on the host. */
export interface BundleFile {
  readonly path: string;
  /** Octal, e.g. "0644". */
  readonly mode: string;
  readonly content: string;
}

/** What is pushed over SSH. `version` is a digest of the files, so equal specs have equal versions. */
export interface HostBundle {
  readonly version: string;
  readonly files: readonly BundleFile[];
}

/**
 * Names of the secrets that travel beside the bundle (on standard input, never in an argument) and
 * that the host keeps in `/etc/drops/secrets/<name>`, root only.
 */
export const hostSecretNames = [
  "database-url",
  "database-owner-url",
  "database-admin-url",
  "database-ca",
  // Read replicas, by their number from 1.
  "database-replica-url-1",
  "database-replica-url-2",
  "redis-url",
  // Proves to the monitoring host that metrics come from the app.
  "metrics-token",
  "slack-url",
  "webhook-url",
  "smtp-password",
  "acme-token",
  // Named by the provider when it is created, so not part of the spec.
  "backup-bucket",
  "backup-access-key",
  "backup-secret-key",
] as const;
export type HostSecretName = (typeof hostSecretNames)[number];

/** What `drops-host apply` reads on standard input. */
export interface ApplyPayload {
  readonly bundle: HostBundle;
  readonly secrets: Partial<Record<HostSecretName, string>>;
}
