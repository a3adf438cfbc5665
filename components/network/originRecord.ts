import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

export interface OriginRecordArgs {
  readonly spec: {
    readonly zoneId: string;
    /** Full name, `origin-<stack>.<zone>`; see `originName`. */
    readonly name: string;
  };
  /** IPv4 address of the origin. */
  readonly address: pulumi.Input<string>;
  readonly overrides?: { readonly record?: Override<cloudflare.DnsRecordArgs> };
}

/**
 * A tier's own name in the zone: all that a tier owns there. Not proxied, because a proxied CNAME
 * pointing at a proxied name would pass Cloudflare twice; the firewall lets only Cloudflare in.
 */
export class OriginRecord extends pulumi.ComponentResource {
  readonly hostName: pulumi.Output<string>;

  constructor(name: string, args: OriginRecordArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:network:OriginRecord", name, {}, opts);
    new cloudflare.DnsRecord(
      `${name}-record`,
      withOverride<cloudflare.DnsRecordArgs>(
        {
          zoneId: args.spec.zoneId,
          name: args.spec.name,
          type: "A",
          content: args.address,
          // Seconds: short, so that a rebuilt origin is found soon.
          ttl: 300,
          proxied: false,
        },
        args.overrides?.record,
      ),
      { parent: this },
    );
    this.hostName = pulumi.output(args.spec.name);
    this.registerOutputs({ hostName: this.hostName });
  }
}
