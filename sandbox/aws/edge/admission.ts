import { BlockList, isIP } from "node:net";
import { cloudfrontPrefixList } from "../../../prices/aws";
import type { CloudResource, LoopbackTarget, Unreachable, World } from "../../contracts";
import { cloudflareEdgeAddress } from "../../edge/cloudfront/fromCloudflare";
import type { Containers } from "../../containers/contract";
import { loadBalancerType } from "../balancer/words";
import { securityGroupType, subnetType } from "../network/words";

/*
 * Who reaches a balancer, by its security groups. Whether what comes through a VPC origin bears the
 * addresses of CloudFront's prefix list or of the subnets was not found out without doubt: a rule for
 * either counts.
 */

type Balancers = Pick<Containers, "balancerTarget">;

/** Where CloudFront arrives that goes through a VPC origin; undefined: there is no such balancer. */
export function fromCloudfront(
  world: World,
  balancers: Balancers,
  arn: string,
  port: number,
): LoopbackTarget | Unreachable | undefined {
  const balancer = world.all(loadBalancerType).find(({ outputs }) => outputs["arn"] === arn);
  if (!balancer) return undefined;
  const list = cloudfrontPrefixList(String(balancer.inputs["region"]));
  const addresses = subnetsOf(world, balancer).map((range) => range.split("/")[0] ?? "");
  const rules = rulesOf(world, balancer, port);
  const isListed =
    list !== undefined && rules.some(({ prefixLists }) => prefixLists.includes(list));
  // Subnets may be admitted one by one.
  const ranges = rules.flatMap((rule) => rule.ranges);
  const isNear = addresses.length > 0 && addresses.every((address) => holds(ranges, address));
  if (!isListed && !isNear) return "firewall";
  return at(balancers, arn, port);
}

/** Where Cloudflare's proxy arrives at a balancer by its name; undefined: none has the name. */
export function fromCloudflare(
  world: World,
  balancers: Balancers,
  name: string,
  port: number,
): LoopbackTarget | Unreachable | undefined {
  const balancer = world
    .all(loadBalancerType)
    .find(({ outputs }) => String(outputs["dnsName"]).toLowerCase() === name);
  if (!balancer) return undefined;
  // Its addresses are those of the network that it is in.
  if (balancer.inputs["internal"] === true) return "no-such-address";
  const ranges = rulesOf(world, balancer, port).flatMap((rule) => rule.ranges);
  if (!holds(ranges, cloudflareEdgeAddress)) return "firewall";
  return at(balancers, name, port);
}

function at(balancers: Balancers, name: string, port: number): LoopbackTarget | Unreachable {
  const target = balancers.balancerTarget(name, port);
  return target ? { host: target.host, port: target.port } : "nobody-listens";
}

function subnetsOf(world: World, { inputs: { subnets } }: CloudResource): readonly string[] {
  return ((subnets ?? []) as readonly string[]).flatMap((id) => {
    const range = world.get(subnetType, id)?.inputs["cidrBlock"];
    return typeof range === "string" ? [range] : [];
  });
}

interface Rule {
  readonly ranges: readonly string[];
  readonly prefixLists: readonly string[];
}

/** Rules of the balancer's groups that admit a TCP port, in the group or beside it. */
function rulesOf(world: World, balancer: CloudResource, port: number): readonly Rule[] {
  const groups = (balancer.inputs["securityGroups"] ?? []) as readonly string[];
  const inline = groups.flatMap(
    (id) => (world.get(securityGroupType, id)?.inputs["ingress"] ?? []) as readonly Inline[],
  );
  const beside = world
    .all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    .map(({ inputs }) => inputs as unknown as Beside)
    .filter(({ securityGroupId }) => groups.includes(securityGroupId));
  return [
    ...inline
      .filter(({ protocol, ...ports }) => admits(protocol, ports, port))
      .map(({ cidrBlocks = [], ipv6CidrBlocks = [], prefixListIds = [] }) => ({
        ranges: [...cidrBlocks, ...ipv6CidrBlocks],
        prefixLists: prefixListIds,
      })),
    ...beside
      .filter(({ ipProtocol, ...ports }) => admits(ipProtocol, ports, port))
      .map(({ cidrIpv4, cidrIpv6, prefixListId }) => ({
        ranges: [cidrIpv4, cidrIpv6].filter((range) => range !== undefined),
        prefixLists: prefixListId === undefined ? [] : [prefixListId],
      })),
  ];
}

interface Ports {
  readonly fromPort?: number;
  readonly toPort?: number;
}
interface Inline extends Ports {
  readonly protocol: string;
  readonly cidrBlocks?: readonly string[];
  readonly ipv6CidrBlocks?: readonly string[];
  readonly prefixListIds?: readonly string[];
}
interface Beside extends Ports {
  readonly securityGroupId: string;
  readonly ipProtocol: string;
  readonly cidrIpv4?: string;
  readonly cidrIpv6?: string;
  readonly prefixListId?: string;
}

function admits(protocol: string, { fromPort = 0, toPort = 65_535 }: Ports, port: number): boolean {
  if (protocol === "-1" || protocol === "all") return true;
  return (protocol === "tcp" || protocol === "6") && fromPort <= port && port <= toPort;
}

function holds(ranges: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [base = "", prefix] = range.split("/");
    list.addSubnet(base, Number(prefix), isIP(base) === 6 ? "ipv6" : "ipv4");
  }
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
