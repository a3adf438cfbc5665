import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

export interface AwsSecurityGroupsSpec {
  /** Stem of the names that AWS shows, e.g. "drops-large". */
  readonly name: string;
  /**
   * Who reaches the balancer: CloudFront, whose addresses a managed list of AWS holds (what comes
   * through a VPC origin bears them too), or Cloudflare's proxies by their ranges.
   */
  readonly balancerFrom:
    | { readonly prefixListId: string }
    | { readonly cidrs: readonly string[]; readonly ipv6Cidrs?: readonly string[] };
  /** Port of the balancer's listener: 443, or 80 without TLS. */
  readonly balancerPort: number;
  /** Port that the app's containers listen on. */
  readonly appPort: number;
  /** Which of the stack's own services there are besides the balancer and the app. */
  readonly database: boolean;
  readonly cache: boolean;
  readonly proxy: boolean;
  readonly endpoints: boolean;
  /** Ports anywhere that the app reaches besides 443, such as a database's elsewhere. @default none */
  readonly outsidePorts?: readonly number[];
}

export interface AwsSecurityGroupsArgs {
  readonly spec: AwsSecurityGroupsSpec;
  readonly vpcId: pulumi.Input<string>;
  readonly overrides?: {
    /** Of each group; their descriptions tell them apart. */
    readonly group?: Override<ec2.SecurityGroupArgs>;
    readonly ingress?: Override<vpc.SecurityGroupIngressRuleArgs>;
    readonly egress?: Override<vpc.SecurityGroupEgressRuleArgs>;
  };
}

type Role = "balancer" | "app" | "database" | "cache" | "proxy" | "endpoints";

/** Port of Postgres, of the cluster as of its proxy. */
const databasePort = 5432;
const cachePort = 6379;
const httpsPort = 443;

/** What each group is for, as AWS shows it. A change replaces the group. */
const descriptions: Readonly<Record<Role, string>> = {
  balancer: "The load balancer",
  app: "The tasks of the app",
  database: "The database; it opens no connection",
  cache: "The cache; it opens no connection",
  proxy: "The proxy before the database",
  endpoints: "Endpoints of AWS services; they open no connection",
};

/**
 * Who may connect to whom, by reference: no range but those that reach the balancer and the
 * internet that the app calls. Whatever is not said here is shut, in both directions.
 */
export class AwsSecurityGroups extends pulumi.ComponentResource {
  readonly balancerId: pulumi.Output<string>;
  readonly appId: pulumi.Output<string>;
  readonly databaseId: pulumi.Output<string> | undefined;
  readonly cacheId: pulumi.Output<string> | undefined;
  readonly proxyId: pulumi.Output<string> | undefined;
  readonly endpointsId: pulumi.Output<string> | undefined;
  /** The rules: what must stand before anything connects. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: AwsSecurityGroupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:network:AwsSecurityGroups", name, {}, opts);
    const { spec, overrides = {} } = args;
    const ready: pulumi.Resource[] = [];

    const group = (role: Role, kind = ""): ec2.SecurityGroup =>
      new ec2.SecurityGroup(
        `${name}-${kind}${role}`,
        withOverride<ec2.SecurityGroupArgs>(
          {
            vpcId: args.vpcId,
            description: descriptions[role],
            tags: { Name: `${spec.name}-${role}` },
          },
          overrides.group,
        ),
        { parent: this },
      );
    const groupIf = (wanted: boolean, role: Role) => (wanted ? group(role) : undefined);
    const ingress = (
      to: Role,
      from: string,
      rule: Omit<vpc.SecurityGroupIngressRuleArgs, "ipProtocol">,
    ): void => {
      const all = { ...rule, ipProtocol: "tcp" };
      ready.push(
        new vpc.SecurityGroupIngressRule(
          `${name}-${to}-from-${from}`,
          withOverride<vpc.SecurityGroupIngressRuleArgs>(all, overrides.ingress),
          { parent: this },
        ),
      );
    };
    const egress = (
      from: Role,
      to: string,
      rule: Omit<vpc.SecurityGroupEgressRuleArgs, "ipProtocol">,
    ): void => {
      const all = { ...rule, ipProtocol: "tcp" };
      ready.push(
        new vpc.SecurityGroupEgressRule(
          `${name}-${from}-to-${to}`,
          withOverride<vpc.SecurityGroupEgressRuleArgs>(all, overrides.egress),
          { parent: this },
        ),
      );
    };

    const groups = {
      // A group has room for the rules of one kind of edge: the other's is another group.
      balancer: group("balancer", "prefixListId" in spec.balancerFrom ? "" : "public-"),
      app: group("app"),
      database: groupIf(spec.database, "database"),
      cache: groupIf(spec.cache, "cache"),
      proxy: groupIf(spec.proxy, "proxy"),
      endpoints: groupIf(spec.endpoints, "endpoints"),
    } satisfies Record<Role, ec2.SecurityGroup | undefined>;

    /** Lets one group in at another, at one port; the caller's half only where it needs one. */
    const connect = (from: Role, to: Role, port: number, outgoing = true): void => {
      const [caller, called] = [groups[from], groups[to]];
      if (!caller || !called) return;
      const ports = { fromPort: port, toPort: port };
      ingress(to, from, {
        ...ports,
        securityGroupId: called.id,
        referencedSecurityGroupId: caller.id,
        description: `From the ${from}`,
      });
      if (!outgoing) return;
      egress(from, to, {
        ...ports,
        securityGroupId: caller.id,
        referencedSecurityGroupId: called.id,
        description: `To the ${to}`,
      });
    };

    const balancer = {
      securityGroupId: groups.balancer.id,
      fromPort: spec.balancerPort,
      toPort: spec.balancerPort,
    };
    const { balancerFrom } = spec;
    if ("prefixListId" in balancerFrom) {
      const { prefixListId } = balancerFrom;
      // One rule for both ports: the list counts as nearly all the rules that a group may have, and a
      // balancer that gets a certificate is for a while still asked at the other port.
      const ports = { fromPort: 80, toPort: httpsPort };
      ingress("balancer", "cdn", {
        ...{ ...balancer, ...ports },
        ...{ prefixListId, description: "From CloudFront" },
      });
    } else {
      const ranges = [
        ...balancerFrom.cidrs.map((cidrIpv4) => [cidrIpv4, { cidrIpv4 }] as const),
        ...(balancerFrom.ipv6Cidrs ?? []).map((cidrIpv6) => [cidrIpv6, { cidrIpv6 }] as const),
      ];
      for (const [range, source] of ranges) {
        ingress("balancer", keyOf(range), {
          ...balancer,
          ...source,
          description: `From ${range}`,
        });
      }
    }
    connect("balancer", "app", spec.appPort);
    connect("app", "database", databasePort);
    connect("app", "proxy", databasePort);
    connect("proxy", "database", databasePort);
    connect("app", "cache", cachePort);
    // The way there is the one to 443 anywhere.
    connect("app", "endpoints", httpsPort, false);
    for (const port of new Set([httpsPort, ...(spec.outsidePorts ?? [])])) {
      egress("app", `anywhere-${port}`, {
        securityGroupId: groups.app.id,
        fromPort: port,
        toPort: port,
        cidrIpv4: "0.0.0.0/0",
        description: `To port ${port} anywhere`,
      });
    }

    this.balancerId = groups.balancer.id;
    this.appId = groups.app.id;
    this.databaseId = groups.database?.id;
    this.cacheId = groups.cache?.id;
    this.proxyId = groups.proxy?.id;
    this.endpointsId = groups.endpoints?.id;
    this.ready = ready;
    this.registerOutputs({ balancerId: this.balancerId, appId: this.appId });
  }
}

/** A range as a part of a logical name. */
const keyOf = (cidr: string): string => cidr.replace(/[^0-9a-f]+/gi, "-");
