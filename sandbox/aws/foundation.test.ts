import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../cloud/kind";
import { aws } from ".";
import { managedActions } from "./iam/managed";
import { secretNameOf, secretValue } from "./secrets";
import { AwsTestCloud } from "./testing/testCloud";

let cloud: AwsTestCloud;
beforeEach(() => {
  cloud = new AwsTestCloud({
    region: "eu-central-1",
    defaultTags: JSON.stringify({ tags: { "drops:stack": "large", Name: "all" } }),
  });
});
afterEach(() => {
  cloud.close();
});

describe("the provider's settings", () => {
  it("give a region and tags, which the program's own come before", async () => {
    const first = await cloud.create("LogGroup", "a", { name: "/a", tags: { Name: "own" } });
    expect(first.inputs).toEqual({
      ...{ name: "/a", region: "eu-central-1", tags: { Name: "own" } },
      tagsAll: { "drops:stack": "large", Name: "own" },
    });
    const other = await cloud.create("LogGroup", "b", { name: "/b", region: "us-east-1" });
    expect(other.outputs["arn"]).toBe("arn:aws:logs:us-east-1:123456789012:log-group:/b");
    const everywhere = await cloud.create("Cluster", "c", { name: "c" });
    expect(cloud.kind("Cluster").immutable).toContain("region");
    expect(everywhere.id).toContain(":eu-central-1:");
  });

  it.each([
    [{}, "region"],
    [{ region: "eu-central-9" }, "region"],
    [{ region: "eu-central-1", regions: [] }, ""],
  ])("%j are refused", (settings, path) => {
    const { error } = aws.configuration.strict().safeParse(settings);
    expect(error?.issues[0]?.path.join(".")).toBe(path);
  });

  it.each([
    [{ "aws:x": "1" }, "tags that begin with aws: are AWS's"],
    [{ ["k".repeat(129)]: "1" }, "Too big"],
    [{ k: "v".repeat(257) }, "Too big"],
  ])("tags %j are refused in a preview", (tags, message) => {
    expect(cloud.preview("LogGroup", { name: "/a", tags })[0]).toContain(message);
  });
});

describe("names", () => {
  it("that the program chose exist once: the old resource goes before the new one", () => {
    const { deleteBeforeReplace: first } = cloud.kind("Cluster");
    if (typeof first !== "function") throw new Error("it has no function");
    expect([
      first({ name: "cluster-0a1b2c3" }, "cluster"),
      first({ name: "own" }, "cluster"),
    ]).toEqual([false, true]);
  });

  it("from a prefix go on with what the provider adds", async () => {
    const { id, inputs, outputs } = await cloud.create("Secret", "s", { namePrefix: "drops-" });
    expect(inputs["name"]).toBeUndefined();
    expect(outputs["name"]).toMatch(/^drops-\d{17}[0-9a-f]{9}$/);
    expect(id).toMatch(
      /^arn:aws:secretsmanager:eu-central-1:123456789012:secret:drops-\w{26}-\w{6}$/,
    );
  });

  it("of IAM's own policies are known", () => {
    const prefix = "arn:aws:iam::aws:policy/";
    expect(managedActions(`${prefix}AdministratorAccess`)).toEqual(["*"]);
    expect(managedActions(`${prefix}service-role/NoSuch`)).toBeUndefined();
    expect(managedActions("AdministratorAccess")).toBeUndefined();
  });
});

describe("secrets", () => {
  const version = async (secretString: string, secretId: string, change: Values = {}) =>
    await cloud.create("SecretVersion", "v", { secretId, secretString, ...change });

  it("are found by version, by stage and by the key of an object", async () => {
    const { id: arn } = await cloud.create("Secret", "s", { name: "s" });
    const old = await version('{"username":"a","port":5432}', arn, { versionStages: ["OLD"] });
    await version("current", arn);
    const of = (more: object) => secretValue(cloud.world, { arn, ...more });
    const versionId = String(old.outputs["versionId"]);
    expect([of({}), of({ versionId, key: "username" }), of({ stage: "OLD", key: "port" })]).toEqual(
      [...["current", "a", "5432"]],
    );
    expect(() => of({ key: "x" })).toThrow("did not contain json key x");
    expect(() => of({ versionId: "1" })).toThrow("secret value for VersionId: 1");
    expect(() => secretValue(cloud.world, { arn: "arn" })).toThrow(
      "can't find the specified secret.",
    );
    await cloud.delete(cloud.world.get("aws:secretsmanager/secret:Secret", arn)!);
    expect(cloud.world.all("aws:secretsmanager/secretVersion:SecretVersion")).toEqual([]);
  });

  it.each([
    ["arn:aws:secretsmanager:r:1:secret:a-b", { arn: "arn:aws:secretsmanager:r:1:secret:a-b" }],
    [
      "arn:aws:secretsmanager:r:1:secret:a-b:key::id",
      { arn: "arn:aws:secretsmanager:r:1:secret:a-b", key: "key", versionId: "id" },
    ],
    ["arn:aws:ssm:r:1:parameter/a", undefined],
    ["a", undefined],
  ])("are named in full: %s", (valueFrom, name) => {
    expect(secretNameOf(valueFrom)).toEqual(name);
  });

  it("hold something, and not too much; no message shows it", async () => {
    const { id } = await cloud.create("Secret", "s", { name: "s" });
    await expect(version("", id)).rejects.toThrow("You must provide either");
    await expect(version("x".repeat(65_537), id)).rejects.toThrow("at most 65536 bytes");
    const [problem] = cloud.preview("SecretVersion", { secretId: id, secretString: 5 });
    expect(problem).toContain("got [secret]");
  });
});

describe("a repository", () => {
  const repository = async (change: Values = {}) =>
    await cloud.create("Repository", "r", { name: "drops", ...change });

  it("with images stays, unless it is forced", async () => {
    cloud.images = 2;
    const made = await repository();
    const url = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/drops";
    expect(made.outputs["repositoryUrl"]).toBe(url);
    await expect(cloud.delete(made)).rejects.toMatchObject({ code: "RepositoryNotEmptyException" });
    await cloud.delete(await cloud.update(made, { forceDelete: true }));
    expect(cloud.calls).toEqual([["containers.forgetImages", url]]);
  });

  const rule = (change: object, selection: object = {}) => ({
    ...{ rulePriority: 1, action: { type: "expire" } },
    selection: {
      ...{ tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 5 },
      ...selection,
    },
    ...change,
  });
  it.each([
    ["{", "Lifecycle policy validation failure"],
    [JSON.stringify({ rules: [] }), "Too small"],
    [JSON.stringify({ rules: [rule({ action: { type: "delete" } })] }), "action.type"],
    [JSON.stringify({ rules: [rule({}), rule({})] }), "two rules have one priority"],
    [JSON.stringify({ rules: [rule({}, { tagStatus: "tagged" })] }), "takes prefixes or patterns"],
    [
      JSON.stringify({ rules: [rule({}, { countType: "sinceImagePushed" })] }),
      "countUnit goes with",
    ],
    [
      JSON.stringify({ rules: [rule({}, { tagStatus: "any" }), rule({ rulePriority: 2 })] }),
      "highest priority number",
    ],
  ])("takes no policy such as %s: %s", async (policy, message) => {
    await repository();
    await expect(
      cloud.create("LifecyclePolicy", "l", { repository: "drops", policy }),
    ).rejects.toThrow(message);
  });
});

describe("a log group", () => {
  it.each([
    [{ retentionInDays: 15 }, "expected retentionInDays to be one of 0, 1, 3"],
    [{ name: "a b" }, "name"],
    [{ logGroupClass: "CHEAP" }, "logGroupClass"],
  ])("with %j is refused in a preview", (change, message) => {
    expect(cloud.preview("LogGroup", { name: "/a", ...change })[0]).toContain(message);
  });

  it("exists once, and stays where it is protected", async () => {
    const inputs = { name: "/a", deletionProtectionEnabled: true };
    const made = await cloud.create("LogGroup", "a", inputs);
    await expect(cloud.create("LogGroup", "b", { name: "/a" })).rejects.toThrow("already exists");
    await expect(cloud.delete(made)).rejects.toThrow("deletion protection");
  });
});
