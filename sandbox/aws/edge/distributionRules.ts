import type { CloudResource, World } from "../../contracts";
import type { Operation } from "../../cloud/kind";
import { AwsError } from "../refusal";
import { partsOfArn } from "../shapes";
import { certificateAt, covers, isIssued } from "./certificate";
import type { DistributionInputs } from "./distributionInputs";
import { distributionType, webAclType } from "./types";

/** Algorithms of keys that CloudFront cannot use (its guide, "Supported certificate key types"). */
const unusableKeys = ["EC_secp384r1", "EC_secp521r1"];

/** The sets of methods that a behavior may allow, and keep answers of. */
const allowed = ["GET,HEAD", "GET,HEAD,OPTIONS", "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"];
const cached = ["GET,HEAD", "GET,HEAD,OPTIONS"];

/** What CloudFront refuses, as far as it is seen without asking anybody. @throws AwsError */
export function refuseDistribution({ cloud: { world }, id, inputs }: Operation): void {
  const given = inputs as DistributionInputs;
  requireOrigins(given);
  requireBehaviors(given);
  requireErrors(given);
  requireCertificate(world, given);
  requireFreeAliases(world, id, given);
  requireAcl(world, given);
}

function requireOrigins({
  origins,
  orderedCacheBehaviors = [],
  defaultCacheBehavior,
}: DistributionInputs): void {
  const ids = origins.map(({ originId }) => originId);
  if (new Set(ids).size < ids.length) {
    throw new AwsError(
      "InvalidArgument",
      `Origins must have ids of their own, got ${ids.join(", ")}.`,
    );
  }
  const wrong = origins.find(
    ({ vpcOriginConfig, customOriginConfig }) =>
      (vpcOriginConfig !== undefined) === (customOriginConfig !== undefined),
  );
  if (wrong) {
    throw new AwsError(
      "InvalidArgument",
      `The origin ${wrong.originId} needs either a vpcOriginConfig or a customOriginConfig.`,
    );
  }
  for (const { targetOriginId } of [...orderedCacheBehaviors, defaultCacheBehavior]) {
    if (!ids.includes(targetOriginId)) {
      throw new AwsError(
        "NoSuchOrigin",
        `One or more of your origins or origin groups do not exist: ${targetOriginId}.`,
        404,
      );
    }
  }
}

function requireBehaviors({
  orderedCacheBehaviors = [],
  defaultCacheBehavior,
}: DistributionInputs): void {
  const patterns = orderedCacheBehaviors.map(({ pathPattern }) => pathPattern);
  if (new Set(patterns).size < patterns.length) {
    throw new AwsError("InvalidArgument", "Two behaviors have the same path pattern.");
  }
  for (const { allowedMethods, cachedMethods } of [
    ...orderedCacheBehaviors,
    defaultCacheBehavior,
  ]) {
    const set = [...allowedMethods].sort().join(",");
    const kept = [...cachedMethods].sort().join(",");
    if (!allowed.includes(set)) {
      throw new AwsError(
        "InvalidArgument",
        `A behavior cannot allow just ${set}; it is ${allowed.join(" or ")}.`,
      );
    }
    if (
      !cached.includes(kept) ||
      !cachedMethods.every((method) => allowedMethods.includes(method))
    ) {
      throw new AwsError("InvalidArgument", `A behavior cannot keep answers to ${kept}.`);
    }
  }
}

function requireErrors({ customErrorResponses = [] }: DistributionInputs): void {
  const codes = customErrorResponses.map(({ errorCode }) => errorCode);
  if (new Set(codes).size < codes.length) {
    throw new AwsError("InvalidArgument", "A status has more than one custom error response.");
  }
  const half = customErrorResponses.find(
    ({ responseCode, responsePagePath }) =>
      (responseCode !== undefined) !== (responsePagePath !== undefined),
  );
  if (half) {
    throw new AwsError(
      "InvalidArgument",
      `A page for ${half.errorCode} needs both responseCode and responsePagePath.`,
    );
  }
}

function requireCertificate(
  world: World,
  { aliases = [], viewerCertificate }: DistributionInputs,
): void {
  const { acmCertificateArn, cloudfrontDefaultCertificate, sslSupportMethod } = viewerCertificate;
  const invalid = (message: string) => new AwsError("InvalidViewerCertificate", message);
  if ((acmCertificateArn !== undefined) === (cloudfrontDefaultCertificate === true)) {
    throw invalid("Either a certificate of ACM or CloudFront's own has to be chosen.");
  }
  if (acmCertificateArn === undefined) {
    if (aliases.length === 0) return;
    throw invalid(
      `An alternate domain name (${aliases.join(", ")}) needs a certificate that covers it.`,
    );
  }
  if (sslSupportMethod === undefined)
    throw invalid("sslSupportMethod goes with a certificate of ACM.");
  if (sslSupportMethod !== "sni-only") {
    throw invalid(`${sslSupportMethod} has to be asked of AWS's support first; use sni-only.`);
  }
  if (partsOfArn(acmCertificateArn).region !== "us-east-1") {
    throw invalid(
      `The certificate ${acmCertificateArn} must be in us-east-1 (N. Virginia) to be used with CloudFront.`,
    );
  }
  const found = certificateAt(world, acmCertificateArn);
  // One that no stack has made is the user's own, and is there already.
  if (!found) return;
  if (!isIssued(world, found)) {
    throw invalid(
      `The certificate ${acmCertificateArn} doesn't exist, isn't in us-east-1, isn't issued yet, or doesn't include a certificate chain.`,
    );
  }
  const key = String(found.inputs["keyAlgorithm"]);
  if (unusableKeys.includes(key)) throw invalid(`CloudFront cannot use a certificate with ${key}.`);
  const bare = aliases.filter((alias) => !covers(found.inputs, alias));
  if (bare.length > 0) {
    throw invalid(`The certificate does not cover the alternate domain name ${bare.join(", ")}.`);
  }
}

/** A name leads to one distribution in all of AWS. */
function requireFreeAliases(world: World, id: string, { aliases = [] }: DistributionInputs): void {
  const wanted = aliases.map((alias) => alias.toLowerCase());
  if (new Set(wanted).size < wanted.length) {
    throw new AwsError("InvalidArgument", `Aliases must differ, got ${aliases.join(", ")}.`);
  }
  const taken = world
    .all(distributionType)
    .filter((other) => other.id !== id)
    .flatMap(aliasesOf)
    .find((alias) => wanted.includes(alias));
  if (taken !== undefined) {
    throw new AwsError(
      "CNAMEAlreadyExists",
      `One or more of the CNAMEs you provided are already associated with a different resource: ${taken}.`,
      409,
    );
  }
}

const aliasesOf = ({ inputs }: CloudResource): readonly string[] =>
  ((inputs as DistributionInputs).aliases ?? []).map((alias) => alias.toLowerCase());

function requireAcl(world: World, { webAclId }: DistributionInputs): void {
  if (webAclId === undefined || webAclId === "") return;
  const acl = world.all(webAclType).find(({ outputs }) => outputs["arn"] === webAclId);
  if (acl?.inputs["scope"] === "CLOUDFRONT") return;
  throw new AwsError(
    "InvalidWebACLId",
    acl
      ? `The web ACL ${webAclId} has the scope ${String(acl.inputs["scope"])}; CloudFront takes CLOUDFRONT.`
      : `There is no web ACL ${webAclId}.`,
  );
}
