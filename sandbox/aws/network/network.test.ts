import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import type { CloudResource } from "../../contracts";
import { AwsTestCloud } from "../testing/testCloud";

let cloud: AwsTestCloud;
let vpc: CloudResource;
beforeEach(async () => {
  cloud = new AwsTestCloud();
  vpc = await cloud.create("Vpc", "vpc", { cidrBlock: "10.130.0.0/16", enableDnsHostnames: true });
});
afterEach(() => {
  cloud.close();
});

const subnet = async (cidrBlock: string, change: Values = {}, name = "a") =>
  await cloud.create("Subnet", name, {
    ...{ vpcId: vpc.id, cidrBlock, availabilityZone: "eu-central-1a" },
    ...change,
  });

describe("a VPC", () => {
  it("has what AWS makes with it", () => {
    const rest = vpc.id.slice(4);
    expect(vpc.id).toMatch(/^vpc-0[0-9a-f]{16}$/);
    expect(vpc.outputs).toMatchObject({
      arn: `arn:aws:ec2:eu-central-1:123456789012:vpc/${vpc.id}`,
      ...{ ownerId: "123456789012", defaultSecurityGroupId: `sg-${rest}` },
      ...{ enableDnsHostnames: true, enableDnsSupport: true },
    });
  });

  it.each([
    ["10.130.0.0/15", "InvalidVpc.Range"],
    ["10.130.0.0/29", "InvalidVpc.Range"],
  ])("of %s is refused: %s", async (cidrBlock, code) => {
    const failed = cloud.create("Vpc", "other", { cidrBlock });
    await expect(failed).rejects.toMatchObject({ code });
  });

  it("is refused in a preview where the range is none", () => {
    expect(cloud.preview("Vpc", { cidrBlock: "10.130.0.1/16" })).toEqual([
      'cidrBlock: "10.130.0.1/16" is not a valid IPv4 CIDR block: it begins inside of the network',
    ]);
  });

  it("stays while something is in it, and says so as the provider does", async () => {
    await subnet("10.130.0.0/24");
    const error: unknown = await cloud.delete(vpc).catch((problem: unknown) => problem);
    expect(
      AwsTestCloud.worded(error, {
        verb: "delete",
        type: vpc.type,
        id: vpc.id,
        inputs: vpc.inputs,
      }),
    ).toMatch(
      new RegExp(
        String.raw`^1 error occurred:\n\t\* deleting EC2 VPC \(${vpc.id}\): operation error EC2: DeleteVpc, https response error StatusCode: 409, RequestID: [0-9a-f-]{36}, api error DependencyViolation: The vpc has dependencies and cannot be deleted \(a `,
      ),
    );
  });
});

describe("a subnet", () => {
  it.each([
    ["10.131.0.0/24", {}, "InvalidSubnet.Range"],
    ["10.130.0.0/15", {}, "InvalidSubnet.Range"],
    ["10.130.0.0/25", {}, "InvalidSubnet.Conflict"],
    ["10.130.1.0/24", { availabilityZone: "eu-central-1d" }, "InvalidParameterValue"],
    ["10.130.1.0/24", { availabilityZone: "eu-west-1a" }, "InvalidParameterValue"],
    [
      "10.130.1.0/24",
      { region: "eu-west-1", availabilityZone: "eu-west-1a" },
      "InvalidVpcID.NotFound",
    ],
  ])("of %s %j is refused: %s", async (range, change, code) => {
    await subnet("10.130.0.0/24");
    await expect(subnet(range, change, "b")).rejects.toMatchObject({ code });
  });

  it("has all addresses but AWS's five", async () => {
    const { outputs } = await subnet("10.130.0.0/24");
    expect(outputs).toMatchObject({ availableIpAddressCount: 251, mapPublicIpOnLaunch: false });
  });
});

describe("ways out", () => {
  it("a NAT gateway needs an address of its own, and a VPC with an internet gateway", async () => {
    const { id: subnetId } = await subnet("10.130.0.0/24");
    const { id: allocationId, outputs } = await cloud.create("Eip", "address", { domain: "vpc" });
    const nat = async () => await cloud.create("NatGateway", "nat", { subnetId, allocationId });
    await expect(nat()).rejects.toMatchObject({ code: "Gateway.NotAttached" });
    await expect(cloud.create("NatGateway", "nat", { subnetId })).rejects.toMatchObject({
      code: "MissingParameter",
    });
    await cloud.create("InternetGateway", "internet", { vpcId: vpc.id });
    await expect(
      cloud.create("InternetGateway", "second", { vpcId: vpc.id }),
    ).rejects.toMatchObject({
      code: "Resource.AlreadyAssociated",
    });
    expect((await nat()).outputs["publicIp"]).toBe(outputs["publicIp"]);
    await expect(nat()).rejects.toMatchObject({ code: "Resource.AlreadyAssociated" });
  });

  it("a route exists once for its destination, and goes with its table", async () => {
    const table = await cloud.create("RouteTable", "table", { vpcId: vpc.id });
    const internet = await cloud.create("InternetGateway", "internet", { vpcId: vpc.id });
    const route = async () =>
      await cloud.create("Route", "out", {
        ...{ routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: internet.id },
      });
    await route();
    await expect(route()).rejects.toThrow("The route identified by 0.0.0.0/0 already exists.");
    await cloud.delete(table);
    expect(cloud.world.all("aws:ec2/route:Route")).toEqual([]);
  });

  it("a route leads to one place", () => {
    expect(
      cloud.preview("Route", {
        ...{ routeTableId: "rtb-1", destinationCidrBlock: "0.0.0.0/0" },
        ...{ gatewayId: "igw-1", natGatewayId: "nat-1" },
      }),
    ).toEqual(["natGatewayId: conflicts with gatewayId: only one may be set"]);
  });
});

describe("security groups", () => {
  const group = async (name: string) =>
    await cloud.create("SecurityGroup", name, { vpcId: vpc.id });
  const rule = async (securityGroupId: string, change: Values = {}) =>
    await cloud.create("SecurityGroupIngressRule", "rule", {
      ...{ securityGroupId, ipProtocol: "tcp", fromPort: 443, toPort: 443 },
      ...{ cidrIpv4: "0.0.0.0/0", ...change },
    });

  it.each([
    [{ cidrIpv6: "::/0" }, "cidrIpv6: exactly one of"],
    [{ ipProtocol: "-1" }, "fromPort: not with all protocols"],
    [{ fromPort: 444 }, "toPort: less than fromPort 444"],
    [{ cidrIpv4: "10.0.0.1" }, "cidrIpv4: Invalid IPv4 range"],
    [{ ipProtocol: "http" }, "ipProtocol: no protocol"],
  ])("a rule with %j is refused in a preview", (change, message) => {
    const inputs = {
      ...{ securityGroupId: "sg-1", ipProtocol: "tcp", fromPort: 443, toPort: 443 },
      ...{ cidrIpv4: "0.0.0.0/0", ...change },
    };
    expect(cloud.preview("SecurityGroupIngressRule", inputs)[0]).toContain(message);
  });

  it("know a rule once, and a rule about nothing not at all", async () => {
    const { id } = await group("app");
    await rule(id);
    await expect(rule(id)).rejects.toMatchObject({ code: "InvalidPermission.Duplicate" });
    await expect(rule(id, { cidrIpv4: undefined })).rejects.toMatchObject({
      code: "MissingParameter",
    });
    await expect(rule(id, { toPort: undefined, fromPort: undefined })).rejects.toThrow("portRange");
  });

  it("stay while a rule of another names them, and take their own with them", async () => {
    const [app, database] = [await group("app"), await group("database")];
    await rule(database.id, { cidrIpv4: undefined, referencedSecurityGroupId: app.id });
    await expect(cloud.delete(app)).rejects.toThrow("resource has a dependent object (rule)");
    await cloud.delete(database);
    await cloud.delete(app);
    expect(cloud.world.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")).toEqual(
      [],
    );
  });

  it("the VPC's own is adopted, and there for others", async () => {
    const own = await cloud.create("DefaultSecurityGroup", "default", { vpcId: vpc.id });
    expect(own.id).toBe(vpc.outputs["defaultSecurityGroupId"]);
    expect(own.outputs).toMatchObject({ ingress: [], egress: [] });
  });
});

describe("endpoints and flow logs", () => {
  const endpoint = async (serviceName: string, change: Values = {}, vpcId = vpc.id) =>
    await cloud.create("VpcEndpoint", "endpoint", { vpcId, serviceName, ...change });

  it.each([
    ["com.amazonaws.eu-west-1.s3", {}, "InvalidServiceName"],
    ["com.amazonaws.eu-central-1.logs", {}, "InvalidParameter"],
    [
      "com.amazonaws.eu-central-1.logs",
      { vpcEndpointType: "Interface", routeTableIds: [] },
      "InvalidParameter",
    ],
    ["com.amazonaws.eu-central-1.s3", { policy: '{"Statement":[]}' }, "InvalidPolicyDocument"],
  ])("of %s %j is refused: %s", async (name, change, code) => {
    await expect(endpoint(name, change)).rejects.toMatchObject({ code });
  });

  it("private names want a VPC with DNS names, and exist once", async () => {
    const plain = await cloud.create("Vpc", "plain", { cidrBlock: "10.140.0.0/16" });
    const inputs = { vpcEndpointType: "Interface", privateDnsEnabled: true };
    const logs = "com.amazonaws.eu-central-1.logs";
    await expect(endpoint(logs, inputs, plain.id)).rejects.toThrow("enableDnsHostnames");
    await endpoint(logs, inputs);
    await expect(endpoint(logs, inputs)).rejects.toThrow("conflicting DNS domain");
  });

  it.each([
    [{ trafficType: undefined }, "MissingParameter"],
    [{ iamRoleArn: undefined }, "InvalidParameter"],
    [{ vpcId: undefined }, "MissingParameter"],
  ])("a flow log without %j is refused", async (change, code) => {
    const role = await cloud.create("Role", "role", {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            ...{ Effect: "Allow", Action: "sts:AssumeRole" },
            Principal: { Service: "vpc-flow-logs.amazonaws.com" },
          },
        ],
      }),
    });
    const inputs = {
      ...{ vpcId: vpc.id, trafficType: "REJECT", iamRoleArn: role.outputs["arn"] },
      logDestination: "arn:aws:logs:eu-central-1:123456789012:log-group:flow",
    };
    await cloud.create("FlowLog", "good", inputs);
    await expect(cloud.create("FlowLog", "log", { ...inputs, ...change })).rejects.toMatchObject({
      code,
    });
  });
});
