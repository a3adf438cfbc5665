import { describe, expect, it } from "vitest";
import { awsAnswer, registered } from "../network/testing/registered";
import { Registry, type RegistryArgs } from "./registry";

const composed = (protect: boolean, overrides: RegistryArgs["overrides"] = {}) =>
  registered(
    () => {
      const { repositoryUrl, repositoryArn } = new Registry("registry", {
        spec: { name: "drops-test", keepImages: 20, protect },
        overrides,
      });
      return { repositoryUrl, repositoryArn };
    },
    awsAnswer((type) =>
      type.endsWith(":Repository") ? { repositoryUrl: "registry.example.com/drops-test" } : {},
    ),
  );

describe("the registry", () => {
  it.each([true, false])("is guarded, with its images: %s", async (protect) => {
    const { names, named, outputs } = await composed(protect);
    expect(names).toEqual([
      "ecr:LifecyclePolicy registry-lifecycle",
      "ecr:Repository registry-repository",
    ]);
    expect(named("registry-repository")).toMatchObject({ protect });
    expect(named("registry-repository").inputs).toEqual({
      name: "drops-test",
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      forceDelete: !protect,
    });
    expect(outputs).toEqual({
      repositoryUrl: "registry.example.com/drops-test",
      repositoryArn: "arn:aws:test:eu-central-1:123456789012:registry-repository",
    });
  });

  it("keeps the newest images, however old they are", async () => {
    const { named } = await composed(true);
    const { repository, policy } = named("registry-lifecycle").inputs;
    expect(repository).toBe("drops-test");
    expect(JSON.parse(String(policy))).toEqual({
      rules: [
        {
          rulePriority: 1,
          description: "Keep the 20 newest untagged images",
          selection: { tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 20 },
          action: { type: "expire" },
        },
        {
          rulePriority: 2,
          description: "Keep the 20 newest tagged images",
          selection: {
            tagStatus: "tagged",
            tagPatternList: ["*"],
            countType: "imageCountMoreThan",
            countNumber: 20,
          },
          action: { type: "expire" },
        },
      ],
    });
  });

  it("can be overridden", async () => {
    const region = { region: "eu-west-1" };
    const { resources } = await composed(true, { repository: region, lifecycle: region });
    expect(resources.map(({ inputs }) => inputs.region)).toEqual(["eu-west-1", "eu-west-1"]);
  });
});
