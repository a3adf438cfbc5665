import { z } from "zod";
import type { World } from "../../contracts";
import { regional } from "../awsKind";
import { policyText, requirePolicy, statementsIn } from "../iam/policy";
import { AwsError } from "../refusal";
import { filled } from "../shapes";
import { bucketPublicAccessBlock, bucketWords, ofBucket } from "./bucket";
import { named, s3 } from "./words";

const policyInputs = z.object({ bucket: filled, policy: policyText });
/** Bytes (S3's guide, "Bucket policy"). */
const POLICY_BYTES = 20_480;

export const bucketPolicy = regional({
  type: "aws:s3/bucketPolicy:BucketPolicy",
  tagged: false,
  api: s3("S3 Bucket Policy", "PutBucketPolicy", {
    ...{ ...bucketWords("PutBucketPolicy"), delete: "DeleteBucketPolicy" },
  }),
  inputs: policyInputs,
  immutable: ["bucket"],
  unique: [["bucket"]],
  references: [ofBucket],
  idStyle: ({ bucket: own }) => String(own),
  recorded: "nothing stores objects here that anybody could be allowed to read",
  refuse: ({ inputs, cloud: { world } }) => {
    const { bucket: own, policy } = inputs as z.infer<typeof policyInputs>;
    requirePolicy(policy, "resource", "api error MalformedPolicy");
    if (Buffer.byteLength(policy) > POLICY_BYTES) {
      throw new AwsError(
        "api error PolicyTooLarge",
        "Policy exceeds the maximum allowed document size.",
      );
    }
    const statements = statementsIn(policy);
    const foreign = statements
      .flatMap(({ Resource = [] }) => [Resource].flat())
      .find((one) => !isOf(own, one));
    if (foreign !== undefined) {
      throw new AwsError("api error MalformedPolicy", `Policy has invalid resource (${foreign})`);
    }
    const open = statements.some(
      ({ Effect, Principal, Condition }) =>
        Effect === "Allow" && isEverybody(Principal) && Condition === undefined,
    );
    if (open && blocksPublicPolicies(world, own)) {
      throw new AwsError(
        "api error AccessDenied",
        `User is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${own}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
        403,
      );
    }
  },
});

const isEverybody = (principal: unknown): boolean =>
  principal === "*" ||
  [(principal as { readonly AWS?: string | readonly string[] } | undefined)?.AWS ?? []]
    .flat()
    .includes("*");

/** New buckets do, until somebody says otherwise. */
function blocksPublicPolicies(world: World, own: string): boolean {
  const block = named(world, bucketPublicAccessBlock.type, own, "bucket");
  return block ? block.inputs["blockPublicPolicy"] === true : true;
}

/** Whether a policy's resource is the bucket, or is in it. */
const isOf = (own: string, resource: string): boolean =>
  ["*", `arn:aws:s3:::${own}`].includes(resource) || resource.startsWith(`arn:aws:s3:::${own}/`);
