import * as pulumi from "@pulumi/pulumi";
import { withVaultBackupAge } from "../components/alarms/auroraSignals";
import { alarmTopicName, AlarmTopic } from "../components/alarms/alarmTopic";
import { entityKeys, targetGroupKey } from "../components/alarms/awsSignals";
import { MonthlyBudget, mostBudgetEmails } from "../components/alarms/budget";
import { CloudWatchAlarms, type Entities } from "../components/alarms/cloudwatch";
import { planCloudWatch } from "../components/alarms/cloudwatchPlan";
import { ecsServiceTargets } from "../components/alarms/ecsSignals";
import { planAlarms, type AlarmPlanning } from "../components/alarms/plan";
import { ServiceEvents } from "../components/alarms/serviceEvents";
import type { AlarmTopicFacts } from "../components/alarms/siteSignals";
import { SiteCheck } from "../components/alarms/siteCheck";
import { SlackChannel } from "../components/alarms/slackChannel";
import type { AlarmTarget, Recipients } from "../components/alarms/types";
import type { AwsBackupPlan } from "../components/backup/awsBackupPlan";
import type { CloudFront } from "../components/cdn/cloudfront";
import type { AppBalancer } from "../components/compute/appBalancer";
import type { Postgres, Redis } from "../components/contracts";
import { Dashboard } from "../components/dashboard/dashboard";
import { largeGraphs } from "../components/dashboard/largeGraphs";
import type { AuroraPostgres } from "../components/postgres/aurora";
import { globalRegion } from "../prices/aws";
import { appName } from "../settings/names";
import type { LargeConfig } from "../settings/schema";
import { editedRules } from "../tiers/thresholds";
import type { EdgeCertificates } from "./largeEdge";
import type { LargeServices } from "./largeServices";

/** What there is to watch in a large stack. */
export interface Watched {
  readonly stack: string;
  readonly config: LargeConfig;
  readonly services: LargeServices;
  readonly balancer: AppBalancer;
  readonly cdn: CloudFront | undefined;
  readonly postgres: Postgres;
  readonly aurora: AuroraPostgres | undefined;
  readonly redis: Redis | undefined;
  readonly backupPlan: AwsBackupPlan | undefined;
  readonly certificates: EdgeCertificates;
  /** Host name that users reach. */
  readonly host: pulumi.Output<string>;
  readonly opts: pulumi.ComponentResourceOptions;
}

/** Alarms, who hears of them, the page that shows them, and the month's budget. */
export function largeAlarmsOf(watched: Watched): {
  readonly planning: AlarmPlanning;
  readonly pendingConfirmations: pulumi.Output<string[]>;
} {
  const { stack, config, services, opts } = watched;
  const { region } = config;
  const targets = targetsOf(watched);
  const planning = planAlarms({
    rules: editedRules(config.thresholds),
    runbookBaseUrl: config.alerts.runbookBaseUrl,
    recipients: recipientsOf(config),
    targets,
  });
  const spec = { stack, region, alarms: planning.alarms };
  // Before any resource: what CloudWatch could not evaluate must not leave half a stack behind.
  const { metricAlarms } = planCloudWatch(spec);

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
        clusterName: services.clusterName,
        services: [services.web, ...services.workers.map(({ service }) => service)].map(
          ({ serviceName }, index) => ({
            key: index === 0 ? "web" : (services.workers[index - 1]?.spec.name ?? ""),
            serviceName,
          }),
        ),
        logRetentionDays: config.logs.retentionDays,
      },
    },
    opts,
  );
  const entities = entitiesOf(watched);
  const alarms = new CloudWatchAlarms(
    "alarms",
    { spec, entities, topicArn: own.arn, globalTopicArn: (global ?? own).arn },
    opts,
  );
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
        emails: config.alerts.emails.slice(0, mostBudgetEmails),
      },
      topicArn: own.arn,
    },
    opts,
  );
  return {
    planning,
    pendingConfirmations: pulumi
      .all(topics.map(({ pendingConfirmations }) => pendingConfirmations))
      .apply((pending) => [...new Set(pending.flat())]),
  };
}

/** Who hears of an alarm: subscribers of a topic, and Slack by AWS's own bot. */
function recipientsOf({ alerts }: LargeConfig): Recipients {
  return {
    emails: alerts.emails,
    webhook: alerts.webhook !== undefined,
    ...(alerts.slack && { slackChannel: alerts.slack.channelId }),
  };
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

/** Each service, each instance of the database, each node of the cache. */
function targetsOf(watched: Watched): readonly AlarmTarget[] {
  const { stack, config, services, cdn, certificates, postgres, redis, backupPlan } = watched;
  const { web, workers, clusterName } = services;
  const common = { stack, clusterName, cpuPercent: config.app.cpuPercent };
  const topics: AlarmTopicFacts[] = [
    { name: alarmTopicName(stack), region: "own" },
    ...(config.region === globalRegion
      ? []
      : [{ name: alarmTopicName(stack), region: "us-east-1" as const }]),
  ];
  const databases = postgres.alarmTargets;
  const [first, ...others] = databases;
  return [
    ...ecsServiceTargets([
      {
        ...common,
        kind: "service",
        key: "web",
        title: "the app",
        serviceName: web.serviceName,
        minTasks: config.app.minTasks,
        maxTasks: config.app.maxTasks,
        distribution: cdn !== undefined,
        certificates: [
          ...(certificates.edgeArn === undefined ? [] : (["edge"] as const)),
          ...(certificates.balancerArn === undefined ||
          certificates.balancerArn === certificates.edgeArn
            ? []
            : (["balancer"] as const)),
        ],
        leansOn: watched.aurora ? [databases.map(({ id }) => id)] : [],
        topics,
      },
      ...workers.map(({ service, spec }) => ({
        ...common,
        kind: "worker" as const,
        key: spec.name,
        title: spec.name === "worker" ? "the worker" : `the service ${spec.name}`,
        serviceName: service.serviceName,
        minTasks: spec.minTasks,
        maxTasks: spec.maxTasks,
        heartbeat: spec.name === "worker",
      })),
    ]),
    ...(first && backupPlan
      ? [withVaultBackupAge(first, { entity: entityKeys.backupVault }), ...others]
      : databases),
    ...(redis?.alarmTargets ?? []),
  ];
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
        path: "/healthz",
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
