import * as backup from "@pulumi/aws/backup";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { trustPolicy } from "../iam/trustPolicy";
import { withOverride, type Override } from "../overrides";

export interface AwsBackupPlanSpec {
  /** Name of the plan. */
  readonly name: string;
  /** Hour in which snapshots begin, UTC; best not that of the database's own. @default 5 */
  readonly hourUtc?: number | undefined;
  /** How long a daily snapshot is kept, in days. */
  readonly retentionDays: number;
  /** How long the snapshot of each Sunday is kept. @default four times as long as a daily one */
  readonly weeklyDays?: number | undefined;
  /** Region into which each snapshot is copied, not the cluster's own; undefined: none. */
  readonly copyRegion?: string | undefined;
  /** Guards the vaults against deletion. */
  readonly protect: boolean;
}

export interface AwsBackupPlanArgs {
  readonly spec: AwsBackupPlanSpec;
  /** The cluster that is backed up. */
  readonly clusterArn: pulumi.Input<string>;
  readonly overrides?: {
    readonly vault?: Override<backup.VaultArgs>;
    readonly copyVault?: Override<backup.VaultArgs>;
    readonly plan?: Override<backup.PlanArgs>;
    readonly role?: Override<iam.RoleArgs>;
    readonly selection?: Override<backup.SelectionArgs>;
  };
}

/** The policies of AWS that the service needs for itself. */
const managedPolicies = {
  backup: "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
  restore: "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
} as const;

/** After the usual hours of the database's snapshot and of its maintenance. */
const defaultHourUtc = 5;

/** Minutes within which a snapshot begins and, an hour and more later, has ended. */
const windows = { startWindow: 60, completionWindow: 480 } as const;

/**
 * Snapshots beside the database's own backups, which end with it. They cannot go to cold storage:
 * AWS Backup has none for Aurora, and continuous backups are the cluster's own already.
 */
export class AwsBackupPlan extends pulumi.ComponentResource {
  readonly vaultName: pulumi.Output<string>;
  readonly vaultArn: pulumi.Output<string>;
  /** Undefined where nothing is copied. */
  readonly copyVaultArn: pulumi.Output<string> | undefined;
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: AwsBackupPlanArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:backup:AwsBackupPlan", name, {}, opts);
    const { spec, overrides = {} } = args;
    const problems = backupPlanProblems(spec);
    if (problems.length > 0)
      throw new pulumi.ResourceError(`${name}: ${problems.join("; ")}`, this);
    const parent = { parent: this };
    // A vault with snapshots cannot be deleted, and they are the last copy when the database is gone.
    const kept = { parent: this, protect: spec.protect, retainOnDelete: true };
    const vault = new backup.Vault(
      `${name}-vault`,
      withOverride<backup.VaultArgs>({ forceDestroy: false }, overrides.vault),
      kept,
    );
    const copyVault =
      spec.copyRegion === undefined
        ? undefined
        : new backup.Vault(
            `${name}-copy-vault`,
            withOverride<backup.VaultArgs>(
              { region: spec.copyRegion, forceDestroy: false },
              overrides.copyVault,
            ),
            kept,
          );
    const plan = new backup.Plan(
      `${name}-plan`,
      withOverride<backup.PlanArgs>(
        { name: spec.name, rules: rules(spec, vault.name, copyVault?.arn) },
        overrides.plan,
      ),
      parent,
    );
    // Snapshots are deleted in their time by this role: without it they would stay, and be billed.
    const outliving = { parent: this, retainOnDelete: true };
    const role = new iam.Role(
      `${name}-role`,
      withOverride<iam.RoleArgs>(
        {
          description: "Lets AWS Backup take and restore snapshots",
          assumeRolePolicy: trustPolicy("backup.amazonaws.com"),
        },
        overrides.role,
      ),
      outliving,
    );
    const attachments = Object.entries(managedPolicies).map(
      ([use, policyArn]) =>
        new iam.RolePolicyAttachment(
          `${name}-${use}-policy`,
          { role: role.name, policyArn },
          outliving,
        ),
    );
    new backup.Selection(
      `${name}-selection`,
      withOverride<backup.SelectionArgs>(
        { name: spec.name, planId: plan.id, iamRoleArn: role.arn, resources: [args.clusterArn] },
        overrides.selection,
      ),
      { parent: this, dependsOn: attachments },
    );
    this.vaultName = vault.name;
    this.vaultArn = vault.arn;
    this.copyVaultArn = copyVault?.arn;
    this.roleArn = role.arn;
    this.registerOutputs({ vaultArn: this.vaultArn });
  }
}

function rules(
  spec: AwsBackupPlanSpec,
  targetVaultName: pulumi.Input<string>,
  destinationVaultArn: pulumi.Input<string> | undefined,
) {
  const rule = (ruleName: string, day: string, deleteAfter: number) => ({
    ruleName,
    schedule: `cron(0 ${spec.hourUtc ?? defaultHourUtc} ? * ${day} *)`,
    ...windows,
    targetVaultName,
    lifecycle: { deleteAfter },
    ...(destinationVaultArn !== undefined && {
      copyActions: [{ destinationVaultArn, lifecycle: { deleteAfter } }],
    }),
  });
  return [rule("daily", "*", spec.retentionDays), rule("weekly", "SUN", weeklyDaysOf(spec))];
}

function weeklyDaysOf({ retentionDays, weeklyDays }: AwsBackupPlanSpec): number {
  return weeklyDays ?? 4 * retentionDays;
}

/** What AWS would refuse of a specification, or what it would do in vain. */
export function backupPlanProblems(spec: AwsBackupPlanSpec): readonly string[] {
  const { name, hourUtc = defaultHourUtc, retentionDays } = spec;
  const weeklyDays = weeklyDaysOf(spec);
  return [
    ...(/^[\w.-]{1,50}$/.test(name)
      ? []
      : [`spec.name must be 1..50 letters, digits, hyphens, dots and underscores, got ${name}`]),
    ...(Number.isInteger(hourUtc) && hourUtc >= 0 && hourUtc <= 23
      ? []
      : [`spec.hourUtc must be 0..23, got ${hourUtc}`]),
    ...(Number.isInteger(retentionDays) && retentionDays >= 1
      ? []
      : [`spec.retentionDays must be 1 or more, got ${retentionDays}`]),
    ...(Number.isInteger(weeklyDays) && weeklyDays > retentionDays
      ? []
      : [
          `spec.weeklyDays must be more than the ${retentionDays} days of a daily snapshot, got ${weeklyDays}`,
        ]),
  ];
}
