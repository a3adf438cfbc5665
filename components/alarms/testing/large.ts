import { editedRules, type ThresholdEdits } from "../../../tiers/thresholds";
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
  distribution: true,
  certificates: ["edge", "balancer"],
  leansOn: [[auroraTargetId(0), auroraTargetId(1)]],
  topics: [
    { name: "drops-large-alarms", region: "own" },
    { name: "drops-large-alarms", region: "us-east-1" },
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
  heartbeat: true,
};

export const aurora = {
  stack,
  instanceIdentifiers: ["drops-large-1", "drops-large-2"],
  memoryGib: 16,
  localStorageGib: 32,
  maxConnections: 1_802,
  serverless: false,
};

export const cache = {
  nodeIds: [1, 2].flatMap((shard) => [1, 2].map((node) => `drops-large-000${shard}-00${node}`)),
  vcpus: 2,
};

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
