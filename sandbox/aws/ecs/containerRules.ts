import { fargateLimits } from "../../../prices/aws";
import type { Values } from "../../cloud/kind";
import { isEssential, type ContainerDefinition } from "../../containers/taskSpec";
import { AwsError } from "../refusal";
import { secretNameOf } from "../secrets";

const wrong = (message: string): AwsError => new AwsError("ClientException", message);

/** What ECS refuses of a task's containers on Fargate. */
export function requireContainers(containers: readonly ContainerDefinition[], task: Values): void {
  const names = containers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw wrong(`Container.name contains duplicate name ${twice}.`);
  if (!containers.some(isEssential)) {
    throw wrong(
      "Invalid 'containerDefinitions': a task definition must have at least one essential container.",
    );
  }
  for (const container of containers) {
    requireVariables(container, task);
    requirePorts(container);
    requireLog(container, task);
    requireTimes(container);
    requireOrder(container, containers);
  }
  requireNoCircle(containers);
}

function requireVariables(
  { name, environment = [], secrets = [], repositoryCredentials }: ContainerDefinition,
  { executionRoleArn }: Values,
): void {
  const plain = environment.map((one) => one.name);
  const hidden = secrets.map((one) => one.name);
  const shared = hidden.find((one, index) => plain.includes(one) || hidden.indexOf(one) !== index);
  if (shared !== undefined) {
    throw wrong(
      `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${shared}'.`,
    );
  }
  const needsRole = secrets.length > 0 || repositoryCredentials !== undefined;
  if (needsRole && executionRoleArn === undefined) {
    throw wrong(
      "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    );
  }
  for (const { name: variable, valueFrom } of secrets) {
    if (secretNameOf(valueFrom) === undefined) {
      throw wrong(
        `${name}: the secret of ${variable} is no ARN of Secrets Manager (the embedded cloud has no parameter store)`,
      );
    }
  }
}

function requirePorts({ portMappings = [] }: ContainerDefinition): void {
  for (const { containerPort, hostPort } of portMappings) {
    if (hostPort === undefined || hostPort === 0 || hostPort === containerPort) continue;
    throw wrong(
      "When networkMode=awsvpc, the host ports and container ports in port mappings must match.",
    );
  }
}

function requireLog({ logConfiguration }: ContainerDefinition, { executionRoleArn }: Values): void {
  if (!logConfiguration) return;
  const { logDriver, options = {} } = logConfiguration;
  const drivers: readonly string[] = fargateLimits.logDrivers;
  if (!drivers.includes(logDriver)) {
    throw wrong(
      `Invalid setting for container log configuration: log driver ${logDriver} is none of ${drivers.join(", ")}, which Fargate has.`,
    );
  }
  if (logDriver !== "awslogs") return;
  if (executionRoleArn === undefined) {
    throw wrong(
      "Fargate requires task definition to have execution role ARN to support log driver awslogs.",
    );
  }
  for (const option of ["awslogs-group", "awslogs-region", "awslogs-stream-prefix"]) {
    if (options[option] !== undefined) continue;
    throw wrong(
      `Log driver awslogs requires options: awslogs-region, awslogs-group, awslogs-stream-prefix (${option} is missing)`,
    );
  }
  const { mode = "non-blocking" } = options;
  if (mode !== "blocking" && mode !== "non-blocking") {
    throw wrong(`Log driver awslogs does not take mode ${mode}: blocking or non-blocking`);
  }
}

function requireTimes({ name, startTimeout, stopTimeout }: ContainerDefinition): void {
  const { low, high } = fargateLimits.stopTimeoutSeconds;
  for (const [field, value] of Object.entries({ startTimeout, stopTimeout })) {
    if (value === undefined || (value >= low && value <= high)) continue;
    throw wrong(
      `Invalid '${field}' of container ${name}: ${low} to ${high} seconds on Fargate, got ${value}`,
    );
  }
}

function requireOrder(
  { name, dependsOn = [] }: ContainerDefinition,
  all: readonly ContainerDefinition[],
): void {
  for (const { containerName, condition } of dependsOn) {
    const other = all.find((one) => one.name === containerName);
    if (!other || containerName === name) {
      throw wrong(
        `Invalid 'dependsOn' of container ${name}: there is no other container ${containerName}.`,
      );
    }
    if ((condition === "COMPLETE" || condition === "SUCCESS") && isEssential(other)) {
      throw wrong(
        `Invalid 'dependsOn' of container ${name}: ${containerName} is essential, so that nothing can wait for its end (${condition}).`,
      );
    }
    if (condition === "HEALTHY" && !other.healthCheck) {
      throw wrong(
        `Invalid 'dependsOn' of container ${name}: ${containerName} has no health check for the condition HEALTHY.`,
      );
    }
  }
}

function requireNoCircle(all: readonly ContainerDefinition[]): void {
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    if (way.includes(name)) {
      throw wrong(
        `Invalid 'dependsOn': the containers ${[...way, name].join(" → ")} wait for one another.`,
      );
    }
    if (done.has(name)) return;
    const container = all.find((one) => one.name === name);
    for (const { containerName } of container?.dependsOn ?? [])
      visit(containerName, [...way, name]);
    done.add(name);
  };
  for (const { name } of all) visit(name, []);
}
