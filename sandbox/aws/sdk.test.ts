import { describe, expect, it } from "vitest";
import { differencesFromSdk } from "../digitalocean/testing/sdkInputs";
import type { AwsKind } from "./awsKind";
import { balancerKinds } from "./balancer";
import { ecsKinds } from "./ecs";
import { functionKinds } from "./function";
import { iamKinds } from "./iam";
import { logKinds } from "./logs";
import { networkKinds } from "./network";
import { registryKinds } from "./registry";
import { secretKinds } from "./secrets";

/** "ec2/vpc" of "aws:ec2/vpc:Vpc". */
const fileOf = ({ type }: AwsKind): string => type.split(":")[1] ?? "";
const nameOf = ({ type }: AwsKind): string => type.split(":").at(-1) ?? "";

/**
 * What AWS itself refuses where it is missing, and the engine's provider gives: a region, and a name
 * that is made of the logical one.
 */
const given = ["region", "name"];

/** Inputs that the SDK leaves open and a kind wants: what it takes to be of use here. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  Vpc: ["cidrBlock"],
  Subnet: ["cidrBlock"],
  NatGateway: ["subnetId"],
  RouteTableAssociation: ["subnetId"],
  VpcEndpoint: ["serviceName"],
  DefaultSecurityGroup: ["vpcId"],
  SecurityGroup: ["vpcId"],
  Function: ["runtime", "handler", "code"],
  ListenerRule: ["hostHeader", "httpHeader", "pathPattern", "sourceIp"].map(
    (condition) => `conditions.${condition}.values`,
  ),
  Policy: ["policyType", "targetTrackingScalingPolicyConfiguration"],
};

describe("inputs are among those of the SDK, and none more is required", () => {
  it.each([
    ...[...networkKinds, ...iamKinds, ...secretKinds, ...registryKinds, ...logKinds],
    ...[...ecsKinds, ...balancerKinds, ...functionKinds],
  ])("$type", (kind) => {
    const args = `${nameOf(kind)}Args`;
    const found = differencesFromSdk("@pulumi/aws", fileOf(kind), args, kind.inputs);
    const strange = found
      // Not every input of AWS is of use to this project: one that is missing is refused.
      .filter((line) => !line.endsWith("the kind does not have it"))
      // Policies come as JSON in this project; the SDK takes objects too.
      .filter((line) => !/not an object as \w+\.\w*PolicyDocument is$/.test(line))
      .map((line) => line.slice(args.length + 1))
      .filter((line) => {
        const [input = "", what] = line.split(": ");
        const isOurs = [...given, ...(wanted[nameOf(kind)] ?? [])].includes(input);
        return !(isOurs && what === "the SDK lets it out, the kind does not");
      });
    expect(strange).toEqual([]);
  });
});
