import { z } from "zod";
import { AwsError } from "../refusal";
import { servicePrefixes } from "./servicePrefixes";

const text = z.string();
const oneOrMore = z.union([text, z.array(text).min(1)]);

const principal = z.union([
  z.literal("*"),
  z.strictObject({
    AWS: oneOrMore.optional(),
    Service: oneOrMore.optional(),
    Federated: oneOrMore.optional(),
    CanonicalUser: oneOrMore.optional(),
  }),
]);

const statement = z.strictObject({
  Sid: text.optional(),
  Effect: z.enum(["Allow", "Deny"]),
  ...{ Action: oneOrMore.optional(), NotAction: oneOrMore.optional() },
  ...{ Resource: oneOrMore.optional(), NotResource: oneOrMore.optional() },
  ...{ Principal: principal.optional(), NotPrincipal: principal.optional() },
  Condition: z
    .record(
      text,
      z.record(
        text,
        z.union([oneOrMore, z.boolean(), z.number(), z.array(z.union([z.boolean(), z.number()]))]),
      ),
    )
    .optional(),
});

const document = z.strictObject({
  Version: z.enum(["2012-10-17", "2008-10-17"]).optional(),
  Id: text.optional(),
  Statement: z.preprocess(
    (given): unknown => (Array.isArray(given) ? given : [given]),
    z.array(statement).min(1),
  ),
});

export type Statement = z.infer<typeof statement>;

/** A policy as text: that it is JSON is seen in a preview, all else only by AWS. */
export const policyText = text.refine(isJsonObject, "contains an invalid JSON policy");

function isJsonObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** What a policy is attached to: an identity, what may become a role, or a resource. */
export type PolicyUse = "identity" | "trust" | "resource";

/** Statements of a policy that AWS has taken. */
export function statementsIn(json: string): readonly Statement[] {
  return document.parse(JSON.parse(json)).Statement;
}

/** Why AWS does not take a policy; undefined where it does. */
export function policyProblem(json: string, use: PolicyUse): string | undefined {
  if (!isJsonObject(json)) return "This policy contains invalid Json";
  const read = document.safeParse(JSON.parse(json));
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue?.path.join(".") ?? "";
    return `Syntax errors in policy.${where && ` (${where}: ${issue?.message ?? ""})`}`;
  }
  for (const one of read.data.Statement) {
    const problem = statementProblem(one, use);
    if (problem !== undefined) return problem;
  }
  const sids = read.data.Statement.flatMap(({ Sid }) => Sid ?? []);
  const twice = sids.find((sid, index) => sids.indexOf(sid) !== index);
  return twice === undefined
    ? undefined
    : `Statement IDs (SID) in a single policy must be unique. (${twice})`;
}

/** @throws AwsError of the code, which services name differently. */
export function requirePolicy(
  json: string,
  use: PolicyUse,
  code = "MalformedPolicyDocument",
): void {
  const problem = policyProblem(json, use);
  if (problem !== undefined) throw new AwsError(code, problem);
}

function statementProblem(one: Statement, use: PolicyUse): string | undefined {
  const has = (key: keyof Statement): boolean => one[key] !== undefined;
  if (one.Sid !== undefined && use !== "resource" && !/^[A-Za-z0-9]*$/.test(one.Sid)) {
    return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
  }
  if (has("Action") === has("NotAction")) return "Policy statement must contain actions.";
  const hasPrincipal = has("Principal") !== has("NotPrincipal");
  const hasResource = has("Resource") !== has("NotResource");
  if (use === "identity") {
    if (has("Principal") || has("NotPrincipal"))
      return "Policy document should not specify a principal.";
    if (!hasResource) return "Policy statement must contain resources.";
  } else if (!hasPrincipal) {
    return "Missing required field Principal";
  }
  if (use === "trust" && (has("Resource") || has("NotResource"))) {
    return "Has prohibited field Resource";
  }
  for (const action of [one.Action ?? one.NotAction ?? []].flat()) {
    const problem = actionProblem(action, use);
    if (problem !== undefined) return problem;
  }
  for (const resource of [one.Resource ?? one.NotResource ?? []].flat()) {
    if (
      resource !== "*" &&
      !/^(\*|arn:[a-z*-]*:[a-z0-9*-]*:[a-z0-9*-]*:[0-9a-z*]*:.+)$/.test(resource)
    ) {
      return `Resource ${resource} must be in ARN format or "*".`;
    }
  }
  return undefined;
}

function actionProblem(action: string, use: PolicyUse): string | undefined {
  if (action === "*") return undefined;
  const [, service, name] = /^([a-zA-Z0-9-]+):([A-Za-z0-9*?]+)$/.exec(action) ?? [];
  if (service === undefined || name === undefined) {
    return `Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (${action})`;
  }
  if (!servicePrefixes.has(service.toLowerCase())) {
    return `The embedded cloud knows no service "${service}" of ${action}`;
  }
  return use === "trust" && service !== "sts"
    ? "AssumeRole policy may only specify STS AssumeRole actions."
    : undefined;
}
