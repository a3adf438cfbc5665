import type { AwsKind } from "../awsKind";
import { certificate, certificateValidation } from "./certificate";
import { distribution } from "./distribution";
import { healthCheck } from "./healthCheck";
import { ipSet, webAclAssociation } from "./ipSet";
import { cachePolicy, originRequestPolicy, responseHeadersPolicy } from "./policies";
import { vpcOrigin } from "./vpcOrigin";
import { webAcl } from "./webAcl";

export { fromCloudflare, fromCloudfront } from "./admission";
export { distributionViews } from "./distributionViews";

/** Certificates, CloudFront, its WAF, and health checks from outside. */
export const edgeKinds: readonly AwsKind[] = [
  ...[certificate, certificateValidation, ipSet, webAcl, webAclAssociation],
  ...[cachePolicy, originRequestPolicy, responseHeadersPolicy, vpcOrigin, distribution],
  healthCheck,
];
