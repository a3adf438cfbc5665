import { z } from "zod";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { accountId, arnOf, ec2Id, filled, regionOf } from "../shapes";
import {
  ec2,
  internetGatewayType,
  inVpc,
  natGatewayType,
  routeTableType,
  subnetType,
} from "./words";

const targets = {
  gatewayId: internetGatewayType,
  natGatewayId: natGatewayType,
} as const;

const target = { gatewayId: filled.optional(), natGatewayId: filled.optional() };

export const routeTable = regional({
  type: routeTableType,
  api: ec2("Route Table", "CreateRouteTable"),
  inputs: z.object({
    vpcId: filled,
    routes: z
      .array(
        z.strictObject({
          ...{ cidrBlock: z.cidrv4().optional(), ipv6CidrBlock: z.cidrv6().optional(), ...target },
        }),
      )
      .optional(),
  }),
  immutable: ["vpcId"],
  references: [
    inVpc,
    ...Object.entries(targets).map(([input, type]) => ({ input: `routes[].${input}`, type })),
  ],
  idStyle: ec2Id("rtb"),
  inUse: (names) =>
    `The routeTable has dependencies and cannot be deleted (${names.join(", ")} still use it)`,
  create: ({ id, inputs }) => ({
    outputs: {
      arn: arnOf("ec2", regionOf(inputs), `route-table/${id}`),
      ownerId: accountId,
    },
  }),
});

export const route = regional({
  type: "aws:ec2/route:Route",
  tagged: false,
  api: ec2("Route", "CreateRoute", {
    named: ({ routeTableId, destinationCidrBlock, destinationIpv6CidrBlock }) =>
      `${String(routeTableId)}: ${String(destinationCidrBlock ?? destinationIpv6CidrBlock)}`,
    codes: { 404: "InvalidRouteTableID.NotFound", 409: "RouteAlreadyExists" },
  }),
  inputs: z.object({
    routeTableId: filled,
    destinationCidrBlock: z.cidrv4().optional(),
    destinationIpv6CidrBlock: z.cidrv6().optional(),
    ...target,
  }),
  immutable: ["routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock"],
  references: [
    // Deleting a table deletes its routes with it.
    { input: "routeTableId", type: routeTableType, onDelete: "cascade" },
    ...Object.entries(targets).map(([input, type]) => ({ input, type })),
  ],
  unique: [
    ["routeTableId", "destinationCidrBlock"],
    ["routeTableId", "destinationIpv6CidrBlock"],
  ],
  conflict: ({ destinationCidrBlock }) =>
    `The route identified by ${String(destinationCidrBlock)} already exists.`,
  idStyle: ({ routeTableId, destinationCidrBlock, destinationIpv6CidrBlock }) =>
    `r-${String(routeTableId)}${hash(String(destinationCidrBlock ?? destinationIpv6CidrBlock))}`,
  check: (inputs) => [
    ...exactlyOne(inputs, ["destinationCidrBlock", "destinationIpv6CidrBlock"]),
    ...exactlyOne(inputs, Object.keys(target)),
  ],
  create: () => ({ outputs: { state: "active", origin: "CreateRoute" } }),
});

/** Nothing is said where a value is not yet known. */
function exactlyOne(inputs: object, names: readonly string[]) {
  const given = names.filter((name) => name in inputs);
  if (given.length <= 1) return [];
  return [
    { property: given[1] ?? "", reason: `conflicts with ${given[0] ?? ""}: only one may be set` },
  ];
}

/** As short as the provider's, which hashes the destination. */
function hash(text: string): number {
  return Buffer.from(text).reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7);
}

export const routeTableAssociation = regional({
  type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  tagged: false,
  api: ec2("Route Table Association", "AssociateRouteTable", {
    ...{ update: "ReplaceRouteTableAssociation", delete: "DisassociateRouteTable" },
    codes: { 409: "Resource.AlreadyAssociated" },
  }),
  inputs: z.object({ routeTableId: filled, subnetId: filled }),
  immutable: ["subnetId"],
  references: [
    { input: "routeTableId", type: routeTableType },
    { input: "subnetId", type: subnetType, onDelete: "cascade" },
  ],
  unique: [["subnetId"]],
  conflict: ({ subnetId }) =>
    `the specified association for route table conflicts with an existing association of ${String(subnetId)}`,
  idStyle: ec2Id("rtbassoc"),
  refuse: ({ cloud: { world }, inputs }) => {
    const table = world.get(routeTableType, String(inputs["routeTableId"]));
    const network = world.get(subnetType, String(inputs["subnetId"]));
    if (table?.inputs["vpcId"] === network?.inputs["vpcId"]) return;
    throw new AwsError(
      "InvalidParameterValue",
      `Route table ${table?.id ?? ""} and subnet ${network?.id ?? ""} belong to different networks`,
    );
  },
});
