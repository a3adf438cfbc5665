import { appLimits, appRegions } from "../../prices/digitalocean";
import { CloudError, type Cloud } from "../cloud/kind";
import type { World } from "../contracts";
import {
  refuseComponent,
  requireEnvs,
  requireName,
  wrong,
  type Component,
} from "./appComponentRules";
import type { AppSpecInputs } from "./appInputs";
import { vpcType } from "./vpc";

const hostPattern = /^((xn--)?[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*\.)+[a-zA-Z]{2,}\.?$/;

/** What only the API refuses about an app. */
export function refuseApp(spec: AppSpecInputs, { world, services: real }: Cloud, self: string) {
  requireName(spec.name, "name");
  requireOnce(world, spec.name, self);
  requirePlace(spec, world);
  requireOnlyImages(spec);
  const components = componentsOf(spec);
  requireComponents(components);
  requireEnvs(spec.envs, "envs");
  for (const { field, component } of components) {
    refuseComponent(component, field, real.apps.hasImage);
  }
  requireContainers(spec);
  requireDomains(spec, world, self);
  requireIngress(spec);
}

interface Part {
  /** As messages name it, e.g. "services[web]". */
  readonly field: string;
  readonly kind: "services" | "workers" | "jobs";
  readonly component: Component;
}

/** What of a spec runs. */
function componentsOf({ services = [], workers = [], jobs = [] }: AppSpecInputs): readonly Part[] {
  const of = (kind: Part["kind"], list: readonly Component[]): readonly Part[] =>
    list.map((component) => ({ field: `${kind}[${component.name}]`, kind, component }));
  return [...of("services", services), ...of("workers", workers), ...of("jobs", jobs)];
}

const othersIn = (world: World, self: string): readonly AppSpecInputs[] =>
  world
    .all("digitalocean:index/app:App")
    .flatMap(({ id, inputs }) => (id === self ? [] : (specOf(inputs) ?? [])));

function requireOnce(world: World, name: string, self: string): void {
  const taken = othersIn(world, self).some((other) => other.name === name);
  if (taken) throw new CloudError(409, `app name "${name}" is already in use in your account`);
}

export const specOf = (inputs: Readonly<Record<string, unknown>>): AppSpecInputs | undefined =>
  inputs["spec"] as AppSpecInputs | undefined;

function requirePlace({ region, vpcs = [] }: AppSpecInputs, world: World): void {
  const allowed: readonly string[] = [...new Set(Object.values(appRegions))];
  if (region !== undefined && !allowed.includes(region)) {
    throw wrong("region", `"${region}" is none; allowed: ${allowed.join(", ")}`);
  }
  for (const { id } of vpcs) {
    const vpc = world.get(vpcType, id);
    if (!vpc) throw wrong("vpc.id", `VPC ${id} was not found`);
    const there = String(vpc.inputs["region"]);
    const near: Readonly<Record<string, string>> = appRegions;
    if (region !== undefined && near[there] !== region) {
      throw wrong("vpc.id", `VPC ${id} is in ${there}, the app in ${region}: one region has both`);
    }
  }
}

/** There is no builder here, and no place for files alone. */
function requireOnlyImages({ staticSites = [], functions = [], databases = [] }: AppSpecInputs) {
  const others = { static_sites: staticSites, functions, databases };
  for (const [field, list] of Object.entries(others)) {
    if (list.length > 0) {
      throw wrong(field, "the embedded cloud runs services, workers and jobs from images alone");
    }
  }
}

function requireComponents(components: readonly Part[]): void {
  if (components.every(({ kind }) => kind === "jobs")) {
    throw wrong("services", "an app has at least one component that is no job");
  }
  const names = components.map(({ component }) => component.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw wrong("name", `component names must be unique within an app, "${twice}" is there twice`);
  }
}

function requireContainers({ services = [], workers = [] }: AppSpecInputs): void {
  const most = [...services, ...workers].reduce(
    (sum, { autoscaling, instanceCount = 1 }) =>
      sum + (autoscaling?.maxInstanceCount ?? instanceCount),
    0,
  );
  if (most <= appLimits.maxContainers) return;
  throw wrong("services", `an app has at most ${appLimits.maxContainers} containers, got ${most}`);
}

const domainsIn = ({ domainNames = [], domains = [] }: AppSpecInputs): readonly string[] => [
  ...domainNames.map(({ name }) => name),
  ...domains,
];

function requireDomains(spec: AppSpecInputs, world: World, self: string): void {
  const { domainNames = [], domains = [] } = spec;
  if (domainNames.length > 0 && domains.length > 0) {
    throw wrong("domains", '"domain" conflicts with "domains"');
  }
  const names = domainsIn(spec);
  const taken = othersIn(world, self).flatMap(domainsIn);
  for (const name of names) {
    if (name.length < 4 || name.length > 253 || !hostPattern.test(name)) {
      throw wrong("domains.domain", `"${name}" is no host name`);
    }
    if (taken.includes(name)) {
      throw new CloudError(409, `domain "${name}" is already in use by another app`);
    }
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw wrong("domains.domain", `"${twice}" is there twice`);
  if (domainNames.filter(({ type }) => type === "PRIMARY").length > 1) {
    throw wrong("domains.type", "only one domain may be PRIMARY");
  }
}

function requireIngress({ ingress, services = [] }: AppSpecInputs): void {
  const names = services.map(({ name }) => name);
  for (const { component, redirect, match } of ingress?.rules ?? []) {
    if ((component === undefined) === (redirect === undefined)) {
      throw wrong("ingress.rules", "exactly one of component and redirect must be set");
    }
    const named = component?.name;
    if (component && (named === undefined || !names.includes(named))) {
      throw wrong("ingress.rules.component.name", `there is no service "${named ?? ""}"`);
    }
    if (component?.preservePathPrefix === true && component.rewrite !== undefined) {
      throw wrong("ingress.rules.component", "rewrite excludes preserve_path_prefix");
    }
    const prefix = match?.path?.prefix;
    if (prefix !== undefined && !prefix.startsWith("/")) {
      throw wrong("ingress.rules.match.path.prefix", `must begin with "/", got "${prefix}"`);
    }
  }
}
