import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";
import { connectionOf, type HostAccess } from "./hostConnection";

export interface HostProbeArgs {
  readonly access: HostAccess;
  /** What to probe: the app's health address as users reach it. */
  readonly url: pulumi.Input<string>;
  readonly overrides?: { readonly probe?: Override<remote.CommandArgs> };
}

/**
 * Tells a monitoring host what to probe for uptime. Apart from its bundle, because the host must
 * stand before the app, and the app's own address is known only after it.
 */
export class HostProbe extends pulumi.ComponentResource {
  constructor(name: string, args: HostProbeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:compute:HostProbe", name, {}, opts);
    new remote.Command(
      `${name}-set`,
      withOverride<remote.CommandArgs>(
        {
          connection: connectionOf(args.access),
          create: "sudo /usr/local/sbin/drops-host probe",
          triggers: [args.access.machineId],
          addPreviousOutputInEnv: false,
          stdin: args.url,
        },
        args.overrides?.probe,
      ),
      { parent: this, dependsOn: opts?.dependsOn },
    );
    this.registerOutputs({});
  }
}
