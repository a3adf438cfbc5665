import { describe, expect, it } from "vitest";
import { albSubnets, vpcLimits } from "../../prices/aws";
import { overlaps, parseCidr } from "../../settings/cidr";
import { plannedVpc, subnetPlan, subnetPlanProblem, type SubnetPlan } from "./subnetPlan";

const plans: Record<string, SubnetPlan> = {
  "10.130.0.0/16": {
    private: ["10.130.0.0/19", "10.130.64.0/19", "10.130.128.0/19"],
    data: ["10.130.32.0/20", "10.130.96.0/20", "10.130.160.0/20"],
    public: ["10.130.48.0/20", "10.130.112.0/20", "10.130.176.0/20"],
  },
  "172.31.240.0/20": {
    private: ["172.31.240.0/23", "172.31.244.0/23", "172.31.248.0/23"],
    data: ["172.31.242.0/24", "172.31.246.0/24", "172.31.250.0/24"],
    public: ["172.31.243.0/24", "172.31.247.0/24", "172.31.251.0/24"],
  },
  "192.168.254.0/23": {
    private: ["192.168.254.0/26", "192.168.254.128/26", "192.168.255.0/26"],
    data: ["192.168.254.64/27", "192.168.254.192/27", "192.168.255.64/27"],
    public: ["192.168.254.96/27", "192.168.254.224/27", "192.168.255.96/27"],
  },
};

describe("the subnets of a VPC", () => {
  it.each(Object.entries(plans))("%s", (cidr, plan) => {
    expect(subnetPlanProblem(cidr)).toBeUndefined();
    expect(subnetPlan(cidr)).toEqual(plan);
  });

  it.each([16, 17, 18, 19, 20, 21, 22, 23])(
    "of a /%i lie within it, each a range of its own, and a quarter is free",
    (prefix) => {
      const cidr = `10.130.0.0/${prefix}`;
      const vpc = parseCidr(cidr);
      const { private: tasks, data, public: facing } = subnetPlan(cidr);
      const all = [...tasks, ...data, ...facing];
      for (const [index, subnet] of all.entries()) {
        const range = parseCidr(subnet);
        expect(range.hasHostBits, subnet).toBe(false);
        expect(range.first, subnet).toBeGreaterThanOrEqual(vpc.first);
        expect(range.last, subnet).toBeLessThan(vpc.first + 0.75 * (vpc.last - vpc.first + 1));
        expect(range.prefix, subnet).toBeLessThanOrEqual(albSubnets.smallestPrefix);
        expect(range.prefix, subnet).toBeLessThanOrEqual(vpcLimits.prefixLength.smallest);
        for (const other of all.slice(index + 1)) expect(overlaps(subnet, other)).toBe(false);
      }
    },
  );
});

describe("a VPC that cannot be so divided", () => {
  it.each([
    ["10.0.0.0/15", "a VPC is /16 at the most, not /15"],
    ["10.130.0.0/24", "nine subnets with room for a balancer need /23 at the least, not /24"],
    ["10.130.0.5/16", "10.130.0.5/16 is an address within 10.130.0.0/16, not the start of a range"],
    [
      "192.168.1.0/23",
      "192.168.1.0/23 is an address within 192.168.0.0/23, not the start of a range",
    ],
  ])("%s", (cidr, problem) => {
    expect(subnetPlanProblem(cidr)).toBe(problem);
  });

  it("is told by the sizes that AWS has", () => {
    expect(plannedVpc).toEqual({ largest: 16, smallest: 23 });
  });
});
