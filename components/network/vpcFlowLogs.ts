import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

export interface VpcFlowLogsArgs {
  readonly spec: {
    /** Of the log group. A change replaces it, with what is logged. */
    readonly groupName: string;
    readonly region: string;
    /** Which connections are recorded: those that a security group or network ACL refused, or all. */
    readonly traffic: "rejected" | "all";
    /** One of the lengths that CloudWatch Logs knows. */
    readonly retentionDays: number;
  };
  readonly vpcId: pulumi.Input<string>;
  /** The account that the VPC is in. */
  readonly accountId: pulumi.Input<string>;
  readonly overrides?: {
    readonly group?: Override<cloudwatch.LogGroupArgs>;
    readonly role?: Override<iam.RoleArgs>;
    readonly policy?: Override<iam.RolePolicyArgs>;
    readonly log?: Override<ec2.FlowLogArgs>;
  };
}

/** A record of a network's connections, without what was said in them. */
export class VpcFlowLogs extends pulumi.ComponentResource {
  readonly logGroupName: pulumi.Output<string>;

  constructor(name: string, args: VpcFlowLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:network:VpcFlowLogs", name, {}, opts);
    const { spec, vpcId, accountId, overrides = {} } = args;
    const group = new cloudwatch.LogGroup(
      `${name}-group`,
      withOverride<cloudwatch.LogGroupArgs>(
        { name: spec.groupName, retentionInDays: spec.retentionDays },
        overrides.group,
      ),
      { parent: this },
    );
    const role = new iam.Role(
      `${name}-role`,
      withOverride<iam.RoleArgs>(
        {
          description: "Writes a VPC's flow logs",
          assumeRolePolicy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: { Service: "vpc-flow-logs.amazonaws.com" },
                Action: "sts:AssumeRole",
                // For no flow log of another account.
                Condition: {
                  StringEquals: { "aws:SourceAccount": accountId },
                  ArnLike: {
                    "aws:SourceArn": pulumi.interpolate`arn:aws:ec2:${spec.region}:${accountId}:vpc-flow-log/*`,
                  },
                },
              },
            ],
          }),
        },
        overrides.role,
      ),
      { parent: this },
    );
    const policy = new iam.RolePolicy(
      `${name}-policy`,
      withOverride<iam.RolePolicyArgs>(
        {
          role: role.id,
          policy: pulumi.jsonStringify({
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
                // The group, and the streams in it.
                Resource: [group.arn, pulumi.interpolate`${group.arn}:*`],
              },
            ],
          }),
        },
        overrides.policy,
      ),
      { parent: this },
    );
    new ec2.FlowLog(
      `${name}-log`,
      withOverride<ec2.FlowLogArgs>(
        {
          vpcId,
          trafficType: { rejected: "REJECT", all: "ALL" }[spec.traffic],
          logDestinationType: "cloud-watch-logs",
          logDestination: group.arn,
          iamRoleArn: role.arn,
          // Seconds: ten minutes' packets of a connection in one line.
          maxAggregationInterval: 600,
        },
        overrides.log,
      ),
      { parent: this, dependsOn: [policy] },
    );
    this.logGroupName = group.name;
    this.registerOutputs({ logGroupName: this.logGroupName });
  }
}
