import { describe, expect, it } from "vitest";
import { awsAnswer, registered, waitsFor } from "./testing/registered";
import { VpcFlowLogs, type VpcFlowLogsArgs } from "./vpcFlowLogs";

const composed = (traffic: VpcFlowLogsArgs["spec"]["traffic"]) =>
  registered(() => {
    const { logGroupName } = new VpcFlowLogs("flow", {
      spec: {
        groupName: "/drops-test/network",
        region: "eu-central-1",
        traffic,
        retentionDays: 14,
      },
      vpcId: "vpc",
      accountId: "123456789012",
    });
    return { logGroupName };
  }, awsAnswer());

describe("flow logs", () => {
  it.each([
    ["rejected", "REJECT"],
    ["all", "ALL"],
  ] as const)("of %s connections", async (traffic, trafficType) => {
    const { names, named, outputs } = await composed(traffic);
    expect(names).toEqual([
      "cloudwatch:LogGroup flow-group",
      "ec2:FlowLog flow-log",
      "iam:Role flow-role",
      "iam:RolePolicy flow-policy",
    ]);
    expect(named("flow-group").inputs).toEqual({
      name: "/drops-test/network",
      retentionInDays: 14,
    });
    expect(named("flow-log").inputs).toEqual({
      vpcId: "vpc",
      trafficType,
      logDestinationType: "cloud-watch-logs",
      logDestination: "arn:aws:test:eu-central-1:123456789012:flow-group",
      iamRoleArn: "arn:aws:test:eu-central-1:123456789012:flow-role",
      maxAggregationInterval: 600,
    });
    expect(waitsFor(named("flow-log"))).toContain("flow-policy");
    expect(outputs).toEqual({ logGroupName: "/drops-test/network" });
  });

  it("may write into their own group, for this account's network", async () => {
    const { named } = await composed("all");
    expect(JSON.parse(String(named("flow-role").inputs.assumeRolePolicy))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "vpc-flow-logs.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: {
            StringEquals: { "aws:SourceAccount": "123456789012" },
            ArnLike: {
              "aws:SourceArn": "arn:aws:ec2:eu-central-1:123456789012:vpc-flow-log/*",
            },
          },
        },
      ],
    });
    expect(named("flow-policy").inputs.role).toBe("flow-role");
    expect(JSON.parse(String(named("flow-policy").inputs.policy))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: [
            "logs:CreateLogStream",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
          ],
          Resource: [
            "arn:aws:test:eu-central-1:123456789012:flow-group",
            "arn:aws:test:eu-central-1:123456789012:flow-group:*",
          ],
        },
      ],
    });
  });
});
