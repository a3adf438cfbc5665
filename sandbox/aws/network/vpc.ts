import { z } from "zod";
import { zonesOf } from "../../../prices/aws";
import { overlaps, parseCidr } from "../../../settings/cidr";
import type { Values } from "../../cloud/kind";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { accountId, arnOf, ec2Id, filled, flag, regionOf } from "../shapes";
import { contains, ipv4Range, rangeProblems, requireSize } from "./ranges";
import { ec2, inVpc, subnetType, vpcType } from "./words";

const dnsOf = ({ enableDnsSupport, enableDnsHostnames }: Values): Values => ({
  enableDnsSupport: enableDnsSupport ?? true,
  enableDnsHostnames: enableDnsHostnames ?? false,
});

export const vpc = regional({
  type: vpcType,
  api: ec2("EC2 VPC", "CreateVpc", { update: "ModifyVpcAttribute", delete: "DeleteVpc" }),
  inputs: z.object({
    cidrBlock: ipv4Range,
    ...{ enableDnsHostnames: flag, enableDnsSupport: flag },
    enableNetworkAddressUsageMetrics: flag,
    instanceTenancy: z.enum(["default", "dedicated"]).optional(),
  }),
  immutable: ["cidrBlock"],
  idStyle: ec2Id("vpc"),
  inUse: (names) =>
    `The vpc has dependencies and cannot be deleted (${names.join(", ")} are still in it)`,
  recorded: "its addresses exist on paper alone: everything talks over the loopback device",
  check: ({ cidrBlock }) => rangeProblems("cidrBlock", cidrBlock),
  refuse: ({ inputs }) => {
    requireSize(String(inputs["cidrBlock"]), "InvalidVpc.Range");
  },
  create: ({ id, inputs }) => ({
    outputs: {
      ...{ arn: arnOf("ec2", regionOf(inputs), `vpc/${id}`), ownerId: accountId },
      ...defaultsOf(id),
      ...dnsOf(inputs),
      instanceTenancy: inputs["instanceTenancy"] ?? "default",
    },
  }),
  update: ({ inputs }) => ({ outputs: dnsOf(inputs) }),
});

/** What AWS makes with every VPC; here the ids follow from its own. */
export function defaultsOf(vpcId: string) {
  const rest = vpcId.slice("vpc-".length);
  return {
    defaultSecurityGroupId: `sg-${rest}`,
    mainRouteTableId: `rtb-${rest}`,
    defaultRouteTableId: `rtb-${rest}`,
    defaultNetworkAclId: `acl-${rest}`,
    dhcpOptionsId: "dopt-0d0b0c5a0d0b0c5a0",
  };
}

export const subnet = regional({
  type: subnetType,
  api: ec2("EC2 Subnet", "CreateSubnet", {
    ...{ update: "ModifySubnetAttribute", delete: "DeleteSubnet" },
    codes: { 404: "InvalidVpcID.NotFound" },
  }),
  inputs: z.object({
    vpcId: filled,
    cidrBlock: ipv4Range,
    availabilityZone: filled.optional(),
    ...{ mapPublicIpOnLaunch: flag, enableDns64: flag, assignIpv6AddressOnCreation: flag },
    enableResourceNameDnsARecordOnLaunch: flag,
    privateDnsHostnameTypeOnLaunch: z.enum(["ip-name", "resource-name"]).optional(),
  }),
  immutable: ["vpcId", "cidrBlock", "availabilityZone"],
  references: [inVpc],
  idStyle: ec2Id("subnet"),
  inUse: (names) =>
    `The subnet has dependencies and cannot be deleted (${names.join(", ")} are still in it)`,
  check: ({ cidrBlock }) => rangeProblems("cidrBlock", cidrBlock),
  refuse: ({ cloud: { world }, inputs, id }) => {
    const range = String(inputs["cidrBlock"]);
    requireSize(range, "InvalidSubnet.Range");
    requireZone(inputs);
    const network = world.get(vpcType, String(inputs["vpcId"]));
    if (!network || network.inputs["region"] !== inputs["region"]) {
      throw new AwsError(
        "InvalidVpcID.NotFound",
        `The vpc ID '${String(inputs["vpcId"])}' does not exist in ${regionOf(inputs)}`,
      );
    }
    if (!contains(String(network.inputs["cidrBlock"]), range)) {
      throw new AwsError("InvalidSubnet.Range", `The CIDR '${range}' is invalid.`);
    }
    const other = world
      .all(subnetType)
      .find(
        (one) =>
          one.id !== id &&
          one.inputs["vpcId"] === network.id &&
          overlaps(String(one.inputs["cidrBlock"]), range),
      );
    if (other) {
      throw new AwsError(
        "InvalidSubnet.Conflict",
        `The CIDR '${range}' conflicts with another subnet (${String(other.inputs["cidrBlock"])})`,
      );
    }
  },
  create: ({ id, inputs }) => ({
    outputs: {
      ...{ arn: arnOf("ec2", regionOf(inputs), `subnet/${id}`), ownerId: accountId },
      availabilityZone: inputs["availabilityZone"] ?? `${regionOf(inputs)}a`,
      mapPublicIpOnLaunch: inputs["mapPublicIpOnLaunch"] ?? false,
      availableIpAddressCount: addressesOf(String(inputs["cidrBlock"])),
    },
  }),
  update: ({ inputs }) => ({
    outputs: { mapPublicIpOnLaunch: inputs["mapPublicIpOnLaunch"] ?? false },
  }),
});

function addressesOf(range: string): number {
  const { first, last } = parseCidr(range);
  return last - first + 1 - 5;
}

function requireZone(inputs: Values): void {
  const { availabilityZone: zone } = inputs;
  const region = regionOf(inputs);
  if (typeof zone !== "string") return;
  const zones = zonesOf(region);
  const exists = zones ? zones.includes(zone) : new RegExp(`^${region}[a-f]$`).test(zone);
  if (exists) return;
  throw new AwsError(
    "InvalidParameterValue",
    `Value (${zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${(zones ?? []).join(", ")}.`,
  );
}
