import { describe, expect, it } from "vitest";
import {
  cloudfrontPrefixList,
  cloudfrontPrefixLists,
  findAwsRegion,
  vpcOriginProblem,
  vpcOrigins,
} from ".";

describe("where CloudFront reaches a balancer without a public address", () => {
  it.each([
    ["us-east-1", undefined],
    ["eu-central-1", undefined],
    ["mx-central-1", "CloudFront has no VPC origins in mx-central-1"],
    ["eu-central-9", "eu-central-9 is no region of AWS that is known"],
    ["eu-south-1", undefined],
  ] as const)("%s", (region, problem) => {
    expect(vpcOriginProblem(region)).toBe(problem);
  });

  it("names regions of the book alone", () => {
    for (const region of [
      ...Object.keys(cloudfrontPrefixLists.ids),
      ...Object.keys(vpcOrigins.lackingZoneIds),
      ...vpcOrigins.lacking,
    ])
      expect(findAwsRegion(region), region).toBeDefined();
  });

  it("has another list in each region", () => {
    const ids = Object.values(cloudfrontPrefixLists.ids);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^pl-[0-9a-f]{8}$/);
    expect(cloudfrontPrefixList("eu-west-1")).toBe("pl-4fa04526");
    expect(cloudfrontPrefixList("eu-south-1")).toBeUndefined();
    expect(cloudfrontPrefixList("constructor")).toBeUndefined();
  });

  it("leaves a group room for one port", () => {
    const { weight, groupRules } = cloudfrontPrefixLists;
    expect(weight).toBeLessThanOrEqual(groupRules);
    expect(2 * weight).toBeGreaterThan(groupRules);
  });
});
