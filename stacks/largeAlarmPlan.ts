import { withVaultBackupAge, auroraInstanceTargets } from "../components/alarms/auroraSignals";
import { alarmTopicName } from "../components/alarms/alarmTopic";
import {
  externalPostgresOnAwsTarget,
  externalRedisOnAwsTarget,
} from "../components/alarms/awsExternalSignals";
import { entityKeys } from "../components/alarms/awsSignals";
import {
  planCloudWatch,
  type CloudWatchSpec,
  type PlannedMetricAlarm,
} from "../components/alarms/cloudwatchPlan";
import {
  ecsServiceTargets,
  type EcsWebFacts,
  type EcsWorkerFacts,
} from "../components/alarms/ecsSignals";
import { cacheNodeTargets } from "../components/alarms/elasticacheSignals";
import { planAlarms, type AlarmPlanning } from "../components/alarms/plan";
import type { ServiceEventsSpec } from "../components/alarms/serviceEvents";
import type { AlarmTopicFacts } from "../components/alarms/siteSignals";
import type { AlarmTarget, Recipients } from "../components/alarms/types";
import { auroraAlarmFacts } from "../components/postgres/aurora";
import { cacheAlarmFacts } from "../components/redis/elasticache";
import { globalRegion } from "../prices/aws";
import { largeZones } from "../settings/largePlace";
import { appName } from "../settings/names";
import type { LargeConfig } from "../settings/schema";
import { editedRules } from "../tiers/thresholds";
import { auroraSpecOf, cacheSpecOf } from "./largeData";
import { edgePlanOf, type EdgePlan } from "./largeEdge";

/** The alarms of a large stack, by what its settings say: nothing of it has to be there. */
export interface LargeAlarmPlan {
  readonly planning: AlarmPlanning;
  readonly targets: readonly AlarmTarget[];
  readonly spec: CloudWatchSpec;
  readonly metricAlarms: readonly PlannedMetricAlarm[];
  readonly services: ServiceEventsSpec["services"];
}

/**
 * To be called before any resource: what nobody can watch, or CloudWatch would not evaluate, must not
 * leave half a stack behind.
 *
 * @throws Error where a target is silent about a rule, or CloudWatch would refuse an alarm.
 */
export function planLargeAlarms(stack: string, config: LargeConfig): LargeAlarmPlan {
  const services = servicesOf(stack, config);
  const targets = [
    ...ecsServiceTargets(services),
    ...databaseTargets(stack, config),
    ...cacheTargets(stack, config),
  ];
  const planning = planAlarms({
    rules: editedRules(config.thresholds),
    runbookBaseUrl: config.alerts.runbookBaseUrl,
    recipients: recipientsOf(config),
    targets,
  });
  const spec = { stack, region: config.region, alarms: planning.alarms };
  const { metricAlarms } = planCloudWatch(spec);
  return { planning, targets, spec, metricAlarms, services };
}

/** Who hears of an alarm: subscribers of a topic, and Slack by AWS's own bot. */
function recipientsOf({ alerts }: LargeConfig): Recipients {
  return {
    emails: alerts.emails,
    webhook: alerts.webhook !== undefined,
    ...(alerts.slack && { slackChannel: alerts.slack.channelId }),
  };
}

function topicsOf(stack: string, { alerts, region }: LargeConfig): readonly AlarmTopicFacts[] {
  const { emails, webhook, slack } = alerts;
  const subscribers = emails.length + (webhook ? 1 : 0) + (slack ? 1 : 0);
  const name = alarmTopicName(stack);
  return [
    { name, subscribers, region: "own" },
    ...(region === globalRegion ? [] : [{ name, subscribers, region: "us-east-1" as const }]),
  ];
}

/** The services as `largeServices.ts` makes them, the one that answers users first. */
function servicesOf(stack: string, config: LargeConfig): readonly (EcsWebFacts | EcsWorkerFacts)[] {
  const { app, worker, postgres } = config;
  const edge = edgePlanOf(stack, config);
  const factsOf = (
    key: string,
    scale: { readonly minTasks: number; readonly maxTasks: number },
  ) => ({
    key,
    stack,
    clusterName: appName(stack),
    serviceName: `${appName(stack)}-${key}`,
    minTasks: scale.minTasks,
    maxTasks: scale.maxTasks,
    cpuPercent: app.cpuPercent,
    memoryPercent: app.memoryPercent,
  });
  return [
    {
      ...factsOf("web", app),
      kind: "service",
      title: "the app",
      requestsPerTask: app.requestsPerTask,
      distribution: edge.cloudfront,
      certificates: certificatesWatched(edge, config),
      leansOn:
        postgres.provider === "aurora" ? [databaseTargets(stack, config).map(({ id }) => id)] : [],
      topics: topicsOf(stack, config),
    },
    ...(worker.minTasks > 0
      ? [
          {
            ...factsOf("worker", worker),
            kind: "worker" as const,
            title: "the worker",
            heartbeat: true,
          },
        ]
      : []),
    ...config.services.map((service) => ({
      ...factsOf(service.name, service),
      kind: "worker" as const,
      title: `the service ${service.name}`,
      heartbeat: false,
    })),
  ];
}

/** Those that `certificatesOf` finds or makes; one that serves both is watched once. */
function certificatesWatched(
  { cloudfront, hosts }: EdgePlan,
  { cloudflare, certificates, region }: LargeConfig,
): EcsWebFacts["certificates"] {
  if (cloudflare !== undefined && hosts.length > 0) {
    if (!cloudfront) return ["balancer"];
    return region === globalRegion ? ["edge"] : ["edge", "balancer"];
  }
  const { edgeArn, balancerArn } = certificates;
  return [
    ...(edgeArn === undefined ? [] : (["edge"] as const)),
    ...(balancerArn === undefined || balancerArn === edgeArn ? [] : (["balancer"] as const)),
  ];
}

/** Each instance of the database; the first also tells of the copies in the vault. */
function databaseTargets(stack: string, config: LargeConfig): readonly AlarmTarget[] {
  if (config.postgres.provider === "external") return [externalPostgresOnAwsTarget(stack)];
  // The invariants hold: the region has so many zones.
  const place = { stack, zones: largeZones(config), protect: config.protection === "on" };
  const [first, ...others] = auroraInstanceTargets(auroraAlarmFacts(auroraSpecOf(config, place)));
  if (!first || config.backups.plan === "off") return first ? [first, ...others] : [];
  return [withVaultBackupAge(first, { entity: entityKeys.backupVault }), ...others];
}

/** Each node of the cache, if there is one. */
function cacheTargets(stack: string, config: LargeConfig): readonly AlarmTarget[] {
  switch (config.redis.provider) {
    case "none":
      return [];
    case "external":
      return [externalRedisOnAwsTarget()];
    case "elasticache": {
      const place = { stack, protect: config.protection === "on" };
      return cacheNodeTargets(cacheAlarmFacts(cacheSpecOf(config, place)));
    }
  }
}
