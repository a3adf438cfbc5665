import * as chatbot from "@pulumi/aws/chatbot";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { withOverride, type Override } from "../overrides";

/** Lets a channel look at alarms and their graphs, and at nothing else. */
const readOnlyPolicyArn = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess";

export interface SlackChannelSpec {
  /** Physical name, unique in the account. */
  readonly name: string;
  /** Workspace that somebody has admitted to the account by hand, once. */
  readonly teamId: string;
  readonly channelId: string;
}

export interface SlackChannelArgs {
  readonly spec: SlackChannelSpec;
  /** Topics whose messages go to the channel, of any region. */
  readonly topicArns: readonly pulumi.Input<string>[];
  readonly overrides?: {
    readonly role?: Override<iam.RoleArgs>;
    readonly attachment?: Override<iam.RolePolicyAttachmentArgs>;
    readonly channel?: Override<chatbot.SlackChannelConfigurationArgs>;
  };
}

/** A Slack channel that gets alarms, by Amazon Q Developer in chat applications (AWS Chatbot). */
export class SlackChannel extends pulumi.ComponentResource {
  constructor(name: string, args: SlackChannelArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:alarms:SlackChannel", name, {}, opts);
    const { spec, topicArns, overrides = {} } = args;
    const parent = { parent: this };
    const role = new iam.Role(
      `${name}-role`,
      withOverride<iam.RoleArgs>(
        {
          description: "What a Slack channel may look at",
          assumeRolePolicy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: { Service: "chatbot.amazonaws.com" },
                Action: "sts:AssumeRole",
              },
            ],
          }),
        },
        overrides.role,
      ),
      parent,
    );
    const attachment = new iam.RolePolicyAttachment(
      `${name}-policy`,
      withOverride<iam.RolePolicyAttachmentArgs>(
        { role: role.name, policyArn: readOnlyPolicyArn },
        overrides.attachment,
      ),
      parent,
    );
    new chatbot.SlackChannelConfiguration(
      `${name}-channel`,
      withOverride<chatbot.SlackChannelConfigurationArgs>(
        {
          configurationName: spec.name,
          slackTeamId: spec.teamId,
          slackChannelId: spec.channelId,
          iamRoleArn: role.arn,
          // Without it everybody in the channel would get the service's own default: an administrator.
          guardrailPolicyArns: [readOnlyPolicyArn],
          snsTopicArns: [...topicArns],
          loggingLevel: "ERROR",
        },
        overrides.channel,
      ),
      { parent: this, dependsOn: [attachment] },
    );
    this.registerOutputs({});
  }
}
