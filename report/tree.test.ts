import { describe, expect, it } from "vitest";
import { registered } from "../policy/testing/registered";
import type { RegisteredResource } from "./compose";
import { resourceTree } from "./tree";

const under = (parent: string, type: string, name: string, inputs = {}): RegisteredResource =>
  registered(type, inputs, { name, parent, urn: `${type} ${name}`, protect: false });

const stack = under("", "pulumi:pulumi:Stack", "drops-test");
const part = (type: string, name: string): RegisteredResource => under(stack.urn, type, name);
const task = part("drops:compute:EcsTask", "web");
const service = part("drops:compute:EcsService", "web");
const roles = ["b", "a"].map((name) => under(task.urn, "aws:iam/role:Role", name));
const running = under(service.urn, "aws:ecs/service:Service", "web-service");

describe("the tree of resources", () => {
  it("shows components of one name as one part, and a type's resources by name", () => {
    expect(resourceTree([stack, task, service, ...roles, running])).toEqual([
      "drops-test",
      "  web",
      "    a            aws Role",
      "    b            aws Role",
      "    web-service  aws Service",
    ]);
  });

  it("is the same in whichever order the resources of a type were registered", () => {
    const [one, other] = [[...roles], [...roles].reverse()].map((order) =>
      resourceTree([stack, task, ...order]),
    );
    expect(one).toEqual(other);
  });

  it.each([
    [
      [
        { name: "roles", image: `x@sha256:${"0".repeat(64)}`, command: ["node", "roles.js"] },
        { name: "web", image: `x@sha256:${"0".repeat(64)}` },
      ],
      "node roles.js, then web of x@sha256:00000000…",
    ],
    ["[unknown]", ""],
  ])("says what the containers %j are", (containers, words) => {
    const containerDefinitions =
      typeof containers === "string" ? containers : JSON.stringify(containers);
    const type = "aws:ecs/taskDefinition:TaskDefinition";
    const [, , line] = resourceTree([
      stack,
      task,
      under(task.urn, type, "web-task", { containerDefinitions }),
    ]);
    expect(line).toBe(`    web-task  aws TaskDefinition  ${words}`.trimEnd());
  });
});
