/**
 * What the parts of the embedded cloud know of one another. The cloud is one process; the providers,
 * the edge and the services behind its resources live in it or are started by it.
 */

/** A resource as the embedded cloud keeps it. */
export interface CloudResource {
  readonly id: string;
  /** Type token as the program registers it, e.g. "digitalocean:index/vpc:Vpc". */
  readonly type: string;
  /** Who asked for it: the stack and the logical name are in it. */
  readonly urn: string;
  /** Inputs as the provider's check left them, defaults and automatic names included. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What a read answers beside the inputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What the cloud alone knows (ports, administrators' passwords); no provider's answer shows it. */
  readonly hidden: Readonly<Record<string, unknown>>;
  /** False from the first word about it until everything behind it runs. */
  readonly ready: boolean;
  /**
   * The engine was told of it before it was ready and has it in its state: it waits to be finished,
   * and is not cleared away after a crash.
   */
  readonly told?: boolean;
}

/** What there is in the cloud, of all stacks. */
export interface World {
  all(type: string): readonly CloudResource[];
  get(type: string, id: string): CloudResource | undefined;
}

/** One real thing that stands behind a resource, for `drops sandbox status`. */
export interface ServiceStatus {
  /** Id of the resource that it stands for. */
  readonly resource: string;
  /** What it is, e.g. "Postgres 17.10", "app process", "redis-server 7.0". */
  readonly what: string;
  /** `recorded`: nothing runs for it on this machine, and `detail` says why. */
  readonly state: "running" | "starting" | "stopped" | "failing" | "recorded";
  readonly pid?: number;
  /** Loopback ports that it listens on. */
  readonly ports?: readonly number[];
  /** Resident memory, bytes. */
  readonly memoryBytes?: number;
  readonly detail?: string;
}

/** A certificate and its key, both PEM. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

/** Signs certificates of the sandbox: the public authority, or one database's. */
export interface CertificateAuthority {
  /** PEM of the authority's own certificate. */
  readonly certificate: string;
  /**
   * A certificate for DNS names and IP addresses; the first name is the subject. A `peer` shows it to
   * servers too, as the nodes of a cluster do to one another.
   */
  issue(names: readonly string[], use?: "server" | "peer"): Promise<KeyPair>;
}

/** Where a public address and port really are on this machine. */
export interface LoopbackTarget {
  readonly host: "127.0.0.1";
  readonly port: number;
}

/** Why a connection to a public address does not come about. */
export type Unreachable = "no-such-address" | "nobody-listens" | "firewall";

/** Outcome of one command on a host, as SSH reports it. */
export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}
