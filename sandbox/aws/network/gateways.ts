import { z } from "zod";
import { parseCidr } from "../../../settings/cidr";
import { CloudError } from "../../cloud/kind";
import type { World } from "../../contracts";
import { addressText, take } from "../../digitalocean/addresses";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { accountId, arnOf, ec2Id, filled, regionOf, textOf } from "../shapes";
import { ec2, eipType, internetGatewayType, inVpc, natGatewayType, subnetType } from "./words";

export const internetGateway = regional({
  type: internetGatewayType,
  api: ec2("EC2 Internet Gateway", "CreateInternetGateway"),
  inputs: z.object({ vpcId: filled.optional() }),
  immutable: [],
  references: [inVpc],
  idStyle: ec2Id("igw"),
  inUse: (names) =>
    `Network ${names.join(", ")} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
  refuse: ({ cloud: { world }, inputs: { vpcId }, id }) => {
    if (vpcId === undefined) return;
    const other = world
      .all(internetGatewayType)
      .find((one) => one.id !== id && one.inputs["vpcId"] === vpcId);
    if (other) {
      throw new AwsError(
        "Resource.AlreadyAssociated",
        `resource ${textOf(vpcId)} is already attached to network ${other.id}`,
        400,
        "AttachInternetGateway",
      );
    }
  },
  create: ({ id, inputs }) => ({
    outputs: {
      arn: arnOf("ec2", regionOf(inputs), `internet-gateway/${id}`),
      ownerId: accountId,
    },
  }),
});

export const eip = regional({
  type: eipType,
  api: ec2("EC2 EIP", "AllocateAddress", {
    delete: "ReleaseAddress",
    codes: { 409: "InvalidIPAddress.InUse" },
  }),
  inputs: z.object({ domain: z.literal("vpc").optional(), networkBorderGroup: filled.optional() }),
  immutable: ["domain", "networkBorderGroup"],
  idStyle: ec2Id("eipalloc"),
  create: ({ id, cloud: { world }, inputs, before }) => {
    const publicIp = textOf(before?.outputs["publicIp"] ?? freeAddress(world));
    const region = regionOf(inputs);
    return {
      outputs: {
        ...{ allocationId: id, publicIp, domain: "vpc" },
        publicDns: `ec2-${publicIp.replaceAll(".", "-")}.${region}.compute.amazonaws.com`,
        arn: arnOf("ec2", region, `elastic-ip/${id}`),
      },
    };
  },
});

/** Of a range that is never routed (RFC 2544), apart from the other cloud's. */
function freeAddress(world: World): string {
  const taken = new Set(world.all(eipType).map(({ outputs }) => outputs["publicIp"]));
  const { first, last } = parseCidr("198.19.128.0/24");
  for (let address = first + 1; address < last; address += 1) {
    const text = addressText(address);
    // Two may be made at once.
    if (!taken.has(text) && take(world, text)) return text;
  }
  throw new CloudError(500, "no address is left");
}

export const natGateway = regional({
  type: natGatewayType,
  api: ec2("EC2 NAT Gateway", "CreateNatGateway", {
    codes: { 404: "InvalidAllocationID.NotFound" },
  }),
  inputs: z.object({
    allocationId: filled.optional(),
    connectivityType: z.enum(["public", "private"]).optional(),
    subnetId: filled,
  }),
  immutable: ["allocationId", "connectivityType", "subnetId"],
  references: [
    { input: "allocationId", type: eipType },
    { input: "subnetId", type: subnetType },
  ],
  idStyle: ec2Id("nat"),
  recorded:
    "nothing translates addresses: what runs here reaches the internet as this machine does",
  check: ({ connectivityType, allocationId }) =>
    connectivityType === "private" && allocationId !== undefined
      ? [{ property: "allocationId", reason: "not supported with connectivity_type private" }]
      : [],
  refuse: ({ cloud: { world }, inputs, id }) => {
    const { allocationId, connectivityType = "public", subnetId } = inputs;
    if (connectivityType === "private") return;
    if (allocationId === undefined) {
      throw new AwsError(
        "MissingParameter",
        "The request must include the AllocationId parameter.",
      );
    }
    const other = world
      .all(natGatewayType)
      .find((one) => one.id !== id && one.inputs["allocationId"] === allocationId);
    if (other) {
      throw new AwsError(
        "Resource.AlreadyAssociated",
        `Elastic IP address [${textOf(allocationId)}] is already associated`,
      );
    }
    const vpcId = world.get(subnetType, String(subnetId))?.inputs["vpcId"];
    const attached = world.all(internetGatewayType).some((one) => one.inputs["vpcId"] === vpcId);
    if (!attached) {
      throw new AwsError(
        "Gateway.NotAttached",
        `Network ${String(vpcId)} has no Internet gateway attached`,
      );
    }
  },
  create: ({ cloud: { world }, inputs }) => ({
    outputs: {
      connectivityType: inputs["connectivityType"] ?? "public",
      publicIp: world.get(eipType, String(inputs["allocationId"]))?.outputs["publicIp"] ?? "",
    },
  }),
});
