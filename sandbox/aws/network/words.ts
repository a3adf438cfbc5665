import type { ApiWords } from "../awsKind";

/** What EC2 asks and answers: its errors have no types, and every resource is named by its id. */
export function ec2(noun: string, operation: string, more: Partial<ApiWords> = {}): ApiWords {
  return {
    ...{ noun, sdk: "EC2", create: operation, plainErrors: true },
    update: operation.replace(/^(Create|Allocate|Associate)/, "Modify"),
    named: () => undefined,
    ...more,
    codes: { 409: "DependencyViolation", ...more.codes },
  };
}

export const vpcType = "aws:ec2/vpc:Vpc";
export const subnetType = "aws:ec2/subnet:Subnet";
export const securityGroupType = "aws:ec2/securityGroup:SecurityGroup";
export const defaultSecurityGroupType = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";
export const internetGatewayType = "aws:ec2/internetGateway:InternetGateway";
export const natGatewayType = "aws:ec2/natGateway:NatGateway";
export const routeTableType = "aws:ec2/routeTable:RouteTable";
export const eipType = "aws:ec2/eip:Eip";
export const vpcEndpointType = "aws:ec2/vpcEndpoint:VpcEndpoint";

/** A reference to a VPC, by its id. */
export const inVpc = { input: "vpcId", type: vpcType } as const;
