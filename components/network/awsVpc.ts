import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import { regionOfZone } from "../../prices/aws";
import { withOverride, type Override } from "../overrides";
import { subnetPlan, subnetPlanProblem, type SubnetPlan } from "./subnetPlan";
import { VpcFlowLogs, type VpcFlowLogsArgs } from "./vpcFlowLogs";

export interface AwsVpcSpec {
  /** Stem of the names that AWS shows, e.g. "drops-large". */
  readonly name: string;
  /** Three zones of one region, e.g. "eu-central-1a". A change replaces the subnets and what is in them. */
  readonly zones: readonly string[];
  /** IPv4 range, /16 to /23, of which `subnetPlan` makes the subnets. A change replaces all of it. */
  readonly cidr: string;
  /** Zones with a way out of their own, 0-3; the others go out through the first's. */
  readonly natGateways: number;
  /** Which connections are recorded. */
  readonly flowLogs: "off" | "rejected" | "all";
  readonly flowLogRetentionDays: number;
}

export interface AwsVpcArgs {
  readonly spec: AwsVpcSpec;
  readonly overrides?: {
    readonly vpc?: Override<ec2.VpcArgs>;
    readonly defaultGroup?: Override<ec2.DefaultSecurityGroupArgs>;
    readonly internetGateway?: Override<ec2.InternetGatewayArgs>;
    /** Of each subnet; their names tell them apart. */
    readonly subnet?: Override<ec2.SubnetArgs>;
    readonly natAddress?: Override<ec2.EipArgs>;
    readonly natGateway?: Override<ec2.NatGatewayArgs>;
    readonly routeTable?: Override<ec2.RouteTableArgs>;
    readonly route?: Override<ec2.RouteArgs>;
    readonly association?: Override<ec2.RouteTableAssociationArgs>;
    readonly s3?: Override<ec2.VpcEndpointArgs>;
    readonly flowLogs?: VpcFlowLogsArgs["overrides"];
  };
}

const anywhere = "0.0.0.0/0";

type Part = keyof SubnetPlan;

/**
 * A network over three zones: public subnets, private ones that get out through NAT gateways, and data
 * subnets with no way out at all. S3 is reached from the private ones without leaving AWS.
 */
export class AwsVpc extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** In the order of the zones, as all three lists. */
  readonly publicSubnetIds: pulumi.Output<string>[];
  readonly privateSubnetIds: pulumi.Output<string>[];
  readonly dataSubnetIds: pulumi.Output<string>[];
  readonly privateCidrs: readonly string[];
  /** What must stand before a task in a private subnet, or a balancer in a public one, is reached or reaches out. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: AwsVpcArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:network:AwsVpc", name, {}, opts);
    const { spec, overrides = {} } = args;
    const problem = specProblem(spec);
    if (problem !== undefined) throw new pulumi.ResourceError(`${name}: ${problem}`, this);
    const region = regionOfZone(spec.zones[0] ?? "") ?? "";
    const letters = spec.zones.map((zone) => zone.slice(-1));
    const plan = subnetPlan(spec.cidr);
    const parent = { parent: this };
    const tags = (role: string) => ({ Name: `${spec.name}-${role}` });

    const vpc = new ec2.Vpc(
      `${name}-vpc`,
      withOverride<ec2.VpcArgs>(
        {
          cidrBlock: spec.cidr,
          // Both, or no endpoint has a private name.
          enableDnsSupport: true,
          enableDnsHostnames: true,
          tags: { Name: spec.name },
        },
        overrides.vpc,
      ),
      parent,
    );
    // The group that whatever names none would get: emptied, so that it is of no use.
    new ec2.DefaultSecurityGroup(
      `${name}-default`,
      withOverride<ec2.DefaultSecurityGroupArgs>(
        { vpcId: vpc.id, ingress: [], egress: [], tags: tags("default-unused") },
        overrides.defaultGroup,
      ),
      parent,
    );
    const internet = new ec2.InternetGateway(
      `${name}-internet`,
      withOverride<ec2.InternetGatewayArgs>(
        { vpcId: vpc.id, tags: { Name: spec.name } },
        overrides.internetGateway,
      ),
      parent,
    );

    const subnets = (part: Part): ec2.Subnet[] =>
      plan[part].map(
        (cidrBlock, index) =>
          new ec2.Subnet(
            `${name}-${part}-${letters[index]}`,
            withOverride<ec2.SubnetArgs>(
              {
                vpcId: vpc.id,
                availabilityZone: spec.zones[index],
                cidrBlock,
                // What faces the internet asks for its address.
                mapPublicIpOnLaunch: false,
                tags: tags(`${part}-${letters[index]}`),
              },
              overrides.subnet,
            ),
            parent,
          ),
      );
    const publicSubnets = subnets("public");
    const privateSubnets = subnets("private");
    const dataSubnets = subnets("data");

    const gateways = publicSubnets.slice(0, spec.natGateways).map((subnet, index) => {
      const role = `nat-${letters[index]}`;
      const behind = { parent: this, dependsOn: [internet] };
      const address = new ec2.Eip(
        `${name}-nat-address-${letters[index]}`,
        withOverride<ec2.EipArgs>({ domain: "vpc", tags: tags(role) }, overrides.natAddress),
        behind,
      );
      return new ec2.NatGateway(
        `${name}-${role}`,
        withOverride<ec2.NatGatewayArgs>(
          { subnetId: subnet.id, allocationId: address.allocationId, tags: tags(role) },
          overrides.natGateway,
        ),
        behind,
      );
    });

    const routeTable = (role: string): ec2.RouteTable =>
      new ec2.RouteTable(
        `${name}-${role}-table`,
        withOverride<ec2.RouteTableArgs>({ vpcId: vpc.id, tags: tags(role) }, overrides.routeTable),
        parent,
      );
    const wayOut = (role: string, table: ec2.RouteTable, to: Partial<ec2.RouteArgs>): ec2.Route =>
      new ec2.Route(
        `${name}-${role}-route`,
        withOverride<ec2.RouteArgs>(
          { routeTableId: table.id, destinationCidrBlock: anywhere, ...to },
          overrides.route,
        ),
        parent,
      );
    const association = (role: string, subnet: ec2.Subnet, table: ec2.RouteTable) =>
      new ec2.RouteTableAssociation(
        `${name}-${role}-association`,
        withOverride<ec2.RouteTableAssociationArgs>(
          { subnetId: subnet.id, routeTableId: table.id },
          overrides.association,
        ),
        parent,
      );

    const publicTable = routeTable("public");
    // No route at all, not even to S3: the groups of what is there let nothing out.
    const dataTable = routeTable("data");
    const privateTables = letters.map((letter) => routeTable(`private-${letter}`));
    const routes = [
      wayOut("public", publicTable, { gatewayId: internet.id }),
      ...privateTables.flatMap((table, index) => {
        const nat = gateways[index] ?? gateways[0];
        return nat ? [wayOut(`private-${letters[index]}`, table, { natGatewayId: nat.id })] : [];
      }),
    ];
    const associations = [
      ...publicSubnets.map((one, i) => association(`public-${letters[i]}`, one, publicTable)),
      ...dataSubnets.map((one, i) => association(`data-${letters[i]}`, one, dataTable)),
      ...privateTables.map((table, i) =>
        association(`private-${letters[i]}`, privateSubnets[i] as ec2.Subnet, table),
      ),
    ];
    const s3 = new ec2.VpcEndpoint(
      `${name}-s3`,
      withOverride<ec2.VpcEndpointArgs>(
        {
          vpcId: vpc.id,
          vpcEndpointType: "Gateway",
          serviceName: `com.amazonaws.${region}.s3`,
          routeTableIds: privateTables.map(({ id }) => id),
          tags: tags("s3"),
        },
        overrides.s3,
      ),
      parent,
    );
    if (spec.flowLogs !== "off") {
      new VpcFlowLogs(
        `${name}-flow`,
        {
          spec: {
            groupName: `/${spec.name}/network`,
            region,
            traffic: spec.flowLogs,
            retentionDays: spec.flowLogRetentionDays,
          },
          vpcId: vpc.id,
          accountId: vpc.ownerId,
          overrides: overrides.flowLogs,
        },
        parent,
      );
    }

    this.vpcId = vpc.id;
    this.publicSubnetIds = publicSubnets.map(({ id }) => id);
    this.privateSubnetIds = privateSubnets.map(({ id }) => id);
    this.dataSubnetIds = dataSubnets.map(({ id }) => id);
    this.privateCidrs = plan.private;
    this.ready = [...routes, ...associations, s3];
    this.registerOutputs({
      vpcId: this.vpcId,
      publicSubnetIds: this.publicSubnetIds,
      privateSubnetIds: this.privateSubnetIds,
      dataSubnetIds: this.dataSubnetIds,
    });
  }
}

/** What is wrong with a network's description, or undefined. */
function specProblem({ zones, cidr, natGateways }: AwsVpcSpec): string | undefined {
  const regions = new Set(zones.map(regionOfZone));
  if (
    zones.length !== 3 ||
    new Set(zones).size !== 3 ||
    regions.size !== 1 ||
    regions.has(undefined)
  )
    return `spec.zones must be three zones of one region, got ${zones.join(", ") || "none"}`;
  if (!Number.isInteger(natGateways) || natGateways < 0 || natGateways > zones.length)
    return `spec.natGateways must be 0..${zones.length}, got ${natGateways}`;
  return subnetPlanProblem(cidr);
}
