import type { Operation, Reference, Values } from "../../cloud/kind";
import { cloudfrontDomain } from "../../edge/cloudfront/types";
import { global } from "../awsKind";
import { accountId, now } from "../shapes";
import { type DistributionInputs, distributionInputs } from "./distributionInputs";
import { refuseDistribution } from "./distributionRules";
import {
  managedCachePolicies,
  managedOriginRequestPolicies,
  managedResponseHeadersPolicies,
} from "./managedPolicies";
import { cachePolicyType, originRequestPolicyType, responseHeadersPolicyType } from "./policies";
import { distributionType, vpcOriginType, webAclType } from "./types";

/** Route 53's zone for alias records to any distribution. */
const HOSTED_ZONE = "Z2FDTNDATAQYW2";

/** Policies of behaviors; AWS's own are in no account. */
function policies(): readonly Reference[] {
  const sorts = [
    ["cachePolicyId", cachePolicyType, managedCachePolicies],
    ["originRequestPolicyId", originRequestPolicyType, managedOriginRequestPolicies],
    ["responseHeadersPolicyId", responseHeadersPolicyType, managedResponseHeadersPolicies],
  ] as const;
  return ["defaultCacheBehavior", "orderedCacheBehaviors[]"].flatMap((place) =>
    sorts.map(([field, type, managed]) => ({
      input: `${place}.${field}`,
      type,
      when: (holder: Values) => !managed.has(String(holder[field])),
    })),
  );
}

/** Distributions of CloudFront: the edge of this machine answers for them. */
export const distribution = global({
  type: distributionType,
  inputs: distributionInputs,
  sensitive: ["origins[].customHeaders"],
  immutable: ["staging"],
  defaults: {
    ...{ httpVersion: "http2", priceClass: "PriceClass_All", isIpv6Enabled: false },
    ...{ retainOnDelete: false, staging: false, waitForDeployment: true },
  },
  references: [
    ...policies(),
    { input: "origins[].vpcOriginConfig.vpcOriginId", type: vpcOriginType },
    {
      ...{ input: "webAclId", type: webAclType, property: "arn" },
      when: ({ webAclId }) => webAclId !== "",
    },
  ],
  idStyle: (_, cloud) => `E${cloud.newId("hex").slice(-13).toUpperCase()}`,
  api: {
    ...{ noun: "CloudFront Distribution", sdk: "CloudFront", create: "CreateDistribution" },
    named: () => undefined,
    codes: { 404: "NoSuchResource" },
  },
  recorded,
  refuse: refuseDistribution,
  create: ({ id, cloud }) => ({
    outputs: {
      arn: `arn:aws:cloudfront::${accountId}:distribution/${id}`,
      callerReference: `terraform-${now()}`,
      domainName: `d${cloud.newId("hex").slice(-13)}.${cloudfrontDomain}`,
      hostedZoneId: HOSTED_ZONE,
      ...{ inProgressValidationBatches: 0, loggingV1Enabled: false, status: "Deployed" },
      ...{ trustedKeyGroups: [], trustedSigners: [] },
      ...version(cloud),
    },
  }),
  update: ({ cloud }) => ({ outputs: version(cloud) }),
});

const version = (cloud: Operation["cloud"]) => ({
  etag: `E${cloud.newId("hex").slice(-13).toUpperCase()}`,
  lastModifiedTime: now(),
});

/** What of a distribution nothing here does. */
function recorded(inputs: Values): string {
  const {
    restrictions,
    loggingConfig,
    viewerCertificate,
    customErrorResponses = [],
  } = inputs as DistributionInputs;
  const missing = [
    "HTTP/2, HTTP/3 and the oldest TLS of viewers are recorded; the edge speaks HTTP/1.1",
    ...(restrictions.geoRestriction.restrictionType === "none"
      ? []
      : ["countries are not told apart"]),
    ...(viewerCertificate.acmCertificateArn === undefined
      ? []
      : ["a certificate that no stack has made is taken for one that covers the aliases"]),
    ...(loggingConfig === undefined ? [] : ["no access log is written"]),
    ...(customErrorResponses.some(({ responsePagePath }) => responsePagePath !== undefined)
      ? ["error pages of its own are not shown"]
      : []),
  ];
  return missing.join("; ");
}
