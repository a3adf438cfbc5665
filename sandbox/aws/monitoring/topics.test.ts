import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import type { CloudResource } from "../../contracts";
import { AwsTestCloud } from "../testing/testCloud";

let cloud: AwsTestCloud;
let topic: CloudResource;
beforeEach(async () => {
  cloud = new AwsTestCloud();
  topic = await cloud.create("Topic", "topic", { name: "drops" });
});
afterEach(() => {
  cloud.close();
});

const arn = "arn:aws:sns:eu-central-1:123456789012:drops";
const subscribe = async (changes: Values = {}) =>
  await cloud.create("TopicSubscription", "s", {
    ...{ topic: arn, protocol: "email", endpoint: "ops@example.com", ...changes },
  });

describe("Topic", () => {
  it("is known by its name, which a region has once", async () => {
    expect(topic.outputs).toMatchObject({ arn, owner: "123456789012" });
    await expect(cloud.create("Topic", "other", { name: "drops" })).rejects.toThrow(
      "taken already",
    );
    await cloud.create("Topic", "there", { name: "drops", region: "us-east-1" });
    const named = await cloud.create("Topic", "auto", {});
    expect(named.id).toMatch(/:auto-[0-9a-f]{7}$/);
  });

  it.each([
    [{ name: "drops.fifo" }, "a FIFO topic's name ends in .fifo"],
    [{ name: "a", fifoTopic: true }, "a FIFO topic's name ends in .fifo"],
    [{ name: "a", contentBasedDeduplication: true }, "for FIFO topics"],
  ])("is refused: %j", async (inputs, message) => {
    await expect(cloud.create("Topic", "t", inputs)).rejects.toThrow(message);
  });
});

describe("TopicPolicy", () => {
  const statement = (changes: Values = {}) => ({
    ...{ Effect: "Allow", Principal: { Service: "cloudwatch.amazonaws.com" } },
    ...{ Action: "sns:Publish", Resource: arn },
    ...changes,
  });
  const policy = async (statements: readonly Values[]) =>
    await cloud.create("TopicPolicy", "p", {
      arn,
      policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
    });

  it("is a topic's only one, and goes with it", async () => {
    const made = await policy([statement()]);
    await expect(policy([statement()])).rejects.toThrow("a policy of another resource already");
    await cloud.delete(topic);
    expect(cloud.world.get(made.type, made.id)).toBeUndefined();
  });

  it.each([
    [[], "Statement: Too small"],
    [[statement({ Effect: "Permit" })], "Statement.0.Effect"],
    [[statement({ Resource: `${arn}-other` })], "is another"],
    [[statement({ Principal: undefined })], "Statement.0.Principal"],
  ])("is refused: %j", async (statements, message) => {
    await expect(policy(statements)).rejects.toThrow(message);
  });
});

describe("TopicSubscription", () => {
  it.each([
    ["email", "ops@example.com", {}, true],
    ["https", "https://hooks.example.com/a", {}, true],
    ["https", "https://hooks.example.com/a", { endpointAutoConfirms: true }, false],
    ["sqs", "arn:aws:sqs:eu-central-1:123456789012:queue", {}, false],
    ["sms", "+491701234567", {}, false],
  ] as const)(
    "by %s to %s waits for somebody to confirm: %j, %s",
    async (protocol, endpoint, more, pending) => {
      const made = await subscribe({ protocol, endpoint, ...more });
      expect(made.outputs["pendingConfirmation"]).toBe(pending);
      expect(made.id.startsWith(`${arn}:`)).toBe(true);
      expect(cloud.recorded("TopicSubscription", made.inputs)?.includes("confirm")).toBe(
        protocol === "email" || protocol === "https",
      );
    },
  );

  it.each([
    ["email", "ops"],
    ["https", "http://hooks.example.com/SECRET"],
    ["lambda", "arn:aws:sqs:eu-central-1:123456789012:queue"],
  ])("by %s to %s is refused, without the address", async (protocol, endpoint) => {
    const refused = subscribe({ protocol, endpoint });
    await expect(refused).rejects.toThrow(`Endpoint: ${protocol} takes`);
    await expect(refused).rejects.not.toThrow(endpoint);
  });

  it.each([
    [{ topic: `${arn}-other` }, "there is no Topic"],
    [{ region: "us-east-1" }, "is in eu-central-1, asked was us-east-1"],
    [{ rawMessageDelivery: true }, "raw messages are not for email"],
  ])("is refused: %j", async (change, message) => {
    await expect(subscribe(change)).rejects.toThrow(message);
  });

  it("is refused in a preview by an unknown protocol", () => {
    const given = { topic: arn, protocol: "fax", endpoint: "1" };
    expect(cloud.preview("TopicSubscription", given)[0]).toContain("protocol: Invalid option");
  });
});

describe("SlackChannelConfiguration", () => {
  const channel = async (changes: Values = {}, name = "slack") => {
    const role = await cloud.create("Role", `role-${name}`, {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            ...{ Effect: "Allow", Action: "sts:AssumeRole" },
            Principal: { Service: "chatbot.amazonaws.com" },
          },
        ],
      }),
    });
    return await cloud.create("SlackChannelConfiguration", name, {
      ...{ configurationName: name, iamRoleArn: role.outputs["arn"], snsTopicArns: [arn] },
      ...{ slackTeamId: "T0123ABCD", slackChannelId: "C0123ABCD", ...changes },
    });
  };

  it("hears topics of any region that are there", async () => {
    const made = await channel();
    expect(made.outputs["chatConfigurationArn"]).toBe(
      "arn:aws:chatbot::123456789012:chat-configuration/slack-channel/slack",
    );
    await expect(channel({}, "other")).rejects.toThrow("configured in this account already");
    await expect(
      channel({ slackChannelId: "C1", snsTopicArns: [`${arn}-x`] }, "third"),
    ).rejects.toThrow("There is no topic");
  });
});

describe("Budget", () => {
  const notification = {
    ...{ comparisonOperator: "GREATER_THAN", notificationType: "ACTUAL" },
    ...{ threshold: 100, thresholdType: "PERCENTAGE", subscriberSnsTopicArns: [arn] },
  };
  const inputs = (changes: Values = {}): Values => ({
    ...{ name: "drops", budgetType: "COST", timeUnit: "MONTHLY" },
    ...{ limitAmount: "900", limitUnit: "USD", notifications: [notification], ...changes },
  });

  it.each<readonly [Values, string]>([
    [{ limitAmount: "0" }, "more than 0"],
    [{ limitUnit: "EUR" }, "in USD, got EUR"],
    [{ costFilters: [{ name: "TagKeyValue", values: ["drops:stack=large"] }] }, "user:KEY$VALUE"],
    [{ notifications: [notification, notification] }, "are the same"],
    [{ notifications: [{ ...notification, subscriberSnsTopicArns: [] }] }, "at least one address"],
    [
      { notifications: [{ ...notification, subscriberSnsTopicArns: [`${arn}-x`] }] },
      "There is no topic",
    ],
    [
      { notifications: [1, 2, 3, 4, 5, 6].map((threshold) => ({ ...notification, threshold })) },
      "5 notifications at most",
    ],
  ])("is refused: %j", async (change, message) => {
    await expect(cloud.create("Budget", "b", inputs(change))).rejects.toThrow(message);
  });

  it("is the account's only one of its name", async () => {
    await cloud.create("Budget", "b", inputs());
    await expect(cloud.create("Budget", "c", inputs())).rejects.toThrow("already exists");
    expect(cloud.preview("Budget", inputs({ limitAmount: 900 }))[0]).toContain("limitAmount");
  });
});
