import { describe, expect, it } from "vitest";
import { resource } from "../testResources";
import { awsLines, awsReasons } from "./awsTestResources";

describe("objects, secrets and keys", () => {
  it("has what all buckets hold on the first", () => {
    const buckets = ["backups", "logs"].map((name) => resource("aws:s3/bucket:Bucket", name));
    expect(awsLines(buckets)).toEqual([
      ["buckets", "S3 storage of backups", 500, 11.5],
      ["buckets", "S3 storage of access logs", 20, 0.46],
      ["buckets", "S3 writes", 100, 0.5],
      ["buckets", "S3 reads", 100, 0.04],
    ]);
  });

  it("has a line for each secret and key, and one for their use", () => {
    expect(
      awsLines([
        resource("aws:secretsmanager/secret:Secret", "url"),
        resource("aws:secretsmanager/secret:Secret", "session"),
        resource("aws:kms/key:Key", "key"),
      ]),
    ).toEqual([
      ["url", "Secret", 1, 0.4],
      ["secrets", "Calls to Secrets Manager", 10, 0.05],
      ["session", "Secret", 1, 0.4],
      ["key", "KMS key", 1, 1],
      ["key", "Requests to KMS", 500, 1.5],
    ]);
  });
});

describe("AWS Backup", () => {
  const cluster = resource("aws:rds/cluster:Cluster", "postgres-cluster", {
    engine: "aurora-postgresql",
    backupRetentionPeriod: 35,
  });
  const plan = (...rules: readonly unknown[]) =>
    resource("aws:backup/plan:Plan", "plan", { rules });
  const rule = (ruleName: string, schedule: string, deleteAfter: unknown, more = {}) => ({
    ruleName,
    schedule,
    lifecycle: { deleteAfter },
    ...more,
  });
  const of = (one: ReturnType<typeof plan>) =>
    awsLines([cluster, one]).filter(([name]) => name === "plan");

  it("bills the snapshots that are older than the cluster's own retention", () => {
    expect(
      of(
        plan(
          rule("daily", "cron(0 3 * * ? *)", 35),
          rule("weekly", "cron(0 3 ? * SUN *)", 90),
          rule("monthly", "cron(0 3 1 * ? *)", 365),
        ),
      ),
    ).toEqual([
      ["plan", "AWS Backup daily: 0 snapshots older than the cluster's own retention", 0, 0],
      ["plan", "AWS Backup weekly: 7 snapshots older than the cluster's own retention", 700, 14.7],
      [
        "plan",
        "AWS Backup monthly: 10 snapshots older than the cluster's own retention",
        1_000,
        21,
      ],
    ]);
  });

  it("has the way of a copy to another region, and no price for where it ends", () => {
    const copied = plan(
      rule("monthly", "cron(0 3 1 * ? *)", 35, {
        copyActions: [{ destinationVaultArn: "[unknown]" }],
      }),
    );
    expect(of(copied)[1]).toEqual([
      "plan",
      "AWS Backup monthly: copies to another region, each in full",
      100,
      2,
    ]);
    expect(awsReasons([cluster, copied])).toEqual([
      "monthly: the storage of copies, whose region has no prices in the book",
    ]);
  });

  it("names what it cannot count", () => {
    const unknown = [
      rule("hourly", "cron(0 * * * ? *)", 35),
      rule("kept", "cron(0 3 * * ? *)", undefined),
    ];
    expect(awsReasons([cluster, plan(...unknown)])).toEqual([
      "hourly: how many snapshots are kept is not known",
      "kept: how many snapshots are kept is not known",
    ]);
  });
});
