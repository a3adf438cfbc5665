import { z } from "zod";
import { regional, type ApiWords, type AwsKind } from "../awsKind";
import { AwsError } from "../refusal";
import { accountId, arnOf, filled, flag, regionOf } from "../shapes";

export const repositoryType = "aws:ecr/repository:Repository";

const words = (noun: string, create: string, more: Partial<ApiWords> = {}): ApiWords => ({
  ...{ noun, sdk: "ECR", create },
  ...more,
  codes: { 404: "RepositoryNotFoundException", 409: "RepositoryAlreadyExistsException" },
});

/** Host and path of a repository, as image references begin. */
const repositoryUrl = (region: string, name: string): string =>
  `${accountId}.dkr.ecr.${region}.amazonaws.com/${name}`;

const repository = regional({
  type: repositoryType,
  api: words("ECR Repository", "CreateRepository", { update: "PutImageTagMutability" }),
  inputs: z.object({
    name: z
      .string()
      .min(2)
      .max(256)
      .regex(/^[a-z0-9]+([._/-]{1,2}[a-z0-9]+)*$/, "lower-case letters, digits and ._-/ between"),
    imageTagMutability: z
      .enum([
        ...(["MUTABLE", "IMMUTABLE"] as const),
        ...(["MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"] as const),
      ])
      .optional(),
    imageScanningConfiguration: z.strictObject({ scanOnPush: z.boolean() }).optional(),
    encryptionConfigurations: z
      .array(
        z.strictObject({
          encryptionType: z.enum(["AES256", "KMS", "KMS_DSSE"]).optional(),
          kmsKey: filled.optional(),
        }),
      )
      .optional(),
    forceDelete: flag,
  }),
  immutable: ["name", "encryptionConfigurations"],
  autoName: "name",
  unique: [["region", "name"]],
  conflict: ({ name }) =>
    `The repository with name '${String(name)}' already exists in the registry with id '${accountId}'`,
  idStyle: (inputs) => String(inputs["name"]),
  recorded: "images are directories of this machine; none is scanned, and none expires",
  create: ({ id, inputs }) => ({
    outputs: {
      arn: arnOf("ecr", regionOf(inputs), `repository/${id}`),
      ...{ registryId: accountId, repositoryUrl: repositoryUrl(regionOf(inputs), id) },
      imageTagMutability: inputs["imageTagMutability"] ?? "MUTABLE",
    },
  }),
  delete: ({ id, inputs, cloud: { services } }) => {
    const url = repositoryUrl(regionOf(inputs), id);
    if (services.containers.imagesIn(url) > 0 && inputs["forceDelete"] !== true) {
      throw new AwsError(
        "RepositoryNotEmptyException",
        `The repository with name '${id}' in registry with id '${accountId}' cannot be deleted because it still contains images`,
      );
    }
    services.containers.forgetImages(url);
  },
});

const pattern = z.array(filled).min(1).optional();

/** What ECR itself takes (its API reference, "Lifecycle policy properties"). */
const rule = z
  .strictObject({
    rulePriority: z.int().min(1),
    description: z.string().max(256).optional(),
    selection: z.strictObject({
      tagStatus: z.enum(["tagged", "untagged", "any"]),
      ...{ tagPrefixList: pattern, tagPatternList: pattern },
      countType: z.enum(["imageCountMoreThan", "sinceImagePushed", "sinceImagePulled"]),
      countUnit: z.literal("days").optional(),
      countNumber: z.int().min(1),
    }),
    action: z.strictObject({ type: z.enum(["expire"]) }),
  })
  .superRefine(({ selection }, context) => {
    const refuse = (message: string): void => {
      context.addIssue({ code: "custom", path: ["selection"], message });
    };
    const { tagStatus, tagPrefixList, tagPatternList, countType, countUnit } = selection;
    const names = tagPrefixList ?? tagPatternList;
    if (tagStatus === "tagged" && names === undefined) refuse("tagged takes prefixes or patterns");
    if (tagStatus !== "tagged" && names !== undefined) refuse(`${tagStatus} takes no tags`);
    if ((countType === "imageCountMoreThan") === (countUnit !== undefined)) {
      refuse("countUnit goes with an age, and with nothing else");
    }
  });

const lifecycle = z
  .strictObject({ rules: z.array(rule).min(1) })
  .superRefine(({ rules }, context) => {
    const priorities = rules.map(({ rulePriority }) => rulePriority);
    if (new Set(priorities).size < priorities.length) {
      context.addIssue({ code: "custom", path: ["rules"], message: "two rules have one priority" });
    }
    const last = rules.toSorted((a, b) => a.rulePriority - b.rulePriority).at(-1);
    const any = rules.find(({ selection }) => selection.tagStatus === "any");
    if (any && any !== last) {
      context.addIssue({
        ...{ code: "custom", path: ["rules"] },
        message: "a rule for any image must have the highest priority number",
      });
    }
  });

const lifecyclePolicy = regional({
  type: "aws:ecr/lifecyclePolicy:LifecyclePolicy",
  tagged: false,
  api: words("ECR Lifecycle Policy", "PutLifecyclePolicy", {
    ...{ update: "PutLifecyclePolicy", named: ({ repository: of }) => String(of) },
  }),
  inputs: z.object({ repository: filled, policy: z.string() }),
  immutable: ["repository", "policy"],
  references: [{ input: "repository", type: repositoryType, onDelete: "cascade" }],
  unique: [["region", "repository"]],
  idStyle: (inputs) => String(inputs["repository"]),
  deleteBeforeReplace: true,
  recorded: "no image expires here",
  refuse: ({ inputs }) => {
    const read = lifecycle.safeParse(jsonIn(String(inputs["policy"])));
    const [issue] = read.error?.issues ?? [];
    if (!issue) return;
    throw new AwsError(
      "InvalidParameterException",
      `Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: ${issue.path.join(".")}: ${issue.message}'`,
    );
  },
  create: () => ({ outputs: { registryId: accountId } }),
});

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const registryKinds: readonly AwsKind[] = [repository, lifecyclePolicy];
