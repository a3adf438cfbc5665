import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ecs from "@pulumi/aws/ecs";
import * as iam from "@pulumi/aws/iam";
import { Provider } from "@pulumi/aws/provider";
import * as secretsmanager from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import { copies, sample, stem } from "./sample";

// The same resources as in components.ts, each registered by hand with nothing around it.

const opts = { provider: new Provider("aws", { region: sample.region }) };
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "ecs-tasks.amazonaws.com" },
      Action: "sts:AssumeRole",
    },
  ],
});

for (let number = 1; number <= copies; number += 1) {
  const name = `copy-${number}`;
  const secrets = sample.secrets.map((value) => {
    const secret = new secretsmanager.Secret(
      `${name}-${value}-secret`,
      { namePrefix: `${stem}-${name}-${value}-`, description: value, recoveryWindowInDays: 7 },
      opts,
    );
    const version = new secretsmanager.SecretVersion(
      `${name}-${value}-version`,
      { secretId: secret.id, secretString: pulumi.secret(value) },
      opts,
    );
    return { arn: secret.arn, reference: pulumi.interpolate`${secret.arn}:::${version.versionId}` };
  });
  const log = new cloudwatch.LogGroup(
    `${name}-log`,
    { name: `/ecs/${stem}-${name}`, retentionInDays: sample.logRetentionDays },
    opts,
  );
  const [execution, task] = ["execution", "task"].map(
    (role) => new iam.Role(`${name}-${role}-role`, { assumeRolePolicy: trust }, opts),
  );
  if (!execution || !task) throw new Error("two roles are made");
  const rights = new iam.RolePolicy(
    `${name}-execution-policy`,
    {
      role: execution.id,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: pulumi.interpolate`${log.arn}:*`,
          },
          {
            Effect: "Allow",
            Action: ["secretsmanager:GetSecretValue"],
            Resource: secrets.map(({ arn }) => arn),
          },
        ],
      }),
    },
    opts,
  );
  new ecs.TaskDefinition(
    `${name}-task`,
    {
      family: `${stem}-${name}`,
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
      cpu: String(sample.cpuUnits),
      memory: String(sample.memoryMib),
      executionRoleArn: execution.arn,
      taskRoleArn: task.arn,
      containerDefinitions: pulumi.jsonStringify([
        {
          name: "worker",
          image: sample.image,
          essential: true,
          command: sample.command,
          environment: Object.entries(sample.plain).map(([key, value]) => ({ name: key, value })),
          secrets: ["DATABASE_URL", "REDIS_URL"].map((key, index) => ({
            name: key,
            valueFrom: secrets[index]?.reference ?? "",
          })),
          stopTimeout: sample.stopSeconds,
          logConfiguration: {
            logDriver: "awslogs",
            options: {
              "awslogs-group": log.name,
              "awslogs-region": sample.region,
              "awslogs-stream-prefix": "task",
            },
          },
        },
      ]),
    },
    { ...opts, dependsOn: [rights] },
  );
}
