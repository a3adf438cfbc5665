import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AwsTestCloud } from "../testing/testCloud";
import { isAllowed } from "./evaluate";
import { isTrusted, mayRole } from "./permissions";
import { policyProblem, type PolicyUse, type Statement } from "./policy";

let cloud: AwsTestCloud;
beforeEach(() => {
  cloud = new AwsTestCloud();
});
afterEach(() => {
  cloud.close();
});

const document = (...Statement: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement });
const allow = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const trust = document({
  ...{ Effect: "Allow", Action: "sts:AssumeRole" },
  Principal: { Service: ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"] },
});

describe("a policy", () => {
  it.each<[string, PolicyUse, string]>([
    ["{", "identity", "invalid Json"],
    ["[]", "identity", "invalid Json"],
    [JSON.stringify({ Version: "2012", Statement: [allow] }), "identity", "Version"],
    [JSON.stringify({ Version: "2012-10-17", Statements: [allow] }), "identity", "Syntax errors"],
    [document({ ...allow, Effect: "allow" }), "identity", "Effect"],
    [document({ ...allow, Actions: [] }), "identity", "Syntax errors"],
    [document({ ...allow, Action: "GetObject" }), "identity", "prefaced by a vendor"],
    [document({ ...allow, Action: "s33:GetObject" }), "identity", 'no service "s33"'],
    [document({ ...allow, Action: undefined }), "identity", "must contain actions"],
    [document({ ...allow, Resource: undefined }), "identity", "must contain resources"],
    [document({ ...allow, Resource: "bucket" }), "identity", "must be in ARN format"],
    [document({ ...allow, Principal: "*" }), "identity", "should not specify a principal"],
    [document({ ...allow, Sid: "read it" }), "identity", "alpha-numeric"],
    [document({ ...allow, Sid: "A" }, { ...allow, Sid: "A" }), "identity", "must be unique"],
    [document(allow), "trust", "Missing required field Principal"],
    [document({ ...allow, Principal: "*" }), "trust", "Has prohibited field Resource"],
    [document({ ...allow, Principal: "*", Resource: undefined }), "trust", "only specify STS"],
    [document(allow), "resource", "Missing required field Principal"],
  ])("%s as %s is refused: %s", (text, use, problem) => {
    expect(policyProblem(text, use)).toContain(problem);
  });

  it.each<[string, PolicyUse]>([
    [document(allow), "identity"],
    [JSON.stringify({ Version: "2012-10-17", Statement: allow }), "identity"],
    [document({ ...allow, Principal: { AWS: "arn:aws:iam::123456789012:root" } }), "resource"],
    [trust, "trust"],
  ])("%s as %s is taken", (text, use) => {
    expect(policyProblem(text, use)).toBeUndefined();
  });
});

describe("what a policy allows", () => {
  const question = { action: "ecs:RunTask", resource: "arn:aws:ecs:r:1:task-definition/drops:3" };
  const base: Statement = { Effect: "Allow", Action: ["ecs:RunTask"], Resource: question.resource };
  it.each<[boolean, readonly Statement[], Readonly<Record<string, string>>]>([
    [true, [base], {}],
    [false, [], {}],
    [true, [{ ...base, Action: "ecs:*" }], {}],
    [true, [{ ...base, Action: "ECS:runtask" }], {}],
    [false, [{ ...base, Action: "ecs:Run" }], {}],
    [true, [{ ...base, Resource: "arn:aws:ecs:r:1:task-definition/drops:*" }], {}],
    [false, [{ ...base, Resource: "arn:aws:ecs:r:1:task-definition/drop:*" }], {}],
    [true, [{ ...base, Resource: "arn:aws:ecs:?:1:task-definition/drops:3" }], {}],
    [false, [base, { Effect: "Deny", Action: "*", Resource: "*" }], {}],
    [true, [{ Effect: "Allow", NotAction: "s3:*", Resource: "*" }], {}],
    [false, [{ Effect: "Allow", NotAction: "ecs:*", Resource: "*" }], {}],
    [
      true,
      [{ ...base, Condition: { ArnEquals: { "ecs:cluster": "a*" } } }],
      { "ecs:Cluster": "ab" },
    ],
    [
      false,
      [{ ...base, Condition: { ArnEquals: { "ecs:cluster": "a" } } }],
      { "ecs:cluster": "b" },
    ],
    [false, [{ ...base, Condition: { ArnEquals: { "ecs:cluster": "a" } } }], {}],
    [true, [{ ...base, Condition: { StringEqualsIfExists: { x: "a" } } }], {}],
    [true, [{ ...base, Condition: { StringNotEquals: { x: ["a", "b"] } } }], { x: "c" }],
    [false, [{ ...base, Condition: { StringNotEquals: { x: ["a", "b"] } } }], { x: "b" }],
    [false, [{ ...base, Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }], {}],
  ])("%s: %j in %j", (answer, statements, context) => {
    expect(isAllowed(statements, { ...question, context })).toBe(answer);
  });
});

describe("roles", () => {
  const role = async (change = {}) =>
    await cloud.create("Role", "role", { assumeRolePolicy: trust, ...change });

  it("may do what their policies say, and be taken by whom they trust", async () => {
    const { id, outputs } = await role();
    const arn = String(outputs["arn"]);
    const read = {
      action: "secretsmanager:GetSecretValue",
      resource: "arn:aws:secretsmanager:r:1:secret:a",
    };
    const log = { action: "logs:PutLogEvents", resource: "arn:aws:logs:r:1:log-group:a" };
    const may = () => [read, log].map((question) => mayRole(cloud.world, arn, question));
    expect(may()).toEqual([false, false]);
    const policy = document({ ...allow, Action: read.action });
    const own = await cloud.create("RolePolicy", "policy", { role: id, policy });
    expect(may()).toEqual([true, false]);
    await cloud.create("RolePolicyAttachment", "attached", {
      role: id,
      policyArn: "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    });
    expect(may()).toEqual([true, true]);
    await expect(cloud.delete(cloud.world.get("aws:iam/role:Role", id)!)).rejects.toThrow(
      "must delete policies first. (policy, attached)",
    );
    await cloud.delete(own);
    expect(may()).toEqual([false, true]);
    expect(
      ["lambda.amazonaws.com", "rds.amazonaws.com"].map((one) => isTrusted(cloud.world, arn, one)),
    ).toEqual([true, false]);
  });

  it("are refused as IAM does", async () => {
    const { id } = await role();
    const attach = cloud.create("RolePolicyAttachment", "a", {
      ...{ role: id, policyArn: "arn:aws:iam::aws:policy/NoSuchPolicy" },
    });
    await expect(attach).rejects.toMatchObject({ code: "NoSuchEntity", status: 404 });
    await expect(role({ name: "b", assumeRolePolicy: document(allow) })).rejects.toMatchObject({
      code: "MalformedPolicyDocument",
    });
    const long = document({ ...allow, Resource: `arn:aws:s3:::${"a".repeat(10_240)}` });
    await expect(
      cloud.create("RolePolicy", "long", { role: id, policy: long }),
    ).rejects.toMatchObject({ code: "LimitExceeded" });
    expect(cloud.preview("Role", { assumeRolePolicy: "{" })).toEqual([
      'assumeRolePolicy: contains an invalid JSON policy; got "{"',
    ]);
  });
});
