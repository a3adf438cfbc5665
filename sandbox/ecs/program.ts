import { X509Certificate } from "node:crypto";
import { imageCommand } from "../apps/images";
import { onThisMachine, type LocalEnvironment } from "../apps/environment";
import type { ContainerPort } from "../apps/container";
import { nodeArguments } from "../apps/runCommand";
import type { Program } from "../services/processRun";
import type { Fetched } from "./access";
import type { ContainerDefinition, TaskSpec } from "../containers/taskSpec";

interface Place {
  readonly port: ContainerPort | undefined;
  /** File and PEM of the authority that stands for the public ones. */
  readonly authorityFile: string;
  readonly authorityPem: string;
  /** See `writeGuard`. */
  readonly guard: string;
}

/** A container as a process of this machine; undefined where its command is no Node program. */
export function programOf(
  task: TaskSpec,
  container: ContainerDefinition,
  fetched: Fetched,
  place: Place,
):
  | {
      readonly program: Pick<Program, "command" | "args" | "env" | "cwd">;
      readonly translated: readonly string[];
    }
  | undefined {
  const { entryPoint = [], command } = container;
  const whole = [...entryPoint, ...(command ?? [])];
  const args = nodeArguments(whole.length > 0 ? whole : imageCommand);
  if (!args) return undefined;
  const { environment, translated } = environmentOf(task, container, fetched, place);
  return {
    program: {
      command: process.execPath,
      args: ["--require", place.guard, ...args],
      env: environment,
      cwd: fetched.image.directory,
    },
    translated,
  };
}

/** The image's variables, the container's, its secrets, and what Fargate adds. */
function environmentOf(
  task: TaskSpec,
  { environment = [] }: ContainerDefinition,
  { image, secrets }: Fetched,
  { port, authorityFile, authorityPem }: Place,
): LocalEnvironment {
  const wired = {
    ...image.environment,
    ...{ AWS_REGION: task.region, AWS_DEFAULT_REGION: task.region },
    AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
    ...Object.fromEntries(environment.map(({ name, value }) => [name, value])),
    ...secrets,
  };
  const replaced: string[] = [];
  const trusted = Object.fromEntries(
    Object.entries(wired).map(([name, value]) => {
      if (!isDatabaseAuthority(value)) return [name, value];
      replaced.push(`${name} is the sandbox's authority, in the place of Amazon RDS's`);
      return [name, authorityPem];
    }),
  );
  // Private addresses of this network lead nowhere: what is behind names has a loopback port each.
  const local = onThisMachine(trusted, {
    ...(port && { port }),
    ...{ authorityFile, route: () => "no-such-address" },
  });
  return { ...local, translated: [...replaced, ...local.translated] };
}

/** Whether a value is the certificate of one of Amazon RDS's authorities. */
function isDatabaseAuthority(value: string): boolean {
  if (!value.includes("-----BEGIN CERTIFICATE-----")) return false;
  try {
    return /CN=Amazon RDS .* Root CA/.test(new X509Certificate(value).subject);
  } catch {
    return false;
  }
}
