import {
  assumedUse,
  assumedUseDated,
  awsLoad,
  pricedRegion,
  regionOfZone,
  type AwsLoad,
  type AwsUse,
} from "../aws";
import type { ComposedResource, Dated } from "../types";
import {
  fromBoth,
  textInput,
  unpriced,
  type Priced,
  type Pricer,
  type PricingContext,
} from "./pricer";

/** Type tokens that pricers look for in what is priced together. */
export const awsTokens = {
  ecsService: "aws:ecs/service:Service",
  taskDefinition: "aws:ecs/taskDefinition:TaskDefinition",
  scalingTarget: "aws:appautoscaling/target:Target",
  scalingPolicy: "aws:appautoscaling/policy:Policy",
  loadBalancer: "aws:lb/loadBalancer:LoadBalancer",
  subnet: "aws:ec2/subnet:Subnet",
  auroraCluster: "aws:rds/cluster:Cluster",
  auroraInstance: "aws:rds/clusterInstance:ClusterInstance",
  distribution: "aws:cloudfront/distribution:Distribution",
  metricAlarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  provider: "pulumi:providers:aws",
} as const;

/** A value as a string; undefined where it is none. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A string input that is known before a deploy. */
export function knownText(resource: ComposedResource, name: string): string | undefined {
  const text = textInput(resource, name);
  return text === undefined || /^\[(unknown|secret)\]$/.test(text) ? undefined : text;
}

/**
 * The region of a resource: its own input, else that of the subnets' zones, else that of the one AWS
 * provider. A stack's default provider is not among its resources, and one that is may be there for
 * what is global alone: subnets go first.
 */
export function regionOf(resource: ComposedResource, context: PricingContext): string | undefined {
  const own = knownText(resource, "region");
  if (own !== undefined) return own;
  for (const one of ofType(context, awsTokens.subnet)) {
    const region = regionOfZone(knownText(one, "availabilityZone") ?? "");
    if (region !== undefined) return region;
  }
  const [provider, ...others] = ofType(context, awsTokens.provider);
  return provider && others.length === 0 ? knownText(provider, "region") : undefined;
}

/** A pricer that holds in the one region whose prices are known, and says so elsewhere. */
export function regional(pricer: Pricer): Pricer {
  return (resource, context) => {
    const region = regionOf(resource, context);
    if (region === pricedRegion) return pricer(resource, context);
    return unpriced(
      resource,
      region === undefined
        ? "its region is not known before a deploy"
        : `the price book has no AWS prices of ${region}, only of ${pricedRegion}`,
    );
  };
}

/** A month's use, and the date of a price together with what is merely assumed of that use. */
export interface Use {
  readonly load: AwsLoad;
  readonly dated: (price: Dated, ...uses: readonly (keyof AwsUse)[]) => Dated;
}

/** The use that a context's load states; what it does not is assumed, and makes a line unverified. */
export function useOf(context: PricingContext): Use {
  const stated: object = context.load;
  return {
    load: awsLoad(context.load),
    dated: (price, ...uses) =>
      uses.some((use) => Object.hasOwn(assumedUse, use) && !Object.hasOwn(stated, use))
        ? fromBoth(price, assumedUseDated)
        : price,
  };
}

/** The name of a line that the first of a type carries for all of them. */
export function sharedName(
  resource: ComposedResource,
  { siblings }: PricingContext,
  word: string,
): string {
  return siblings.length === 1 ? resource.name : word;
}

/** A logical name without its role: `web-service` is of `web`. */
export function stemOf(name: string, roles: readonly string[]): string {
  const role = roles.find((one) => name.endsWith(`-${one}`));
  return role === undefined ? name : name.slice(0, -role.length - 1);
}

/** Roles that end the logical names of an ECS service and its companions. */
export const ecsRoles = {
  service: ["service"],
  task: ["task-definition", "task"],
  scaling: ["scaling-target", "autoscaling-target", "autoscaling", "scaling", "target"],
} as const;

/**
 * The companion of a resource that names it by an id nobody knows before a deploy. By what is known
 * of the id; else by the convention of names, `<stem>-<role>`; else the only one under the same
 * component.
 */
export function companionOf(
  resource: ComposedResource,
  roles: readonly string[],
  candidates: readonly ComposedResource[],
  theirRoles: readonly string[],
  isNamed: (candidate: ComposedResource) => boolean,
): ComposedResource | undefined {
  const named = candidates.find(isNamed);
  if (named) return named;
  const stem = stemOf(resource.name, roles);
  const alike = candidates.filter(({ name }) => stemOf(name, theirRoles) === stem);
  if (alike.length === 1) return alike[0];
  const beside = candidates.filter(({ parent }) => parent !== "" && parent === resource.parent);
  return beside.length === 1 ? beside[0] : undefined;
}

/** What is priced together, of one type. */
export function ofType({ resources }: PricingContext, token: string): ComposedResource[] {
  return resources.filter(({ type }) => type === token);
}

/** No line, because nothing is paid here. */
export const free: Priced = { lines: [], unpriced: [] };
