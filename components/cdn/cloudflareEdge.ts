import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { cloudflarePlans } from "../../prices/cloudflare";
import type { Cdn } from "../contracts";
import { type Override, withOverride } from "../overrides";
import { edgeRulesets, type RulesetRole, rulesetRoles } from "./edgeRules";
import type { CloudflareEdgeSpec, EdgeOrigin } from "./edgeSpec";
import { edgeSpecProblems } from "./edgeSpecCheck";
import { originSwitch, type OriginSwitchOverrides } from "./originSwitch";
import { type ZoneSettingId, zoneSettingIds, zoneSettings } from "./zoneSettings";

export type { CloudflareEdgeSpec, EdgeOrigin } from "./edgeSpec";

/** Changes to the arguments of single children, applied last. */
export interface CloudflareEdgeOverrides extends OriginSwitchOverrides {
  readonly plan?: Override<cloudflare.ZoneSubscriptionArgs>;
  readonly record?: Override<cloudflare.DnsRecordArgs>;
  readonly rulesets?: Partial<Readonly<Record<RulesetRole, Override<cloudflare.RulesetArgs>>>>;
  readonly settings?: Partial<
    Readonly<Record<ZoneSettingId, Override<cloudflare.ZoneSettingArgs>>>
  >;
}

export interface CloudflareEdgeArgs {
  readonly spec: CloudflareEdgeSpec;
  /** Where the live stack's app is fetched from; on plans with snippets, and on no other. */
  readonly edgeOrigin?: pulumi.Input<EdgeOrigin>;
  readonly overrides?: CloudflareEdgeOverrides;
}

/**
 * The public face of a zone: the host's record, one ruleset a phase, and the settings that the rest
 * relies on. It belongs to the `edge` stack, because all but the record hold for the whole zone and
 * two tiers are alive at once during a promotion.
 *
 * On a plan with snippets one of them fetches every request from the live stack's origin: it alone
 * moves the traffic, at once, to whatever kind of origin; the record only follows.
 */
export class CloudflareEdge extends pulumi.ComponentResource implements Cdn {
  readonly publicUrl: pulumi.Output<string>;

  constructor(name: string, args: CloudflareEdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:cdn:CloudflareEdge", name, {}, opts);
    const { spec, edgeOrigin, overrides = {} } = args;
    const problems = [...edgeSpecProblems(spec), ...originProblems(spec, edgeOrigin)];
    if (problems.length > 0)
      throw new pulumi.ResourceError(`${name}: ${problems.join("; ")}`, this);

    const plan = spec.plan === "free" ? [] : [this.plan(name, spec, overrides)];
    const settings = zoneSettingIds.map((id) => this.setting(name, spec, id, overrides));
    const rulesets = rulesetRoles.map((role) => this.ruleset(name, spec, role, overrides, plan));
    const switched =
      edgeOrigin === undefined
        ? []
        : originSwitch(name, spec, edgeOrigin, overrides, { parent: this, dependsOn: plan });
    // The host appears only once the rules that guard it are in place.
    this.record(name, spec, overrides, [...plan, ...settings, ...rulesets, ...switched]);

    this.publicUrl = pulumi.output(`https://${spec.domain}`);
    this.registerOutputs({ publicUrl: this.publicUrl });
  }

  /**
   * What the zone pays for. The provider can make and change a subscription, not end one: who goes
   * back to Free, or destroys the stack, ends it in Cloudflare's dashboard
   * (terraform-provider-cloudflare, zone_subscription/resource.go, whose Delete asks for nothing;
   * read 2026-11-28, verified). A zone that has the plan already is imported by its id first, since
   * no source says what another order does there.
   */
  private plan(
    name: string,
    spec: CloudflareEdgeSpec,
    overrides: CloudflareEdgeOverrides,
  ): cloudflare.ZoneSubscription {
    const args: cloudflare.ZoneSubscriptionArgs = {
      zoneId: spec.zoneId,
      frequency: "monthly",
      ratePlan: { id: spec.plan },
    };
    return new cloudflare.ZoneSubscription(`${name}-plan`, withOverride(args, overrides.plan), {
      parent: this,
      // Whoever pays by the year goes on doing so.
      ignoreChanges: ["frequency"],
    });
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
    dependsOn: readonly pulumi.Resource[],
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
      { parent: this, dependsOn: [...dependsOn] },
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

function originProblems(spec: CloudflareEdgeSpec, origin: unknown): readonly string[] {
  const hasSnippets = cloudflarePlans[spec.plan].snippets > 0;
  if (hasSnippets === (origin !== undefined)) return [];
  return [
    hasSnippets
      ? `args.edgeOrigin is missing: on plan ${spec.plan} the edge fetches from it`
      : `args.edgeOrigin is for plans with snippets, which ${spec.plan} has not`,
  ];
}
