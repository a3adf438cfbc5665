import { editedRules, type ThresholdEdits } from "../../../tiers/thresholds";
import { auroraAlarmFacts, type AuroraSpec } from "../../postgres/aurora";
import { cacheAlarmFacts } from "../../redis/elasticache";
import { auroraInstanceTargets, auroraTargetId, withVaultBackupAge } from "../auroraSignals";
import { entityKeys } from "../awsSignals";
import { planCloudWatch, type CloudWatchPlan } from "../cloudwatchPlan";
import { ecsServiceTargets, type EcsWebFacts, type EcsWorkerFacts } from "../ecsSignals";
import { cacheNodeTargets } from "../elasticacheSignals";
import { planAlarms } from "../plan";
import type { AlarmTarget } from "../types";

export const stack = "large";
export const region = "eu-central-1";

export const web: EcsWebFacts = {
  kind: "service",
  key: "web",
  title: "the web service",
  stack,
  clusterName: "drops-large",
  serviceName: "drops-large-web",
  minTasks: 3,
  maxTasks: 12,
  cpuPercent: 60,
  memoryPercent: 70,
  requestsPerTask: 3_000,
  distribution: true,
  certificates: ["edge", "balancer"],
  leansOn: [[auroraTargetId(0), auroraTargetId(1)]],
  topics: [
    { name: "drops-large-alarms", region: "own", subscribers: 2 },
    { name: "drops-large-alarms", region: "us-east-1", subscribers: 2 },
  ],
};

export const worker: EcsWorkerFacts = {
  kind: "worker",
  key: "worker",
  title: "the worker",
  stack,
  clusterName: "drops-large",
  serviceName: "drops-large-worker",
  minTasks: 2,
  maxTasks: 4,
  cpuPercent: 60,
  memoryPercent: 70,
  heartbeat: true,
};

const maintenance = { day: "sunday", hourUtc: 3 } as const;

export const auroraSpec: AuroraSpec = {
  ...{ name: "drops-large", stack, region, engineVersion: "17.9" },
  zones: ["a", "b", "c"].map((zone) => `${region}${zone}`),
  mode: { kind: "provisioned", instanceClass: "db.r7g.large" },
  readers: 1,
  storageType: "aurora",
  maxConnections: 1_805,
  ...{ backupDays: 35, insights: "standard", logRetentionDays: 30, maintenance, protect: true },
};
export const aurora = auroraAlarmFacts(auroraSpec);

export const cache = cacheAlarmFacts({
  ...{ name: "drops-large", nodeType: "cache.t4g.small", shards: 2, replicasPerShard: 1 },
  ...{ maintenance, protect: true },
});

/** The tier as it is by default: web and worker, two instances, four nodes, copies in a vault. */
export function largeTargets(): AlarmTarget[] {
  const [writer, ...readers] = auroraInstanceTargets(aurora);
  return [
    ...ecsServiceTargets([web, worker]),
    ...(writer ? [withVaultBackupAge(writer, { entity: entityKeys.backupVault })] : []),
    ...readers,
    ...cacheNodeTargets(cache),
  ];
}

export function planned(
  targets: readonly AlarmTarget[] = largeTargets(),
  edits: ThresholdEdits = {},
  where: string = region,
): CloudWatchPlan {
  const { alarms, uncovered } = planAlarms({
    rules: editedRules(edits),
    targets,
    recipients: { emails: ["ops@example.com"], webhook: false },
  });
  if (uncovered.length > 0) throw new Error(JSON.stringify(uncovered));
  return planCloudWatch({ stack, region: where, alarms });
}
