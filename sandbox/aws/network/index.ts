import type { AwsKind } from "../awsKind";
import { flowLog, vpcEndpoint } from "./endpoints";
import { eip, internetGateway, natGateway } from "./gateways";
import { route, routeTable, routeTableAssociation } from "./routes";
import {
  defaultSecurityGroup,
  securityGroup,
  securityGroupEgressRule,
  securityGroupIngressRule,
} from "./securityGroups";
import { subnet, vpc } from "./vpc";

export const networkKinds: readonly AwsKind[] = [
  ...[vpc, subnet, internetGateway, eip, natGateway, routeTable, route, routeTableAssociation],
  ...[vpcEndpoint, flowLog, defaultSecurityGroup, securityGroup],
  ...[securityGroupIngressRule, securityGroupEgressRule],
];
