import { log, output, secret } from "@pulumi/pulumi";
import { describe, expect, it, vi } from "vitest";
import { awsAnswer, refusal, registered } from "../network/testing/registered";
import { AlarmTopic } from "./alarmTopic";
import { MonthlyBudget } from "./budget";
import { eventPattern, ServiceEvents } from "./serviceEvents";
import { SiteCheck } from "./siteCheck";
import { SlackChannel } from "./slackChannel";

describe("the topic of alarms", () => {
  const made = (region: "own" | "us-east-1", pending: readonly string[] = []) =>
    registered(
      () => {
        const topic = new AlarmTopic("alarm-topic", {
          spec: { stack: "large", region, emails: ["a@example.com", "b@example.com"] },
          webhookUrl: secret("https://hooks.example.com/services/SECRET?key=SECRET"),
        });
        return { pending: topic.pendingConfirmations, arn: topic.arn };
      },
      awsAnswer((_, name) => ({ pendingConfirmation: pending.includes(name) })),
    );

  it("takes messages of this stack's alarms and of budgets, of this account alone", async () => {
    const { named } = await made("own");
    expect(named("alarm-topic-topic").inputs).toEqual({
      name: "drops-large-alarms",
      displayName: "Drops large",
    });
    const arn = "arn:aws:test:eu-central-1:123456789012:alarm-topic-topic";
    const { policy, ...rest } = named("alarm-topic-policy").inputs;
    expect(rest).toEqual({ arn });
    const allowed = (Sid: string, Service: string, source: string) => ({
      Sid,
      Effect: "Allow",
      Principal: { Service },
      Action: "sns:Publish",
      Resource: arn,
      Condition: {
        StringEquals: { "aws:SourceAccount": "123456789012" },
        ArnLike: { "aws:SourceArn": source },
      },
    });
    expect(JSON.parse(policy as string)).toEqual({
      Version: "2012-10-17",
      Statement: [
        allowed("Alarms", "cloudwatch.amazonaws.com", "arn:aws:cloudwatch:*:*:alarm:drops-large-*"),
        allowed("Budgets", "budgets.amazonaws.com", "arn:aws:budgets::*:*"),
      ],
    });
  });

  it("has each subscriber by name, whatever their order", async () => {
    const { names, named } = await made("own");
    expect(names.filter((name) => name.startsWith("sns:TopicSubscription"))).toEqual([
      "sns:TopicSubscription alarm-topic-email-08168cd8",
      "sns:TopicSubscription alarm-topic-email-e8f39b3e",
      "sns:TopicSubscription alarm-topic-webhook",
    ]);
    expect(named("alarm-topic-webhook").inputs).toEqual({
      topic: "arn:aws:test:eu-central-1:123456789012:alarm-topic-topic",
      protocol: "https",
      endpoint: "[secret]",
    });
  });

  it("is in us-east-1 for the alarms of global services", async () => {
    const { resources } = await made("us-east-1");
    expect(resources.map(({ inputs }) => inputs["region"])).toEqual(
      Array<string>(5).fill("us-east-1"),
    );
  });

  it("says who has not confirmed, without what a webhook's address keeps secret", async () => {
    const all = await made("own", ["alarm-topic-webhook", "alarm-topic-email-e8f39b3e"]);
    expect(all.outputs["pending"]).toHaveLength(2);
    expect(all.outputs["pending"]).toContain("https://hooks.example.com");
    expect((await made("own")).outputs["pending"]).toEqual([]);
  });
});

describe("the check of the site", () => {
  it("asks over TLS from three continents", async () => {
    const { named } = await registered(() => {
      new SiteCheck("site", {
        spec: { title: "drops large", tls: true, path: "/healthz" },
        host: output("drops.example.com"),
      });
      return undefined;
    }, awsAnswer());
    expect(named("site-check").inputs).toEqual({
      type: "HTTPS",
      fqdn: "drops.example.com",
      port: 443,
      resourcePath: "/healthz",
      enableSni: true,
      requestInterval: 30,
      failureThreshold: 3,
      regions: ["us-east-1", "eu-west-1", "ap-southeast-1"],
      tags: { Name: "drops large" },
    });
  });

  it("refuses fewer places than Route 53 takes", async () => {
    const spec = { title: "x", tls: true, path: "/", regions: ["us-east-1", "eu-west-1"] } as const;
    expect(await refusal(() => new SiteCheck("site", { spec, host: "h" }))).toContain(
      "site: spec.regions must be 3 or more",
    );
  });
});

describe("the budget", () => {
  const spec = { name: "drops-large", usdMonthly: 1_000, emails: ["a@example.com"] };
  const notification = (notificationType: string, who: object) => ({
    notificationType,
    comparisonOperator: "GREATER_THAN",
    threshold: 100,
    thresholdType: "PERCENTAGE",
    ...who,
  });

  it("tells of a forecast and of the fact", async () => {
    const { named } = await registered(() => {
      new MonthlyBudget("budget", { spec, topicArn: "arn:topic" });
      return undefined;
    }, awsAnswer());
    const who = {
      subscriberEmailAddresses: ["a@example.com"],
      subscriberSnsTopicArns: ["arn:topic"],
    };
    expect(named("budget-budget").inputs).toEqual({
      name: "drops-large",
      budgetType: "COST",
      timeUnit: "MONTHLY",
      limitAmount: "1000",
      limitUnit: "USD",
      notifications: [notification("FORECASTED", who), notification("ACTUAL", who)],
    });
  });

  it("tells the topic alone where no address is given", async () => {
    const { named } = await registered(() => {
      new MonthlyBudget("budget", { spec: { ...spec, emails: [] }, topicArn: "arn:topic" });
      return undefined;
    }, awsAnswer());
    const who = { subscriberSnsTopicArns: ["arn:topic"] };
    expect(named("budget-budget").inputs).toMatchObject({
      notifications: [notification("FORECASTED", who), notification("ACTUAL", who)],
    });
  });

  it("says which addresses it has no room for", async () => {
    const warn = vi.spyOn(log, "warn").mockResolvedValue();
    const emails = Array.from({ length: 12 }, (_, at) => `${at}@example.com`);
    const { named } = await registered(() => {
      new MonthlyBudget("budget", { spec: { ...spec, emails }, topicArn: "arn:topic" });
      return undefined;
    }, awsAnswer());
    const { notifications } = named("budget-budget").inputs;
    expect(notifications).toMatchObject([
      { subscriberEmailAddresses: emails.slice(0, 10) },
      { subscriberEmailAddresses: emails.slice(0, 10) },
    ]);
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      expect.stringContaining("10@example.com, 11@example.com hear of it by the topic alone"),
    ]);
    warn.mockRestore();
  });

  it.each([
    [{ ...spec, emails: [] }, "nobody hears of"],
    [{ ...spec, usdMonthly: 0 }, "must be more than 0 USD, got 0"],
    [
      { ...spec, emails: Array<string>(11).fill("a@example.com") },
      "may name 10 addresses where there is no topic, got 11",
    ],
  ])("is refused %#", async (wrong, message) => {
    expect(await refusal(() => new MonthlyBudget("budget", { spec: wrong }))).toContain(message);
  });
});

describe("a Slack channel", () => {
  it("may look at alarms, and no more", async () => {
    const { named } = await registered(() => {
      new SlackChannel("slack", {
        spec: { name: "drops-large", teamId: "T012345", channelId: "C012345" },
        topicArns: ["arn:own", "arn:global"],
      });
      return undefined;
    }, awsAnswer());
    const readOnly = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess";
    expect(named("slack-policy").inputs).toMatchObject({ policyArn: readOnly });
    expect(named("slack-channel").inputs).toMatchObject({
      slackTeamId: "T012345",
      slackChannelId: "C012345",
      snsTopicArns: ["arn:own", "arn:global"],
      guardrailPolicyArns: [readOnly],
    });
  });
});

describe("events of services", () => {
  const made = () =>
    registered(() => {
      new ServiceEvents("service-events", {
        spec: {
          stack: "large",
          clusterName: "drops-large",
          services: [
            { key: "web", serviceName: "drops-large-web" },
            { key: "worker", serviceName: "drops-large-worker" },
          ],
          logRetentionDays: 30,
        },
      });
      return undefined;
    }, awsAnswer());

  it("are counted by a rule each, and kept in one log", async () => {
    const { names, named } = await made();
    expect(names).toEqual([
      "cloudwatch:EventRule service-events-web-deploy-failed",
      "cloudwatch:EventRule service-events-web-task-failed",
      "cloudwatch:EventRule service-events-worker-deploy-failed",
      "cloudwatch:EventRule service-events-worker-task-failed",
      "cloudwatch:EventTarget service-events-web-deploy-failed-target",
      "cloudwatch:EventTarget service-events-web-task-failed-target",
      "cloudwatch:EventTarget service-events-worker-deploy-failed-target",
      "cloudwatch:EventTarget service-events-worker-task-failed-target",
      "cloudwatch:LogGroup service-events-log",
      "cloudwatch:LogResourcePolicy service-events-log-policy",
    ]);
    expect(named("service-events-log").inputs).toEqual({
      name: "/aws/events/drops-large",
      retentionInDays: 30,
    });
    const rule = named("service-events-web-deploy-failed").inputs;
    expect(rule["name"]).toBe("drops-large-web-deploy-failed");
    expect(JSON.parse(rule["eventPattern"] as string)).toEqual({
      source: ["aws.ecs"],
      "detail-type": ["ECS Deployment State Change"],
      resources: [{ suffix: ":service/drops-large/drops-large-web" }],
      detail: { eventName: ["SERVICE_DEPLOYMENT_FAILED"] },
    });
    const policy = JSON.parse(
      named("service-events-log-policy").inputs["policyDocument"] as string,
    ) as { Statement: { Resource: string }[] };
    expect(policy.Statement[0]?.Resource).toBe(
      "arn:aws:test:eu-central-1:123456789012:service-events-log:*",
    );
  });

  it("of tasks leave out those that a deploy or scaling ended", () => {
    expect(eventPattern("task-failed", "drops-large", "drops-large-web")).toEqual({
      source: ["aws.ecs"],
      "detail-type": ["ECS Task State Change"],
      detail: {
        clusterArn: [{ suffix: ":cluster/drops-large" }],
        group: ["service:drops-large-web"],
        lastStatus: ["STOPPED"],
        $or: [
          { stopCode: ["EssentialContainerExited", "TaskFailedToStart"] },
          { stoppedReason: [{ prefix: "Task failed" }] },
        ],
      },
    });
  });
});
