import * as pulumi from "@pulumi/pulumi";
import { fargateLimits } from "../../prices/aws";
import type { SecretReference } from "../secrets/storedSecret";

export interface ContainerSpec {
  readonly name: string;
  /** In place of the image's own command. */
  readonly command?: readonly string[];
  /** Port that it listens on. */
  readonly port?: number;
  /** Whether the task ends when this container does. @default true */
  readonly essential?: boolean;
  /**
   * Seconds that it must have lived to count as healthy, 5-300. For what listens to nothing: without
   * it a deploy of a program that ends at once would succeed. @default no such check
   */
  readonly livesSeconds?: number;
  /** Container that must have ended with exit code 0 before this one starts. */
  readonly after?: string;
}

/** Variables of one container; undefined ones are left out. */
export interface ContainerVariables {
  /** Shown to everybody who may read the task's definition. */
  readonly plain: Readonly<Record<string, pulumi.Input<string> | undefined>>;
  /** Fetched by ECS when the task starts; the definition has their ARNs alone. */
  readonly secret: Readonly<Record<string, SecretReference | undefined>>;
}

export interface ContainersArgs {
  readonly containers: readonly ContainerSpec[];
  readonly environment: Readonly<Record<string, ContainerVariables>>;
  readonly image: pulumi.Input<string>;
  /** Secret with `{"username","password"}` of a private registry that is not AWS's own. */
  readonly pullCredentialsArn?: pulumi.Input<string> | undefined;
  /** Seconds between SIGTERM and SIGKILL, 2-120. */
  readonly stopSeconds: number;
  readonly readOnlyRoot: boolean;
  readonly log: { readonly group: pulumi.Input<string>; readonly region: string };
}

/** What is wrong with a task's containers, in words. */
export function containerProblems({
  containers,
  stopSeconds,
}: Pick<ContainersArgs, "containers" | "stopSeconds">): readonly string[] {
  const { low, high } = fargateLimits.stopTimeoutSeconds;
  const names = containers.map(({ name }) => name);
  return [
    ...(stopSeconds < low || stopSeconds > high
      ? [`spec.stopSeconds must be ${low}..${high}, got ${stopSeconds}`]
      : []),
    ...(new Set(names).size < names.length ? ["two containers have the same name"] : []),
    ...(containers.some(isEssential) ? [] : ["no container is essential"]),
    ...containers.flatMap(({ name, after }) => afterProblem(containers, name, after)),
  ];
}

function afterProblem(
  containers: readonly ContainerSpec[],
  name: string,
  after: string | undefined,
): readonly string[] {
  if (after === undefined) return [];
  const first = containers.find((one) => one.name === after);
  if (!first || after === name) return [`${name} waits for ${after}, which is no other container`];
  // The task would end with it, before the one that waits has started; ECS refuses it.
  return isEssential(first) ? [`${name} waits for the end of ${after}, which is essential`] : [];
}

const isEssential = ({ essential = true }: ContainerSpec): boolean => essential;

/** Containers of a task as ECS wants them, in JSON. */
export function containerDefinitions(args: ContainersArgs): pulumi.Output<string> {
  const definitions = args.containers.map((container) => definitionOf(container, args));
  const checked = strayedSecrets(args.environment).then((names) => {
    if (names.length === 0) return;
    throw new pulumi.RunError(`${names.join(", ")}: a secret among plain variables`);
  });
  return pulumi.all([pulumi.jsonStringify(definitions), checked]).apply(([json]) => json);
}

function definitionOf(container: ContainerSpec, args: ContainersArgs) {
  const { name, command, port, after } = container;
  const { plain, secret } = args.environment[name] ?? { plain: {}, secret: {} };
  return {
    name,
    image: args.image,
    essential: isEssential(container),
    ...(command && { command }),
    ...(port !== undefined && {
      portMappings: [{ containerPort: port, hostPort: port, protocol: "tcp" }],
    }),
    ...(after !== undefined && { dependsOn: [{ containerName: after, condition: "SUCCESS" }] }),
    // How long others wait for its end; without it, three minutes.
    ...(args.containers.some((one) => one.after === name) && {
      startTimeout: fargateLimits.stopTimeoutSeconds.high,
    }),
    // It says nothing but that the container is still there when it is first asked.
    ...(container.livesSeconds !== undefined && {
      healthCheck: {
        command: ["CMD-SHELL", "exit 0"],
        interval: container.livesSeconds,
        timeout: 5,
        retries: 3,
      },
    }),
    environment: given(plain).map(([key, value]) => ({ name: key, value })),
    secrets: given(secret).map(([key, value]) => ({ name: key, valueFrom: referenceOf(value) })),
    ...(args.pullCredentialsArn !== undefined && {
      repositoryCredentials: { credentialsParameter: args.pullCredentialsArn },
    }),
    readonlyRootFilesystem: args.readOnlyRoot,
    // Something that reaps what a session of a person leaves behind, and hands SIGTERM on.
    linuxParameters: { initProcessEnabled: true },
    stopTimeout: args.stopSeconds,
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": args.log.group,
        "awslogs-region": args.log.region,
        "awslogs-stream-prefix": logStreamPrefix,
        // A log that cannot be sent must not stop the app: what does not fit is lost.
        mode: "non-blocking",
        "max-buffer-size": "25m",
      },
    },
  };
}

/** A stream is named `<prefix>/<container>/<task id>`. */
export const logStreamPrefix = "task";

/** The value that it had at the deploy, and no later one. */
function referenceOf({ arn, versionId }: SecretReference): pulumi.Output<string> {
  return pulumi.interpolate`${arn}:::${versionId}`;
}

/** Variables that everybody may read though they are secrets, as "<container>: <name>". */
export async function strayedSecrets(
  environment: ContainersArgs["environment"],
): Promise<readonly string[]> {
  const found = Object.entries(environment).flatMap(([container, { plain }]) =>
    given(plain).map(async ([key, value]) =>
      (await pulumi.isSecret(pulumi.output(value))) ? [`${container}: ${key}`] : [],
    ),
  );
  return (await Promise.all(found)).flat();
}

/** Ordered by name, as the provider keeps them. */
function given<V>(
  record: Readonly<Record<string, V | undefined>>,
): readonly (readonly [string, V])[] {
  return Object.entries(record)
    .filter((entry): entry is [string, V] => entry[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** ARNs of every secret that ECS has to read before the task starts. */
export function secretArns({
  environment,
  pullCredentialsArn,
}: Pick<ContainersArgs, "environment" | "pullCredentialsArn">): readonly pulumi.Input<string>[] {
  const used = Object.values(environment).flatMap(({ secret }) =>
    given(secret).map(([, { arn }]) => arn),
  );
  return [...new Set([...used, ...(pullCredentialsArn === undefined ? [] : [pullCredentialsArn])])];
}
