import { z } from "zod";
import { dropletSizes, regions, vpc } from "../prices/digitalocean";
import { tiers } from "../tiers";
import { alerts, thresholds } from "./alarmKeys";
import { acmeToken, cloudflareZone } from "./cloudflareKeys";
import { postgres, redis } from "./dataKeys";
import { choice, names, text, whole } from "./leaf";
import { stackNamePattern, stackNameWords } from "./names";
import { poolPerProcess } from "./pools";
import { backupKeys, domain, protection, tier, vpcCidr } from "./sharedKeys";
import { smallTierDroplets } from "./sizes";
import { ssh } from "./sshKeys";

const small = tiers.small;

/** Keys of a small stack, under the `drops:` namespace. */
export const smallSchema = z.strictObject({
  tier,
  protection: protection("databases, caches, buckets and the address"),
  region: choice(names(regions), {
    description:
      "DigitalOcean region of the server and the database. A change replaces both, and the address.",
    example: small.defaultRegion,
  }).default(small.defaultRegion),
  domain: domain("Without it the site answers on its address, over plain HTTP.").optional(),
  cloudflare: cloudflareZone("free").extend({ acmeToken }).optional(),
  ssh,
  vpcCidr: vpcCidr(small.vpcCidr, vpc.prefixLength),
  vps: z
    .strictObject({
      size: choice(names(dropletSizes), {
        description: "Size of the server.",
        allowed: smallTierDroplets.join(", "),
        example: small.vps.defaultSize,
      }).default(small.vps.defaultSize),
      backups: choice(["weekly", "daily", "off"], {
        description: "The provider's backups of the whole server.",
      }).default("weekly"),
      rebuild: whole(1, 1_000_000, {
        description: "Raise it to build the server anew; nothing else does.",
        example: "2",
      }).default(1),
    })
    .prefault({}),
  app: z
    .strictObject({
      processes: whole(1, 16, {
        description: "PM2 processes; one per vCPU where not set.",
        example: "2",
      }).optional(),
      poolPerProcess: poolPerProcess(small.app.poolPerProcess, "one process"),
      maxMemoryMib: whole(128, 4_096, {
        description: "A process that grows beyond this is restarted.",
        example: "768",
      }).default(768),
    })
    .prefault({}),
  postgres,
  redis,
  backups: backupKeys(small.backups),
  alerts,
  thresholds,
});

/** Keys of the `edge` stack, under the `drops:` namespace. */
export const edgeSchema = z.strictObject({
  tier,
  domain: domain("The edge's record bears it."),
  // The token stays with the server that needs it.
  cloudflare: cloudflareZone("free"),
  live: text(stackNamePattern, {
    description: "Name of the stack that serves users; one change of one record moves them.",
    allowed: `the name of a stack: ${stackNameWords}`,
    example: "small",
  }),
  rateLimit: z
    .strictObject({
      requestsPerPeriod: whole(1, 100_000, {
        description: "Requests one address may send in a period before it is blocked.",
        example: "100",
      }).default(100),
      periodSeconds: whole(10, 65_535, {
        description: "Length of that period; the plan sets the longest.",
        example: "10",
      }).default(10),
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
});

export { largeSchema, type LargeConfig } from "./largeSchema";
export { mediumSchema, type MediumConfig } from "./mediumSchema";
export type SmallConfig = z.output<typeof smallSchema>;
export type EdgeConfig = z.output<typeof edgeSchema>;
