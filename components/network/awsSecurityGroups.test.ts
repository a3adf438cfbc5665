import { describe, expect, it } from "vitest";
import {
  AwsSecurityGroups,
  type AwsSecurityGroupsArgs,
  type AwsSecurityGroupsSpec,
} from "./awsSecurityGroups";
import { cloudflareIpRanges } from "./cloudflareRanges";
import { awsAnswer, registered, type Registered } from "./testing/registered";

const spec: AwsSecurityGroupsSpec = {
  name: "drops-test",
  balancerFrom: { prefixListId: "pl-3b927c52" },
  balancerPort: 443,
  appPort: 3000,
  database: true,
  cache: true,
  proxy: true,
  endpoints: true,
};

const composed = (
  changes: Partial<AwsSecurityGroupsSpec> = {},
  overrides: AwsSecurityGroupsArgs["overrides"] = {},
) =>
  registered(() => {
    const { ready, balancerId, appId, databaseId, cacheId, proxyId, endpointsId } =
      new AwsSecurityGroups("security", { spec: { ...spec, ...changes }, vpcId: "vpc", overrides });
    return {
      ready: ready.length,
      ids: { balancerId, appId, databaseId, cacheId, proxyId, endpointsId },
    };
  }, awsAnswer());

/** Each rule as a line: who, in or out, whom, where. */
function rulesOf({ resources }: Registered): readonly string[] {
  const bare = (id: unknown) => String(id).replace("security-", "");
  return resources
    .filter(({ type }) => type.startsWith("aws:vpc/"))
    .map(({ type, inputs }) => {
      const peer =
        inputs.referencedSecurityGroupId ??
        inputs.prefixListId ??
        inputs.cidrIpv4 ??
        inputs.cidrIpv6;
      const direction = type.endsWith("IngressRule") ? "from" : "to";
      const ports = [...new Set([inputs.fromPort, inputs.toPort])].join("-");
      const where = `${String(inputs.ipProtocol)}:${ports}`;
      return `${bare(inputs.securityGroupId)} ${direction} ${bare(peer)} ${where}`;
    })
    .sort();
}

describe("who may connect to whom", () => {
  it("with all that there can be", async () => {
    const all = await composed();
    expect(rulesOf(all)).toEqual([
      "app from balancer tcp:3000",
      "app to 0.0.0.0/0 tcp:443",
      "app to cache tcp:6379",
      "app to database tcp:5432",
      "app to proxy tcp:5432",
      "balancer from pl-3b927c52 tcp:80-443",
      "balancer to app tcp:3000",
      "cache from app tcp:6379",
      "database from app tcp:5432",
      "database from proxy tcp:5432",
      "endpoints from app tcp:443",
      "proxy from app tcp:5432",
      "proxy to database tcp:5432",
    ]);
    expect(all.outputs).toEqual({
      ready: 13,
      ids: {
        balancerId: "security-balancer",
        appId: "security-app",
        databaseId: "security-database",
        cacheId: "security-cache",
        proxyId: "security-proxy",
        endpointsId: "security-endpoints",
      },
    });
  });

  it("with nothing of its own but the app", async () => {
    const none = await composed({
      balancerPort: 80,
      database: false,
      cache: false,
      proxy: false,
      endpoints: false,
      outsidePorts: [6543, 443],
    });
    expect(rulesOf(none)).toEqual([
      "app from balancer tcp:3000",
      "app to 0.0.0.0/0 tcp:443",
      "app to 0.0.0.0/0 tcp:6543",
      "balancer from pl-3b927c52 tcp:80-443",
      "balancer to app tcp:3000",
    ]);
    expect(none.outputs.ids).toEqual({ balancerId: "security-balancer", appId: "security-app" });
  });

  it("with a balancer that Cloudflare alone reaches", async () => {
    const { ipv4, ipv6 } = cloudflareIpRanges;
    const all = await composed({ balancerFrom: { cidrs: ipv4, ipv6Cidrs: ipv6 } });
    const from = all.resources.filter(({ name }) => name.startsWith("security-balancer-from-"));
    expect(from.map(({ inputs }) => inputs.cidrIpv4 ?? inputs.cidrIpv6).sort()).toEqual(
      [...ipv4, ...ipv6].sort(),
    );
    // Not the group that CloudFront's list fills.
    expect(all.named("security-balancer-from-173-245-48-0-20").inputs).toEqual({
      securityGroupId: "security-public-balancer",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrIpv4: "173.245.48.0/20",
      description: "From 173.245.48.0/20",
    });
    expect(all.named("security-balancer-from-2400-cb00-32").inputs).toMatchObject({
      cidrIpv6: "2400:cb00::/32",
    });
    expect(new Set(all.names).size).toBe(all.names.length);
  });
});

describe("groups and rules", () => {
  it("have names by what they join, and groups have no rules of their own", async () => {
    const { names, named } = await composed({ balancerFrom: { cidrs: ["10.0.0.0/8"] } });
    expect(names).toEqual([
      "ec2:SecurityGroup security-app",
      "ec2:SecurityGroup security-cache",
      "ec2:SecurityGroup security-database",
      "ec2:SecurityGroup security-endpoints",
      "ec2:SecurityGroup security-proxy",
      "ec2:SecurityGroup security-public-balancer",
      "vpc:SecurityGroupEgressRule security-app-to-anywhere-443",
      "vpc:SecurityGroupEgressRule security-app-to-cache",
      "vpc:SecurityGroupEgressRule security-app-to-database",
      "vpc:SecurityGroupEgressRule security-app-to-proxy",
      "vpc:SecurityGroupEgressRule security-balancer-to-app",
      "vpc:SecurityGroupEgressRule security-proxy-to-database",
      "vpc:SecurityGroupIngressRule security-app-from-balancer",
      "vpc:SecurityGroupIngressRule security-balancer-from-10-0-0-0-8",
      "vpc:SecurityGroupIngressRule security-cache-from-app",
      "vpc:SecurityGroupIngressRule security-database-from-app",
      "vpc:SecurityGroupIngressRule security-database-from-proxy",
      "vpc:SecurityGroupIngressRule security-endpoints-from-app",
      "vpc:SecurityGroupIngressRule security-proxy-from-app",
    ]);
    expect(named("security-database").inputs).toEqual({
      vpcId: "vpc",
      description: "The database; it opens no connection",
      tags: { Name: "drops-test-database" },
    });
    expect(named("security-database-from-app").inputs).toEqual({
      securityGroupId: "security-database",
      referencedSecurityGroupId: "security-app",
      ipProtocol: "tcp",
      fromPort: 5432,
      toPort: 5432,
      description: "From the app",
    });
    expect(named("security-app-to-database").inputs).toEqual({
      securityGroupId: "security-app",
      referencedSecurityGroupId: "security-database",
      ipProtocol: "tcp",
      fromPort: 5432,
      toPort: 5432,
      description: "To the database",
    });
  });

  it("are described in the letters that EC2 allows", async () => {
    const { resources } = await composed();
    for (const { name, inputs } of resources)
      expect(inputs.description, name).toMatch(/^[0-9A-Za-z_ .:/()#,@[\]+=&;{}!$*-]{1,255}$/);
  });

  it("can be overridden", async () => {
    const tags = { ours: "yes" };
    const { resources } = await composed(
      {},
      { group: { tags }, ingress: { tags }, egress: { tags } },
    );
    expect(resources.filter(({ inputs }) => inputs.tags === undefined)).toEqual([]);
    for (const { name, inputs } of resources) expect(inputs.tags, name).toEqual(tags);
  });
});
