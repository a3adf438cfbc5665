import { trustPolicy } from "../../../components/iam/trustPolicy";
import type { CloudResource } from "../../contracts";
import { regionOf } from "../shapes";
import type { AwsTestCloud } from "./testCloud";

/** A VPC, 10.130.0.0/16, with the subnet 10.130.0.0/24 in its first zone, and so on. */
interface Network {
  readonly vpc: CloudResource;
  readonly subnets: readonly CloudResource[];
  readonly subnetIds: readonly string[];
}

/** @param zones Letters, one for each subnet. */
export async function newNetwork(
  cloud: AwsTestCloud,
  zones: readonly string[] = ["a", "b", "c"],
): Promise<Network> {
  const vpc = await cloud.create("Vpc", "vpc", { cidrBlock: "10.130.0.0/16" });
  const subnets: CloudResource[] = [];
  for (const [index, zone] of zones.entries()) {
    const subnet = await cloud.create("Subnet", `subnet-${index + 1}`, {
      vpcId: vpc.id,
      cidrBlock: `10.130.${index}.0/24`,
      availabilityZone: `${regionOf(vpc.inputs)}${zone}`,
    });
    subnets.push(subnet);
  }
  return { vpc, subnets, subnetIds: subnets.map(({ id }) => id) };
}

/** A role that a service may become, e.g. "backup.amazonaws.com". */
export async function newRole(cloud: AwsTestCloud, service: string): Promise<CloudResource> {
  return await cloud.create("Role", service, { assumeRolePolicy: trustPolicy(service) });
}
