import { appServiceTarget, appWorkerTarget } from "../../components/alarms/appSignals";
import { managedValkeyTarget } from "../../components/alarms/cacheSignals";
import {
  managedPostgresTarget,
  managedReplicaTarget,
  withBackupAge,
} from "../../components/alarms/databaseSignals";
import { monitoringTarget } from "../../components/alarms/hostSignals";
import { planAlarms } from "../../components/alarms/plan";
import type { AlarmPlan } from "../../components/alarms/types";
import { editedRules } from "../../tiers/thresholds";

const GIB = 1_024 ** 3;
/** As of an Advanced cluster: only the database itself knows. */
const limit = { limit: 197, verified: false };

/** A medium stack's own alarms with a replica, as far as its monitoring host evaluates them. */
export const mediumAlarms: readonly AlarmPlan[] = planAlarms({
  rules: editedRules({}),
  targets: [
    appServiceTarget(
      { stack: "medium", memoryBytes: 2 * GIB },
      { maxInstances: 6, vcpus: 1, cpuPercent: 60 },
    ),
    appWorkerTarget({ stack: "medium", memoryBytes: GIB / 2 }),
    withBackupAge(managedPostgresTarget(limit, { besideReplicas: true })),
    managedReplicaTarget(1, limit),
    managedValkeyTarget(),
    monitoringTarget(),
  ],
  recipients: { emails: ["ops@example.com"], webhook: true },
}).alarms.filter(({ signals }) => signals.some(({ emitter }) => emitter === "prometheus"));
