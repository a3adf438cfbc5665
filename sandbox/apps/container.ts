import type { Program } from "../services/processRun";
import { containerEnvironment, onThisMachine, type PrivateRoute } from "./environment";
import { imageCommand, referenceOf, type ImageRegistry, type LocalImage } from "./images";
import { nodeArguments } from "./runCommand";
import { domainsOf, type AppComponent, type AppSpec } from "./spec";

/** Port that a container listens on, and the one that it has on this machine. */
export interface ContainerPort {
  readonly container: number;
  readonly local: number;
}

/** What a component of a deployment runs, the same for each of its instances. */
export interface ContainerArgs {
  readonly component: Pick<AppComponent, "name" | "runCommand">;
  readonly image: LocalImage;
  /** As it was wired. */
  readonly environment: Readonly<Record<string, string>>;
  readonly vpcIds: readonly string[];
  readonly route: PrivateRoute;
  /** PEM of the authority that stands for the public ones. */
  readonly authorityFile: string;
  /** See `writeGuard`. */
  readonly guard: string;
}

/** What a component of a spec runs in. */
export function containerOf(
  app: Pick<ContainerArgs, "route" | "authorityFile" | "guard"> & {
    readonly registry: Pick<ImageRegistry, "find">;
    readonly id: string;
    /** Name that the platform gave it. */
    readonly host: string;
  },
  spec: AppSpec,
  component: AppComponent,
): ContainerArgs {
  const { registry, id, host, route, authorityFile, guard } = app;
  const image = registry.find(component.image);
  if (!image) throw new Error(`${referenceOf(component.image)} is in no registry any more`);
  const { name: domain = host } = domainsOf(spec).find(({ isPrimary }) => isPrimary) ?? {};
  const bindable = { APP_ID: id, APP_DOMAIN: domain, APP_URL: `https://${domain}` };
  return {
    ...{ component, image, route, authorityFile, guard },
    environment: containerEnvironment(image, spec, component, bindable),
    vpcIds: (spec.vpcs ?? []).map((vpc) => vpc.id),
  };
}

/** A container as a process of this machine. */
export interface LocalProgram {
  readonly program: Pick<Program, "command" | "args" | "env" | "cwd">;
  /** What in its environment is not as it was wired. */
  readonly translated: readonly string[];
}

/** @param port Absent: it listens on none. */
export function programOf(args: ContainerArgs, port?: ContainerPort): LocalProgram {
  const { component, image, environment: wired, vpcIds, route, authorityFile, guard } = args;
  const { runCommand = imageCommand, name } = component;
  const given = nodeArguments(runCommand);
  if (!given) throw new Error(`${name}: "${runCommand}" is no Node program`);
  const { environment, translated } = onThisMachine(wired, {
    ...(port && { port }),
    authorityFile,
    route: (address, wanted) => route(vpcIds, address, wanted),
  });
  return {
    program: {
      command: process.execPath,
      args: ["--require", guard, ...given],
      env: environment,
      cwd: image.directory,
    },
    translated,
  };
}
