import { findAwsRegion } from "../../prices/aws";
import { certificateArnPattern, certificateArnWords } from "../certificateArn";

/**
 * Why a certificate cannot be used in a region, or undefined where it can: a service finds those of its
 * own region alone, and CloudFront those of us-east-1.
 */
export function certificateArnProblem(arn: string, region: string): string | undefined {
  const parts = certificateArnPattern.exec(arn);
  if (parts?.[1] === undefined) {
    return `it is no ARN of a certificate: ${certificateArnWords}`;
  }
  const [, found] = parts;
  if (!findAwsRegion(found)) return `${found} is no region of AWS that is known`;
  return found === region ? undefined : `it is a certificate of ${found}, not of ${region}`;
}
