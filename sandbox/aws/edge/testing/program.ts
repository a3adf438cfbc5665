import * as pulumi from "@pulumi/pulumi";
import * as state from "@pulumi/pulumi/runtime/state";
import { cloudfrontPrefixList } from "../../../../prices/aws";
import { cloudflare } from "../../../cloudflare";
import type { Values } from "../../../cloud/kind";
import type { CloudResource } from "../../../contracts";
import { AwsTestCloud } from "../../testing/testCloud";

const withLocalStorage = (
  state as unknown as { withLocalStorage: <T>(run: () => Promise<T>) => Promise<T> }
).withLocalStorage;

export const zoneId = "a".repeat(32);
export const region = "eu-central-1";

/** AWS and Cloudflare with a zone, and a balancer inside a network that CloudFront may reach. */
export interface EdgePlace {
  readonly cloud: AwsTestCloud;
  readonly balancer: CloudResource;
  readonly groupId: string;
}

export async function newEdgePlace(): Promise<EdgePlace> {
  const cloud = new AwsTestCloud({ region }, [cloudflare]);
  cloud.world.put({
    ...{ id: zoneId, type: "cloudflare:index/zone:Zone", urn: "", outputs: {}, hidden: {} },
    ...{ inputs: { name: "example.com", plan: "free" }, ready: true },
  });
  const vpc = await cloud.create("Vpc", "vpc", { cidrBlock: "10.130.0.0/16" });
  await cloud.create("InternetGateway", "gateway", { vpcId: vpc.id });
  const subnets: string[] = [];
  for (const [index, letter] of ["a", "b", "c"].entries()) {
    const subnet = await cloud.create("Subnet", `private-${letter}`, {
      ...{ vpcId: vpc.id, cidrBlock: `10.130.${index}.0/24` },
      availabilityZone: `${region}${letter}`,
    });
    subnets.push(subnet.id);
  }
  const group = await cloud.create("SecurityGroup", "balancer", { vpcId: vpc.id });
  await cloud.create("SecurityGroupIngressRule", "cloudfront", {
    ...{ securityGroupId: group.id, ipProtocol: "tcp", fromPort: 443, toPort: 443 },
    prefixListId: cloudfrontPrefixList(region),
  });
  const balancer = await cloud.create("LoadBalancer", "balancer-balancer", {
    ...{ internal: true, subnets, securityGroups: [group.id] },
  });
  return { cloud, balancer, groupId: group.id };
}

/** Without the mark of secrets, which mocks are given as the engine is. */
function unsealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unsealed);
  if (typeof value !== "object" || value === null) return value;
  if ("4dabf18193072939515e22adb298388d" in value) return unsealed((value as Values)["value"]);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unsealed(one)]));
}

/** Has the embedded cloud make what a program registers. @returns what the program resolves to. */
export async function deployed<T>(
  { cloud }: Pick<EdgePlace, "cloud">,
  program: () => pulumi.Input<T>,
): Promise<T> {
  return await withLocalStorage(async () => {
    await pulumi.runtime.setMocks(
      {
        newResource: async ({ type, name, inputs, custom }) => {
          const given = unsealed(inputs) as Values;
          const [provider = "", token = "", last = ""] = type.split(":");
          if (custom !== true) return { id: "", state: given };
          const kind = provider === "aws" ? `${token}:${last}` : last;
          const made = await cloud.create(kind, name, given, "large");
          return { id: made.id, state: { ...made.inputs, ...made.outputs } };
        },
        call: () => ({}),
      },
      ...(["drops", "large", false] as const),
    );
    let result: pulumi.Output<T> | undefined;
    await pulumi.runtime.runInPulumiStack(() => {
      result = pulumi.output(program()) as pulumi.Output<T>;
      return Promise.resolve({});
    });
    await pulumi.runtime.disconnect();
    if (!result) throw new Error("the program did not run");
    const output = result;
    return await new Promise<T>((resolve) => pulumi.unsecret(output).apply(resolve));
  });
}
