import { appSizes, findAppSize } from "../../prices/digitalocean";
import { imageCommand, referenceOf } from "../apps/images";
import { nodeArguments } from "../apps/runCommand";
import type { AppImage } from "../apps/spec";
import { CloudError } from "../cloud/kind";
import type { AppSpecInputs } from "./appInputs";

/** A service; a worker and a job are services without some of the fields. */
export type Component = NonNullable<AppSpecInputs["services"]>[number];

/** An app's and a component's name, and a variable's: the API's specification (2026-08-07). */
const namePattern = /^[a-z][a-z0-9-]{0,30}[a-z0-9]$/;
const envKeyPattern = /^[_A-Za-z][_A-Za-z0-9]*$/;

export function wrong(field: string, reason: string): CloudError {
  return new CloudError(400, `error validating app spec field "${field}": ${reason}`);
}

/**
 * What only the API refuses about one component.
 *
 * @param field As messages name it, e.g. "services[web]".
 */
export function refuseComponent(
  component: Component,
  field: string,
  hasImage: (image: AppImage) => boolean,
): void {
  requireName(component.name, `${field}.name`);
  requireEnvs(component.envs, `${field}.envs`);
  requireImage(component, field, hasImage);
  requireSize(component, field);
  requireCommand(component, field);
  requireAlerts(component, field);
  requireCheck(component.healthCheck, `${field}.health_check`);
  requireCheck(component.livenessHealthCheck, `${field}.liveness_health_check`, 1);
  const { httpPort } = component;
  if (httpPort !== undefined && (httpPort < 1 || httpPort > 65_535)) {
    throw wrong(`${field}.http_port`, `must be between 1 and 65535, got ${httpPort}`);
  }
}

export function requireName(name: string, field: string): void {
  if (namePattern.test(name)) return;
  throw wrong(
    field,
    `must be 2 to 32 lower-case letters, digits and hyphens, beginning with a letter, got "${name}"`,
  );
}

export function requireEnvs(envs: Component["envs"] = [], field: string): void {
  const keys = envs.map(({ key }) => key ?? "");
  const bad = keys.find((key) => !envKeyPattern.test(key));
  if (bad !== undefined) {
    throw wrong(`${field}.key`, `letters, digits and underscores, no digit first, got "${bad}"`);
  }
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw wrong(`${field}.key`, `"${twice}" is there twice`);
}

function requireImage(
  { image, git, github, gitlab, bitbucket }: Component,
  field: string,
  hasImage: (image: AppImage) => boolean,
): void {
  const sources = [image, git, github, gitlab, bitbucket].filter((one) => one !== undefined);
  if (sources.length !== 1) {
    throw wrong(field, "exactly one of image, git, github, gitlab and bitbucket must be set");
  }
  if (!image) throw wrong(field, "the embedded cloud builds nothing: it runs images alone");
  const { registryType, registry = "", tag, digest, registryCredentials = "" } = image;
  const at = (name: string): string => `${field}.image.${name}`;
  if (registryType === "UNSPECIFIED") throw wrong(at("registry_type"), "must be set");
  if (registryType === "DOCR" && registry !== "") {
    throw wrong(
      at("registry"),
      "must be empty for registry type DOCR: an account has one registry",
    );
  }
  if (registryType !== "DOCR" && registry === "") {
    throw wrong(at("registry"), `must be set for registry type ${registryType}`);
  }
  if (registryType === "DOCR" && registryCredentials !== "") {
    throw wrong(at("registry_credentials"), "must be empty for registry type DOCR");
  }
  if (registryCredentials !== "" && !/^[^:\s]+:\S+$/.test(registryCredentials)) {
    throw wrong(at("registry_credentials"), "must be in the format username:token");
  }
  if (tag !== undefined && digest !== undefined) {
    throw wrong(at("digest"), "cannot be specified if tag is provided");
  }
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw wrong(at("digest"), `must be sha256: and 64 hexadecimal digits, got "${digest}"`);
  }
  if (!hasImage(image)) {
    throw wrong(field, `image ${referenceOf(image)} was not found in the registry`);
  }
}

function requireSize(component: Component, field: string): void {
  const { instanceSizeSlug: slug, instanceCount = 1, autoscaling } = component;
  const size = slug === undefined ? appSizes["apps-s-1vcpu-0.5gb"] : findAppSize(slug);
  if (!size) {
    throw wrong(
      `${field}.instance_size_slug`,
      `there is no size "${slug ?? ""}"; such as ${Object.keys(appSizes).slice(0, 3).join(", ")}`,
    );
  }
  if (size.scaling === "none" && instanceCount > 1) {
    throw wrong(`${field}.instance_count`, `size ${slug ?? "apps-s-1vcpu-0.5gb"} has one instance`);
  }
  if (!autoscaling) {
    if (instanceCount < 1) {
      throw wrong(`${field}.instance_count`, `must be at least 1, got ${instanceCount}`);
    }
    return;
  }
  const { minInstanceCount: min, maxInstanceCount: max, metrics } = autoscaling;
  const at = (name: string): string => `${field}.autoscaling${name}`;
  if (size.scaling !== "auto") {
    throw wrong(at(""), `takes an instance size with dedicated CPU, got ${slug ?? "none"}`);
  }
  if (component.instanceCount !== undefined) {
    throw wrong(`${field}.instance_count`, "must not be set if autoscaling is used");
  }
  if (min >= max) {
    throw wrong(
      at(".max_instance_count"),
      `must be more than min_instance_count ${min}, got ${max}`,
    );
  }
  if (!metrics.cpu) throw wrong(at(".metrics"), "at least one metric must be set");
}

function requireCommand({ runCommand = imageCommand }: Component, field: string): void {
  if (nodeArguments(runCommand)) return;
  throw wrong(
    `${field}.run_command`,
    `the embedded cloud runs Node programs alone, "node FILE", got "${runCommand}"`,
  );
}

/** The provider lets through what its own type has for "not set". */
function requireAlerts({ alerts = [] }: Component, field: string): void {
  for (const { rule, operator, window } of alerts) {
    const unset = [rule, operator, window].find((value) => value.startsWith("UNSPECIFIED_"));
    if (unset !== undefined) throw wrong(`${field}.alerts`, `${unset} is no value`);
  }
  const rules = alerts.map(({ rule }) => rule);
  const twice = rules.find((rule, index) => rules.indexOf(rule) !== index);
  if (twice !== undefined) throw wrong(`${field}.alerts`, `rule ${twice} is there twice`);
}

/**
 * The API's specification has them for liveness checks (app_health_check_spec.yml, 2026-08-07); for
 * the others none are published, and the same are taken.
 */
const checkRanges = {
  initialDelaySeconds: { name: "initial_delay_seconds", low: 0, high: 3_600 },
  periodSeconds: { name: "period_seconds", low: 1, high: 300 },
  timeoutSeconds: { name: "timeout_seconds", low: 1, high: 120 },
  successThreshold: { name: "success_threshold", low: 1, high: 50 },
  failureThreshold: { name: "failure_threshold", low: 1, high: 50 },
} as const;

function requireCheck(check: Component["healthCheck"], field: string, mostSuccesses = 50): void {
  if (!check) return;
  if ((check.successThreshold ?? 1) > mostSuccesses) {
    throw wrong(`${field}.success_threshold`, `must be 1, got ${check.successThreshold ?? ""}`);
  }
  for (const [key, { name, low, high }] of Object.entries(checkRanges)) {
    const value = check[key as keyof typeof checkRanges];
    if (value === undefined || (value >= low && value <= high)) continue;
    throw wrong(`${field}.${name}`, `must be between ${low} and ${high}, got ${value}`);
  }
  const { httpPath } = check;
  if (httpPath !== undefined && !httpPath.startsWith("/")) {
    throw wrong(`${field}.http_path`, `must begin with "/", got "${httpPath}"`);
  }
}
