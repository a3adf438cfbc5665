import type { types } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

/** How a host is reached over SSH. */
export interface HostAccess {
  readonly host: pulumi.Input<string>;
  /** Identity of the machine behind the address: a new machine gets everything anew. */
  readonly machineId: pulumi.Input<string>;
  readonly user: string;
  /** Private key in PEM; without it the SSH agent is asked. */
  readonly privateKey?: pulumi.Input<string> | undefined;
  /** The server's own public key: with it nobody else is given the secrets. */
  readonly hostKey?: string | undefined;
}

/** The access in the words of the command provider. */
export function connectionOf(access: HostAccess): types.input.remote.ConnectionArgs {
  return {
    host: access.host,
    user: access.user,
    // A new droplet takes minutes until SSH answers: 40 tries of up to 15 s each.
    dialErrorLimit: 40,
    perDialTimeout: 15,
    ...(access.privateKey !== undefined && { privateKey: access.privateKey }),
    ...(access.hostKey !== undefined && { hostKey: access.hostKey }),
  };
}
