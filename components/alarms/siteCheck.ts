import * as route53 from "@pulumi/aws/route53";
import * as pulumi from "@pulumi/pulumi";
import { healthCheckLimits } from "../../prices/aws";
import { withOverride, type Override } from "../overrides";

type CheckRegion = (typeof healthCheckLimits.regions)[number];

export interface SiteCheckSpec {
  /** What people call it in the console. */
  readonly title: string;
  readonly tls: boolean;
  /** Path that answers 2xx or 3xx while the site is up. */
  readonly path: string;
  /**
   * Where probes come from, 3 or more. @default one on each of three continents: a carrier's trouble
   * in one place is not the site's, and fewer probes leave more of the error rate to users
   */
  readonly regions?: readonly CheckRegion[];
}

export interface SiteCheckArgs {
  readonly spec: SiteCheckSpec;
  /** Host name that users reach. */
  readonly host: pulumi.Input<string>;
  readonly overrides?: { readonly check?: Override<route53.HealthCheckArgs> };
}

const threeContinents: readonly CheckRegion[] = ["us-east-1", "eu-west-1", "ap-southeast-1"];

/** A probe from outside every 30 seconds from each place: it needs nothing of what it watches. */
export class SiteCheck extends pulumi.ComponentResource {
  readonly healthCheckId: pulumi.Output<string>;

  constructor(name: string, args: SiteCheckArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:alarms:SiteCheck", name, {}, opts);
    const { title, tls, path, regions = threeContinents } = args.spec;
    if (regions.length < 3) {
      throw new pulumi.ResourceError(
        `${name}: spec.regions must be 3 or more of ${healthCheckLimits.regions.join(", ")}, got ${regions.length}`,
        this,
      );
    }
    const check = new route53.HealthCheck(
      `${name}-check`,
      withOverride<route53.HealthCheckArgs>(
        {
          type: tls ? "HTTPS" : "HTTP",
          fqdn: args.host,
          port: tls ? 443 : 80,
          resourcePath: path,
          ...(tls && { enableSni: true }),
          requestInterval: 30,
          failureThreshold: healthCheckLimits.failureThreshold.default,
          regions: [...regions],
          tags: { Name: title },
        },
        args.overrides?.check,
      ),
      { parent: this },
    );
    this.healthCheckId = check.id;
    this.registerOutputs({ healthCheckId: this.healthCheckId });
  }
}
