import { randomBytes } from "node:crypto";
import { z } from "zod";
import { regions, type AwsRegion } from "../../prices/aws";
import type { Cloud, Values } from "../cloud/kind";

/*
 * What the types of AWS share. What the provider refuses in a preview is in the shapes; what only
 * the API refuses is checked when a resource is made.
 */

/** The account that the embedded cloud is: AWS's own example. */
export const accountId = "123456789012";

export const filled = z.string().min(1);
export const texts = z.array(filled);
/** A value that the engine may hand over as text, as it does in a provider's settings. */
export const flag = z.boolean().optional();
/** How long the provider waits, e.g. "30m"; nothing here takes so long. */
export const timeouts = z
  .strictObject({
    ...{ create: z.string().optional(), update: z.string().optional() },
    delete: z.string().optional(),
  })
  .optional();

const codes = Object.keys(regions) as [AwsRegion, ...AwsRegion[]];
export const regionCode = z.enum(codes, "no region of AWS that the embedded cloud knows");

/**
 * Tags of a resource. Keys to 128 characters and values to 256 (EC2's guide, "Tag restrictions");
 * the prefix is AWS's own.
 */
export const tags = z
  .record(
    z
      .string()
      .min(1)
      .max(128)
      .refine(
        (key) => !key.toLowerCase().startsWith("aws:"),
        "tags that begin with aws: are AWS's",
      ),
    z.string().max(256),
  )
  .optional();

/** @param service Of the thing that is named, e.g. "iam"; absent: any. */
export function arn(service?: string) {
  const pattern = new RegExp(`^arn:aws:${service ?? "[a-z0-9-]+"}:[a-z0-9-]*:(\\d{12}|aws)?:.+$`);
  const what = service === undefined ? "an ARN" : `an ARN of ${service}`;
  return z.string().regex(pattern, `(ARN) is no valid ARN: expected ${what}`);
}

/** The region of a resource; the provider's own settings give it where the program does not. */
export const regionOf = (inputs: Values): AwsRegion => inputs["region"] as AwsRegion;

/**
 * @param region Empty for what is global.
 * @param resource All after the account, e.g. "cluster/drops".
 */
export function arnOf(service: string, region: string, resource: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

/** Region, and all after the account, of an ARN. */
export function partsOfArn(text: string): {
  readonly service: string;
  readonly region: string;
  readonly resource: string;
} {
  const [, , service = "", region = "", , ...rest] = text.split(":");
  return { service, region, resource: rest.join(":") };
}

/** An id as EC2 makes them, e.g. "vpc-" and 17 hexadecimal digits: for a kind's `idStyle`. */
export const ec2Id =
  (prefix: string) =>
  (_inputs: Values, cloud: Pick<Cloud, "newId">): string =>
    `${prefix}-0${cloud.newId("hex").slice(-16)}`;

/** Letters and digits, as AWS appends them to names and ARNs. */
export function randomLetters(length: number): string {
  const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  return Array.from(randomBytes(length), (byte) => letters[byte % letters.length]).join("");
}

/** The input "name", or what the provider makes of "namePrefix": 26 digits follow. */
export function nameOrPrefix({ name, namePrefix }: Values): string {
  if (name !== undefined) return textOf(name);
  const at = new Date().toISOString().replaceAll(/[-:TZ.]/g, "");
  return `${String(namePrefix)}${at}${randomBytes(5).toString("hex").slice(0, 9)}`;
}

/** Time as the API writes it. */
export const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, "Z");

/** An input or output that is a text; another value as JSON, and nothing where it is absent. */
export function textOf(value: unknown, absent = ""): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? absent : JSON.stringify(value);
}

/** The last part of a type's token, e.g. "LoadBalancer". */
export const shortName = (type: string): string => type.split(":").at(-1) ?? type;
