import { z } from "zod";
import { vpcEndpoints } from "../../../prices/aws";
import { regional } from "../awsKind";
import { policyText, requirePolicy } from "../iam/policy";
import { AwsError } from "../refusal";
import { accountId, arn, arnOf, ec2Id, filled, flag, regionOf, texts } from "../shapes";
import {
  ec2,
  inVpc,
  routeTableType,
  securityGroupType,
  subnetType,
  vpcEndpointType,
  vpcType,
} from "./words";

export const vpcEndpoint = regional({
  type: vpcEndpointType,
  api: ec2("EC2 VPC Endpoint", "CreateVpcEndpoint", {
    ...{ delete: "DeleteVpcEndpoints", named: ({ serviceName }) => String(serviceName) },
    codes: { 404: "InvalidVpcId.NotFound" },
  }),
  inputs: z.object({
    vpcId: filled,
    serviceName: z
      .string()
      .regex(/^(com\.amazonaws|aws)\.[a-z0-9.-]+$/, "e.g. com.amazonaws.eu-central-1.s3"),
    vpcEndpointType: z.enum(["Gateway", "Interface"]).optional(),
    ...{ routeTableIds: texts.optional(), subnetIds: texts.optional() },
    ...{ securityGroupIds: texts.optional(), privateDnsEnabled: flag, autoAccept: flag },
    ipAddressType: z.enum(["ipv4", "dualstack", "ipv6"]).optional(),
    policy: policyText.optional(),
  }),
  immutable: ["vpcId", "serviceName", "vpcEndpointType"],
  references: [
    inVpc,
    { input: "routeTableIds[]", type: routeTableType },
    { input: "subnetIds[]", type: subnetType },
    { input: "securityGroupIds[]", type: securityGroupType },
  ],
  idStyle: ec2Id("vpce"),
  recorded: "what runs here speaks to the embedded cloud's services without it",
  refuse: ({ cloud: { world }, inputs, id }) => {
    const { serviceName, vpcEndpointType: kind = "Gateway", policy } = inputs;
    const name = String(serviceName);
    if (!name.includes(`.${regionOf(inputs)}.`) && !name.startsWith("aws.")) {
      throw new AwsError("InvalidServiceName", `The Vpc Endpoint Service '${name}' does not exist`);
    }
    const gatewayOnly = vpcEndpoints.gatewayServices.some((one) => name.endsWith(`.${one}`));
    if (kind === "Gateway" && !gatewayOnly) {
      throw new AwsError(
        "InvalidParameter",
        `The VPC endpoint service ${name} does not support endpoints of type Gateway`,
      );
    }
    if (kind === "Interface" && inputs["routeTableIds"] !== undefined) {
      throw new AwsError("InvalidParameter", "Route table IDs are of Gateway endpoints alone");
    }
    const isPrivate = kind === "Interface" && inputs["privateDnsEnabled"] === true;
    const network = world.get(vpcType, String(inputs["vpcId"]))?.inputs;
    if (isPrivate && network?.["enableDnsHostnames"] !== true) {
      throw new AwsError(
        "InvalidParameter",
        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true",
      );
    }
    const twin = world
      .all(vpcEndpointType)
      .find(
        (one) =>
          one.id !== id &&
          one.inputs["vpcId"] === inputs["vpcId"] &&
          one.inputs["serviceName"] === name &&
          (one.inputs["privateDnsEnabled"] === true) === isPrivate,
      );
    if (twin && isPrivate) {
      throw new AwsError(
        "InvalidParameter",
        `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${name} in the VPC ${String(inputs["vpcId"])}`,
      );
    }
    if (typeof policy === "string") requirePolicy(policy, "resource", "InvalidPolicyDocument");
  },
  create: ({ id, inputs }) => ({
    outputs: {
      arn: arnOf("ec2", regionOf(inputs), `vpc-endpoint/${id}`),
      ...{ state: "available", ownerId: accountId },
      vpcEndpointType: inputs["vpcEndpointType"] ?? "Gateway",
      prefixListId: "pl-0d0b0c5a",
      dnsEntries: [],
      networkInterfaceIds: [],
    },
  }),
});

const of = { vpcId: filled.optional(), subnetId: filled.optional() };

export const flowLog = regional({
  type: "aws:ec2/flowLog:FlowLog",
  api: ec2("Flow Log", "CreateFlowLogs", { delete: "DeleteFlowLogs", update: "CreateTags" }),
  inputs: z.object({
    ...of,
    trafficType: z.enum(["ACCEPT", "REJECT", "ALL"]).optional(),
    logDestinationType: z.enum(["cloud-watch-logs", "s3", "kinesis-data-firehose"]).optional(),
    logDestination: arn().optional(),
    iamRoleArn: arn("iam").optional(),
    logFormat: filled.optional(),
    maxAggregationInterval: z
      .union([z.literal(60), z.literal(600)], "expected maxAggregationInterval to be 60 or 600")
      .optional(),
  }),
  immutable: [
    ...["vpcId", "subnetId", "trafficType", "logDestinationType", "logDestination"],
    ...["iamRoleArn", "logFormat", "maxAggregationInterval"],
  ],
  references: [
    { ...inVpc, onDelete: "cascade" },
    { input: "subnetId", type: subnetType, onDelete: "cascade" },
    { input: "iamRoleArn", type: "aws:iam/role:Role", property: "arn", onDelete: "release" },
  ],
  idStyle: ec2Id("fl"),
  recorded: "no packet passes a network here, so nothing is written",
  check: ({ vpcId, subnetId, logDestinationType, iamRoleArn }) => [
    ...(vpcId !== undefined && subnetId !== undefined
      ? [{ property: "subnetId", reason: "only one of eniId, subnetId, vpcId may be set" }]
      : []),
    ...(logDestinationType === "s3" && iamRoleArn !== undefined
      ? [{ property: "iamRoleArn", reason: "not with a destination in S3" }]
      : []),
  ],
  refuse: ({ inputs: { vpcId, subnetId, trafficType, ...rest } }) => {
    if (vpcId === undefined && subnetId === undefined) {
      throw new AwsError("MissingParameter", "The request must contain the parameter ResourceIds");
    }
    if (trafficType === undefined) {
      throw new AwsError("MissingParameter", "The request must contain the parameter TrafficType");
    }
    if (rest["logDestinationType"] !== "s3" && rest["iamRoleArn"] === undefined) {
      throw new AwsError(
        "InvalidParameter",
        "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
      );
    }
  },
  create: ({ id, inputs }) => ({
    outputs: { arn: arnOf("ec2", regionOf(inputs), `vpc-flow-log/${id}`) },
  }),
});
