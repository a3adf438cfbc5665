import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../cloud/kind";
import type { CloudResource } from "../../contracts";
import { newRole } from "../testing/network";
import { AwsTestCloud } from "../testing/testCloud";

let cloud: AwsTestCloud;
beforeEach(() => {
  cloud = new AwsTestCloud();
});
afterEach(() => {
  cloud.close();
});

describe("a backup plan", () => {
  const daily = {
    ...{ ruleName: "daily", schedule: "cron(0 5 ? * * *)", targetVaultName: "drops" },
    ...{ startWindow: 60, completionWindow: 480, lifecycle: { deleteAfter: 35 } },
  };
  const put = (...rules: readonly Values[]) =>
    cloud.create("Plan", "plan", { name: "drops", rules });
  let vault: CloudResource;
  beforeEach(async () => {
    vault = await cloud.create("Vault", "vault", { name: "drops" });
  });

  it("names vaults that there are, here and in another region", async () => {
    const copy = await cloud.create("Vault", "copy", { name: "drops", region: "eu-west-1" });
    const destinationVaultArn = copy.outputs["arn"];
    const plan = await put({
      ...{ ...daily, copyActions: [{ destinationVaultArn, lifecycle: { deleteAfter: 35 } }] },
    });
    expect(plan.outputs["arn"]).toMatch(/^arn:aws:backup:eu-central-1:123456789012:backup-plan:/);
    await expect(put({ ...daily, targetVaultName: "none" })).rejects.toThrow('no Vault "none"');
    await expect(cloud.delete(vault)).rejects.toThrow("Backup vault cannot be deleted");
  });

  it.each<readonly [string, readonly Values[], string]>([
    ["schedule", [{ ...daily, schedule: "cron(0 5 * * *)" }], "it takes 6 fields"],
    ["two days", [{ ...daily, schedule: "cron(0 5 * * * *)" }], "has to be a question mark"],
    ["hour", [{ ...daily, schedule: "cron(0 24 ? * * *)" }], 'its hours cannot be "24"'],
    ["rate", [{ ...daily, schedule: "rate(1 day)" }], "it is no cron(…) expression"],
    ["a rule twice", [daily, daily], "Duplicate rule name daily"],
    ["start", [{ ...daily, startWindow: 30 }], "Invalid start window"],
    ["completion", [{ ...daily, completionWindow: 90 }], "Invalid completion window"],
    [
      "cold too short",
      [{ ...daily, lifecycle: { coldStorageAfter: 30, deleteAfter: 119 } }],
      "DeleteAfterDays cannot be less than 90 days apart",
    ],
    [
      "continuous too long",
      [{ ...daily, enableContinuousBackup: true, lifecycle: { deleteAfter: 36 } }],
      "continuous backups are kept for 1 to 35 days",
    ],
  ])("is refused: %s", async (_, rules, message) => {
    await expect(put(...rules)).rejects.toThrow(message);
  });

  it("takes cold storage that is long enough, and months and days by name", async () => {
    const lifecycle = { coldStorageAfter: 30, deleteAfter: 120 };
    const schedule = "cron(30 5/6 ? JAN-JUN SUN,WED *)";
    const plan = await put({ ...daily, schedule, lifecycle });
    expect(plan).toMatchObject({ ready: true, inputs: { rules: [{ schedule, lifecycle }] } });
  });

  it("selects what a role may back up", async () => {
    const plan = await put(daily);
    const roleFor = async (service: string) => (await newRole(cloud, service)).outputs["arn"];
    const iamRoleArn = await roleFor("backup.amazonaws.com");
    const other = await roleFor("ecs-tasks.amazonaws.com");
    const select = (change: Values) =>
      cloud.create("Selection", "selection", {
        ...{ name: "drops", planId: plan.id, iamRoleArn },
        resources: ["arn:aws:rds:eu-central-1:123456789012:cluster:drops"],
        ...change,
      });
    await expect(select({ iamRoleArn: other })).rejects.toThrow("cannot be assumed by AWS Backup");
    await expect(select({ resources: ["drops"] })).rejects.toThrow("Invalid ARN: drops");
    await expect(select({ resources: [] })).rejects.toThrow("one of Resources, NotResources");
    await select({});
    await expect(cloud.delete(plan)).rejects.toThrow("selections must be deleted prior");
  });
});
