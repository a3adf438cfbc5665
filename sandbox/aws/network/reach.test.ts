import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import { newNetwork } from "../testing/network";
import { AwsTestCloud } from "../testing/testCloud";
import { mayConnect, mayReachAnywhere } from "./reach";

let cloud: AwsTestCloud;
let vpcId: string;
let subnets: readonly string[];
beforeEach(async () => {
  cloud = new AwsTestCloud();
  const { vpc, subnetIds } = await newNetwork(cloud, ["a", "b"]);
  vpcId = vpc.id;
  subnets = subnetIds;
});
afterEach(() => {
  cloud.close();
});

type Rule = (caller: string, called: string) => Values;
const tcp = { ipProtocol: "tcp", fromPort: 3000, toPort: 3000 };

/** Whether the first group may connect to the second at 3000, each in a subnet of its own. */
async function connects(egress: readonly Rule[], ingress: readonly Rule[]): Promise<boolean> {
  const groups = ["caller", "called"].map((name) => cloud.create("SecurityGroup", name, { vpcId }));
  const [caller = "", called = ""] = (await Promise.all(groups)).map(({ id }) => id);
  for (const [index, rule] of egress.entries()) {
    await cloud.create("SecurityGroupEgressRule", `egress-${index}`, {
      ...{ securityGroupId: caller, ...rule(caller, called) },
    });
  }
  for (const [index, rule] of ingress.entries()) {
    await cloud.create("SecurityGroupIngressRule", `ingress-${index}`, {
      ...{ securityGroupId: called, ...rule(caller, called) },
    });
  }
  const end = (group: string, subnet: number) => ({
    ...{ groups: [group], subnets: [subnets[subnet] ?? ""] },
  });
  return mayConnect(cloud.world, end(caller, 0), end(called, 1), 3000);
}

const out: Rule = (_, called) => ({ ...tcp, referencedSecurityGroupId: called });
const into: Rule = (caller) => ({ ...tcp, referencedSecurityGroupId: caller });

describe("security groups let a connection through", () => {
  it.each<[string, boolean, readonly Rule[], readonly Rule[]]>([
    ["where both say so", true, [out], [into]],
    ["not without the caller's rule", false, [], [into]],
    ["not without the called one's rule", false, [out], []],
    [
      "not at another port",
      false,
      [out],
      [() => ({ ...tcp, toPort: 2999, fromPort: 1, cidrIpv4: "0.0.0.0/0" })],
    ],
    [
      "not by another protocol",
      false,
      [out],
      [(caller) => ({ ...into(caller, ""), ipProtocol: "udp" })],
    ],
    [
      "by ranges of ports",
      true,
      [out],
      [(caller) => ({ ...into(caller, ""), fromPort: 1, toPort: 9_999 })],
    ],
    ["by all protocols", true, [() => ({ ipProtocol: "-1", cidrIpv4: "0.0.0.0/0" })], [into]],
    ["from the caller's range", true, [out], [() => ({ ...tcp, cidrIpv4: "10.130.0.0/24" })]],
    ["not from a part of it", false, [out], [() => ({ ...tcp, cidrIpv4: "10.130.0.0/25" })]],
    ["not from another range", false, [out], [() => ({ ...tcp, cidrIpv4: "10.130.1.0/24" })]],
    [
      "not from itself",
      false,
      [out],
      [(_, called) => ({ ...tcp, referencedSecurityGroupId: called })],
    ],
  ])("%s: %s", async (_, answer, egress, ingress) => {
    expect(await connects(egress, ingress)).toBe(answer);
  });

  it("by rules that stand in the group", async () => {
    const rule = { protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] };
    const { id } = await cloud.create("SecurityGroup", "g", { vpcId, egress: [rule] });
    expect([443, 80].map((port) => mayReachAnywhere(cloud.world, [id], port))).toEqual([
      true,
      false,
    ]);
  });
});
