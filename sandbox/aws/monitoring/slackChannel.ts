import { z } from "zod";
import { regional } from "../awsKind";
import { roleType } from "../iam/permissions";
import { AwsError } from "../refusal";
import { accountId, arn, flag, timeouts } from "../shapes";
import { topicType } from "./types";

const inputs = z.object({
  configurationName: z
    .string()
    .regex(/^[\w-]{1,128}$/, "1 to 128 letters, digits, hyphens and underscores"),
  iamRoleArn: arn("iam"),
  slackTeamId: z.string().regex(/^[0-9A-Z]{1,255}$/, "capitals and digits, such as T0123ABCD"),
  slackChannelId: z.string().regex(/^[A-Za-z0-9]{1,255}$/, "letters and digits"),
  snsTopicArns: z.array(arn("sns")).optional(),
  guardrailPolicyArns: z.array(arn("iam")).optional(),
  loggingLevel: z.enum(["ERROR", "INFO", "NONE"]).optional(),
  userAuthorizationRequired: flag,
  timeouts,
});
type Inputs = z.infer<typeof inputs>;

/** A channel of Slack that gets what topics send. */
export const slackChannelConfiguration = regional({
  type: "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
  inputs,
  immutable: ["configurationName"],
  deleteBeforeReplace: true,
  references: [{ input: "iamRoleArn", type: roleType, property: "arn", onDelete: "release" }],
  unique: [["configurationName"], ["slackTeamId", "slackChannelId"]],
  conflict: ({ slackChannelId }) =>
    `The channel ${String(slackChannelId)} or the name is configured in this account already.`,
  idStyle: ({ configurationName }) =>
    `arn:aws:chatbot::${accountId}:chat-configuration/slack-channel/${String(configurationName)}`,
  recorded:
    "Slack is not asked: a workspace that is admitted to the account is taken for granted, and no message is sent",
  api: {
    ...{ noun: "Chatbot Slack Channel Configuration", sdk: "Chatbot" },
    ...{
      create: "CreateSlackChannelConfiguration",
      named: (given) => String(given["configurationName"]),
    },
    codes: { 404: "InvalidParameterException", 409: "ConflictException" },
  },
  refuse: ({ inputs: given, cloud: { world } }) => {
    const { snsTopicArns = [] } = given as Inputs;
    const known = world.all(topicType).map(({ outputs }) => outputs["arn"]);
    const missing = snsTopicArns.filter((topic) => !known.includes(topic));
    if (missing.length > 0) {
      throw new AwsError("InvalidParameterException", `There is no topic ${missing.join(", ")}.`);
    }
  },
  create: ({ id, inputs: given }) => ({
    outputs: {
      chatConfigurationArn: id,
      slackChannelName: String(given["slackChannelId"]).toLowerCase(),
      slackTeamName: String(given["slackTeamId"]).toLowerCase(),
      loggingLevel: given["loggingLevel"] ?? "NONE",
      userAuthorizationRequired: given["userAuthorizationRequired"] ?? false,
      snsTopicArns: given["snsTopicArns"] ?? [],
      guardrailPolicyArns: given["guardrailPolicyArns"] ?? [
        "arn:aws:iam::aws:policy/AdministratorAccess",
      ],
    },
  }),
});
