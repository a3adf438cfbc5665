import { z } from "zod";
import type { Operation } from "../../cloud/kind";
import { AwsError } from "../refusal";
import { arn, filled, flag } from "../shapes";
import { cronProblem } from "./cron";

const lifecycle = z
  .strictObject({
    ...{ coldStorageAfter: z.int().optional(), deleteAfter: z.int().optional() },
    optInToArchiveForSupportedResources: flag,
  })
  .optional();
type Lifecycle = z.infer<typeof lifecycle>;

const ruleName = z
  .string()
  .min(1)
  .max(50)
  .regex(
    /^[0-9A-Za-z_.-]+$/,
    "must contain only alphanumeric characters, hyphens, underscores, and periods",
  );

export const planInputs = z.object({
  name: z.string().min(1).max(50).optional(),
  rules: z
    .array(
      z.strictObject({
        ruleName,
        targetVaultName: filled,
        ...{ schedule: filled.optional(), scheduleExpressionTimezone: filled.optional() },
        ...{ startWindow: z.int().optional(), completionWindow: z.int().optional() },
        ...{ enableContinuousBackup: flag, lifecycle },
        copyActions: z
          .array(z.strictObject({ destinationVaultArn: arn("backup"), lifecycle }))
          .optional(),
        recoveryPointTags: z.record(z.string(), z.string()).optional(),
      }),
    )
    .min(1),
  advancedBackupSettings: z
    .array(
      z.strictObject({
        resourceType: z.enum(["EC2"]),
        backupOptions: z.record(z.string(), z.string()),
      }),
    )
    .optional(),
});

/** Days that a copy stays in cold storage at least, and minutes of windows (Backup API, BackupRule). */
const COLD_DAYS = 90;
const WINDOW_MINUTES = 60;
const CONTINUOUS_DAYS = 35;

const invalid = (message: string): AwsError =>
  new AwsError("InvalidParameterValueException", message);

/** What only the API refuses about a plan. */
export function refusePlan({ inputs }: Operation): void {
  const { rules } = inputs as z.infer<typeof planInputs>;
  const twice = rules.find(
    (one, index) => rules.findIndex((other) => other.ruleName === one.ruleName) < index,
  );
  if (twice) throw invalid(`Duplicate rule name ${twice.ruleName}`);
  for (const rule of rules) {
    const problem = rule.schedule === undefined ? undefined : cronProblem(rule.schedule);
    if (problem !== undefined) {
      throw invalid(`Invalid schedule expression ${String(rule.schedule)}: ${problem}`);
    }
    const { startWindow = WINDOW_MINUTES, completionWindow = 180, ruleName: name } = rule;
    if (startWindow < WINDOW_MINUTES) {
      throw invalid(`Invalid start window of ${name}: at least ${WINDOW_MINUTES} minutes`);
    }
    if (completionWindow < startWindow + WINDOW_MINUTES) {
      throw invalid(
        `Invalid completion window of ${name}: it must be at least ${WINDOW_MINUTES} minutes greater than the start window`,
      );
    }
    for (const one of [rule.lifecycle, ...(rule.copyActions ?? []).map((copy) => copy.lifecycle)]) {
      requireLifecycle(one, name);
    }
    const kept = rule.lifecycle?.deleteAfter;
    if (rule.enableContinuousBackup === true && (kept === undefined || kept > CONTINUOUS_DAYS)) {
      throw invalid(
        `Invalid lifecycle of ${name}: continuous backups are kept for 1 to ${CONTINUOUS_DAYS} days`,
      );
    }
  }
}

function requireLifecycle(lifecycle: Lifecycle, name: string): void {
  const { coldStorageAfter: cold, deleteAfter } = lifecycle ?? {};
  for (const days of [cold, deleteAfter]) {
    if (days !== undefined && days < 1)
      throw invalid(`Invalid lifecycle of ${name}: 1 day or more`);
  }
  if (cold === undefined || deleteAfter === undefined) return;
  if (deleteAfter < cold + COLD_DAYS) {
    throw invalid(
      `Invalid lifecycle of ${name}. DeleteAfterDays cannot be less than ${COLD_DAYS} days apart from MoveToColdStorageAfterDays`,
    );
  }
}
