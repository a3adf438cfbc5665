import { z } from "zod";
import { albLimits, fargateCpuUnits, fargateLimits, regions, wafLimits } from "../prices/aws";
import { tiers } from "../tiers";
import { largeAlerts, thresholds } from "./alarmKeys";
import { cloudflareZone } from "./cloudflareKeys";
import { exampleLargeImage, largeImageWords } from "./largeImage";
import { largePostgres, largeRedis } from "./largeDataKeys";
import { choice, names, secretText, text, whole } from "./leaf";
import { domain, protection, tier, vpcCidr } from "./sharedKeys";

const large = tiers.large;
/** Tasks of one service; an account's quota is far below. */
const mostTasks = 500;
/** Longest silence, seconds, that the app's own limit on idle connections can outlast. */
const longestIdle = 3_500;

const cidr = (facts: { readonly description: string; readonly example: string }) =>
  z.cidrv4().meta({ ...facts, allowed: "an IPv4 range such as 10.0.0.0/8" });

const cpuUnits = (units: number) =>
  whole(Math.min(...fargateCpuUnits), Math.max(...fargateCpuUnits), {
    description: "CPU of a task; 1024 units are one vCPU, which is what one process can use.",
    example: String(units),
  }).default(units);
const memoryMib = (mib: number) =>
  whole(512, 122_880, {
    description: "Memory of a task; which amounts go with how much CPU Fargate sets.",
    example: String(mib),
  }).default(mib);
const poolPerProcess = (size: number) =>
  whole(2, 100, {
    description: "Database connections that one task may open, its control connection included.",
    example: String(size),
  }).default(size);
const tasks = (low: number, count: number, description: string) =>
  whole(low, mostTasks, { description, example: String(count) }).default(count);
const share = (percent: number, description: string) =>
  whole(10, 95, { description, example: String(percent) }).default(percent);

/** A certificate of ACM that is there already; which region it must be of a check says. */
const certificateArn = (description: string) =>
  text(/^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/, {
    description,
    allowed: "arn:aws:acm:REGION:ACCOUNT:certificate/ID",
    example: "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
  }).optional();

/** Keys of a large stack, under the `drops:` namespace. */
export const largeSchema = z.strictObject({
  tier,
  protection,
  region: choice(names(regions), {
    description:
      "AWS region of everything but CloudFront. A change replaces all of it: promote to a second stack instead, which can have the same domain where the zone is on Pro.",
    example: large.defaultRegion,
  }).default(large.defaultRegion),
  domain: domain("Without it the site answers on the name that CloudFront gives.").optional(),
  edge: choice(["cloudfront", "cloudflare"], {
    description:
      "What keeps assets and guards the app: CloudFront with AWS WAF, or Cloudflare by the edge stack alone.",
  }).default("cloudfront"),
  cloudflare: cloudflareZone("free").optional(),
  certificates: z
    .strictObject({
      edgeArn: certificateArn(
        "Certificate of the domain for CloudFront, in us-east-1, where no zone at Cloudflare proves the domain.",
      ),
      balancerArn: certificateArn(
        "The same in the stack's region, for the balancer; without it CloudFront fetches over HTTP inside the VPC.",
      ),
    })
    .prefault({}),
  vpcCidr: vpcCidr(large.vpcCidr),
  network: z
    .strictObject({
      zones: z
        .array(
          z
            .string()
            .regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/)
            .meta({
              description:
                "Availability zones that everything is spread over; the region's first three where not set. For a new stack: a network that is up keeps its zones.",
              allowed: `${large.network.zones} different zones of the region, such as us-east-1a`,
              example: "us-east-1d",
            }),
        )
        .optional(),
      cloudfrontPrefixList: text(/^pl-[0-9a-f]{8,17}$/, {
        description:
          "Managed list of CloudFront's addresses, which the balancer admits; the region's, where it is known.",
        allowed: "pl- and 8 to 17 hexadecimal digits",
        example: "pl-3b927c52",
      }).optional(),
      natGateways: whole(0, large.network.zones, {
        description:
          "Ways out of the private network; 0 takes interfaceEndpoints and cuts the app off the internet.",
        example: String(large.network.natGateways),
      }).default(large.network.natGateways),
      interfaceEndpoints: choice(["off", "on"], {
        description:
          "Private ways to the AWS services that tasks need; each costs by zone and hour.",
      }).default("off"),
      flowLogs: choice(["off", "rejected", "all"], {
        description: "Record of the network's connections in CloudWatch Logs.",
      }).default("off"),
      otherCidrs: z
        .array(
          cidr({
            description:
              "Networks that this one will be joined with (peering, VPN): it must not overlap them.",
            example: "172.20.0.0/16",
          }),
        )
        .default([]),
    })
    .prefault({}),
  image: z.string().min(1).meta({
    description:
      "The app's container image for ARM, by digest: the one thing that a release changes.",
    allowed: largeImageWords,
    example: exampleLargeImage,
  }),
  registryCredentials: secretText(
    {
      description: "Who may read a private image outside AWS: user name and token.",
      allowed: "USER:TOKEN",
      example: "octocat:TOKEN",
    },
    (value) => /^[^:\s]+:\S+$/.test(value),
  ).optional(),
  app: z
    .strictObject({
      cpuUnits: cpuUnits(large.web.cpuUnits),
      memoryMib: memoryMib(large.web.memoryMib),
      minTasks: tasks(2, large.web.minTasks, "Tasks that always run, spread over the zones."),
      maxTasks: tasks(2, large.web.maxTasks, "Tasks at the most."),
      cpuPercent: share(large.web.cpuPercent, "Average CPU that autoscaling aims at."),
      memoryPercent: share(large.web.memoryPercent, "Average memory that autoscaling aims at."),
      requestsPerTask: whole(60, 1_000_000, {
        description: "Requests a minute for each task that autoscaling aims at.",
        example: String(large.web.requestsPerTask),
      }).default(large.web.requestsPerTask),
      poolPerProcess: poolPerProcess(large.web.poolPerProcess),
      drainSeconds: whole(
        albLimits.deregistrationDelaySeconds.low,
        albLimits.deregistrationDelaySeconds.high,
        {
          description:
            "How long a task that is going keeps what it has begun, websockets included.",
          example: String(large.web.drainSeconds),
        },
      ).default(large.web.drainSeconds),
      stopSeconds: whole(10, fargateLimits.stopTimeoutSeconds.high, {
        description: "How long a task may then take to end before it is killed.",
        example: String(large.web.stopSeconds),
      }).default(large.web.stopSeconds),
      idleTimeoutSeconds: whole(31, Math.min(longestIdle, albLimits.idleTimeoutSeconds.high), {
        description:
          "How long a connection may be silent: websockets send something every 30 seconds.",
        example: String(large.web.idleTimeoutSeconds),
      }).default(large.web.idleTimeoutSeconds),
      exec: choice(["off", "on"], {
        description: "Whether operators may open a shell in a task (`aws ecs execute-command`).",
      }).default("off"),
    })
    .prefault({}),
  worker: z
    .strictObject({
      cpuUnits: cpuUnits(large.worker.cpuUnits),
      memoryMib: memoryMib(large.worker.memoryMib),
      minTasks: tasks(
        0,
        large.worker.minTasks,
        "Background workers that always run; with 0 the app does their work too.",
      ),
      maxTasks: tasks(0, large.worker.maxTasks, "Workers at the most."),
      poolPerProcess: poolPerProcess(large.worker.poolPerProcess),
    })
    .prefault({}),
  services: z
    .array(
      z.strictObject({
        name: text(/^[a-z][a-z0-9-]{1,18}[a-z0-9]$/, {
          description: "Name of a further service of the same image, such as a queue's consumer.",
          allowed: "3 to 20 lower-case letters, digits and hyphens, a letter first",
          example: "mailer",
        }),
        command: z
          .array(
            z.string().min(1).meta({
              description: "What it runs, word by word.",
              allowed: "a text that is not empty",
              example: "dist/mailer.js",
            }),
          )
          .min(1)
          .meta({
            description: "What it runs, word by word.",
            allowed: "a list of words",
            example: "node",
          }),
        cpuUnits: cpuUnits(large.worker.cpuUnits),
        memoryMib: memoryMib(large.worker.memoryMib),
        minTasks: tasks(1, 1, "Tasks that always run."),
        maxTasks: tasks(1, 2, "Tasks at the most."),
        poolPerProcess: poolPerProcess(large.worker.poolPerProcess),
      }),
    )
    .default([]),
  postgres: largePostgres,
  redis: largeRedis,
  backups: z
    .strictObject({
      plan: choice(["on", "off"], {
        description: "Daily and weekly snapshots by AWS Backup, beside the cluster's own.",
      }).default("on"),
      copyRegion: choice(names(regions), {
        description: "Region that gets a copy of each snapshot, for the loss of a whole region.",
        example: "us-west-2",
      }).optional(),
      retentionDays: whole(7, 365, {
        description: "How long a daily snapshot is kept; a weekly one four times as long.",
        example: "35",
      }).default(35),
    })
    .prefault({}),
  rateLimit: z
    .strictObject({
      requestsPerPeriod: whole(wafLimits.rateLimit.low, 20_000_000, {
        description: "Requests one address may send in a period before AWS WAF blocks it.",
        example: "2000",
      }).default(2_000),
      periodSeconds: whole(
        Math.min(...wafLimits.rateWindowSeconds),
        Math.max(...wafLimits.rateWindowSeconds),
        {
          description: "Length of that period; AWS WAF knows only some.",
          example: String(wafLimits.rateWindowDefaultSeconds),
        },
      ).default(wafLimits.rateWindowDefaultSeconds),
    })
    .prefault({}),
  hsts: z
    .strictObject({
      maxAgeSeconds: whole(0, 63_072_000, {
        description: "How long browsers insist on HTTPS; 0 takes it back.",
        example: "31536000",
      }).default(31_536_000),
    })
    .prefault({}),
  logs: z
    .strictObject({
      retentionDays: whole(1, 3_653, {
        description: "How long logs are kept; CloudWatch Logs knows only some lengths.",
        example: String(large.logRetentionDays),
      }).default(large.logRetentionDays),
    })
    .prefault({}),
  budget: z
    .strictObject({
      monthlyUsd: whole(1, 1_000_000, {
        description: "Cost a month, USD, at which AWS Budgets mails.",
        example: String(large.numbers.costUsdTarget),
      }).default(large.numbers.costUsdTarget),
    })
    .prefault({}),
  alerts: largeAlerts,
  thresholds,
});

export type LargeConfig = z.output<typeof largeSchema>;
