import type { Values } from "../../cloud/kind";
import type { World } from "../../contracts";
import { isAllowed } from "../iam/evaluate";
import { statementsIn, type Statement } from "../iam/policy";
import { AwsError } from "../refusal";
import { accountId, arnOf, regionOf } from "../shapes";

/** Who writes the logs, in every region. */
const delivery = "logdelivery.elasticloadbalancing.amazonaws.com";

/**
 * A balancer writes into its bucket at once, so that it has to be there and let it.
 *
 * @throws AwsError where it is not, or does not.
 */
export function requireLogBucket(world: World, inputs: Values): void {
  const {
    bucket,
    enabled = true,
    prefix,
  } = (inputs["accessLogs"] ?? {}) as {
    readonly bucket?: string;
    readonly enabled?: boolean;
    readonly prefix?: string;
  };
  if (bucket === undefined || !enabled) return;
  const found = world.get("aws:s3/bucket:Bucket", bucket);
  if (found?.ready !== true) throw refused(`S3Bucket: ${bucket} does not exist`);
  if (found.inputs["region"] !== inputs["region"]) {
    throw refused(`S3Bucket: ${bucket} is not located in the same region with load balancer`);
  }
  const folder = prefix === undefined || prefix === "" ? "" : `${prefix}/`;
  const question = {
    action: "s3:PutObject",
    resource: `arn:aws:s3:::${bucket}/${folder}AWSLogs/${accountId}/ELBAccessLogTestFile`,
    context: {
      ...{ "aws:SecureTransport": "true", "aws:SourceAccount": accountId },
      "aws:SourceArn": arnOf("elasticloadbalancing", regionOf(inputs), "loadbalancer/app/a/b"),
    },
  };
  const statements = world
    .all("aws:s3/bucketPolicy:BucketPolicy")
    .filter((one) => one.ready && one.inputs["bucket"] === bucket)
    .flatMap((one) => statementsIn(String(one.inputs["policy"])))
    .filter(isAboutDelivery);
  if (isAllowed(statements, question)) return;
  throw refused(`Access Denied for bucket: ${bucket}. Please check S3bucket permission`);
}

function isAboutDelivery({ Principal }: Statement): boolean {
  if (Principal === "*") return true;
  return [Principal?.Service ?? []].flat().includes(delivery) || Principal?.AWS === "*";
}

const refused = (message: string): AwsError =>
  new AwsError("InvalidConfigurationRequest", message, 400, "ModifyLoadBalancerAttributes");
