import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

/** What the origin's name leads to: an address, or another name outside Cloudflare. */
export type OriginTarget =
  { readonly ipv4: pulumi.Input<string> } | { readonly cname: pulumi.Input<string> };

export interface OriginRecordArgs {
  readonly spec: {
    readonly zoneId: string;
    /** Full name, `origin-<stack>.<zone>`; see `originName`. */
    readonly name: string;
  };
  /** Undefined where the origin has neither and only the edge's snippet finds it. */
  readonly target: OriginTarget | undefined;
  readonly overrides?: { readonly record?: Override<cloudflare.DnsRecordArgs> };
}

/**
 * Leads nowhere (RFC 6666), as Cloudflare proposes for a name whose requests never reach an origin by
 * DNS. A CNAME to App Platform would be one into another Cloudflare zone, which a proxied record must
 * not lead to (error 1014).
 */
const nowhere = "100::";

/**
 * A tier's own name in the zone: all that a tier owns there. Not proxied, because a proxied CNAME
 * pointing at a proxied name would pass Cloudflare twice; the origin lets only Cloudflare in.
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
          ...content(args),
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

function content({ target }: OriginRecordArgs) {
  if (target === undefined) return { type: "AAAA", content: nowhere };
  return "ipv4" in target
    ? { type: "A", content: target.ipv4 }
    : { type: "CNAME", content: target.cname };
}
