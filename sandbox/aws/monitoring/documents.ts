import { z } from "zod";

/** Text that holds a JSON object. */
export const jsonObject = z.string().refine((text) => parsed(text) !== undefined, {
  error: "contains an invalid JSON: expected an object",
});

/** A policy as text, or as the SDK lets it be written. */
export const policyDocument = z.union([jsonObject, z.record(z.string(), z.unknown())]);

/** The object that a text holds; undefined: none. */
export function parsed(text: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof text !== "string") {
    return typeof text === "object" && text !== null
      ? (text as Readonly<Record<string, unknown>>)
      : undefined;
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

const statement = z.object({
  Effect: z.enum(["Allow", "Deny"]),
  Principal: z.union([
    z.literal("*"),
    z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  ]),
  Action: z.union([z.string(), z.array(z.string()).min(1)]),
  Resource: z.union([z.string(), z.array(z.string()).min(1)]),
  Sid: z.string().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
const document = z.object({
  Version: z.enum(["2008-10-17", "2012-10-17"]).optional(),
  Id: z.string().optional(),
  Statement: z.array(statement).min(1),
});

/**
 * What is wrong with a policy of a thing: its form, or a resource that is another; undefined: nothing.
 *
 * @param own ARN of the thing; absent: any resource.
 */
export function policyProblem(policy: unknown, own?: string): string | undefined {
  const shape = document.safeParse(parsed(policy));
  if (!shape.success) {
    const [issue] = shape.error.issues;
    return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "no policy"}`;
  }
  const others = shape.data.Statement.flatMap(({ Resource }) => Resource).filter(
    (resource) => own !== undefined && resource !== "*" && resource !== own,
  );
  return others.length > 0 ? `the resource ${others.join(", ")} is another` : undefined;
}
