import { describe, expect, it } from "vitest";
import { AwsEndpoints, endpointServices, type AwsEndpointsArgs } from "./awsEndpoints";
import { registered } from "./testing/registered";

const args: AwsEndpointsArgs = {
  spec: { name: "drops-test", region: "eu-central-1", exec: false },
  vpcId: "vpc",
  subnetIds: ["private-a", "private-b", "private-c"],
  securityGroupId: "group",
};

describe("endpoints", () => {
  it.each([
    ["eu-central-1", false, ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]],
    ["eu-central-1", true, ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssmmessages"]],
    [
      "mx-central-1",
      false,
      ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ecs", "ecs-agent", "ecs-telemetry"],
    ],
  ])("of a task in %s, shells %s", (region, exec, services) => {
    expect(endpointServices({ region, exec })).toEqual(services);
  });

  it("answer by the services' own names in each zone", async () => {
    const { names, named } = await registered(() => {
      new AwsEndpoints("endpoints", args);
      return undefined;
    });
    expect(names).toEqual([
      "ec2:VpcEndpoint endpoints-ecr-api",
      "ec2:VpcEndpoint endpoints-ecr-dkr",
      "ec2:VpcEndpoint endpoints-logs",
      "ec2:VpcEndpoint endpoints-secretsmanager",
    ]);
    expect(named("endpoints-ecr-dkr").inputs).toEqual({
      vpcId: "vpc",
      vpcEndpointType: "Interface",
      serviceName: "com.amazonaws.eu-central-1.ecr.dkr",
      subnetIds: ["private-a", "private-b", "private-c"],
      securityGroupIds: ["group"],
      privateDnsEnabled: true,
      tags: { Name: "drops-test-ecr-dkr" },
    });
  });

  it("can be overridden, and all stand before a task", async () => {
    let ready = 0;
    const { resources } = await registered(() => {
      ready = new AwsEndpoints("endpoints", {
        ...args,
        overrides: { endpoint: { ipAddressType: "ipv4" } },
      }).ready.length;
      return undefined;
    });
    expect(resources.map(({ inputs }) => inputs.ipAddressType)).toEqual(
      Array.from({ length: ready }, () => "ipv4"),
    );
    expect(ready).toBe(4);
  });
});
