import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { CloudResource, World } from "../../contracts";
import { regional, type ApiWords, type AwsKind } from "../awsKind";
import { policyText, requirePolicy } from "../iam/policy";
import { AwsError } from "../refusal";
import {
  arnOf,
  filled,
  flag,
  nameOrPrefix,
  partsOfArn,
  randomLetters,
  regionOf,
  textOf,
  texts,
} from "../shapes";

export const secretType = "aws:secretsmanager/secret:Secret";
const secretVersionType = "aws:secretsmanager/secretVersion:SecretVersion";

const words = (noun: string, create: string): ApiWords => ({
  ...{ noun, sdk: "Secrets Manager", create },
  codes: { 404: "ResourceNotFoundException", 409: "ResourceExistsException" },
});

const namePattern = /^[A-Za-z0-9/_+=.@-]+$/;

const secret = regional({
  type: secretType,
  api: words("Secrets Manager Secret", "CreateSecret"),
  inputs: z.object({
    name: z.string().min(1).max(512).regex(namePattern).optional(),
    namePrefix: z.string().min(1).max(486).regex(namePattern).optional(),
    description: z.string().max(2_048).optional(),
    ...{ kmsKeyId: filled.optional(), policy: policyText.optional() },
    recoveryWindowInDays: z
      .int()
      .refine(
        (days) => days === 0 || (days >= 7 && days <= 30),
        "expected recoveryWindowInDays to be 0 or in the range (7 - 30)",
      )
      .optional(),
    forceOverwriteReplicaSecret: flag,
  }),
  immutable: ["name", "namePrefix"],
  autoName: "name",
  unique: [["region", "name"]],
  conflict: ({ name }) => `The operation failed because the secret ${String(name)} already exists.`,
  // Six letters follow the name, so that one of the same name later is another.
  idStyle: (inputs) =>
    arnOf("secretsmanager", regionOf(inputs), `secret:${nameOrPrefix(inputs)}-${randomLetters(6)}`),
  check: ({ name, namePrefix }) =>
    name !== undefined && namePrefix !== undefined
      ? [{ property: "namePrefix", reason: "conflicts with name" }]
      : [],
  refuse: ({ inputs: { policy } }) => {
    if (typeof policy === "string") {
      requirePolicy(policy, "resource", "MalformedPolicyDocumentException");
    }
  },
  create: ({ id }) => ({ outputs: { arn: id, name: nameIn(id) } }),
});

const nameIn = (arn: string): string =>
  partsOfArn(arn)
    .resource.replace(/^secret:/, "")
    .slice(0, -7);

/** Bytes that a secret holds at most (Secrets Manager's quotas). */
const SECRET_BYTES = 65_536;

const secretVersion = regional({
  type: secretVersionType,
  tagged: false,
  api: {
    ...words("Secrets Manager Secret Version", "PutSecretValue"),
    delete: "UpdateSecretVersionStage",
    named: ({ secretId }) => String(secretId),
  },
  inputs: z.object({
    secretId: filled,
    ...{ secretString: z.string().optional(), secretBinary: z.string().optional() },
    versionStages: texts.optional(),
  }),
  sensitive: ["secretString", "secretBinary"],
  immutable: ["secretId", "secretString", "secretBinary"],
  references: [{ input: "secretId", type: secretType, onDelete: "cascade" }],
  idStyle: ({ secretId }) => `${String(secretId)}|${randomUUID()}`,
  check: ({ secretString, secretBinary }) =>
    secretString !== undefined && secretBinary !== undefined
      ? [{ property: "secretBinary", reason: "conflicts with secretString" }]
      : [],
  refuse: ({ inputs: { secretString = "", secretBinary } }) => {
    if (secretString === "" && secretBinary === undefined) {
      throw new AwsError(
        "InvalidRequestException",
        "You must provide either SecretString or SecretBinary.",
      );
    }
    if (Buffer.byteLength(String(secretString)) > SECRET_BYTES) {
      throw new AwsError(
        "InvalidParameterException",
        `a secret has at most ${SECRET_BYTES} bytes, this one ${Buffer.byteLength(String(secretString))}`,
      );
    }
  },
  create: ({ id, inputs }) => ({
    outputs: {
      arn: String(inputs["secretId"]),
      versionId: id.split("|").at(-1),
      versionStages: inputs["versionStages"] ?? ["AWSCURRENT"],
    },
  }),
});

export const secretKinds: readonly AwsKind[] = [secret, secretVersion];

/** What a container's `valueFrom` or a registry's `credentialsParameter` names. */
interface SecretName {
  readonly arn: string;
  /** Key of a JSON object that the secret holds. */
  readonly key?: string;
  readonly stage?: string;
  readonly versionId?: string;
}

/** Reads `ARN[:key:stage:version]`; undefined where it is no secret of Secrets Manager. */
export function secretNameOf(valueFrom: string): SecretName | undefined {
  const parts = valueFrom.split(":");
  if (!valueFrom.startsWith("arn:aws:secretsmanager:") || parts.length < 7 || parts.length > 10) {
    return undefined;
  }
  const [key = "", stage = "", versionId = ""] = parts.slice(7);
  return {
    arn: parts.slice(0, 7).join(":"),
    ...(key !== "" && { key }),
    ...(stage !== "" && { stage }),
    ...(versionId !== "" && { versionId }),
  };
}

/**
 * The value that a name leads to.
 *
 * @throws Error in the words of ECS's agent where there is none.
 */
export function secretValue(world: World, name: SecretName): string {
  const version = versionOf(world, name);
  const text = textOf(version.inputs["secretString"]);
  if (name.key === undefined) return text;
  const value = objectIn(text)?.[name.key];
  if (value === undefined) {
    throw new Error(
      `retrieved secret from Secrets Manager did not contain json key ${name.key} (${name.arn})`,
    );
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

function versionOf(world: World, { arn, stage, versionId }: SecretName): CloudResource {
  const all = world.all(secretVersionType).filter(({ inputs }) => inputs["secretId"] === arn);
  const found =
    versionId === undefined
      ? all
          .filter(({ outputs }) =>
            (outputs["versionStages"] as readonly string[] | undefined)?.includes(
              stage ?? "AWSCURRENT",
            ),
          )
          .at(-1)
      : all.find(({ outputs }) => outputs["versionId"] === versionId);
  if (found?.ready === true) return found;
  const what =
    versionId === undefined ? `staging label: ${stage ?? "AWSCURRENT"}` : `VersionId: ${versionId}`;
  throw new Error(
    world.get(secretType, arn)
      ? `ResourceNotFoundException: Secrets Manager can't find the specified secret value for ${what}`
      : "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
  );
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
