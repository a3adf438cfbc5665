import type { Values } from "../../cloud/kind";
import type { CloudResource, World } from "../../contracts";
import { contains } from "./ranges";
import {
  internetGatewayType,
  natGatewayType,
  routeTableType,
  securityGroupType,
  subnetType,
  vpcEndpointType,
} from "./words";

const routeType = "aws:ec2/route:Route";
const associationType = "aws:ec2/routeTableAssociation:RouteTableAssociation";
const anywhere = "0.0.0.0/0";

const readyOf = (world: World, type: string): readonly CloudResource[] =>
  world.all(type).filter(({ ready }) => ready);

/** Whether a subnet's routes lead to the internet, for who has a public address or has none. */
export function hasWayOut(world: World, subnetId: string, publicAddress: boolean): boolean {
  const table = tableOf(world, subnetId);
  const routes = readyOf(world, routeType)
    .filter(({ inputs }) => inputs["routeTableId"] === table)
    .map(({ inputs }) => inputs)
    .filter(({ destinationCidrBlock }) => destinationCidrBlock === anywhere)
    .concat(inlineRoutes(world, table).filter(({ cidrBlock }) => cidrBlock === anywhere));
  return routes.some(
    ({ natGatewayId, gatewayId }) =>
      isThere(world, natGatewayType, natGatewayId) ||
      (publicAddress && isThere(world, internetGatewayType, gatewayId)),
  );
}

const isThere = (world: World, type: string, id: unknown): boolean =>
  typeof id === "string" && world.get(type, id)?.ready === true;

function tableOf(world: World, subnetId: string): unknown {
  return readyOf(world, associationType).find(({ inputs }) => inputs["subnetId"] === subnetId)
    ?.inputs["routeTableId"];
}

function inlineRoutes(world: World, table: unknown): readonly Values[] {
  const found = typeof table === "string" ? world.get(routeTableType, table) : undefined;
  return (found?.inputs["routes"] ?? []) as readonly Values[];
}

/** Whether a subnet reaches a service of AWS without the internet, e.g. "secretsmanager" or "s3". */
export function hasEndpoint(world: World, subnetId: string, service: string): boolean {
  const { vpcId, region } = world.get(subnetType, subnetId)?.inputs ?? {};
  const table = tableOf(world, subnetId);
  return readyOf(world, vpcEndpointType).some(({ inputs }) => {
    const isIt = inputs["serviceName"] === `com.amazonaws.${String(region)}.${service}`;
    if (!isIt || inputs["vpcId"] !== vpcId) return false;
    const { vpcEndpointType: kind = "Gateway", routeTableIds = [] } = inputs;
    return kind === "Gateway"
      ? (routeTableIds as readonly unknown[]).includes(table)
      : inputs["privateDnsEnabled"] === true;
  });
}

/** One end of a connection: its security groups, and the subnets that its addresses are in. */
export interface End {
  readonly groups: readonly string[];
  readonly subnets: readonly string[];
}

/** Whether security groups let one connect to another at a port; both have to. */
export function mayConnect(world: World, from: End, to: End, port: number): boolean {
  return (
    isLet(world, "Egress", from.groups, to, port) && isLet(world, "Ingress", to.groups, from, port)
  );
}

/** Whether groups let out to everybody, at a port. */
export const mayReachAnywhere = (world: World, groups: readonly string[], port: number): boolean =>
  rulesOf(world, "Egress", groups).some(
    (rule) => covers(rule, port) && rule["cidrIpv4"] === anywhere,
  );

function isLet(
  world: World,
  direction: "Ingress" | "Egress",
  groups: readonly string[],
  other: End,
  port: number,
): boolean {
  const ranges = other.subnets.map((id) => String(world.get(subnetType, id)?.inputs["cidrBlock"]));
  const isOther = (rule: Values): boolean => {
    const { referencedSecurityGroupId: group, cidrIpv4: range } = rule;
    if (typeof group === "string") return other.groups.includes(group);
    return typeof range === "string" && ranges.every((one) => contains(range, one));
  };
  return rulesOf(world, direction, groups).some((rule) => covers(rule, port) && isOther(rule));
}

function covers({ ipProtocol, fromPort, toPort }: Values, port: number): boolean {
  if (ipProtocol === "-1" || ipProtocol === "all") return true;
  return ipProtocol === "tcp" && Number(fromPort) <= port && port <= Number(toPort);
}

/** Rules of groups in the shape of those that are resources of their own. */
function rulesOf(
  world: World,
  direction: "Ingress" | "Egress",
  groups: readonly string[],
): readonly Values[] {
  const type = `aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule`;
  const own = readyOf(world, type)
    .map(({ inputs }) => inputs)
    .filter(({ securityGroupId }) => groups.includes(String(securityGroupId)));
  const inline = groups.flatMap((id) =>
    ((world.get(securityGroupType, id)?.inputs[direction.toLowerCase()] ?? []) as Values[]).flatMap(
      (rule) => spread(rule, id),
    ),
  );
  return [...own, ...inline];
}

/** An inline rule has several sources. */
function spread(rule: Values, group: string): readonly Values[] {
  const { protocol: ipProtocol, fromPort, toPort, cidrBlocks = [], securityGroups = [] } = rule;
  const about = { ipProtocol, fromPort, toPort };
  return [
    ...(cidrBlocks as readonly string[]).map((cidrIpv4) => ({ ...about, cidrIpv4 })),
    ...[...(securityGroups as readonly string[]), ...(rule["self"] === true ? [group] : [])].map(
      (referencedSecurityGroupId) => ({ ...about, referencedSecurityGroupId }),
    ),
  ];
}
