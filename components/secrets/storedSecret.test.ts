import { describe, expect, it } from "vitest";
import { record } from "../../report/compose";
import { StoredSecret, type StoredSecretArgs } from "./storedSecret";

const composed = async (
  spec: StoredSecretArgs["spec"],
  overrides?: StoredSecretArgs["overrides"],
) => {
  let refused: string | undefined;
  const program = {
    prepare: () => undefined,
    compose: () => {
      try {
        new StoredSecret("url", { spec, value: "hunter2", ...(overrides && { overrides }) });
      } catch (error) {
        refused = (error as Error).message;
      }
      return { outputs: {} };
    },
  };
  const { resources } = await record("test", { values: {}, secretKeys: [] }, program);
  return { resources, refused };
};

describe("a stored secret", () => {
  it("has a name of its own at each creation, and a value that no report shows", async () => {
    const { resources } = await composed({
      name: "drops-test-url",
      description: "URL of the database",
      recoveryDays: 7,
    });
    const made = resources.filter(({ type }) => type.startsWith("aws:"));
    expect(made.map(({ type, name, inputs }) => [type, name, inputs])).toEqual([
      [
        "aws:secretsmanager/secret:Secret",
        "url-secret",
        {
          namePrefix: "drops-test-url-",
          description: "URL of the database",
          recoveryWindowInDays: 7,
        },
      ],
      [
        "aws:secretsmanager/secretVersion:SecretVersion",
        "url-version",
        { secretId: "[unknown]", secretString: "[secret]" },
      ],
    ]);
    expect(JSON.stringify(resources)).not.toContain("hunter2");
  });

  it("takes the caller's changes last", async () => {
    const { resources } = await composed(
      { description: "", recoveryDays: 0 },
      { secret: { name: "ours" }, version: { versionStages: ["ours"] } },
    );
    expect(resources.find(({ name }) => name === "url-secret")?.inputs).toEqual({
      name: "ours",
      description: "",
      recoveryWindowInDays: 0,
    });
    expect(resources.find(({ name }) => name === "url-version")?.inputs.versionStages).toEqual([
      "ours",
    ]);
  });

  it.each([6, 31, -1])("refuses %d days, which Secrets Manager does not keep", async (days) => {
    const { refused } = await composed({ description: "", recoveryDays: days });
    expect(refused).toBe(`url: spec.recoveryDays must be 0 or 7..30, got ${days}`);
  });
});
