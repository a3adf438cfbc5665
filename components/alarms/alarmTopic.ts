import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { globalRegion } from "../../prices/aws";
import { appName } from "../../settings/names";
import { withOverride, type Override } from "../overrides";
import { alarmNamePrefix, type AlarmRegion } from "./cloudwatchPlan";

export interface AlarmTopicSpec {
  readonly stack: string;
  /** Alarms are told by a topic of their own region alone. */
  readonly region: AlarmRegion;
  readonly emails: readonly string[];
}

export interface AlarmTopicArgs {
  readonly spec: AlarmTopicSpec;
  /** Secret https address that gets every message, and has to confirm the first one. */
  readonly webhookUrl?: pulumi.Input<string> | undefined;
  readonly overrides?: {
    readonly topic?: Override<sns.TopicArgs>;
    readonly policy?: Override<sns.TopicPolicyArgs>;
    readonly subscription?: Override<sns.TopicSubscriptionArgs>;
  };
}

/** Physical name of the topic; alarms on its deliveries know it by that. */
export function alarmTopicName(stack: string): string {
  return `${appName(stack)}-alarms`;
}

/**
 * Where alarms say what they have to say, and who hears of it. It is not encrypted with a key: that of
 * AWS lets no alarm in, one of one's own costs, and messages hold the state of alarms, no data.
 */
export class AlarmTopic extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly topicName: string;
  /** Who has not confirmed yet, and so hears nothing; of a webhook its host alone. */
  readonly pendingConfirmations: pulumi.Output<string[]>;

  constructor(name: string, args: AlarmTopicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:alarms:AlarmTopic", name, {}, opts);
    const { spec, overrides = {} } = args;
    const parent = { parent: this };
    const region = spec.region === "own" ? {} : { region: globalRegion };
    this.topicName = alarmTopicName(spec.stack);
    const topic = new sns.Topic(
      `${name}-topic`,
      withOverride<sns.TopicArgs>(
        { name: this.topicName, displayName: `Drops ${spec.stack}`, ...region },
        overrides.topic,
      ),
      parent,
    );
    new sns.TopicPolicy(
      `${name}-policy`,
      withOverride<sns.TopicPolicyArgs>(
        { arn: topic.arn, policy: policyOf(topic.arn, spec.stack), ...region },
        overrides.policy,
      ),
      parent,
    );
    const subscribe = (
      role: string,
      protocol: "email" | "https",
      endpoint: pulumi.Input<string>,
      shown: pulumi.Input<string>,
    ): pulumi.Output<string[]> => {
      const subscription = new sns.TopicSubscription(
        `${name}-${role}`,
        withOverride<sns.TopicSubscriptionArgs>(
          { topic: topic.arn, protocol, endpoint, ...region },
          overrides.subscription,
        ),
        parent,
      );
      return pulumi
        .all([subscription.pendingConfirmation, pulumi.output(shown)])
        .apply(([pending, who]) => (pending ? [who] : []));
    };
    const { webhookUrl } = args;
    const pending = [
      ...spec.emails.map((email) => subscribe(`email-${digestOf(email)}`, "email", email, email)),
      ...(webhookUrl === undefined
        ? []
        : [
            subscribe(
              "webhook",
              "https",
              pulumi.secret(webhookUrl),
              // Where it is is no secret; what admits to it is in its path.
              pulumi.unsecret(pulumi.output(webhookUrl).apply(hostOf)),
            ),
          ]),
    ];
    this.arn = topic.arn;
    this.pendingConfirmations = pulumi.unsecret(pulumi.all(pending)).apply((all) => all.flat());
    this.registerOutputs({ arn: this.arn, pendingConfirmations: this.pendingConfirmations });
  }
}

/** Whoever may publish: this account's alarms of this stack, and its budgets. */
function policyOf(arn: pulumi.Output<string>, stack: string): pulumi.Output<string> {
  const account = arn.apply((text) => text.split(":")[4] ?? "");
  const publish = (sid: string, service: string, sourceArn: string) => ({
    Sid: sid,
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sns:Publish",
    Resource: arn,
    Condition: {
      StringEquals: { "aws:SourceAccount": account },
      ArnLike: { "aws:SourceArn": sourceArn },
    },
  });
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      publish(
        "Alarms",
        "cloudwatch.amazonaws.com",
        `arn:aws:cloudwatch:*:*:alarm:${alarmNamePrefix(stack)}*`,
      ),
      publish("Budgets", "budgets.amazonaws.com", "arn:aws:budgets::*:*"),
    ],
  });
}

/** Tells addresses apart in logical names, whatever their order in a list. */
function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? `https://${new URL(url).host}` : "the webhook";
}
