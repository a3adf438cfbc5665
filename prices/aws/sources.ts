import type { Dated } from "../types";

/*
 * `verified` is true only where a page or a source file of AWS itself was read. AWS publishes its
 * prices as data that could not be fetched here: prices came through what other people recorded of
 * it and stay false, however well the records agree. A stored copy of a page that bears no date is
 * dated by its reading.
 */

/** Prices of us-east-1 that other people took from AWS's price files. */
export const priceFileNotes = {
  source: "AWS price files of us-east-1, via third-party notes",
  asOf: "2026-09-23",
  verified: false,
} as const satisfies Dated;

/** The same prices in the expected results of a cost tool's tests, which ask AWS's price list. */
export const priceListRecords = {
  source: "AWS price list of us-east-1 as recorded in the tests of infracost",
  asOf: "2026-08-21",
  verified: false,
} as const satisfies Dated;

export const elasticachePriceNotes = {
  source: "AWS price list of ElastiCache in us-east-1, via third-party notes",
  asOf: "2026-10-02",
  verified: false,
} as const satisfies Dated;

export const auroraPriceNotes = {
  source: "AWS pricing page of Aurora, via third-party notes",
  asOf: "2026-04-30",
  verified: false,
} as const satisfies Dated;

export const cloudfrontPriceNotes = {
  source: "AWS pricing page of CloudFront, via third-party notes",
  asOf: "2026-09-05",
  verified: false,
} as const satisfies Dated;

/** What several people quote of a pricing page, and no record of the price list was found for. */
export const pricingPageQuotes = {
  source: "AWS pricing pages as several third-party notes quote them",
  asOf: "2026-11-28",
  verified: false,
} as const satisfies Dated;

/** The free tier stands in the stored copy of the page; its paid tier does not. */
export const cloudwatchPricingPage = {
  source: "aws.amazon.com/cloudwatch/pricing: free tier",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

/** AWS's own guidance for its agents states the price of a proxy. */
export const awsAgentToolkit = {
  source: "AWS agent toolkit (github.com/aws): RDS Proxy advisor, AWS WAF capacity",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

/** Ranges, defaults and enumerations as the SDK's service models document them. */
export const serviceModels = {
  source: "AWS service models and their documentation (botocore 1.44.8)",
  asOf: "2026-11-20",
  verified: true,
} as const satisfies Dated;

/** Classes, node types and engine versions, which AWS's linter takes from AWS's API. */
export const linterTables = {
  source: "AWS CloudFormation Linter 1.58.0: tables made from the AWS API",
  asOf: "2026-10-20",
  verified: true,
} as const satisfies Dated;

export const cdkSource = {
  source: "AWS CDK 2.276.0: metrics, managed policies, engine versions",
  asOf: "2026-11-10",
  verified: true,
} as const satisfies Dated;

/** vCPUs and memory of the EC2 types; that a database class has the same is taken for granted. */
export const ec2TypeRecords = {
  source: "AWS EC2 instance types as recorded from the API by moto 5.2.5; classes taken as equal",
  asOf: "2026-10-27",
  verified: false,
} as const satisfies Dated;

/** Which zones one account found. Letters name other zones in another account; ids do not. */
export const zoneRecords = {
  source: "AWS zones by region as one account's API answered, recorded by moto 5.2.5",
  asOf: "2026-10-27",
  verified: false,
} as const satisfies Dated;

export const fargateSizesPage = {
  source: "AWS documentation: Amazon ECS, task CPU and memory; service model of ECS",
  asOf: "2026-11-20",
  verified: true,
} as const satisfies Dated;

export const albMetricsPage = {
  source: "AWS documentation source: CloudWatch metrics for Application Load Balancers",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const albQuotasPage = {
  source: "AWS documentation: Quotas for Application Load Balancers",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const albUserGuide = {
  source: "AWS documentation: Application Load Balancers, their subnets and security policies",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const ecsEndpointsPage = {
  source: "AWS documentation: Amazon ECS interface VPC endpoints; regions by their launch",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const auroraMetricsPage = {
  source: "AWS documentation source: CloudWatch metrics for Amazon Aurora",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const localStoragePage = {
  source: "AWS documentation source: Aurora PostgreSQL, temporary storage limits",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const sharedBuffersPage = {
  source: "AWS documentation source: Aurora PostgreSQL parameter reference (a table of version 14)",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const auroraBackupPage = {
  source: "AWS documentation source: Understanding Aurora backup storage usage",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const auroraConnectionsPage = {
  source: "AWS documentation: Aurora PostgreSQL, maximum connections",
  asOf: "2026-11-23",
  verified: true,
} as const satisfies Dated;

export const auroraQuotasPage = {
  source: "AWS documentation source: Quotas and constraints for Amazon Aurora",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const elasticacheQuotasPage = {
  source: "AWS documentation source: Quotas for ElastiCache, engine parameters",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const cloudfrontMetricsPage = {
  source: "AWS documentation source: Getting CloudFront metrics programmatically",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const route53HealthPage = {
  source: "AWS documentation source: Monitoring Route 53 health checks",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

/** Of AWS Backup, and how Container Insights and Synthetics count: as public configurations use them. */
export const metricUsers = {
  source: "AWS metrics as public configurations and the CDK's users name them",
  asOf: "2026-11-28",
  verified: false,
} as const satisfies Dated;

export const alarmLimitsPage = {
  source: "AWS documentation: CloudWatch alarm limits; service model of CloudWatch",
  asOf: "2026-11-20",
  verified: true,
} as const satisfies Dated;

export const alarmWarmUpPage = {
  source: "AWS documentation: CloudWatch, alarm warm-up periods",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const eventsMetricsPage = {
  source: "AWS documentation: Monitoring Amazon EventBridge",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

/** Statistics of ECS beside those that its page calls useful; that a point is missing where no task runs. */
export const ecsMetricsPage = {
  source: "AWS documentation: Amazon ECS CloudWatch metrics",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

/** What the app of this project publishes. */
export const appSource = {
  source: "AWS metrics that the reference app of this project publishes (workload/server/emf.ts)",
  asOf: "2026-11-28",
  verified: true,
} as const satisfies Dated;

export const targetTrackingPage = {
  source: "AWS documentation: ECS target tracking makes CloudWatch alarms; two each by convention",
  asOf: "2026-11-28",
  verified: false,
} as const satisfies Dated;

export const websocketNotes = {
  source: "AWS documentation of CloudFront websockets; their quotas as quoted on re:Post",
  asOf: "2026-11-23",
  verified: false,
} as const satisfies Dated;

/** What the project itself takes for a month's use where the scaling document states nothing. */
export const projectAssumption = {
  source: "AWS use assumed by this project",
  asOf: "2026-11-28",
  verified: false,
} as const satisfies Dated;
