import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

/** One address that probes ask for about once a minute. */
export interface UptimeCheckSpec {
  /** Stable name: part of the logical name, and what alarm signals refer to. */
  readonly id: string;
  readonly title: string;
  readonly type: "http" | "https";
}

export interface UptimeChecksArgs {
  readonly checks: readonly UptimeCheckSpec[];
  /** Full URL of each check, by its id. */
  readonly targets: Readonly<Record<string, pulumi.Input<string>>>;
  /** Probe regions near the site, so that a latency alarm measures the site and not an ocean. */
  readonly regions: readonly string[];
  readonly overrides?: { readonly check?: Override<digitalocean.UptimeCheckArgs> };
}

/** Probes from outside: the only watch that survives the server it watches. */
export class UptimeChecks extends pulumi.ComponentResource {
  /** Ids of the checks, by the name that the signals use. */
  readonly ids: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: UptimeChecksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:alarms:UptimeChecks", name, {}, opts);
    const checks = args.checks.map((spec) => {
      const target = args.targets[spec.id];
      if (target === undefined) {
        throw new pulumi.ResourceError(`${name}: check ${spec.id} has no target`, this);
      }
      const check = new digitalocean.UptimeCheck(
        `${name}-${spec.id}`,
        withOverride<digitalocean.UptimeCheckArgs>(
          {
            name: `${pulumi.getStack()} ${spec.title}`,
            type: spec.type,
            target,
            regions: [...args.regions],
            enabled: true,
          },
          args.overrides?.check,
        ),
        { parent: this },
      );
      return [spec.id, check.id] as const;
    });
    this.ids = Object.fromEntries(checks);
    this.registerOutputs({ ids: this.ids });
  }
}
