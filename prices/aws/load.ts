import type { MonthlyLoad } from "../../tiers/types";
import type { Dated } from "../types";
import { appCustomMetrics } from "./metricsApp";
import { projectAssumption } from "./sources";

/** Hours that AWS counts in a month where it prices by the hour. */
export const hoursPerMonth = 730;

/** A month's use of what AWS meters beyond requests and transfer. */
export interface AwsUse {
  /** Reads and writes of Aurora's storage that are billed, in millions. */
  readonly auroraIoMillions: number;
  /** What the services write to CloudWatch Logs. */
  readonly logsGb: number;
  readonly databaseStorageGib: number;
  /** Share of the database that changes in a day, in percent: what point-in-time recovery keeps. */
  readonly databaseChangedPercentDaily: number;
  /** Connections open at the balancer, all month: websockets stay open. */
  readonly openConnections: number;
  /** Requests that one connection to the balancer carries. */
  readonly requestsPerConnection: number;
  /** What leaves through the NAT gateways, and comes back: logs, images, other services. */
  readonly natGb: number;
  /** What crosses from one zone into another between tasks, database and cache; once, one way. */
  readonly interZoneGb: number;
  readonly interfaceEndpointGb: number;
  /** Access logs that the balancer and the CDN keep in S3. */
  readonly accessLogsGib: number;
  /** Container images in the registry. */
  readonly imagesGb: number;
  readonly cacheDataGb: number;
  /** Requests to a serverless cache: one ECPU a KB. */
  readonly cacheEcpuMillions: number;
  /** Metrics that the app publishes itself; metric filters of logs are counted beside them. */
  readonly customMetrics: number;
  readonly secretReadsThousands: number;
  readonly kmsRequestsThousands: number;
  readonly bucketWritesThousands: number;
  readonly bucketReadsThousands: number;
  readonly dnsQueriesMillions: number;
  /** Mails that alarms send. */
  readonly alarmMails: number;
}

export type AwsLoad = MonthlyLoad & AwsUse;

/** Stated by the design (section 3, the tier's load a month). */
export const statedUse = {
  auroraIoMillions: 30,
  logsGb: 20,
} as const satisfies Partial<AwsUse>;

/** Stated by nobody: what this project takes, on the dear side, and says so on each line. */
export const assumedUse = {
  databaseStorageGib: 100,
  databaseChangedPercentDaily: 2,
  /** The concurrent users that the tier promises, as if they were connected all month. */
  openConnections: 10_000,
  requestsPerConnection: 10,
  natGb: 100,
  interZoneGb: 500,
  interfaceEndpointGb: 50,
  accessLogsGib: 20,
  imagesGb: 10,
  cacheDataGb: 1,
  cacheEcpuMillions: 150,
  customMetrics: appCustomMetrics,
  secretReadsThousands: 10,
  kmsRequestsThousands: 500,
  bucketWritesThousands: 100,
  bucketReadsThousands: 100,
  dnsQueriesMillions: 7.5,
  alarmMails: 500,
} as const satisfies Omit<AwsUse, keyof typeof statedUse>;

export const assumedUseDated: Dated = projectAssumption;

/** A tier's load with the uses that AWS meters; what the load states goes before what is assumed. */
export function awsLoad(load: MonthlyLoad & Partial<AwsUse>): AwsLoad {
  return { ...assumedUse, ...statedUse, ...load };
}
