import { describe, expect, it } from "vitest";
import { certificateArnProblem } from "./certificates";

const arn = (region: string) => `arn:aws:acm:${region}:123456789012:certificate/1234-abcd`;

describe("the ARN of a certificate", () => {
  it.each([
    [arn("us-east-1"), "us-east-1", undefined],
    [arn("eu-central-1"), "eu-central-1", undefined],
    [arn("eu-central-1"), "us-east-1", "it is a certificate of eu-central-1, not of us-east-1"],
    [arn("us-east-1"), "eu-central-1", "it is a certificate of us-east-1, not of eu-central-1"],
    [arn("eu-central-9"), "eu-central-9", "eu-central-9 is no region of AWS that is known"],
    [
      "arn:aws:iam::123456789012:server-certificate/x",
      "us-east-1",
      "it is no ARN of a certificate: arn:aws:acm:REGION:ACCOUNT:certificate/ID",
    ],
    [
      `x${arn("us-east-1")}`,
      "us-east-1",
      "it is no ARN of a certificate: arn:aws:acm:REGION:ACCOUNT:certificate/ID",
    ],
  ] as const)("%s in %s", (given, region, problem) => {
    expect(certificateArnProblem(given, region)).toBe(problem);
  });
});
