import * as pulumi from "@pulumi/pulumi";
import type { AppBalancer } from "../components/compute/appBalancer";
import { EcsCluster } from "../components/compute/ecsCluster";
import { EcsService } from "../components/compute/ecsService";
import {
  EcsTask,
  type ContainerSpec,
  type ContainerVariables,
} from "../components/compute/ecsTask";
import { Migration } from "../components/compute/migration";
import { Registry } from "../components/compute/registry";
import { StoredSecret } from "../components/secrets/storedSecret";
import { isEcr, parseLargeImage } from "../settings/largeImage";
import { appName } from "../settings/names";
import type { LargeConfig } from "../settings/schema";
import { tiers } from "../tiers";
import {
  migrateVariables,
  rolesVariables,
  serviceVariables,
  webVariables,
  workerVariables,
  type LargeAppParts,
} from "./largeApp";

const tier = tiers.large;

/** Images that the registry keeps: as many releases back a deploy can go. */
const keptImages = 30;

/** How long a worker must have lived for its deploy to count. */
const workerLivesSeconds = 15;

/** How long a deploy waits for its migration, which goes on after that. */
const migrationSeconds = 840;

/** Where tasks run, and what must stand before them. */
export interface TaskPlace {
  readonly subnetIds: pulumi.Output<string>[];
  readonly securityGroupId: pulumi.Output<string>;
  readonly ready: readonly pulumi.Resource[];
  readonly opts: pulumi.ComponentResourceOptions;
}

/** The services of a stack, as alarms name them. */
export interface LargeServices {
  readonly clusterName: string;
  /** Answers users. */
  readonly web: EcsService;
}

type TaskSize = Pick<LargeConfig["worker"], "cpuUnits" | "memoryMib">;

/** The image as tasks pull it, and by which right. */
interface PulledImage {
  readonly image: pulumi.Input<string>;
  readonly repositoryArn: pulumi.Input<string> | undefined;
  readonly pullCredentialsArn: pulumi.Input<string> | undefined;
}

/**
 * The app on ECS: a registry, a migration that ends before any service changes, the service that
 * answers users, the workers, and whatever else of the same image is asked for.
 */
export function servicesOf(
  parts: LargeAppParts,
  place: TaskPlace,
  balancer: AppBalancer,
): LargeServices {
  const { stack, config } = parts;
  const { app, worker } = config;
  const stem = appName(stack);
  const { opts } = place;
  const cluster = new EcsCluster("cluster", { spec: { name: stem } }, opts);
  const pulled = pulledImage(parts, opts);

  const taskOf = (
    name: string,
    size: TaskSize,
    containers: readonly ContainerSpec[],
    environment: Readonly<Record<string, ContainerVariables>>,
  ): EcsTask =>
    new EcsTask(
      name,
      {
        ...pulled,
        region: config.region,
        environment,
        spec: {
          family: `${stem}-${name}`,
          cpuUnits: size.cpuUnits,
          memoryMib: size.memoryMib,
          containers,
          stopSeconds: app.stopSeconds,
          logRetentionDays: config.logs.retentionDays,
          exec: app.exec === "on" && name !== "migrate",
        },
      },
      opts,
    );

  const migration = new Migration(
    "migrate",
    {
      spec: {
        name: `${stem}-migrate`,
        timeoutSeconds: migrationSeconds,
        logRetentionDays: config.logs.retentionDays,
      },
      cluster,
      task: migrationTask(parts, taskOf),
      subnetIds: place.subnetIds,
      securityGroupIds: [place.securityGroupId],
    },
    { ...opts, dependsOn: [...place.ready] },
  );

  const serviceOf = (
    name: string,
    task: EcsTask,
    scale: Pick<LargeConfig["worker"], "minTasks" | "maxTasks">,
    behind?: AppBalancer,
  ): EcsService =>
    new EcsService(
      name,
      {
        cluster,
        task,
        subnetIds: place.subnetIds,
        securityGroupIds: [place.securityGroupId],
        balancer: behind,
        spec: {
          name: `${stem}-${name}`,
          kind: behind ? "service" : "worker",
          minTasks: scale.minTasks,
          maxTasks: scale.maxTasks,
          cpuPercent: app.cpuPercent,
          memoryPercent: app.memoryPercent,
          requestsPerTarget: behind && app.requestsPerTask,
          healthGraceSeconds: tier.web.healthGraceSeconds,
        },
      },
      // One migration for each release, before anything of it runs.
      { ...opts, dependsOn: [...migration.ready] },
    );

  const webTask = taskOf("web", app, [{ name: "web", port: tier.web.port }], {
    web: webVariables(parts),
  });
  const web = serviceOf("web", webTask, app, balancer);
  const background = [
    ...(worker.minTasks > 0
      ? [
          {
            ...worker,
            name: "worker",
            command: ["node", "dist/worker.js"],
            variables: workerVariables(parts, worker),
          },
        ]
      : []),
    ...config.services.map((one) => ({ ...one, variables: serviceVariables(parts, one) })),
  ];
  for (const { name, command, variables, ...spec } of background) {
    const container = { name, command, livesSeconds: workerLivesSeconds };
    serviceOf(name, taskOf(name, spec, [container], { [name]: variables }), spec);
  }
  return { clusterName: cluster.name, web };
}

/** The database's roles where they are ours to make, then its schema: one after the other. */
function migrationTask(
  parts: LargeAppParts,
  taskOf: (
    name: string,
    size: TaskSize,
    containers: readonly ContainerSpec[],
    environment: Readonly<Record<string, ContainerVariables>>,
  ) => EcsTask,
): EcsTask {
  const migrate: ContainerSpec = { name: "migrate", command: ["node", "dist/migrate.js"] };
  const variables = { migrate: migrateVariables(parts) };
  if (parts.postgres.adminUrl === undefined) {
    return taskOf("migrate", tier.worker, [migrate], variables);
  }
  return taskOf(
    "migrate",
    tier.worker,
    [
      { name: "roles", command: ["node", "dist/roles.js"], essential: false },
      { ...migrate, after: "roles" },
    ],
    { roles: rolesVariables(parts), ...variables },
  );
}

/** The image of the configuration, in the stack's own registry or in another. */
function pulledImage(
  { stack, config }: LargeAppParts,
  opts: pulumi.ComponentResourceOptions,
): PulledImage {
  const image = parseLargeImage(config.image);
  // There before the first image is, so that one can be pushed.
  const registry = new Registry(
    "registry",
    {
      spec: {
        name: appName(stack),
        keepImages: keptImages,
        protect: config.protection === "on",
      },
    },
    opts,
  );
  if (image.name === undefined) {
    return {
      image: pulumi.interpolate`${registry.repositoryUrl}@${image.digest}`,
      repositoryArn: registry.repositoryArn,
      pullCredentialsArn: undefined,
    };
  }
  return {
    image: config.image,
    repositoryArn: isEcr(image) ? ecrArn(image.name) : undefined,
    pullCredentialsArn: pullCredentials(stack, config, opts)?.arn,
  };
}

/** ARN of a repository by its host, which names the account and the region. */
function ecrArn(name: string): string {
  const [host = "", ...path] = name.split("/");
  const [account = "", , , region = ""] = host.split(".");
  return `arn:aws:ecr:${region}:${account}:repository/${path.join("/")}`;
}

function pullCredentials(
  stack: string,
  { registryCredentials, protection }: LargeConfig,
  opts: pulumi.ComponentResourceOptions,
): StoredSecret | undefined {
  if (registryCredentials === undefined) return undefined;
  const [username = "", ...password] = registryCredentials.split(":");
  return new StoredSecret(
    "registry-credentials",
    {
      spec: {
        name: `${appName(stack)}-registry-credentials`,
        description: "Who may read the app's image",
        recoveryDays: protection === "on" ? 7 : 0,
      },
      value: JSON.stringify({ username, password: password.join(":") }),
    },
    opts,
  );
}
