import { cloudfrontPrefixList } from "../../../../prices/aws";
import { cloudflare } from "../../../cloudflare";
import type { CloudResource } from "../../../contracts";
import { newNetwork } from "../../testing/network";
import { AwsTestCloud } from "../../testing/testCloud";

export const zoneId = "a".repeat(32);
export const region = "eu-central-1";

/** AWS and Cloudflare with a zone, and a balancer inside a network that CloudFront may reach. */
export interface EdgePlace {
  readonly cloud: AwsTestCloud;
  readonly balancer: CloudResource;
  readonly groupId: string;
}

export async function newEdgePlace(): Promise<EdgePlace> {
  const cloud = new AwsTestCloud({ region }, [cloudflare]);
  cloud.world.put({
    ...{ id: zoneId, type: "cloudflare:index/zone:Zone", urn: "", outputs: {}, hidden: {} },
    ...{ inputs: { name: "example.com", plan: "free" }, ready: true },
  });
  const { vpc, subnetIds } = await newNetwork(cloud);
  await cloud.create("InternetGateway", "gateway", { vpcId: vpc.id });
  const group = await cloud.create("SecurityGroup", "balancer", { vpcId: vpc.id });
  await cloud.create("SecurityGroupIngressRule", "cloudfront", {
    ...{ securityGroupId: group.id, ipProtocol: "tcp", fromPort: 443, toPort: 443 },
    prefixListId: cloudfrontPrefixList(region),
  });
  const balancer = await cloud.create("LoadBalancer", "balancer-balancer", {
    ...{ internal: true, subnets: subnetIds, securityGroups: [group.id] },
  });
  return { cloud, balancer, groupId: group.id };
}
