import * as pulumi from "@pulumi/pulumi";
import { AlarmTopic } from "../components/alarms/alarmTopic";
import { entityKeys, targetGroupKey } from "../components/alarms/awsSignals";
import { MonthlyBudget } from "../components/alarms/budget";
import { CloudWatchAlarms, type Entities } from "../components/alarms/cloudwatch";
import { ServiceEvents } from "../components/alarms/serviceEvents";
import { SiteCheck } from "../components/alarms/siteCheck";
import { SlackChannel } from "../components/alarms/slackChannel";
import type { AwsBackupPlan } from "../components/backup/awsBackupPlan";
import type { CloudFront } from "../components/cdn/cloudfront";
import type { AppBalancer } from "../components/compute/appBalancer";
import { Dashboard } from "../components/dashboard/dashboard";
import { largeGraphs } from "../components/dashboard/largeGraphs";
import { globalRegion } from "../prices/aws";
import { appName } from "../settings/names";
import type { LargeConfig } from "../settings/schema";
import type { LargeAlarmPlan } from "./largeAlarmPlan";
import type { EdgeCertificates } from "./largeEdge";

/** What there is to watch in a large stack, beside what is known before: see `planLargeAlarms`. */
export interface Watched {
  readonly stack: string;
  readonly config: LargeConfig;
  readonly plan: LargeAlarmPlan;
  readonly clusterName: string;
  readonly balancer: AppBalancer;
  readonly cdn: CloudFront | undefined;
  readonly backupPlan: AwsBackupPlan | undefined;
  readonly certificates: EdgeCertificates;
  /** Host name that users reach. */
  readonly host: pulumi.Output<string>;
  readonly opts: pulumi.ComponentResourceOptions;
}

/**
 * Alarms, who hears of them, the page that shows them, and the month's budget. Gives who has not
 * confirmed yet.
 */
export function largeAlarmsOf(watched: Watched): pulumi.Output<string[]> {
  const { stack, config, plan, clusterName, opts } = watched;
  const { region } = config;
  const own = topicOf("alarm-topic", watched, "own");
  const global =
    region === globalRegion ? undefined : topicOf("alarm-topic-global", watched, "us-east-1");
  const topics = [own, ...(global ? [global] : [])];
  const slack = config.alerts.slack;
  if (slack !== undefined) {
    new SlackChannel(
      "slack",
      { spec: { name: appName(stack), ...slack }, topicArns: topics.map(({ arn }) => arn) },
      opts,
    );
  }
  new ServiceEvents(
    "events",
    {
      spec: {
        stack,
        clusterName,
        services: plan.services.map(({ key, serviceName }) => ({ key, serviceName })),
        logRetentionDays: config.logs.retentionDays,
      },
    },
    opts,
  );
  const entities = entitiesOf(watched);
  const alarms = new CloudWatchAlarms(
    "alarms",
    { spec: plan.spec, entities, topicArn: own.arn, globalTopicArn: (global ?? own).arn },
    opts,
  );
  const { targets, metricAlarms } = plan;
  new Dashboard(
    "dashboard",
    {
      spec: { stack, region, targets, metricAlarms, more: largeGraphs(stack, "web") },
      entities,
      alarmArns: Object.values(alarms.arns),
    },
    opts,
  );
  new MonthlyBudget(
    "budget",
    {
      spec: {
        name: appName(stack),
        usdMonthly: config.budget.monthlyUsd,
        emails: config.alerts.emails,
      },
      topicArn: own.arn,
    },
    opts,
  );
  return pulumi
    .all(topics.map(({ pendingConfirmations }) => pendingConfirmations))
    .apply((pending) => [...new Set(pending.flat())]);
}

function topicOf(
  name: string,
  { stack, config, opts }: Watched,
  region: "own" | "us-east-1",
): AlarmTopic {
  const { emails, webhook } = config.alerts;
  return new AlarmTopic(
    name,
    { spec: { stack, region, emails }, webhookUrl: webhook && pulumi.secret(webhook.url) },
    opts,
  );
}

/** What only a deploy tells of the things that alarms look at. */
function entitiesOf(watched: Watched): Entities {
  const { balancer, cdn, certificates, backupPlan, config, host, opts, stack } = watched;
  const check = new SiteCheck(
    "site",
    {
      host,
      spec: {
        title: appName(stack),
        tls: config.domain !== undefined || cdn !== undefined,
        // Not `/healthz`, which is well while the database is away and nobody gets a page.
        path: "/readyz",
      },
    },
    opts,
  );
  return {
    [entityKeys.balancer]: balancer.arnSuffix,
    [targetGroupKey("web")]: balancer.targetGroupArnSuffix,
    [entityKeys.siteCheck]: check.healthCheckId,
    [entityKeys.distribution]: cdn?.distributionId,
    [entityKeys.edgeCertificate]: certificates.edgeArn,
    [entityKeys.balancerCertificate]: certificates.balancerArn,
    [entityKeys.backupVault]: backupPlan?.vaultName,
  };
}
