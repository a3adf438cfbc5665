import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import type { ImageReference } from "../../settings/image";
import { appAlerts, componentAlerts, type AppAlertsArgs } from "../alarms/appAlerts";
import {
  appServiceTarget,
  appWorkerTarget,
  webComponent,
  workerComponent,
} from "../alarms/appSignals";
import type { AlarmTarget } from "../alarms/types";
import { withOverride, type Override } from "../overrides";
import {
  credentialsName,
  sealedBy,
  toSend,
  variableName,
  type SealedSecrets,
  type SealScope,
} from "./appSecrets";

export interface AppPlatformSpec {
  /** Name of the app, unique in the account: lower case, at most 32 characters. */
  readonly name: string;
  readonly stack: string;
  /** App Platform's own slug, e.g. "fra". */
  readonly region: string;
  /** By digest, so that what runs is what was reviewed. */
  readonly image: ImageReference;
  /** Host that the platform itself serves; undefined: its own name alone, or a CDN in front. */
  readonly domain?: string | undefined;
  readonly web: {
    /** Instance size slug with autoscaling, e.g. "apps-d-1vcpu-2gb". */
    readonly size: string;
    readonly memoryGib: number;
    /** Of one instance; its one process can use one of them. */
    readonly vcpus: number;
    readonly minInstances: number;
    readonly maxInstances: number;
    /** Average CPU that autoscaling aims at, 1-100. */
    readonly cpuPercent: number;
    readonly port: number;
    /** Path that answers 200 while the process lives. */
    readonly livePath: string;
    /** Path that answers 200 while it can serve: with its database, and not about to end. */
    readonly readyPath: string;
    /** From the choice of an instance to end until it is told; new requests go elsewhere. 1-110. */
    readonly drainSeconds: number;
    /** From then until it is killed. 1-600. */
    readonly graceSeconds: number;
  };
  readonly worker:
    | {
        readonly size: string;
        readonly memoryGib: number;
        readonly instances: number;
        readonly graceSeconds: number;
      }
    | undefined;
  /** Raised to send every secret to the platform anew. */
  readonly secretsRevision: number;
  /** Size of the job that migrates the database before each deploy. */
  readonly migrateSize: string;
}

/** Variables of one component. Secrets are encrypted by the platform. */
export interface AppVariables {
  readonly plain: Readonly<Record<string, pulumi.Input<string> | undefined>>;
  readonly secret: Readonly<Record<string, pulumi.Input<string> | undefined>>;
}

export interface AppPlatformArgs {
  readonly spec: AppPlatformSpec;
  readonly vpcId: pulumi.Input<string>;
  readonly environment: Readonly<Record<"web" | "worker" | "migrate", AppVariables>>;
  /** Secret "user:token" for a private image. */
  readonly registryCredentials?: pulumi.Input<string> | undefined;
  /** What the platform told of the secrets after the last deploy; nothing before the first. */
  readonly sealed: SealedSecrets;
  readonly alerts: AppAlertsArgs;
  readonly overrides?: { readonly app?: Override<digitalocean.AppArgs> };
}

const migrateComponent = "migrate";

/** Alarm targets of such an app: known before it is composed, because its alerts are a part of it. */
export function appTargets({ stack, web, worker }: AppPlatformSpec): readonly AlarmTarget[] {
  const bytes = (gib: number): number => gib * 1_024 ** 3;
  return [
    appServiceTarget({ stack, memoryBytes: bytes(web.memoryGib) }, web),
    ...(worker ? [appWorkerTarget({ stack, memoryBytes: bytes(worker.memoryGib) })] : []),
  ];
}

/**
 * The app's containers on DigitalOcean App Platform: a service that scales by CPU, a worker, and a
 * migration before each deploy. A failing migration or instances that do not get healthy leave the
 * deploy before them serving.
 */
export class AppPlatform extends pulumi.ComponentResource {
  /** As the platform's API and `doctl apps` want it. */
  readonly appId: pulumi.Output<string>;
  /** Host name that the platform gives; public, whatever stands in front. */
  readonly ingressHost: pulumi.Output<string>;
  readonly ingressUrl: pulumi.Output<string>;
  /** Secret: for the next deploy's `sealed`. */
  readonly sealed: pulumi.Output<SealedSecrets>;

  constructor(name: string, args: AppPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:compute:AppPlatform", name, {}, opts);
    const app = new digitalocean.App(
      `${name}-app`,
      withOverride<digitalocean.AppArgs>({ spec: specOf(args) }, args.overrides?.app),
      {
        parent: this,
        dependsOn: opts?.dependsOn,
        // Autoscaling decides: a deploy must not take instances away.
        ignoreChanges: ["spec.services[0].instanceCount"],
        // Pulling an image, migrating, starting all instances beside the old ones.
        customTimeouts: { create: "30m", update: "30m" },
      },
    );
    this.appId = app.id;
    this.ingressUrl = app.defaultIngress;
    this.ingressHost = app.defaultIngress.apply((url) => new URL(url).hostname);
    this.sealed = sealedBy(secretsOf(args), app.spec, scopeOf(args.spec));
    this.registerOutputs({ ingressUrl: this.ingressUrl });
  }
}

/** With another name or region, all are sent anew: nobody promises that what was sealed still opens. */
const scopeOf = ({ name, region, secretsRevision }: AppPlatformSpec): SealScope => ({
  app: `${region}/${name}`,
  revision: secretsRevision,
});

/** Every secret of the app by its name; see `appSecrets`. */
function secretsOf(args: AppPlatformArgs): Record<string, pulumi.Input<string>> {
  const { registryCredentials } = args;
  return Object.fromEntries(
    componentsOf(args).flatMap((component) => [
      ...(registryCredentials === undefined
        ? []
        : [[credentialsName(component), registryCredentials] as const]),
      ...given(args.environment[component].secret).map(
        ([key, value]) => [variableName(component, key), value] as const,
      ),
    ]),
  );
}

function componentsOf({ spec }: AppPlatformArgs): readonly ("web" | "worker" | "migrate")[] {
  return [webComponent, ...(spec.worker ? ([workerComponent] as const) : []), migrateComponent];
}

function specOf(args: AppPlatformArgs): digitalocean.types.input.AppSpec {
  const { spec, alerts } = args;
  const { web, worker } = spec;
  return {
    name: spec.name,
    region: spec.region,
    vpcs: [{ id: args.vpcId }],
    services: [
      {
        ...commonOf(args, webComponent),
        instanceSizeSlug: web.size,
        httpPort: web.port,
        autoscaling: {
          minInstanceCount: web.minInstances,
          maxInstanceCount: web.maxInstances,
          metrics: { cpu: { percent: web.cpuPercent } },
        },
        // Before an instance gets requests, and while it does. A database that fails over is away
        // for less than the 90 seconds that this waits: no instance is taken out for it.
        healthCheck: {
          httpPath: web.readyPath,
          initialDelaySeconds: 5,
          periodSeconds: 10,
          timeoutSeconds: 3,
          successThreshold: 1,
          failureThreshold: 9,
        },
        // One that answers nothing for a minute is started anew.
        livenessHealthCheck: {
          httpPath: web.livePath,
          initialDelaySeconds: 30,
          periodSeconds: 10,
          timeoutSeconds: 5,
          successThreshold: 1,
          failureThreshold: 6,
        },
        termination: { drainSeconds: web.drainSeconds, gracePeriodSeconds: web.graceSeconds },
        alerts: componentAlerts(alerts, webComponent),
      },
    ],
    ...(worker && {
      workers: [
        {
          ...commonOf(args, workerComponent),
          instanceSizeSlug: worker.size,
          instanceCount: worker.instances,
          runCommand: "node dist/worker.js",
          termination: { gracePeriodSeconds: worker.graceSeconds },
          alerts: componentAlerts(alerts, workerComponent),
        },
      ],
    }),
    jobs: [
      {
        ...commonOf(args, migrateComponent),
        kind: "PRE_DEPLOY",
        instanceSizeSlug: spec.migrateSize,
        instanceCount: 1,
        runCommand: "node dist/migrate.js",
      },
    ],
    alerts: appAlerts(alerts),
    // The platform would write it in by itself, and the next preview would show a change.
    ingress: {
      rules: [{ component: { name: webComponent }, match: { path: { prefix: "/" } } }],
    },
    ...(spec.domain !== undefined && { domainNames: [{ name: spec.domain, type: "PRIMARY" }] }),
  };
}

/** Name, image and variables of a component. */
function commonOf(args: AppPlatformArgs, component: "web" | "worker" | "migrate") {
  const { spec, sealed, registryCredentials, environment } = args;
  const scope = scopeOf(spec);
  return {
    name: component,
    image: {
      ...spec.image,
      ...(registryCredentials !== undefined && {
        registryCredentials: toSend(credentialsName(component), registryCredentials, sealed, scope),
      }),
    },
    envs: envsOf(environment[component], (key, value) =>
      toSend(variableName(component, key), value, sealed, scope),
    ),
  };
}

/** Ordered by key: in any other order than the platform's each preview would show a change. */
function envsOf(
  { plain, secret }: AppVariables,
  send: (key: string, value: pulumi.Input<string>) => pulumi.Input<string>,
): digitalocean.types.input.AppSpecServiceEnv[] {
  const env = (key: string, value: pulumi.Input<string>, type: "GENERAL" | "SECRET") => ({
    key,
    value,
    scope: "RUN_TIME",
    type,
  });
  return [
    ...given(plain).map(([key, value]) => env(key, value, "GENERAL")),
    ...given(secret).map(([key, value]) => env(key, send(key, value), "SECRET")),
  ].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function given(
  record: AppVariables["plain"],
): readonly (readonly [string, pulumi.Input<string>])[] {
  return Object.entries(record).filter(
    (entry): entry is [string, pulumi.Input<string>] => entry[1] !== undefined,
  );
}
