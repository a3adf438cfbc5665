import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diffInputs } from "../../cloud/diff";
import type { Values } from "../../cloud/kind";
import { AwsTestCloud } from "../testing/testCloud";
import { log, secret, task, web } from "./testing/sampleTask";

let cloud: AwsTestCloud;
beforeEach(() => {
  cloud = new AwsTestCloud();
});
afterEach(() => {
  cloud.close();
});

describe("a task definition", () => {
  it("is a revision of its family, and any change is another one", async () => {
    const first = await cloud.create("TaskDefinition", "task", task());
    const second = await cloud.create("TaskDefinition", "task", task());
    expect([first.outputs, second.outputs["revision"]]).toEqual([
      {
        arn: "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:1",
        arnWithoutRevision: "arn:aws:ecs:eu-central-1:123456789012:task-definition/web",
        revision: 1,
      },
      2,
    ]);
    const changed = diffInputs(cloud.kind("TaskDefinition"), task(), task([web], { cpu: "512" }));
    expect(changed).toEqual([{ path: "cpu", kind: "update", replace: true }]);
  });

  it.each([
    ["{", "container_definitions is invalid: Expected property name"],
    ["[]", "Too small"],
    [JSON.stringify([{ ...web, ports: [] }]), "(ports)"],
    [JSON.stringify([{ ...web, stopTimeout: "30" }]), "0.stopTimeout: Invalid input"],
  ])("with containers %s is refused in a preview: %s", (containerDefinitions, message) => {
    const [problem] = cloud.preview("TaskDefinition", task([], { containerDefinitions }));
    expect(problem).toContain(message);
  });

  it.each<[string, readonly Values[], Values, string]>([
    ["no Fargate", [web], { requiresCompatibilities: ["EC2"] }, "Fargate alone"],
    ["another network", [web], { networkMode: "bridge" }, "networkMode must be awsvpc"],
    ["no size", [web], { cpu: undefined }, "requires that 'cpu' and 'memory'"],
    ["odd CPU", [web], { cpu: "1000" }, "Invalid 'cpu' setting for task"],
    [
      "odd memory",
      [web],
      { memory: "1024" },
      "No Fargate configuration exists for given values: 1024 CPU, 1024 memory",
    ],
    ["a name twice", [web, web], {}, "duplicate name web"],
    ["nothing essential", [{ ...web, essential: false }], {}, "at least one essential"],
    [
      "ports that differ",
      [{ ...web, portMappings: [{ containerPort: 1, hostPort: 2 }] }],
      {},
      "must match",
    ],
    ["a long stop", [{ ...web, stopTimeout: 121 }], {}, "2 to 120 seconds"],
    [
      "a secret and no role",
      [{ ...web, secrets: [{ name: "A", valueFrom: secret }] }],
      { executionRoleArn: undefined },
      "you must also specify a value for 'executionRoleArn'",
    ],
    [
      "a variable twice",
      [
        {
          ...web,
          environment: [{ name: "A", value: "" }],
          secrets: [{ name: "A", valueFrom: secret }],
        },
      ],
      {},
      "such as 'A'",
    ],
    [
      "a secret that is none",
      [{ ...web, secrets: [{ name: "A", valueFrom: "a" }] }],
      {},
      "no ARN of Secrets Manager",
    ],
    [
      "an unknown log",
      [{ ...web, logConfiguration: { logDriver: "syslog" } }],
      {},
      "log driver syslog",
    ],
    [
      "half a log",
      [
        {
          ...web,
          logConfiguration: {
            logDriver: "awslogs",
            options: { ...log, "awslogs-stream-prefix": undefined },
          },
        },
      ],
      {},
      "awslogs-stream-prefix is missing",
    ],
    [
      "waiting for nobody",
      [{ ...web, dependsOn: [{ containerName: "x", condition: "START" }] }],
      {},
      "no other container x",
    ],
    [
      "waiting for the end of an essential one",
      [web, { ...web, name: "b", dependsOn: [{ containerName: "web", condition: "SUCCESS" }] }],
      {},
      "web is essential",
    ],
    [
      "waiting for health that is not checked",
      [web, { ...web, name: "b", dependsOn: [{ containerName: "web", condition: "HEALTHY" }] }],
      {},
      "no health check",
    ],
    [
      "waiting in a circle",
      [
        { ...web, dependsOn: [{ containerName: "b", condition: "START" }] },
        { ...web, name: "b", dependsOn: [{ containerName: "web", condition: "START" }] },
      ],
      {},
      "web → b → web wait for one another",
    ],
  ])("with %s is refused", async (_, containers, change, message) => {
    await expect(cloud.create("TaskDefinition", "task", task(containers, change))).rejects.toThrow(
      message,
    );
  });
});
