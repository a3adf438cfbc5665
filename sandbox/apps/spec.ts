/*
 * An app's spec as far as the embedded App Platform acts on it, in the shape of Pulumi's inputs. The
 * whole table, with what is only recorded, is the type's in sandbox/digitalocean.
 */

export interface AppEnv {
  readonly key: string;
  readonly value?: string;
  /** @default "RUN_AND_BUILD_TIME" */
  readonly scope?: string;
  /** @default "GENERAL" */
  readonly type?: string;
}

export interface AppImage {
  readonly registryType: string;
  readonly registry?: string;
  readonly repository: string;
  readonly digest?: string;
  readonly tag?: string;
  /** Who may pull it: `user:token`. */
  readonly registryCredentials?: string;
}

/** Times are seconds. */
export interface AppHealthCheck {
  /** @default a connection counts */
  readonly httpPath?: string;
  /** @default the component's own */
  readonly port?: number;
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
}

export interface AppAutoscaling {
  readonly minInstanceCount: number;
  readonly maxInstanceCount: number;
  readonly metrics: { readonly cpu?: { readonly percent: number } };
}

/** What services, workers and jobs have in common. */
export interface AppComponent {
  readonly name: string;
  readonly image: AppImage;
  /** @default the image's own */
  readonly runCommand?: string;
  readonly instanceSizeSlug?: string;
  readonly envs?: readonly AppEnv[];
  readonly termination?: { readonly drainSeconds?: number; readonly gracePeriodSeconds?: number };
}

export interface AppWorker extends AppComponent {
  readonly instanceCount?: number;
  readonly autoscaling?: AppAutoscaling;
  readonly livenessHealthCheck?: AppHealthCheck;
}

export interface AppService extends AppWorker {
  readonly httpPort?: number;
  readonly healthCheck?: AppHealthCheck;
  readonly routes?: readonly { readonly path?: string; readonly preservePathPrefix?: boolean }[];
}

export interface AppJob extends AppComponent {
  /** @default "UNSPECIFIED", which counts as POST_DEPLOY */
  readonly kind?: string;
}

export interface AppIngressRule {
  readonly match?: {
    readonly path?: { readonly prefix?: string };
    readonly authority?: { readonly exact?: string };
  };
  readonly component?: {
    readonly name?: string;
    readonly preservePathPrefix?: boolean;
    readonly rewrite?: string;
  };
  readonly redirect?: {
    readonly uri?: string;
    readonly authority?: string;
    readonly port?: number;
    readonly scheme?: string;
    readonly redirectCode?: number;
  };
}

export interface AppSpec {
  readonly name: string;
  readonly region?: string;
  readonly vpcs?: readonly { readonly id: string }[];
  readonly domainNames?: readonly {
    readonly name: string;
    readonly type?: string;
    readonly wildcard?: boolean;
  }[];
  /** Deprecated, and the same. */
  readonly domains?: readonly string[];
  readonly envs?: readonly AppEnv[];
  readonly services?: readonly AppService[];
  readonly workers?: readonly AppWorker[];
  readonly jobs?: readonly AppJob[];
  readonly ingress?: { readonly rules?: readonly AppIngressRule[] };
}

/** What the platform takes where a component names no port. */
export const defaultHttpPort = 8080;

/**
 * What the platform takes where a check says nothing. Readiness: its staff's answer in the community's
 * forum (no date); liveness: the API's specification, app_health_check_spec.yml (2026-08-07).
 */
export const checkDefaults = {
  readiness: {
    initialDelaySeconds: 0,
    periodSeconds: 10,
    timeoutSeconds: 1,
    successThreshold: 1,
    failureThreshold: 9,
  },
  liveness: {
    initialDelaySeconds: 5,
    periodSeconds: 10,
    timeoutSeconds: 1,
    successThreshold: 1,
    failureThreshold: 18,
  },
} as const;

/** Names that lead to an app beside the one that the platform gives. */
export function domainsOf({ domainNames = [], domains = [] }: AppSpec): readonly {
  readonly name: string;
  readonly isPrimary: boolean;
  readonly wildcard: boolean;
}[] {
  return [
    ...domainNames.map(({ name, type, wildcard = false }) => ({
      ...{ name, wildcard },
      isPrimary: type === "PRIMARY",
    })),
    ...domains.map((name) => ({ name, isPrimary: false, wildcard: false })),
  ];
}

/** Instances that a component has at least, at most, and without anything said. */
export function countsOf({ instanceCount = 1, autoscaling }: AppWorker): {
  readonly least: number;
  readonly most: number;
} {
  return autoscaling
    ? { least: autoscaling.minInstanceCount, most: autoscaling.maxInstanceCount }
    : { least: instanceCount, most: instanceCount };
}
