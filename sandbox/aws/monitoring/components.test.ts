import { afterEach, beforeEach, expect, it } from "vitest";
import { AlarmTopic } from "../../../components/alarms/alarmTopic";
import { entityKeys, targetGroupKey } from "../../../components/alarms/awsSignals";
import { MonthlyBudget } from "../../../components/alarms/budget";
import { CloudWatchAlarms } from "../../../components/alarms/cloudwatch";
import { planAlarms } from "../../../components/alarms/plan";
import { ServiceEvents } from "../../../components/alarms/serviceEvents";
import { SlackChannel } from "../../../components/alarms/slackChannel";
import { largeTargets, planned, region, stack } from "../../../components/alarms/testing/large";
import { Dashboard } from "../../../components/dashboard/dashboard";
import { largeGraphs } from "../../../components/dashboard/largeGraphs";
import { editedRules } from "../../../tiers/thresholds";
import { deployProgram } from "../testing/deployProgram";
import { AwsTestCloud } from "../testing/testCloud";

let cloud: AwsTestCloud;
beforeEach(() => {
  cloud = new AwsTestCloud({ region });
});
afterEach(() => {
  cloud.close();
});

const entities = {
  [entityKeys.balancer]: "app/drops/1",
  [targetGroupKey("web")]: "targetgroup/web/2",
  [entityKeys.siteCheck]: "check-3",
  [entityKeys.distribution]: "E4",
  [entityKeys.edgeCertificate]: "arn:aws:acm:us-east-1:123456789012:certificate/5",
  [entityKeys.balancerCertificate]: "arn:aws:acm:eu-central-1:123456789012:certificate/6",
  [entityKeys.backupVault]: "drops-large",
};

const { alarms } = planAlarms({
  rules: editedRules({}),
  targets: largeTargets(),
  recipients: { emails: ["ops@example.com"], webhook: false },
});

const topics = () => {
  const spec = { stack, emails: ["ops@example.com"] };
  const webhookUrl = "https://hooks.example.com/services/SECRET";
  const own = new AlarmTopic("alarm-topic", { spec: { ...spec, region: "own" }, webhookUrl });
  const global = new AlarmTopic("global-topic", { spec: { ...spec, region: "us-east-1" } });
  return { own, global };
};

it("takes every alarm of the large tier, and a dashboard that draws them", async () => {
  const pending = await deployProgram(cloud, () => {
    const { own, global } = topics();
    const made = new CloudWatchAlarms("alarms", {
      spec: { stack, region, alarms },
      ...{ entities, topicArn: own.arn, globalTopicArn: global.arn },
    });
    new Dashboard("dashboard", {
      spec: {
        ...{ stack, region, targets: largeTargets(), metricAlarms: planned().metricAlarms },
        more: largeGraphs(stack, "web"),
      },
      ...{ entities, alarmArns: Object.values(made.arns) },
    });
    return own.pendingConfirmations;
  });
  expect(pending).toEqual(["ops@example.com", "https://hooks.example.com"]);
  const metricAlarms = cloud.world.all("aws:cloudwatch/metricAlarm:MetricAlarm");
  expect(metricAlarms).toHaveLength(planned().metricAlarms.length);
  const composites = cloud.world.all("aws:cloudwatch/compositeAlarm:CompositeAlarm");
  expect(composites).toHaveLength(planned().composites.length);
});

it("takes what counts the events of services, a channel of Slack and a budget", async () => {
  await deployProgram(cloud, () => {
    const { own, global } = topics();
    const services = [{ key: "web", serviceName: "drops-large-web" }];
    new ServiceEvents("events", {
      spec: { ...{ stack, services, logRetentionDays: 30 }, clusterName: "drops-large" },
    });
    new SlackChannel("slack", {
      spec: { name: "drops-large", teamId: "T0123ABCD", channelId: "C0123ABCD" },
      topicArns: [own.arn, global.arn],
    });
    new MonthlyBudget("budget", {
      spec: { name: "drops-large", usdMonthly: 900, emails: ["ops@example.com"] },
      topicArn: global.arn,
    });
    return own.arn;
  });
  expect(cloud.world.all("aws:cloudwatch/eventTarget:EventTarget")).toHaveLength(2);
  const [budget] = cloud.world.all("aws:budgets/budget:Budget");
  expect(budget?.id).toBe("123456789012:drops-large");
});
