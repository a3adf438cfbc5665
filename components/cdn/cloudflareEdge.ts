import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { cloudflarePlans } from "../../prices/cloudflare";
import type { Cdn } from "../contracts";
import { type Override, withOverride } from "../overrides";
import { edgeRulesets, type RulesetRole, rulesetRoles } from "./edgeRules";
import { type CloudflareEdgeSpec, defaultPeriodSeconds } from "./edgeSpec";
import { type ZoneSettingId, zoneSettingIds, zoneSettings } from "./zoneSettings";

export type { CloudflareEdgeSpec } from "./edgeSpec";

/** Changes to the arguments of single children, applied last. */
export interface CloudflareEdgeOverrides {
  readonly record?: Override<cloudflare.DnsRecordArgs>;
  readonly rulesets?: Partial<Readonly<Record<RulesetRole, Override<cloudflare.RulesetArgs>>>>;
  readonly settings?: Partial<
    Readonly<Record<ZoneSettingId, Override<cloudflare.ZoneSettingArgs>>>
  >;
}

export interface CloudflareEdgeArgs {
  readonly spec: CloudflareEdgeSpec;
  readonly overrides?: CloudflareEdgeOverrides;
}

/**
 * The public face of a zone: the host's record, one ruleset a phase, and the settings that the rest
 * relies on. It belongs to the `edge` stack, because all but the record hold for the whole zone and
 * two tiers are alive at once during a promotion.
 */
export class CloudflareEdge extends pulumi.ComponentResource implements Cdn {
  readonly publicUrl: pulumi.Output<string>;

  constructor(name: string, args: CloudflareEdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:cdn:CloudflareEdge", name, {}, opts);
    const { spec, overrides = {} } = args;
    checkSpec(name, spec, this);

    const settings = zoneSettingIds.map((id) => this.setting(name, spec, id, overrides));
    const rulesets = rulesetRoles.map((role) => this.ruleset(name, spec, role, overrides));
    // The host appears only once the rules that guard it are in place.
    this.record(name, spec, overrides, [...settings, ...rulesets]);

    this.publicUrl = pulumi.output(`https://${spec.domain}`);
    this.registerOutputs({ publicUrl: this.publicUrl });
  }

  private setting(
    name: string,
    spec: CloudflareEdgeSpec,
    id: ZoneSettingId,
    overrides: CloudflareEdgeOverrides,
  ): cloudflare.ZoneSetting {
    const args: cloudflare.ZoneSettingArgs = {
      zoneId: spec.zoneId,
      settingId: id,
      value: zoneSettings[id],
    };
    return new cloudflare.ZoneSetting(
      `${name}-${id.replaceAll("_", "-")}`,
      withOverride(args, overrides.settings?.[id]),
      { parent: this },
    );
  }

  private ruleset(
    name: string,
    spec: CloudflareEdgeSpec,
    role: RulesetRole,
    overrides: CloudflareEdgeOverrides,
  ): cloudflare.Ruleset {
    const { rules, ...ruleset } = edgeRulesets(spec)[role];
    const args: cloudflare.RulesetArgs = {
      zoneId: spec.zoneId,
      kind: "zone",
      ...ruleset,
      rules: [...rules],
    };
    return new cloudflare.Ruleset(
      `${name}-${role}`,
      withOverride(args, overrides.rulesets?.[role]),
      { parent: this },
    );
  }

  /** Always a CNAME, whoever is live: an A record cannot become one in a single change. */
  private record(
    name: string,
    spec: CloudflareEdgeSpec,
    overrides: CloudflareEdgeOverrides,
    dependsOn: readonly pulumi.Resource[],
  ): cloudflare.DnsRecord {
    const args: cloudflare.DnsRecordArgs = {
      zoneId: spec.zoneId,
      name: spec.domain,
      type: "CNAME",
      content: spec.originName,
      proxied: true,
      // 1 means "automatic", the only value that a proxied record may have.
      ttl: 1,
      comment: "Drops: public host; points at the live stack's origin",
    };
    return new cloudflare.DnsRecord(`${name}-record`, withOverride(args, overrides.record), {
      parent: this,
      dependsOn: [...dependsOn],
    });
  }
}

const hostName =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Refuses what Cloudflare would refuse half-way through, or what would send the host to itself. */
function checkSpec(name: string, spec: CloudflareEdgeSpec, resource: pulumi.Resource): void {
  const problems: string[] = [];
  if (!/^[0-9a-f]{32}$/.test(spec.zoneId))
    problems.push(`spec.zoneId must be 32 hexadecimal digits, got "${spec.zoneId}"`);
  for (const field of ["domain", "originName"] as const)
    if (!hostName.test(spec[field]))
      problems.push(`spec.${field} must be a host name in lower case, got "${spec[field]}"`);
  if (spec.originName === spec.domain)
    problems.push(`spec.originName must differ from spec.domain, both are "${spec.domain}"`);
  const { requestsPerPeriod, periodSeconds = defaultPeriodSeconds } = spec.rateLimit;
  const longest = cloudflarePlans[spec.plan].rateLimitMaxPeriodSeconds;
  const whole = (field: string, value: number, low: number, high = Infinity): void => {
    if (Number.isInteger(value) && value >= low && value <= high) return;
    const range = high === Infinity ? `from ${low}` : `from ${low} to ${high}`;
    problems.push(`spec.${field} must be a whole number ${range}, got ${value}`);
  };
  whole("rateLimit.requestsPerPeriod", requestsPerPeriod, 1);
  whole("rateLimit.periodSeconds", periodSeconds, 10, longest);
  whole("hstsMaxAgeSeconds", spec.hstsMaxAgeSeconds, 0);
  if (problems.length > 0)
    throw new pulumi.ResourceError(`${name}: ${problems.join("; ")}`, resource);
}
