import { describe, expect, it } from "vitest";
import { EcsTask } from "./ecsTask";
import { Migration, type MigrationArgs } from "./migration";
import { deployed, migrateTask, named, refusal, statements } from "./testing/sampleTask";

const clusterArn = "arn:aws:ecs:us-east-1:123456789012:cluster/drops-test";

function make(changes: Partial<MigrationArgs> = {}): void {
  const task = new EcsTask("migrate", migrateTask);
  new Migration("migrate", {
    spec: { name: "drops-test-migrate", timeoutSeconds: 600, logRetentionDays: 30 },
    cluster: { arn: clusterArn, name: "drops-test" },
    task,
    subnetIds: ["subnet-a", "subnet-b"],
    securityGroupIds: ["sg-app"],
    ...changes,
  });
}
const made = async (changes: Partial<MigrationArgs> = {}) =>
  await deployed(() => {
    make(changes);
  });

describe("a migration", () => {
  it("is a function of its own, which waits longer than it is told to", async () => {
    const { inputs, dependsOn } = named(await made(), "migrate-function");
    expect(inputs).toEqual({
      name: "drops-test-migrate",
      description: "Runs a task of drops-test-migrate to its end",
      role: "arn:of:migrate-function-role",
      runtime: "nodejs22.x",
      architectures: ["arm64"],
      handler: "index.handler",
      code: { archive: "assets" },
      memorySize: 256,
      timeout: 660,
      loggingConfig: { logFormat: "Text", logGroup: "/aws/lambda/drops-test-migrate" },
      environment: { variables: { PLACE: expect.any(String) as string } },
    });
    const { variables } = inputs.environment as { variables: { PLACE: string } };
    expect(JSON.parse(variables.PLACE)).toEqual({
      cluster: "drops-test",
      subnets: ["subnet-a", "subnet-b"],
      securityGroups: ["sg-app"],
      logGroup: "/ecs/drops-test-migrate",
      timeoutSeconds: 600,
    });
    expect(dependsOn).toContain(named(await made(), "migrate-function-policy").urn);
  });

  it("is invoked with the revision alone, so that each runs once", async () => {
    expect(named(await made(), "migrate-run").inputs).toEqual({
      functionName: "drops-test-migrate",
      input:
        '{"taskDefinition":"arn:aws:ecs:us-east-1:123456789012:task-definition/drops-test-web:7"}',
      lifecycleScope: "CREATE_ONLY",
    });
  });

  it("may run, see and find this task in this cluster, and hand it its own roles", async () => {
    const resources = await made();
    const Effect = "Allow";
    const Condition = { ArnEquals: { "ecs:cluster": clusterArn } };
    expect(statements(resources, "migrate-function-policy")).toEqual([
      {
        ...{ Sid: "WriteLog", Effect, Action: ["logs:CreateLogStream", "logs:PutLogEvents"] },
        Resource: "arn:of:migrate-function-log:*",
      },
      {
        ...{ Sid: "RunTask", Effect, Action: ["ecs:RunTask"], Condition },
        Resource: "arn:aws:ecs:us-east-1:123456789012:task-definition/drops-test-migrate:*",
      },
      {
        ...{ Sid: "SeeTask", Effect, Action: ["ecs:DescribeTasks"], Condition },
        Resource: "arn:aws:ecs:us-east-1:123456789012:task/drops-test/*",
      },
      { Sid: "FindTask", Effect, Action: ["ecs:ListTasks"], Resource: "*", Condition },
      {
        ...{ Sid: "PassRoles", Effect, Action: ["iam:PassRole"] },
        Resource: ["arn:of:migrate-execution-role", "arn:of:migrate-task-role"],
        Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
      },
    ]);
    expect(named(resources, "migrate-function-role").inputs.assumeRolePolicy).toContain(
      '"lambda.amazonaws.com"',
    );
  });

  it("takes the caller's changes last", async () => {
    const resources = await made({
      overrides: {
        logGroup: { retentionInDays: 1 },
        role: { path: "/ours/" },
        policy: { name: "ours" },
        function: { memorySize: 512 },
        run: { qualifier: "1" },
      },
    });
    const changed = (name: string, input: string) => named(resources, name).inputs[input];
    expect([
      changed("migrate-function-log", "retentionInDays"),
      changed("migrate-function-role", "path"),
      changed("migrate-function-policy", "name"),
      changed("migrate-function", "memorySize"),
      changed("migrate-run", "qualifier"),
    ]).toEqual([1, "/ours/", "ours", 512, "1"]);
  });

  it.each([59, 841])("refuses to wait %d seconds", async (timeoutSeconds) => {
    const said = await refusal(() => {
      make({ spec: { name: "x", timeoutSeconds, logRetentionDays: 30 } });
    });
    expect(said).toContain(`migrate: spec.timeoutSeconds must be 60..840, got ${timeoutSeconds}`);
  });
});
