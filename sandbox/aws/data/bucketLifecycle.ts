import { z } from "zod";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { filled } from "../shapes";
import { bucketWords, ofBucket } from "./bucket";
import { s3 } from "./words";

const storageClass = z.enum([
  ...(["GLACIER", "STANDARD_IA", "ONEZONE_IA"] as const),
  ...(["INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"] as const),
]);
const days = (least: number) => z.int().min(least);
const size = days(0).optional();

const rule = z.strictObject({
  id: z.string().min(1).max(255),
  status: z.enum(["Enabled", "Disabled"]),
  prefix: z.string().optional(),
  filter: z
    .strictObject({
      prefix: z.string().optional(),
      ...{ objectSizeGreaterThan: size, objectSizeLessThan: size },
      tag: z.strictObject({ key: filled, value: z.string() }).optional(),
      and: z
        .strictObject({
          prefix: z.string().optional(),
          ...{ objectSizeGreaterThan: size, objectSizeLessThan: size },
          tags: z.record(z.string(), z.string()).optional(),
        })
        .optional(),
    })
    .optional(),
  expiration: z
    .strictObject({
      days: z.int().optional(),
      date: z.iso.datetime().optional(),
      expiredObjectDeleteMarker: z.boolean().optional(),
    })
    .optional(),
  noncurrentVersionExpiration: z
    .strictObject({ noncurrentDays: days(1), newerNoncurrentVersions: days(1).optional() })
    .optional(),
  noncurrentVersionTransitions: z
    .array(
      z.strictObject({
        ...{ noncurrentDays: days(0), storageClass },
        newerNoncurrentVersions: days(1).optional(),
      }),
    )
    .optional(),
  transitions: z
    .array(
      z.strictObject({ days: days(0).optional(), date: z.iso.datetime().optional(), storageClass }),
    )
    .optional(),
  abortIncompleteMultipartUpload: z
    .strictObject({ daysAfterInitiation: z.int().optional() })
    .optional(),
});
type Rule = z.infer<typeof rule>;

const inputs = z.object({
  bucket: filled,
  expectedBucketOwner: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  transitionDefaultMinimumObjectSize: z
    .enum(["all_storage_classes_128K", "varies_by_storage_class"])
    .optional(),
  rules: z.array(rule).min(1).optional(),
  timeouts: z
    .strictObject({ create: z.string().optional(), update: z.string().optional() })
    .optional(),
});

/** S3's guide, "Lifecycle configuration": at most so many rules. */
const MOST_RULES = 1_000;
/** Days before which objects stay in the standard class (S3's guide, "Transitioning objects"). */
const leastDays: Readonly<Record<string, number>> = { STANDARD_IA: 30, ONEZONE_IA: 30 };

export const bucketLifecycle = regional({
  type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  tagged: false,
  api: s3("S3 Bucket Lifecycle Configuration", "PutBucketLifecycleConfiguration", {
    ...bucketWords("PutBucketLifecycleConfiguration"),
    delete: "DeleteBucketLifecycle",
  }),
  inputs,
  immutable: ["bucket", "expectedBucketOwner"],
  unique: [["bucket"]],
  references: [ofBucket],
  idStyle: ({ bucket }) => String(bucket),
  recorded: "nothing stores objects here that could expire",
  refuse: ({ inputs: given }) => {
    const { rules = [] } = given as z.infer<typeof inputs>;
    if (rules.length > MOST_RULES) throw malformed();
    const twice = rules.find((one, index) => rules.findIndex(({ id }) => id === one.id) < index);
    if (twice)
      throw invalid(`Rule ID must be unique. Found same ID for more than one rule: ${twice.id}`);
    for (const one of rules) requireRule(one);
  },
});

function requireRule(one: Rule): void {
  const { expiration, transitions = [], filter = {} } = one;
  const actions = [
    ...[expiration, one.noncurrentVersionExpiration, one.abortIncompleteMultipartUpload],
    ...[...transitions, ...(one.noncurrentVersionTransitions ?? [])],
  ].filter((action) => action !== undefined);
  if (actions.length === 0) {
    throw invalid(`At least one action needs to be specified in a rule (${one.id})`);
  }
  if (Object.keys(filter).length > 1) throw malformed();
  if (expiration && Object.keys(expiration).length !== 1) {
    throw malformed();
  }
  const expires = expiration?.days;
  if (expires !== undefined && expires < 1) {
    throw invalid("'Days' for Expiration action must be a positive integer");
  }
  const abort = one.abortIncompleteMultipartUpload?.daysAfterInitiation;
  if (one.abortIncompleteMultipartUpload && (abort === undefined || abort < 1)) {
    throw invalid(
      "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
    );
  }
  if (abort !== undefined && filter.tag !== undefined) {
    throw invalid("AbortIncompleteMultipartUpload cannot be specified with Tags.");
  }
  for (const { days: after, storageClass: to } of transitions) {
    const least = leastDays[to] ?? 0;
    if (after !== undefined && after < least) {
      throw invalid(
        `'Days' in Transition action must be greater than or equal to ${least} for storageClass '${to}'`,
      );
    }
    if (after !== undefined && expires !== undefined && expires <= after) {
      throw invalid(
        `'Days' in the Expiration action for rule '${one.id}' must be greater than 'Days' in the Transition action`,
      );
    }
  }
}

const invalid = (message: string): AwsError => new AwsError("api error InvalidArgument", message);
const malformed = (): AwsError =>
  new AwsError(
    "api error MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
