import * as wafv2 from "@pulumi/aws/wafv2";
import * as pulumi from "@pulumi/pulumi";
import { globalRegion } from "../../prices/aws";
import { cloudflareIpRanges } from "../network/cloudflareRanges";
import { type Override, withOverride } from "../overrides";
import { type CloudflareSets, visibility, wafProblems, wafRules, type WafSpec } from "./wafRules";

export { defaultManagedGroups, type WafSpec } from "./wafRules";

type Family = "ipv4" | "ipv6";

/** Changes to the arguments of single children, applied last. */
export interface WafOverrides {
  readonly acl?: Override<wafv2.WebAclArgs>;
  readonly cloudflare?: Partial<Readonly<Record<Family, Override<wafv2.IpSetArgs>>>>;
}

export interface WafArgs {
  readonly spec: WafSpec;
  readonly overrides?: WafOverrides;
}

/** The web ACL that a distribution names: lets in what no rule blocks. It lives in us-east-1. */
export class Waf extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: WafArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:cdn:Waf", name, {}, opts);
    const { spec, overrides = {} } = args;
    const problems = wafProblems(spec);
    if (problems.length > 0)
      throw new pulumi.ResourceError(`${name}: ${problems.join("; ")}`, this);

    const cloudflare = spec.behindCloudflare ? this.cloudflareSets(name, overrides) : undefined;
    const acl = new wafv2.WebAcl(
      `${name}-acl`,
      withOverride<wafv2.WebAclArgs>(
        {
          region: globalRegion,
          scope: "CLOUDFRONT",
          description: `${spec.name}: what may reach the app`,
          defaultAction: { allow: {} },
          rules: [...wafRules(spec, cloudflare)],
          visibilityConfig: visibility(spec.name),
        },
        overrides.acl,
      ),
      { parent: this },
    );
    this.arn = acl.arn;
    this.registerOutputs({ arn: this.arn });
  }

  private cloudflareSets(name: string, overrides: WafOverrides): CloudflareSets {
    const set = (family: Family): pulumi.Output<string> =>
      new wafv2.IpSet(
        `${name}-cloudflare-${family}`,
        withOverride<wafv2.IpSetArgs>(
          {
            region: globalRegion,
            scope: "CLOUDFRONT",
            description: `Cloudflare's proxies, ${family === "ipv4" ? "IPv4" : "IPv6"}`,
            ipAddressVersion: family === "ipv4" ? "IPV4" : "IPV6",
            addresses: [...cloudflareIpRanges[family]],
          },
          overrides.cloudflare?.[family],
        ),
        { parent: this },
      ).arn;
    return { ipv4: set("ipv4"), ipv6: set("ipv6") };
  }
}
