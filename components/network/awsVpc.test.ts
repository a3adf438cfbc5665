import { describe, expect, it } from "vitest";
import { AwsVpc, type AwsVpcArgs, type AwsVpcSpec } from "./awsVpc";
import { awsAnswer, refusal, registered, waitsFor } from "./testing/registered";

const spec: AwsVpcSpec = {
  name: "drops-test",
  zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
  cidr: "10.130.0.0/16",
  natGateways: 2,
  flowLogs: "off",
  flowLogRetentionDays: 30,
};

const composed = (changes: Partial<AwsVpcSpec> = {}, overrides: AwsVpcArgs["overrides"] = {}) =>
  registered(
    () => {
      const { vpcId, publicSubnetIds, privateSubnetIds, dataSubnetIds, privateCidrs } = new AwsVpc(
        "network",
        { spec: { ...spec, ...changes }, overrides },
      );
      return { vpcId, publicSubnetIds, privateSubnetIds, dataSubnetIds, privateCidrs };
    },
    awsAnswer((type) => {
      if (type.endsWith(":Vpc")) return { ownerId: "123456789012" };
      return type.endsWith(":Eip") ? { allocationId: "eipalloc-1" } : {};
    }),
  );

describe("the network", () => {
  it("has nine subnets over three zones, each with its routes", async () => {
    const { names } = await composed();
    expect(names).toEqual([
      "ec2:DefaultSecurityGroup network-default",
      "ec2:Eip network-nat-address-a",
      "ec2:Eip network-nat-address-b",
      "ec2:InternetGateway network-internet",
      "ec2:NatGateway network-nat-a",
      "ec2:NatGateway network-nat-b",
      "ec2:Route network-private-a-route",
      "ec2:Route network-private-b-route",
      "ec2:Route network-private-c-route",
      "ec2:Route network-public-route",
      "ec2:RouteTable network-data-table",
      "ec2:RouteTable network-private-a-table",
      "ec2:RouteTable network-private-b-table",
      "ec2:RouteTable network-private-c-table",
      "ec2:RouteTable network-public-table",
      "ec2:RouteTableAssociation network-data-a-association",
      "ec2:RouteTableAssociation network-data-b-association",
      "ec2:RouteTableAssociation network-data-c-association",
      "ec2:RouteTableAssociation network-private-a-association",
      "ec2:RouteTableAssociation network-private-b-association",
      "ec2:RouteTableAssociation network-private-c-association",
      "ec2:RouteTableAssociation network-public-a-association",
      "ec2:RouteTableAssociation network-public-b-association",
      "ec2:RouteTableAssociation network-public-c-association",
      "ec2:Subnet network-data-a",
      "ec2:Subnet network-data-b",
      "ec2:Subnet network-data-c",
      "ec2:Subnet network-private-a",
      "ec2:Subnet network-private-b",
      "ec2:Subnet network-private-c",
      "ec2:Subnet network-public-a",
      "ec2:Subnet network-public-b",
      "ec2:Subnet network-public-c",
      "ec2:Vpc network-vpc",
      "ec2:VpcEndpoint network-s3",
    ]);
  });

  it("has private names, and a default group that lets nothing through", async () => {
    const { named } = await composed();
    expect(named("network-vpc").inputs).toEqual({
      cidrBlock: "10.130.0.0/16",
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Name: "drops-test" },
    });
    expect(named("network-default").inputs).toEqual({
      vpcId: "network-vpc",
      ingress: [],
      egress: [],
      tags: { Name: "drops-test-default-unused" },
    });
  });

  it("gives no address away by itself, and tells its subnets in the order of the zones", async () => {
    const { named, resources, outputs } = await composed({
      zones: ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"],
    });
    expect(named("network-private-c").inputs).toEqual({
      vpcId: "network-vpc",
      availabilityZone: "ap-northeast-1c",
      cidrBlock: "10.130.64.0/19",
      mapPublicIpOnLaunch: false,
      tags: { Name: "drops-test-private-c" },
    });
    expect(named("network-data-d").inputs).toMatchObject({
      availabilityZone: "ap-northeast-1d",
      cidrBlock: "10.130.160.0/20",
    });
    expect(named("network-public-a").inputs).toMatchObject({ cidrBlock: "10.130.48.0/20" });
    const subnets = resources.filter(({ type }) => type.endsWith(":Subnet"));
    expect(subnets.map(({ inputs }) => inputs.mapPublicIpOnLaunch)).toEqual(
      Array.from({ length: 9 }, () => false),
    );
    expect(outputs).toEqual({
      vpcId: "network-vpc",
      publicSubnetIds: ["network-public-a", "network-public-c", "network-public-d"],
      privateSubnetIds: ["network-private-a", "network-private-c", "network-private-d"],
      dataSubnetIds: ["network-data-a", "network-data-c", "network-data-d"],
      privateCidrs: ["10.130.0.0/19", "10.130.64.0/19", "10.130.128.0/19"],
    });
  });
});

describe("ways out", () => {
  it.each([
    [0, {}],
    [1, { a: "a", b: "a", c: "a" }],
    [2, { a: "a", b: "b", c: "a" }],
    [3, { a: "a", b: "b", c: "c" }],
  ])("with %i gateways", async (natGateways, wanted) => {
    const { resources } = await composed({ natGateways });
    const out = resources.flatMap(({ name, inputs }) => {
      const zone = /^network-private-(\w)-route$/.exec(name)?.[1];
      return zone === undefined ? [] : [[zone, inputs]];
    });
    expect(Object.fromEntries(out)).toEqual(
      Object.fromEntries(
        Object.entries(wanted).map(([zone, nat]) => [
          zone,
          {
            routeTableId: `network-private-${zone}-table`,
            destinationCidrBlock: "0.0.0.0/0",
            natGatewayId: `network-nat-${nat}`,
          },
        ]),
      ),
    );
    for (const type of ["natGateway:NatGateway", "eip:Eip"])
      expect(resources.filter((one) => one.type === `aws:ec2/${type}`)).toHaveLength(natGateways);
  });

  it("a gateway stands in its zone's public subnet, once the internet is there", async () => {
    const { named } = await composed();
    expect(named("network-nat-b").inputs).toEqual({
      subnetId: "network-public-b",
      allocationId: "eipalloc-1",
      tags: { Name: "drops-test-nat-b" },
    });
    expect(named("network-nat-address-b").inputs).toEqual({
      domain: "vpc",
      tags: { Name: "drops-test-nat-b" },
    });
    for (const name of ["network-nat-b", "network-nat-address-b"])
      expect(waitsFor(named(name))).toContain("network-internet");
    expect(named("network-public-route").inputs).toEqual({
      routeTableId: "network-public-table",
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: "network-internet",
    });
  });

  it("the data subnets have none, and S3 is a way of the private ones alone", async () => {
    const { named, resources } = await composed({ natGateways: 3 });
    const toData = resources.filter(({ inputs }) =>
      JSON.stringify(inputs).includes("network-data-table"),
    );
    expect(toData.map(({ name }) => name).sort()).toEqual([
      "network-data-a-association",
      "network-data-b-association",
      "network-data-c-association",
    ]);
    expect(named("network-data-b-association").inputs).toEqual({
      subnetId: "network-data-b",
      routeTableId: "network-data-table",
    });
    expect(named("network-private-c-association").inputs).toEqual({
      subnetId: "network-private-c",
      routeTableId: "network-private-c-table",
    });
    expect(named("network-public-a-association").inputs).toEqual({
      subnetId: "network-public-a",
      routeTableId: "network-public-table",
    });
    expect(named("network-s3").inputs).toEqual({
      vpcId: "network-vpc",
      vpcEndpointType: "Gateway",
      serviceName: "com.amazonaws.eu-central-1.s3",
      routeTableIds: ["a", "b", "c"].map((zone) => `network-private-${zone}-table`),
      tags: { Name: "drops-test-s3" },
    });
  });

  it("all stand before what waits for the network", async () => {
    const { resources } = await composed();
    const network = () => {
      const { ready } = new AwsVpc("network", { spec });
      return ready;
    };
    let count = 0;
    await registered(() => {
      count = network().length;
      return undefined;
    });
    const ways = resources.filter(({ type }) =>
      /:(Route|RouteTableAssociation|VpcEndpoint)$/.test(type),
    );
    expect(count).toBe(ways.length);
  });
});

describe("flow logs", () => {
  it("are written for this network, in this account, where they are asked for", async () => {
    const { names, named } = await composed({ flowLogs: "rejected", flowLogRetentionDays: 14 });
    expect(names.filter((name) => name.includes(" network-flow-"))).toHaveLength(4);
    expect(named("network-flow-group").inputs).toEqual({
      name: "/drops-test/network",
      retentionInDays: 14,
    });
    expect(named("network-flow-log").inputs).toMatchObject({
      vpcId: "network-vpc",
      trafficType: "REJECT",
    });
    expect(String(named("network-flow-role").inputs.assumeRolePolicy)).toContain(
      "arn:aws:ec2:eu-central-1:123456789012:vpc-flow-log/*",
    );
  });
});

describe("a network is refused", () => {
  it.each([
    [
      { zones: ["eu-central-1a", "eu-central-1b"] },
      "network: spec.zones must be three zones of one region, got eu-central-1a, eu-central-1b",
    ],
    [
      { zones: ["eu-central-1a", "eu-central-1a", "eu-central-1b"] },
      "network: spec.zones must be three zones of one region, got eu-central-1a, eu-central-1a, eu-central-1b",
    ],
    [
      { zones: ["eu-central-1a", "eu-central-1b", "eu-west-1c"] },
      "network: spec.zones must be three zones of one region, got eu-central-1a, eu-central-1b, eu-west-1c",
    ],
    [
      { zones: ["a", "b", "c"] },
      "network: spec.zones must be three zones of one region, got a, b, c",
    ],
    [{ natGateways: 4 }, "network: spec.natGateways must be 0..3, got 4"],
    [
      { cidr: "10.0.0.0/24" },
      "network: nine subnets with room for a balancer need /23 at the least, not /24",
    ],
  ])("%o", async (changes, message) => {
    expect(await refusal(() => new AwsVpc("network", { spec: { ...spec, ...changes } }))).toBe(
      message,
    );
  });
});

it("every child of the network can be overridden", async () => {
  const ours = { tags: { ours: "yes" } };
  const region = { region: "eu-west-1" };
  const { resources } = await composed(
    { flowLogs: "all" },
    {
      vpc: ours,
      defaultGroup: ours,
      internetGateway: ours,
      subnet: (args) => ({ ...args, ...ours }),
      natAddress: ours,
      natGateway: ours,
      routeTable: ours,
      route: region,
      association: region,
      s3: ours,
      flowLogs: { group: ours, role: ours, policy: { name: "ours" }, log: ours },
    },
  );
  const untouched = resources.filter(
    ({ inputs }) =>
      inputs.region !== "eu-west-1" &&
      inputs.name !== "ours" &&
      (inputs.tags as Record<string, string> | undefined)?.ours !== "yes",
  );
  expect(untouched.map(({ name }) => name)).toEqual([]);
});
