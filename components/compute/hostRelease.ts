import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { HostBundle, HostSecretName } from "../../host/types";
import { withOverride, type Override } from "../overrides";
import { connectionOf, type HostAccess } from "./hostConnection";

export interface HostReleaseArgs {
  readonly access: HostAccess;
  /** What the host shall run: rendered, without secrets. */
  readonly bundle: HostBundle;
  /** The secrets beside it; they travel on standard input and never in an argument. */
  readonly secrets: Partial<Readonly<Record<HostSecretName, pulumi.Input<string>>>>;
  readonly overrides?: { readonly apply?: Override<remote.CommandArgs> };
}

/**
 * Brings a host to a bundle: one SSH command that gets files and secrets on standard input and
 * applies them in place. A change of either is an update in the preview, never a replacement.
 */
export class HostRelease extends pulumi.ComponentResource {
  /** Digest of the bundle that the host runs. */
  readonly version: pulumi.Output<string>;
  /** What must have happened before somebody relies on what the host does. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: HostReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:compute:HostRelease", name, {}, opts);
    const { access, bundle } = args;
    const apply = new remote.Command(
      `${name}-apply`,
      withOverride<remote.CommandArgs>(
        {
          connection: connectionOf(access),
          create: "sudo /usr/local/sbin/drops-host apply",
          triggers: [access.machineId],
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
    this.ready = [apply];
    this.registerOutputs({ version: this.version });
  }
}
