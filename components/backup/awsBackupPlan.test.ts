import { describe, expect, it } from "vitest";
import { backupIntervalDays } from "../../prices/aws";
import { awsLines, awsReasons } from "../../prices/pricers/awsTestResources";
import { resource } from "../../prices/testResources";
import { awsAnswer, refusal, registered, waitsFor } from "../network/testing/registered";
import { AwsBackupPlan, type AwsBackupPlanArgs, type AwsBackupPlanSpec } from "./awsBackupPlan";

const answer = awsAnswer((_, name) => ({ name: `${name}-1234567` }));
const arn = (name: string) => `arn:aws:test:eu-central-1:123456789012:${name}`;
const args = (
  spec: Partial<AwsBackupPlanSpec> = {},
  overrides: AwsBackupPlanArgs["overrides"] = {},
): AwsBackupPlanArgs => ({
  spec: { name: "drops-test", retentionDays: 35, protect: true, ...spec },
  clusterArn: "arn:aws:rds:us-east-1:123456789012:cluster:drops-test",
  overrides,
});
const compose = (...given: Parameters<typeof args>) =>
  registered(() => {
    const plan = new AwsBackupPlan("snapshots", args(...given));
    return {
      name: plan.vaultName,
      arn: plan.vaultArn,
      ...(plan.copyVaultArn && { copy: plan.copyVaultArn }),
      role: plan.roleArn,
    };
  }, answer);

const rule = (ruleName: string, schedule: string, deleteAfter: number) => ({
  ruleName,
  schedule,
  startWindow: 60,
  completionWindow: 480,
  targetVaultName: "snapshots-vault-1234567",
  lifecycle: { deleteAfter },
});

describe("the backup plan", () => {
  it("takes a snapshot of the cluster each day and one a week that is kept for longer", async () => {
    const { named, names } = await compose();
    expect(named("snapshots-plan").inputs).toEqual({
      name: "drops-test",
      rules: [rule("daily", "cron(0 5 ? * * *)", 35), rule("weekly", "cron(0 5 ? * SUN *)", 140)],
    });
    expect(named("snapshots-selection").inputs).toEqual({
      name: "drops-test",
      planId: "snapshots-plan",
      iamRoleArn: arn("snapshots-role"),
      resources: ["arn:aws:rds:us-east-1:123456789012:cluster:drops-test"],
    });
    expect(names.filter((name) => name.startsWith("backup:Vault"))).toEqual([
      "backup:Vault snapshots-vault",
    ]);
  });

  it("has schedules that the price book reads", async () => {
    const { named } = await compose({ hourUtc: 0, weeklyDays: 90 });
    const rules = named("snapshots-plan").inputs.rules as { schedule: string }[];
    expect(rules.map(({ schedule }) => schedule)).toEqual([
      "cron(0 0 ? * * *)",
      "cron(0 0 ? * SUN *)",
    ]);
    expect(rules.map(({ schedule }) => backupIntervalDays(schedule))).toEqual([1, 7]);
    expect(rules[1]).toMatchObject({ lifecycle: { deleteAfter: 90 } });
  });

  it("keeps its vault when the stack goes: it holds the last copies", async () => {
    for (const protect of [true, false]) {
      const { named, resources } = await compose({ protect, copyRegion: "us-west-2" });
      for (const name of ["snapshots-vault", "snapshots-copy-vault"]) {
        expect(named(name), name).toMatchObject({ protect, retainOnDelete: true });
        expect(named(name).inputs.forceDestroy, name).toBe(false);
      }
      const kept = resources.filter(({ retainOnDelete }) => retainOnDelete);
      // Without the role AWS Backup could not delete the snapshots in their time.
      expect(kept.map(({ name }) => name).sort()).toEqual([
        "snapshots-backup-policy",
        "snapshots-copy-vault",
        "snapshots-restore-policy",
        "snapshots-role",
        "snapshots-vault",
      ]);
    }
  });

  it("copies each snapshot into another region", async () => {
    const { named, outputs } = await compose({ copyRegion: "us-west-2" });
    expect(named("snapshots-copy-vault").inputs).toEqual({
      region: "us-west-2",
      forceDestroy: false,
    });
    expect(named("snapshots-vault").inputs).not.toHaveProperty("region");
    const copied = (deleteAfter: number) => ({
      copyActions: [
        { destinationVaultArn: arn("snapshots-copy-vault"), lifecycle: { deleteAfter } },
      ],
    });
    expect(named("snapshots-plan").inputs.rules).toEqual([
      { ...rule("daily", "cron(0 5 ? * * *)", 35), ...copied(35) },
      { ...rule("weekly", "cron(0 5 ? * SUN *)", 140), ...copied(140) },
    ]);
    expect(outputs).toMatchObject({
      name: "snapshots-vault-1234567",
      arn: arn("snapshots-vault"),
      copy: arn("snapshots-copy-vault"),
    });
  });

  it("acts under a role with the policies of AWS, once it has them", async () => {
    const { named } = await compose();
    const service = "arn:aws:iam::aws:policy/service-role";
    const policies = {
      "snapshots-backup-policy": `${service}/AWSBackupServiceRolePolicyForBackup`,
      "snapshots-restore-policy": `${service}/AWSBackupServiceRolePolicyForRestores`,
    };
    for (const [name, policyArn] of Object.entries(policies)) {
      expect(named(name).inputs).toEqual({ role: "snapshots-role-1234567", policyArn });
      expect(waitsFor(named("snapshots-selection"))).toContain(name);
    }
    expect(JSON.parse(named("snapshots-role").inputs.assumeRolePolicy as string)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "backup.amazonaws.com" },
          Action: "sts:AssumeRole",
        },
      ],
    });
  });

  it("has each child changed by its override", async () => {
    const { named } = await compose(
      { copyRegion: "us-west-2" },
      {
        vault: { name: "ours" },
        copyVault: { name: "ours-too" },
        plan: (given) => ({ ...given, rules: [] }),
        role: { description: "ours" },
        selection: { notResources: ["*"] },
      },
    );
    expect(named("snapshots-vault").inputs).toMatchObject({ name: "ours", forceDestroy: false });
    expect(named("snapshots-copy-vault").inputs).toMatchObject({
      name: "ours-too",
      region: "us-west-2",
    });
    expect(named("snapshots-plan").inputs.rules).toEqual([]);
    expect(named("snapshots-role").inputs.description).toBe("ours");
    expect(named("snapshots-selection").inputs.notResources).toEqual(["*"]);
  });

  it("is priced: what is older than the cluster's own backups, and the copies' way", async () => {
    const cluster = resource("aws:rds/cluster:Cluster", "postgres-cluster", {
      engine: "aurora-postgresql",
      backupRetentionPeriod: 35,
    });
    const { resources } = await registered(() => {
      new AwsBackupPlan("snapshots", args());
      return undefined;
    });
    expect(awsLines([cluster, ...resources]).filter(([name]) => name === "snapshots-plan")).toEqual(
      [
        [
          "snapshots-plan",
          "AWS Backup daily: 0 snapshots older than the cluster's own retention",
          0,
          0,
        ],
        [
          "snapshots-plan",
          "AWS Backup weekly: 15 snapshots older than the cluster's own retention",
          1_500,
          31.5,
        ],
      ],
    );
    expect(awsReasons([cluster, ...resources])).toEqual([]);
  });

  it.each<[string, Partial<AwsBackupPlanSpec>, string]>([
    ["a name with a space", { name: "drops test" }, "spec.name must be 1..50 letters"],
    ["a name of 51 letters", { name: "a".repeat(51) }, "spec.name must be 1..50 letters"],
    ["hour 24", { hourUtc: 24 }, "spec.hourUtc must be 0..23, got 24"],
    ["no day", { retentionDays: 0 }, "spec.retentionDays must be 1 or more, got 0"],
    [
      "a weekly one that goes before the daily ones",
      { weeklyDays: 35 },
      "spec.weeklyDays must be more than the 35 days of a daily snapshot, got 35",
    ],
  ])("refuses %s", async (_, spec, message) => {
    expect(await refusal(() => new AwsBackupPlan("snapshots", args(spec)))).toContain(
      `snapshots: ${message}`,
    );
  });
});
