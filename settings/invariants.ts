import { alertProblems, thresholdProblems } from "./checks/alarms";
import { databaseProblems, redisProblems } from "./checks/database";
import { domainProblems, networkProblems } from "./checks/network";
import { serverProblems } from "./checks/server";
import type { Problem } from "./problems";
import type { SmallConfig } from "./schema";

/**
 * What no single key can say: rules that hold between components. Checked before any resource
 * exists; every broken rule is reported, not only the first.
 */
export function smallProblems(config: SmallConfig, stack: string): Problem[] {
  return [
    ...serverProblems(config),
    ...databaseProblems(config),
    ...redisProblems(config),
    ...networkProblems(config),
    ...domainProblems(config, stack),
    ...alertProblems(config),
    ...thresholdProblems(config.thresholds),
  ];
}
