import { remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { HostBundle, HostSecretName } from "../../host/types";
import { withOverride, type Override } from "../overrides";

export interface HostReleaseArgs {
  /** What the host shall run: rendered, without secrets. */
  readonly bundle: HostBundle;
  /** The secrets beside it; they travel on standard input and never in an argument. */
  readonly secrets: Partial<Readonly<Record<HostSecretName, pulumi.Input<string>>>>;
  readonly host: pulumi.Input<string>;
  /** Identity of the machine behind the address: a new machine gets everything anew. */
  readonly machineId: pulumi.Input<string>;
  readonly user: string;
  /** Private key in PEM; without it the SSH agent is asked. */
  readonly privateKey?: pulumi.Input<string>;
  /** The server's own public key: with it nobody else is given the secrets. */
  readonly hostKey?: string | undefined;
  readonly overrides?: { readonly apply?: Override<remote.CommandArgs> };
}

/**
 * Brings a host to a bundle: one SSH command that gets files and secrets on standard input and
 * applies them in place. A change of either is an update in the preview, never a replacement.
 */
export class HostRelease extends pulumi.ComponentResource {
  /** Digest of the bundle that the host runs. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: HostReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:compute:HostRelease", name, {}, opts);
    const { bundle } = args;
    const connection: types.input.remote.ConnectionArgs = {
      host: args.host,
      user: args.user,
      // A new droplet takes minutes until SSH answers: 40 tries of up to 15 s each.
      dialErrorLimit: 40,
      perDialTimeout: 15,
      ...(args.privateKey !== undefined && { privateKey: args.privateKey }),
      ...(args.hostKey !== undefined && { hostKey: args.hostKey }),
    };
    const apply = new remote.Command(
      `${name}-apply`,
      withOverride<remote.CommandArgs>(
        {
          connection,
          create: "sudo /usr/local/sbin/drops-host apply",
          triggers: [args.machineId],
          // The last output is no input of the next run.
          addPreviousOutputInEnv: false,
          stdin: pulumi.secret(pulumi.jsonStringify({ bundle, secrets: args.secrets })),
        },
        args.overrides?.apply,
      ),
      {
        parent: this,
        // A child does not inherit them; without, a deploy that is limited to it would not wait.
        dependsOn: opts?.dependsOn,
        customTimeouts: { create: "30m", update: "30m" },
      },
    );
    // Known only once the command has run.
    this.version = apply.id.apply(() => bundle.version);
    this.registerOutputs({ version: this.version });
  }
}
