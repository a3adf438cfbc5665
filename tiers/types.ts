/** The three sizes of a deployment, smallest first. */
export const tierNames = ["small", "medium", "large"] as const;
export type TierName = (typeof tierNames)[number];

/** What a stack may be: one of the tiers, or the `edge` stack that owns a zone's public face. */
export const stackKinds = [...tierNames, "edge"] as const;
export type StackKind = (typeof stackKinds)[number];

/** An inclusive range; the unit stands in the name of the field that holds it. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A tier's own categories of cost: the four lines of the document's cost breakdown. Caches count as database. */
export const costCategories = ["compute", "database", "cdn", "monitoring"] as const;
export type CostCategory = (typeof costCategories)[number];

/** A month of traffic, from which usage costs are estimated. Not a limit. */
export interface MonthlyLoad {
  readonly requestsMillions: number;
  readonly egressGb: number;
  /** Logical dumps and other objects that the backup bucket holds. */
  readonly backupStorageGib: number;
}

/** What the scaling document promises and expects of a tier. */
export interface TierNumbers {
  readonly users: Range;
  readonly concurrentUsers: Range;
  readonly monthlyLoad: MonthlyLoad;
  /** USD a month, by line of the document's cost breakdown. */
  readonly costUsdByCategory: Readonly<Record<CostCategory, Range>>;
  /** USD a month: the breakdown's own total. */
  readonly costUsdTotal: Range;
  /** USD a month: the cost in the headline of the deployment option (lower than the breakdown). */
  readonly costUsdHeadline: Range;
  /** USD a month that the default configuration should stay within; reported, never met by removing availability. */
  readonly costUsdTarget: number;
}

/** Where each of a tier's numbers comes from; the type makes an unsourced number a compile error. */
export type TierSources = Readonly<Record<keyof TierNumbers, string>>;

/** The server of the small tier: what a size must offer, and what runs on it. */
export interface VpsRequirements {
  readonly vcpus: Range;
  readonly memoryGib: Range;
  readonly minDiskGib: number;
  readonly defaultSize: string;
  readonly image: string;
}

/** How many database connections the tier's own jobs hold beside the app's pools. */
export interface ReservedConnections {
  readonly migrate: number;
  readonly exporter: number;
  readonly dump: number;
  readonly promoter: number;
}

/** The nightly logical dump. */
export interface BackupSpec {
  readonly dumpRetentionDays: number;
  /** Hour of the nightly logical dump, UTC. */
  readonly dumpHourUtc: number;
  readonly maxAgeHours: number;
}

export interface SmallTierSpec {
  readonly kind: "small";
  readonly numbers: TierNumbers;
  readonly sources: TierSources;
  readonly vps: VpsRequirements;
  readonly app: {
    /** Port that the Express server listens on. */
    readonly port: number;
    /** Database connections each process may open. */
    readonly poolPerProcess: number;
    /** Extra processes alive while PM2 reloads one after the other. */
    readonly surgeProcesses: number;
  };
  readonly postgres: {
    readonly major: number;
    readonly defaultSize: string;
    readonly nodeCount: number;
    readonly reservedConnections: ReservedConnections;
    /** Share of the database's connections that everything together may use, in percent. */
    readonly maxConnectionSharePercent: number;
  };
  readonly redis: {
    /** Memory for cached data when Redis runs on the server. */
    readonly hostMaxMemoryMib: number;
    readonly defaultManagedSize: string;
  };
  readonly backups: BackupSpec;
  readonly defaultRegion: string;
  readonly vpcCidr: string;
}

/** What the middle tier runs on App Platform, its databases, and the droplet that watches them. */
export interface MediumTierSpec {
  readonly kind: "medium";
  /** USD a month that the default configuration with a read replica should stay within. */
  readonly costUsdTargetWithReplicas: number;
  readonly numbers: TierNumbers;
  readonly sources: TierSources;
  readonly app: {
    /** Port that the Express server listens on. */
    readonly port: number;
    /** App Platform size of an instance; CPU autoscaling takes a dedicated one. */
    readonly defaultSize: string;
    /** Fewer than two are not highly available. */
    readonly minInstances: number;
    readonly maxInstances: number;
    /** Average CPU that autoscaling aims at, in percent. */
    readonly cpuPercent: number;
    /** Database connections that each instance (one process) may open. */
    readonly poolPerProcess: number;
    /** New instances beside the old ones during a deploy, as a share of them, in percent. */
    readonly deploySurgePercent: number;
    /** How long an instance that is going still gets requests, in seconds. */
    readonly drainSeconds: number;
    /** How long it may then take to end, in seconds. */
    readonly graceSeconds: number;
  };
  readonly worker: {
    readonly defaultSize: string;
    readonly instances: number;
    readonly poolPerProcess: number;
  };
  readonly postgres: {
    readonly major: number;
    /** Size of a node by edition. */
    readonly defaultSizes: { readonly advanced: string; readonly standard: string };
    /** Nodes of the cluster: the primary and its standbys. */
    readonly nodeCount: number;
    readonly reservedConnections: ReservedConnections;
    /** Share of the database's connections that everything together may use, in percent. */
    readonly maxConnectionSharePercent: number;
    /** Server connections of the PgBouncer pool where one is asked for. */
    readonly poolSize: number;
  };
  readonly redis: { readonly defaultManagedSize: string };
  /** The droplet with Prometheus, Alertmanager, the exporters and the nightly dump. */
  readonly monitoring: {
    readonly defaultSize: string;
    readonly image: string;
    readonly minMemoryGib: number;
    readonly minDiskGib: number;
    /** Port on the private network where the app's processes deliver their metrics. */
    readonly metricsPort: number;
  };
  readonly backups: BackupSpec;
  readonly defaultRegion: string;
  readonly vpcCidr: string;
}

/** A month of the large tier: what AWS meters beyond requests and transfer, as far as the design states it. */
export interface LargeMonthlyLoad extends MonthlyLoad {
  /** Reads and writes of Aurora's storage that are billed, in millions. */
  readonly auroraIoMillions: number;
  /** What the services write to CloudWatch Logs. */
  readonly logsGb: number;
}

/** Tasks of one service on Fargate, and how their number follows the load. */
export interface TaskSpec {
  /** 1024 units are one vCPU. */
  readonly cpuUnits: number;
  readonly memoryMib: number;
  readonly minTasks: number;
  readonly maxTasks: number;
  /** Database connections that each task (one process) may open. */
  readonly poolPerProcess: number;
}

/** What the large tier runs on ECS, its databases and its network. */
export interface LargeTierSpec {
  readonly kind: "large";
  readonly numbers: TierNumbers & { readonly monthlyLoad: LargeMonthlyLoad };
  readonly sources: TierSources;
  readonly network: {
    /** Availability zones over which everything is spread. */
    readonly zones: number;
    readonly natGateways: number;
  };
  readonly web: TaskSpec & {
    /** Port that the Express server listens on. */
    readonly port: number;
    /** Averages that autoscaling aims at, in percent. */
    readonly cpuPercent: number;
    readonly memoryPercent: number;
    /** Requests a minute for each task that autoscaling aims at. */
    readonly requestsPerTask: number;
    /** How long a task that is going still gets the requests that it has begun, in seconds. */
    readonly drainSeconds: number;
    /** How long it may then take to end, in seconds. */
    readonly stopSeconds: number;
    /** How long a new task may be unhealthy, in seconds. */
    readonly healthGraceSeconds: number;
    /** How long a connection may be silent, in seconds: beyond a websocket's heartbeat. */
    readonly idleTimeoutSeconds: number;
  };
  readonly worker: TaskSpec;
  /** Counts of a further service; a task is as large as the worker's. */
  readonly service: Pick<TaskSpec, "minTasks" | "maxTasks">;
  /** Tasks during a deploy, as a share of those that run, in percent. */
  readonly deployMaximumPercent: number;
  readonly postgres: {
    readonly major: number;
    readonly instanceClass: string;
    /** Beside the writer. */
    readonly readers: number;
    /** Smallest and largest capacity of a serverless instance, in Aurora capacity units. */
    readonly serverless: { readonly minAcu: number; readonly maxAcu: number };
    /** Where the number of readers follows the load: the most, and the average CPU aimed at. */
    readonly readerScaling: { readonly maxReaders: number; readonly cpuPercent: number };
    readonly backupDays: number;
    readonly reservedConnections: ReservedConnections;
    /** Share of the database's connections that everything together may use, in percent. */
    readonly maxConnectionSharePercent: number;
    /** Fewest connections that an instance may be told to allow. */
    readonly leastConnections: number;
  };
  readonly redis: {
    readonly nodeType: string;
    readonly shards: number;
    readonly replicasPerShard: number;
  };
  readonly backups: {
    /** Days for which a daily snapshot is kept, and a file in the backup bucket. */
    readonly retentionDays: number;
  };
  /** Requests that one address may send in a period. */
  readonly rateLimit: { readonly requestsPerPeriod: number };
  /** How long browsers insist on HTTPS. */
  readonly hstsMaxAgeSeconds: number;
  readonly logRetentionDays: number;
  readonly defaultRegion: string;
  readonly vpcCidr: string;
}

export type TierSpec = SmallTierSpec | MediumTierSpec | LargeTierSpec;
