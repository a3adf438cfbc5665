import type { CloudResource, LoopbackTarget, Unreachable, World } from "../../contracts";
import { cachePolicyIds, cloudfrontLimits } from "../../../prices/aws";
import type { Behavior, CachePolicy, CdnOrigin, Distribution } from "../../edge/cloudfront/types";
import { certificateAt, namesOf } from "./certificate";
import type { DistributionInputs } from "./distributionInputs";
import { managedCachePolicies } from "./managedPolicies";
import { cachePolicyView, originRequestPolicyView, responseHeadersPolicyView } from "./policyViews";
import { distributionType, vpcOriginType } from "./types";
import { webAclView } from "./webAclView";

interface Network {
  /** Where a balancer's port is for CloudFront; undefined: there is no such balancer. */
  readonly balancer: (arn: string, port: number) => LoopbackTarget | Unreachable | undefined;
  /** Where a public name's port is. */
  readonly named: (name: string, port: number) => LoopbackTarget | Unreachable | undefined;
}

/** The distributions of all stacks, as CloudFront's edge serves them. */
export function distributionViews(world: World, network: Network): readonly Distribution[] {
  return world
    .all(distributionType)
    .filter(({ ready }) => ready)
    .map((resource) => viewOf(world, resource, network));
}

function viewOf(world: World, resource: CloudResource, network: Network): Distribution {
  const given = resource.inputs as DistributionInputs;
  const { defaultCacheBehavior, orderedCacheBehaviors = [], customErrorResponses = [] } = given;
  const { acmCertificateArn } = given.viewerCertificate;
  const certificate = certificateAt(world, acmCertificateArn);
  const acl = given.webAclId === undefined ? undefined : webAclView(world, given.webAclId);
  return {
    id: resource.id,
    domainName: String(resource.outputs["domainName"]),
    aliases: given.aliases ?? [],
    enabled: given.enabled,
    // One that is the user's own is taken to cover them.
    certificateNames: certificate
      ? namesOf(certificate.inputs)
      : acmCertificateArn === undefined
        ? []
        : (given.aliases ?? []),
    behaviors: [
      ...orderedCacheBehaviors.map((one) => behaviorOf(world, one, one.pathPattern)),
      behaviorOf(world, defaultCacheBehavior, "*"),
    ],
    origins: given.origins.map((origin) => originOf(world, origin, network)),
    errorTtls: Object.fromEntries(
      customErrorResponses.flatMap(({ errorCode, errorCachingMinTtl }) =>
        errorCachingMinTtl === undefined ? [] : [[errorCode, errorCachingMinTtl] as const],
      ),
    ),
    ...(given.defaultRootObject ? { defaultRootObject: given.defaultRootObject } : {}),
    ...(acl && { webAcl: acl }),
  };
}

function behaviorOf(
  world: World,
  given: DistributionInputs["defaultCacheBehavior"],
  pathPattern: string,
): Behavior {
  const { cachePolicyId, originRequestPolicyId, responseHeadersPolicyId } = given;
  // One that somebody took away behind the stacks' back keeps nothing.
  const cache = cachePolicyView(world, cachePolicyId) ?? keepsNothing;
  const originRequest =
    originRequestPolicyId === undefined
      ? undefined
      : originRequestPolicyView(world, originRequestPolicyId);
  const responseHeaders =
    responseHeadersPolicyId === undefined
      ? undefined
      : responseHeadersPolicyView(world, responseHeadersPolicyId);
  return {
    pathPattern,
    originId: given.targetOriginId,
    viewerProtocolPolicy: given.viewerProtocolPolicy,
    allowedMethods: given.allowedMethods,
    cachedMethods: given.cachedMethods,
    compress: given.compress === true,
    cache,
    ...(originRequest && { originRequest }),
    ...(responseHeaders && { responseHeaders }),
  };
}

const keepsNothing = managedCachePolicies.get(cachePolicyIds.CachingDisabled) as CachePolicy;

type OriginInputs = DistributionInputs["origins"][number];

interface Endpoint {
  readonly arn: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly originProtocolPolicy: CdnOrigin["protocolPolicy"];
}

function originOf(world: World, origin: OriginInputs, network: Network): CdnOrigin {
  const { vpcOriginConfig, customOriginConfig, domainName } = origin;
  const { connectionTimeoutSeconds, connectionAttempts, originReadTimeoutSeconds } =
    cloudfrontLimits;
  const vpcOrigin = world.get(vpcOriginType, vpcOriginConfig?.vpcOriginId ?? "");
  const endpoint = vpcOrigin?.inputs["vpcOriginEndpointConfig"] as Endpoint | undefined;
  const ports = endpoint ?? customOriginConfig;
  const readTimeout = (vpcOriginConfig ?? customOriginConfig)?.originReadTimeout;
  return {
    id: origin.originId,
    domainName,
    path: origin.originPath ?? "",
    protocolPolicy: ports?.originProtocolPolicy ?? "https-only",
    httpPort: ports?.httpPort ?? 80,
    httpsPort: ports?.httpsPort ?? 443,
    customHeaders: Object.fromEntries(
      (origin.customHeaders ?? []).map(({ name, value }) => [name, value]),
    ),
    connectionTimeout: origin.connectionTimeout ?? connectionTimeoutSeconds.default,
    connectionAttempts: origin.connectionAttempts ?? connectionAttempts.default,
    readTimeout: readTimeout ?? originReadTimeoutSeconds.default,
    reach: (port) =>
      endpoint ? network.balancer(endpoint.arn, port) : network.named(domainName, port),
  };
}
