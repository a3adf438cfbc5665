import { z } from "zod";
import { appLimits, appSizes, dropletSizes, regions, vpc } from "../prices/digitalocean";
import { tiers } from "../tiers";
import { alerts, thresholds } from "./alarmKeys";
import { cloudflareZone } from "./cloudflareKeys";
import { exampleImage, imageWords } from "./image";
import { choice, names, secretText, whole } from "./leaf";
import { mediumPostgres, mediumRedis } from "./mediumDataKeys";
import { poolPerProcess } from "./pools";
import { backupKeys, domain, protection, tier, vpcCidr } from "./sharedKeys";
import { autoscalingAppSizes, monitoringDroplets } from "./sizes";
import { ssh } from "./sshKeys";

const medium = tiers.medium;
const { drainSeconds, graceSeconds, cpuPercent, maxContainers } = appLimits;

/** Keys of a medium stack, under the `drops:` namespace. */
export const mediumSchema = z.strictObject({
  tier,
  protection: protection("databases, caches, buckets and the address"),
  region: choice(names(regions), {
    description:
      "DigitalOcean region of the app, the databases and the monitoring droplet. A change replaces all of them.",
    example: medium.defaultRegion,
  }).default(medium.defaultRegion),
  domain: domain(
    "Without it the site answers on the name that App Platform gives, over HTTPS.",
  ).optional(),
  edge: choice(["cloudflare", "direct"], {
    description:
      "What stands before the app on the domain: Cloudflare by the edge stack, or App Platform's own edge.",
  }).default("cloudflare"),
  cloudflare: cloudflareZone("pro").optional(),
  ssh,
  vpcCidr: vpcCidr(medium.vpcCidr, vpc.prefixLength),
  image: z.string().min(1).meta({
    description: "The app's container image, by digest: the one thing that a release changes.",
    allowed: imageWords,
    example: exampleImage,
  }),
  registryCredentials: secretText(
    {
      description: "Who may read a private image on GHCR or Docker Hub: user name and token.",
      allowed: "USER:TOKEN",
      example: "octocat:TOKEN",
    },
    (value) => /^[^:\s]+:\S+$/.test(value),
  ).optional(),
  app: z
    .strictObject({
      size: choice(names(appSizes), {
        description: "Size of an instance of the app.",
        allowed: autoscalingAppSizes.join(", "),
        example: medium.app.defaultSize,
      }).default(medium.app.defaultSize),
      minInstances: whole(medium.app.minInstances, maxContainers, {
        description: "Instances that always run.",
        example: String(medium.app.minInstances),
      }).default(medium.app.minInstances),
      maxInstances: whole(medium.app.minInstances, maxContainers, {
        description: "Instances at the most; above minInstances.",
        example: String(medium.app.maxInstances),
      }).default(medium.app.maxInstances),
      cpuPercent: whole(cpuPercent.low, cpuPercent.high, {
        description: "Average CPU that autoscaling aims at.",
        example: String(medium.app.cpuPercent),
      }).default(medium.app.cpuPercent),
      poolPerProcess: poolPerProcess(medium.app.poolPerProcess, "one instance"),
      drainSeconds: whole(drainSeconds.low, drainSeconds.high, {
        description: "How long an instance that is going still answers, websockets included.",
        example: String(medium.app.drainSeconds),
      }).default(medium.app.drainSeconds),
      graceSeconds: whole(graceSeconds.low, graceSeconds.high, {
        description: "How long it may take to end after that.",
        example: String(medium.app.graceSeconds),
      }).default(medium.app.graceSeconds),
      secretsRevision: whole(1, 1_000_000, {
        description:
          "Raise it to send every secret to the platform anew, after the app was deleted by hand.",
        example: "2",
      }).default(1),
    })
    .prefault({}),
  worker: z
    .strictObject({
      size: choice(names(appSizes), {
        description: "Size of an instance of the worker.",
        example: medium.worker.defaultSize,
      }).default(medium.worker.defaultSize),
      instances: whole(0, 20, {
        description: "Instances of the worker; 0 runs none.",
        example: String(medium.worker.instances),
      }).default(medium.worker.instances),
      poolPerProcess: poolPerProcess(medium.worker.poolPerProcess, "one instance"),
    })
    .prefault({}),
  postgres: mediumPostgres,
  redis: mediumRedis,
  monitoring: z
    .strictObject({
      size: choice(names(dropletSizes), {
        description: "Size of the droplet that runs Prometheus, Alertmanager and the nightly dump.",
        allowed: monitoringDroplets.join(", "),
        example: medium.monitoring.defaultSize,
      }).default(medium.monitoring.defaultSize),
      backups: choice(["weekly", "daily", "off"], {
        description: "The provider's backups of that droplet.",
      }).default("weekly"),
      rebuild: whole(1, 1_000_000, {
        description: "Raise it to build the droplet anew; nothing else does.",
        example: "2",
      }).default(1),
    })
    .prefault({}),
  backups: backupKeys(medium.backups),
  alerts,
  thresholds,
});

export type MediumConfig = z.output<typeof mediumSchema>;
