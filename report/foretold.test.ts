import { beforeAll, describe, expect, it } from "vitest";
import { composed, named } from "../tests/composing";
import type { Composition } from "./compose";

interface Container {
  readonly image: string;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
}

describe("a preview of large, with what is foretold", () => {
  let large: Composition;
  beforeAll(async () => {
    const own = `image=sha256:${"a".repeat(64)}`;
    large = await composed("large", [own, "postgres.provider=external", ...external]);
  }, 60_000);
  const external = [
    "postgres.connectionLimit=500",
    "postgres.url=postgresql://app:hunter2@db.example.com/drops",
    "postgres.ownerUrl=postgresql://owner:hunter2@db.example.com/drops",
  ];
  it("shows a reviewer what a task runs, with what and by which secrets", () => {
    const { containerDefinitions } = named(large, "web-task").inputs;
    const [web] = JSON.parse(String(containerDefinitions)) as [Container];
    const { image, environment, secrets } = web;
    expect(image).toBe(
      `[unknown].dkr.ecr.[unknown].amazonaws.com/drops-large@sha256:${"a".repeat(64)}`,
    );
    expect(environment).toContainEqual({ name: "PORT", value: "3000" });
    expect(secrets).toContainEqual({
      name: "DATABASE_URL",
      valueFrom:
        "arn:aws:secretsmanager:[unknown]:[unknown]:secret:drops-large-database-url-[unknown]:::[unknown]",
    });
  });

  it("shows what a role may do, and where", () => {
    const { policy } = named(large, "migrate-function-policy").inputs;
    const { Statement: statements } = JSON.parse(String(policy)) as {
      readonly Statement: readonly { readonly Sid: string; readonly Resource: unknown }[];
    };
    const where = Object.fromEntries(statements.map(({ Sid, Resource }) => [Sid, Resource]));
    expect(where).toMatchObject({
      SeeTask: "arn:aws:ecs:[unknown]:[unknown]:task/drops-large/*",
      WriteLog: "arn:aws:logs:[unknown]:[unknown]:log-group:/aws/lambda/drops-large-migrate:*",
      PassRoles: [
        "arn:aws:iam::[unknown]:role/migrate-execution-role-[unknown]",
        "arn:aws:iam::[unknown]:role/migrate-task-role-[unknown]",
      ],
    });
  });

  it("shows no secret, and of ids and hosts nothing that a deploy tells", () => {
    // As a flag: a failure must not print what it is about.
    expect(JSON.stringify(large.resources).includes("hunter2")).toBe(false);
    const { secretString, secretId } = named(large, "database-url-version").inputs;
    expect([secretString, secretId]).toEqual(["[secret]", "[unknown]"]);
    expect(named(large, "web-service").inputs.taskDefinition).toBe("[unknown]");
    expect(large.outputs.origin).toBe("[unknown]");
  });
});
