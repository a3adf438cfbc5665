import * as pulumi from "@pulumi/pulumi";
import { DockerfileParser } from "dockerfile-ast";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RegisteredResource } from "../../report/compose";
import { strayedSecrets } from "./containerDefinitions";
import { EcsTask, type EcsTaskArgs } from "./ecsTask";
import {
  containers,
  deployed,
  image,
  json,
  migrateTask,
  named,
  refusal,
  statements,
  webTask,
} from "./testing/sampleTask";

const made = async (args: EcsTaskArgs) =>
  await deployed(() => {
    new EcsTask("web", args);
  });

const withSpec = (spec: Partial<EcsTaskArgs["spec"]>): EcsTaskArgs => ({
  ...webTask,
  spec: { ...webTask.spec, ...spec },
});

const rights = (resources: readonly RegisteredResource[]) =>
  Object.fromEntries(
    statements(resources, "web-execution-policy").map(({ Sid, Resource }) => [Sid, Resource]),
  );

/** Its image is not ECR's. */
const foreign: EcsTaskArgs = { ...webTask, repositoryArn: undefined, environment: {} };

describe("a task of one container", () => {
  it("is made of these resources", async () => {
    const resources = await made(webTask);
    expect(resources.map(({ type, name }) => [type, name])).toEqual([
      ["aws:cloudwatch/logGroup:LogGroup", "web-log"],
      ["aws:iam/role:Role", "web-execution-role"],
      ["aws:iam/role:Role", "web-task-role"],
      ["aws:iam/rolePolicy:RolePolicy", "web-execution-policy"],
      ["aws:ecs/taskDefinition:TaskDefinition", "web-task"],
    ]);
    const { inputs, dependsOn } = named(resources, "web-task");
    expect({ ...inputs, containerDefinitions: undefined }).toEqual({
      family: "drops-test-web",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
      cpu: "1024",
      memory: "2048",
      executionRoleArn: "arn:of:web-execution-role",
      taskRoleArn: "arn:of:web-task-role",
      containerDefinitions: undefined,
    });
    expect(dependsOn).toContain(named(resources, "web-execution-policy").urn);
    expect(named(resources, "web-log").inputs).toEqual({
      name: "/ecs/drops-test-web",
      retentionInDays: 30,
    });
  });

  it("counts as healthy only once a program that listens to nothing has lived a while", async () => {
    const command = ["node", "w.js"];
    const worker = await made(
      withSpec({ containers: [{ name: "web", command, livesSeconds: 15 }] }),
    );
    expect(containers(worker, "web-task")[0]).toMatchObject({
      healthCheck: { command: ["CMD-SHELL", "exit 0"], interval: 15, timeout: 5, retries: 3 },
    });
    expect(containers(await made(webTask), "web-task")[0]).not.toHaveProperty("healthCheck");
  });

  it("names its secrets by ARN and version, and its variables in order", async () => {
    const task = named(await made(webTask), "web-task");
    expect(json(task, "containerDefinitions")).toEqual([
      {
        name: "web",
        image,
        essential: true,
        portMappings: [{ containerPort: 3_000, hostPort: 3_000, protocol: "tcp" }],
        environment: [
          { name: "DROPS_TIER", value: "large" },
          { name: "PORT", value: "3000" },
        ],
        secrets: [
          {
            name: "DATABASE_URL",
            valueFrom: "arn:aws:secretsmanager:us-east-1:123456789012:secret:url-AbCdEf:::v-1",
          },
        ],
        readonlyRootFilesystem: true,
        linuxParameters: { initProcessEnabled: true },
        stopTimeout: 120,
        logConfiguration: {
          logDriver: "awslogs",
          options: {
            "awslogs-group": "/ecs/drops-test-web",
            "awslogs-region": "us-east-1",
            "awslogs-stream-prefix": "task",
            mode: "non-blocking",
            "max-buffer-size": "25m",
          },
        },
      },
    ]);
  });

  it("lets ECS read these secrets, pull this image, write this log; the containers nothing", async () => {
    const resources = await made(webTask);
    const allowed = statements(resources, "web-execution-policy");
    expect(allowed.map(({ Sid, Action, Resource }) => [Sid, Action, Resource])).toEqual([
      ["WriteLog", ["logs:CreateLogStream", "logs:PutLogEvents"], "arn:of:web-log:*"],
      ["LogIn", ["ecr:GetAuthorizationToken"], "*"],
      [
        "PullImage",
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        webTask.repositoryArn,
      ],
      [
        "ReadSecrets",
        ["secretsmanager:GetSecretValue"],
        ["arn:aws:secretsmanager:us-east-1:123456789012:secret:url-AbCdEf"],
      ],
    ]);
    for (const role of ["web-execution-role", "web-task-role"]) {
      expect(json(named(resources, role), "assumeRolePolicy")).toEqual({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "ecs-tasks.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      });
    }
  });

  it("may be let at nothing but its log", async () => {
    const resources = await made(foreign);
    expect(rights(resources)).toEqual({
      WriteLog: "arn:of:web-log:*",
    });
    const [container] = containers(resources, "web-task");
    expect([container?.environment, container?.secrets]).toEqual([[], []]);
  });

  it("pulls from another registry with the credentials of a secret that it may read", async () => {
    const resources = await made({ ...foreign, pullCredentialsArn: "arn:pull" });
    expect(rights(resources)).toEqual({
      WriteLog: "arn:of:web-log:*",
      ReadSecrets: ["arn:pull"],
    });
    expect(containers(resources, "web-task")).toMatchObject([
      { repositoryCredentials: { credentialsParameter: "arn:pull" } },
    ]);
  });

  it("has a writable root and the rights of a session where commands may be run inside", async () => {
    const resources = await made(withSpec({ exec: true }));
    expect(containers(resources, "web-task")).toMatchObject([{ readonlyRootFilesystem: false }]);
    expect(named(resources, "web-exec-policy").inputs.role).toBe("web-task-role-id");
    expect(statements(resources, "web-exec-policy").map(({ Sid }) => Sid)).toEqual([
      "ExecuteCommand",
    ]);
    expect(named(resources, "web-task").dependsOn).toContain(
      named(resources, "web-exec-policy").urn,
    );
  });

  it("takes the caller's changes last", async () => {
    const resources = await made({
      ...webTask,
      spec: { ...webTask.spec, exec: true },
      overrides: {
        task: { tags: { ours: "1" } },
        logGroup: { name: "ours" },
        executionRole: { name: "ours" },
        executionPolicy: { name: "ours" },
        taskRole: { path: "/ours/" },
        execPolicy: { name: "our-exec" },
      },
    });
    const changed = (name: string, input: string) => named(resources, name).inputs[input];
    expect([
      changed("web-task", "tags"),
      changed("web-log", "name"),
      changed("web-execution-role", "name"),
      changed("web-execution-policy", "name"),
      changed("web-task-role", "path"),
      changed("web-exec-policy", "name"),
    ]).toEqual([{ ours: "1" }, "ours", "ours", "ours", "/ours/", "our-exec"]);
  });
});

describe("a task whose containers follow each other", () => {
  it("starts the second when the first has ended well, which does not end the task", async () => {
    const resources = await made(migrateTask);
    expect(
      containers(resources, "web-task").map(
        ({ name, command, essential, dependsOn, startTimeout }) => ({
          ...{ name, command, essential, dependsOn, startTimeout },
        }),
      ),
    ).toEqual([
      {
        ...{ name: "roles", command: ["node", "dist/roles.js"], essential: false },
        startTimeout: 120,
      },
      {
        ...{ name: "migrate", command: ["node", "dist/migrate.js"], essential: true },
        dependsOn: [{ containerName: "roles", condition: "SUCCESS" }],
      },
    ]);
    // A secret that two containers have stands in the policy once.
    expect(rights(resources).ReadSecrets).toEqual([
      "arn:aws:secretsmanager:us-east-1:123456789012:secret:url-AbCdEf",
      "arn:aws:secretsmanager:us-east-1:123456789012:secret:own-AbCdEf",
    ]);
  });
});

describe("what is refused before anything is made", () => {
  const web = { name: "web", port: 3_000 };
  it.each<[string, Partial<EcsTaskArgs["spec"]>, string]>([
    [
      "a size that Fargate lacks",
      { memoryMib: 512 },
      "Fargate has no task of 1024 CPU units with 512 MiB",
    ],
    ["a longer stop", { stopSeconds: 121 }, "spec.stopSeconds must be 2..120, got 121"],
    ["two of a name", { containers: [web, web] }, "two containers have the same name"],
    [
      "none that counts",
      { containers: [{ ...web, essential: false }] },
      "no container is essential",
    ],
    [
      "waiting for nobody",
      { containers: [{ ...web, after: "x" }] },
      "web waits for x, which is no",
    ],
    ["waiting for itself", { containers: [{ ...web, after: "web" }] }, "web waits for web, which"],
    [
      "waiting for the end of the task",
      { containers: [{ name: "first" }, { ...web, after: "first" }] },
      "web waits for the end of first, which is essential",
    ],
  ])("%s", async (_, spec, words) => {
    const said = await refusal(() => new EcsTask("web", withSpec(spec)));
    expect(said).toContain(`web: ${words}`);
  });

  it("a secret among the variables that everybody may read", async () => {
    const url = pulumi.secret("rediss://:hunter2@cache");
    const plain = { PORT: "3000", REDIS_URL: pulumi.interpolate`${url}/0`, OTHER: undefined };
    const worker = { plain: { PORT: "3000" }, secret: {} };
    expect(await strayedSecrets({ web: { plain, secret: {} }, worker })).toEqual([
      "web: REDIS_URL",
    ]);
  });
});

describe("the reference app's image", () => {
  it("may have a root that nobody writes to: no volume, no folder made for writing", () => {
    const file = readFileSync(join(__dirname, "../../workload/Dockerfile"), "utf8");
    const instructions = DockerfileParser.parse(file).getInstructions();
    const from = instructions.map((one) => one.getKeyword()).lastIndexOf("FROM");
    const keywords = instructions.slice(from).map((one) => one.getKeyword());
    expect(keywords.filter((one) => ["VOLUME", "RUN"].includes(one))).toEqual([]);
    // What it copies belongs to root, and it runs as another user: it could not write there anyway.
    expect(file).toMatch(/^USER [1-9]/m);
    expect(file).not.toContain("--chown");
  });
});
